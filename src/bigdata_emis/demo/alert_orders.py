"""Orders of the simulated alert: the measures of the region, which its plants, areas and vehicles obey or do not.

Belongs here: what is ordered, which is public. Does not: who obeys (world), what the measures cut (control).
"""

from functools import cache

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import AlertLevel, Grade, Industry
from bigdata_emis.demo.plan import read_shipped

LEVEL_IN_FORCE = AlertLevel.RED
"""The level of the alert of December 2015: orders of this level are those that were given."""
GRADES = (Grade.A, Grade.B, Grade.C, Grade.D)
SHARE_OF_RED = {
    AlertLevel.YELLOW: (0.0, 0.0, 0.2, 1.0),
    AlertLevel.ORANGE: (0.0, 0.5, 0.5, 1.0),
    LEVEL_IN_FORCE: (1.0, 1.0, 1.0, 1.0),
}
"""Cut of a plant at a level ÷ its cut at red, by grade; own simplification."""
CANNOT_STOP = (Industry.COKING, Industry.BLAST_FURNACE, Industry.FLOAT_GLASS)
RAMP_DOWN_H = 5.0
"""Within these hours a process that cannot stop follows an order; simulated lines respond within as many."""
PLATES = "plates"
SOURCE, CONFIDENCE = "simulated order; cut of industry_classes.csv", 0.3


@cache
def _measures() -> pd.DataFrame:
    return pd.concat([_plant_orders(), read_shipped("alert_orders.csv")], ignore_index=True)


def region_measures() -> pd.DataFrame:
    """The list of measures of the region at every level, with the columns of table measure."""
    return _measures().copy()


def ordered_plant_cut(line: pd.DataFrame) -> Floats:
    """The share of its activity that each line is ordered to cut in the alert, by its industry and grade, (lines,)."""
    given = _given().dropna(subset=["grade_code"]).set_index(["industry_code", "grade_code"])["cut_share"]
    wanted = pd.MultiIndex.from_frame(line[["industry_code", "grade_code"]].astype(str))
    return np.asarray(given.reindex(wanted).to_numpy(dtype=float))


def ordered_area_cut(industry_code: pd.Series) -> Floats:
    """The share of its activity that each area is ordered to cut in the alert, (areas,).

    Roads that are not links lose the vehicles whose plates are banned.
    """
    given = _given()
    areas = given[given["grade_code"].isna() & given["industry_code"].notna()].set_index("industry_code")
    cut = areas["affected_share"] * areas["cut_share"]
    cut[Industry.MINOR_ROAD.value] = ordered_vehicle_cut()
    return np.asarray(industry_code.map(cut).fillna(0.0).to_numpy(dtype=float))


def ordered_vehicle_cut() -> float:
    """The share of vehicles that the alert bans from the roads."""
    given = _given()
    plates = given[given["measure_id"] == PLATES]
    return float((plates["affected_share"] * plates["cut_share"]).item())


def _given() -> pd.DataFrame:
    """The orders of the level in force."""
    measures = _measures()
    return measures[measures["alert_level_code"] == LEVEL_IN_FORCE]


def _plant_orders() -> pd.DataFrame:
    """One measure for each industry and grade, at each level."""
    classes = read_shipped("industry_classes.csv").set_index("industry_code")
    rows = []
    for industry, red in classes[[f"red_cut_{grade.lower()}_share" for grade in GRADES]].iterrows():
        for number, grade in enumerate(GRADES):
            for level, share_of_red in SHARE_OF_RED.items():
                cut = round(float(red.iloc[number]) * share_of_red[number], 4)
                rows.append(_plant_order(str(industry), grade, level, cut))
    return pd.DataFrame(rows)


def _plant_order(industry: str, grade: str, level: str, cut_share: float) -> dict[str, object]:
    """One order; of a process that cannot stop it says how much of the load is left, and by when."""
    is_slow = industry in CANNOT_STOP
    return {
        "measure_id": f"{industry}-{grade}",
        "alert_level_code": str(level),
        "industry_code": industry,
        "grade_code": str(grade),
        "affected_share": 1.0,
        "cut_share": cut_share,
        "min_load_share": round(1 - cut_share, 4) if is_slow else None,
        "ramp_down_h": RAMP_DOWN_H if is_slow else None,
        "action": _action(cut_share),
        "source": SOURCE,
        "confidence": CONFIDENCE,
    }


def _action(cut_share: float) -> str:
    if cut_share == 0:
        return "exempt"
    return "stop" if cut_share == 1 else f"cut output by {cut_share:.0%}"
