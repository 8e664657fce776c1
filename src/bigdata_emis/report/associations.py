"""The sections of a day's page on associations and on the change of emission.

Belongs here: the choice of rows and their titles in both languages.
Does not: sentences (association_sentences), drawing (assets), statistics (relate).
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.report.association_sentences import write_paragraph
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage.lake import Store

KIND_TITLES = {
    "power": ("energy", "用电"),
    "power_district": ("district energy", "区县用电"),
    "power_enterprise": ("plant energy", "企业用电"),
    "energy_share": ("energy mix", "能源结构"),
    "energy_share_fuel": ("energy mix by fuel", "燃料结构"),
    "traffic": ("roads", "道路"),
    "signalling": ("phones", "手机信令"),
    "area_activity": ("activity areas", "活动区域"),
    "air_quality": ("air quality", "空气质量"),
    "deweathered": ("deweathered air quality", "气象归一化空气质量"),
    "stack": ("stack monitors", "在线监测"),
    "inventory": ("inventory", "清单"),
    "own_stack": ("own stack monitors", "自身在线监测"),
}
NAME_TITLES = {
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
POLLUTANT_KINDS = ("air_quality", "deweathered", "stack", "inventory", "own_stack")
"""Kinds of series named by a pollutant, whose code is shorter and clearer than its title."""
SHOWN_KINDS = ("power", "energy_share", "energy_share_fuel", "traffic", "signalling", "area_activity")
"""Plants and districts are too many for a heat map; the sentences count them."""
COLUMNS = (
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


def association_section(day: date, store: Store) -> dict[str, Any]:
    """Rows of aggregated indicators, titles of all series, methods in order, and sentences.

    Lists are empty where there are no associations.
    """
    frame = store.read("association", [day], columns=list(COLUMNS))
    rows = frame.filter(pc.is_valid(frame["strength"])).to_pylist()
    shown = [
        {name: _round_float(row[name]) for name in COLUMNS}
        for row in rows
        if row["indicator"].partition(":")[0] in SHOWN_KINDS
    ]
    used = {row["association_method_code"] for row in shown}
    methods = [
        {"code": code, "en": titled.title_en, "zh": titled.title_zh}
        for code, titled in schema.codes()["association_method"].items()
        if code in used
    ]
    names = sorted({row[end] for row in rows for end in ("indicator", "target")})
    titles = {name: series_title(name) for name in names}
    return {"rows": shown, "methods": methods, "titles": titles, "words": write_paragraph(rows, titles)}


def change_section(day: date, store: Store, *, time_zone: str) -> list[dict[str, Any]]:
    """The emission change of each pollutant from the base day, by driving factor."""
    frame = store.read("emission_change", [day])
    sums = frame.group_by(["pollutant_code", "change_factor_code", "base_from_utc"]).aggregate(
        [("change_g", "sum"), ("base_emission_g", "sum")]
    )
    factors = {
        code: {"en": titled.title_en, "zh": titled.title_zh} for code, titled in schema.codes()["change_factor"].items()
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


def series_title(name: str) -> dict[str, str]:
    """The title of a series, `kind:name`, in both languages."""
    kind, _, rest = name.partition(":")
    kind_en, kind_zh = KIND_TITLES.get(kind, (kind, kind))
    titled = next((schema.codes()[codes][rest] for codes in CODE_LISTS if rest in schema.codes()[codes]), None)
    name_en, name_zh = NAME_TITLES.get(rest) or ((titled.title_en, titled.title_zh) if titled else (rest, rest))
    if titled and kind in POLLUTANT_KINDS:
        name_en, name_zh = rest, rest
    return {"en": f"{kind_en}: {name_en}", "zh": f"{kind_zh}·{name_zh}"}


def _round_float(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
