"""The part of a day's page that shows associations: a matrix for each method, and a paragraph in words in both languages.

Belongs here: the choice of rows and their titles. Does not: sentences (association_words), drawing (assets), statistics (relate).
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.report.association_sentences import paragraph
from bigdata_emis.storage.lake import Store

KINDS = {
    "power": ("energy", "用电"),
    "power_district": ("energy of district", "区县用电"),
    "power_enterprise": ("energy of plant", "企业用电"),
    "energy_share": ("energy mix", "能源结构"),
    "energy_share_fuel": ("energy mix by fuel", "燃料结构"),
    "traffic": ("roads", "道路"),
    "signalling": ("phones", "手机信令"),
    "area_activity": ("activity areas", "活动区"),
    "air_quality": ("air", "空气"),
    "deweathered": ("air without weather", "去气象空气"),
    "stack": ("stack monitors", "烟气监测"),
    "inventory": ("inventory", "清单"),
    "own_stack": ("its own monitors", "自身监测"),
}
NAMES = {
    "total": ("total", "总量"),
    "speed": ("speed", "车速"),
    "flow": ("flow", "流量"),
    "moving": ("moving devices", "移动设备"),
    "present": ("present devices", "在场设备"),
    "index": ("activity index", "活动指数"),
    "coal": ("coal", "煤"),
    "gas": ("gas", "燃气"),
    "coke": ("coke", "焦炭"),
    "coke breeze": ("coke breeze", "焦粉"),
    "biomass": ("biomass", "生物质"),
    "electricity": ("electricity", "电"),
    "steam": ("steam", "蒸汽"),
    "oil": ("oil", "燃油"),
}
CODE_LISTS = ("pollutant", "industry")
FEW_KINDS = ("power", "energy_share", "energy_share_fuel", "traffic", "signalling", "area_activity")
"""Single plants and districts are too many for a picture; they are counted in the words."""
G_PER_KG = 1000.0
KEPT = (
    "indicator",
    "target",
    "association_method_code",
    "strength",
    "strength_p05",
    "strength_p95",
    "lag_h",
    "q_value",
    "sample_count",
)


def associations(day: date, store: Store) -> dict[str, Any]:
    """The rows of the aggregated indicators, titles of all they name, the methods in order, and the words; empty lists where there are none."""
    frame = store.read("association", [day], columns=list(KEPT))
    rows = frame.filter(pc.is_valid(frame["strength"])).to_pylist()
    shown = [
        {name: _rounded(row[name]) for name in KEPT} for row in rows if row["indicator"].partition(":")[0] in FEW_KINDS
    ]
    used = {row["association_method_code"] for row in shown}
    methods = [
        {"code": code, "en": known.title_en, "zh": known.title_zh}
        for code, known in schema.codes()["association_method"].items()
        if code in used
    ]
    titles = {name: title(name) for name in sorted({row[end] for row in rows for end in ("indicator", "target")})}
    return {"rows": shown, "methods": methods, "titles": titles, "words": paragraph(rows, titles)}


def changes(day: date, store: Store, *, time_zone: str) -> list[dict[str, Any]]:
    """The change of each pollutant's emission from the day compared with, by factor, over all sectors."""
    frame = store.read("emission_change", [day])
    sums = frame.group_by(["pollutant_code", "change_factor_code", "base_from_utc"]).aggregate(
        [("change_g", "sum"), ("base_emission_g", "sum")]
    )
    factors = {
        code: {"en": known.title_en, "zh": known.title_zh} for code, known in schema.codes()["change_factor"].items()
    }
    order = list(factors)
    rows = sorted(sums.to_pylist(), key=lambda row: (row["pollutant_code"], order.index(row["change_factor_code"])))
    return [
        {
            "pollutant": row["pollutant_code"],
            "factor": factors[row["change_factor_code"]],
            "base": row["base_from_utc"].astimezone(ZoneInfo(time_zone)).date().isoformat(),
            "base_kg": row["base_emission_g_sum"] / G_PER_KG,
            "change_kg": row["change_g_sum"] / G_PER_KG,
        }
        for row in rows
    ]


def title(name: str) -> dict[str, str]:
    """What a series is called in both languages."""
    kind, _, rest = name.partition(":")
    kinds = KINDS.get(kind, (kind, kind))
    known = next((schema.codes()[codes][rest] for codes in CODE_LISTS if rest in schema.codes()[codes]), None)
    names = NAMES.get(rest) or ((known.title_en, known.title_zh) if known else (rest, rest))
    if known and kind in ("air_quality", "deweathered", "stack", "inventory", "own_stack"):
        names = (rest, rest)
    return {"en": f"{kinds[0]}: {names[0]}", "zh": f"{kinds[1]}·{names[1]}"}


def _rounded(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
