"""A recalculated day of the small region with five measures: kilograms that can be computed on paper.

NOx, kg: foundry 240, power 1,200, link 480 (trucks of stage III a half, newer ones a quarter). PM10, kg: foundry 48,
mill 96, site 192.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bigdata_emis.control.recalculate import RecalculationResult, recalculate
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.control.optimise.published_region import DAY, KG, KNOWN, WINDOW, frame, region_of, tables
from tests.control.published_days import publish_days

COLUMNS = (
    "measure_id,alert_level_code,sector_code,industry_code,vehicle_class_code,stage_threshold_code,"
    "production_line_id,affected_share,cut_share"
)
LISTED = f"""{COLUMNS}
a-industry,orange,industrial_process,,,,,1,0.5
b-foundry,orange,,foundry,,,,1,0.2
c-mill,orange,,,,,mill-1,1,0
d-trucks,orange,mobile,,HeavyT,,,1,0.5
e-old-trucks,orange,mobile,,HeavyT,III,,1,1
f-red,red,,foundry,,,,1,1
"""


def write_town(store: Store, folder: Path) -> Path:
    """The published day in the lake, and the list of measures, whose path is returned."""
    for name, rows in tables().items():
        if name == "control_source":
            rows = [{**row, "grade_source_code": "enterprise" if "grade_code" in row else None} for row in rows]
        store.write(name, frame(name, rows), [DAY], known_utc=KNOWN, run_id="test")
    publish_days(store, [DAY])
    (folder / "town.csv").write_text(LISTED, "utf-8")
    return folder / "town.csv"


def recalculated_town(folder: Path) -> tuple[Region, Store, RecalculationResult]:
    """The region, its lake and the scenario."""
    region, store = region_of(folder), Store(str(folder / "lake"), "test", "Asia/Shanghai")
    write_town(store, folder)
    return region, store, recalculate_town(region, store, "town")


def recalculate_town(
    region: Region, store: Store, name: str, changes: Sequence[LevelOrder] = ()
) -> RecalculationResult:
    """A scenario of the listed measures, whose level may change."""
    return recalculate(
        region=region,
        level="orange",
        window=WINDOW,
        measures_file=region.folder / "town.csv",
        name=name,
        known_utc=KNOWN,
        store=store,
        run_id="test",
        changes=changes,
    )


def put_in_force(store: Store, *results: RecalculationResult, window: Window = WINDOW) -> None:
    """Publish that these scenarios, and no others, are in force in the whole window."""
    hours = {"from_utc": window.from_utc.isoformat(), "to_utc": window.to_utc.isoformat()}
    listed = [{"scenario_id": result.scenario_id, **hours} for result in results]
    store.write_document("scenario/in_force.json", json.dumps(listed).encode(), tree=PUBLISHED)
    for result in results:
        about = json.dumps({"level": result.level, "parameters": result.parameters, **hours}).encode()
        store.write_document(f"scenario/{result.scenario_id}.json", about, tree=PUBLISHED)


def judge_outcome_of(store: Store, result: RecalculationResult, kg_per_h: Mapping[tuple[str, str], float]) -> None:
    """Write what sources would have emitted without the order of a scenario, by source and pollutant."""
    grams = ("counterfactual_emission_g", "counterfactual_emission_g_p05", "counterfactual_emission_g_p95")
    rows = [
        {
            "source_id": source,
            "pollutant_code": pollutant,
            "hour_utc": hour,
            **dict.fromkeys(grams, kg * KG),
            "activity_relative_sd_share": 0.0,
            "counterfactual_method_code": "day_type",
        }
        for (source, pollutant), kg in kg_per_h.items()
        for hour in WINDOW.hour_starts_utc()
    ]
    outcome = ScenarioStore(store, result.scenario_id)
    table = frame("counterfactual_hourly", rows)
    outcome.write("counterfactual_hourly", table, [DAY], known_utc=KNOWN, run_id="outcome")


def row_of(result: RecalculationResult) -> dict[str, Any]:
    """What the registry has of the scenario, as far as a replay reads it."""
    window = result.window
    return {
        "scenario_id": result.scenario_id,
        "alert_level_code": result.level,
        "from_utc": window.from_utc,
        "to_utc": window.to_utc,
    }
