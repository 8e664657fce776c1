"""The declaration that would likely read a table, from the names of its columns: what `emis feed check` proposes.

Belongs here: words by which columns are known, in English and Chinese. Does not: trying a declaration (feed_check).
"""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from bigdata_emis import schema
from bigdata_emis.collect.feed_config import CLOCK_COLUMN, Feed

WORDS = {
    "meter_id": r"meter|device|电表|表号|表计|计量点|户号",
    "energy_kwh": r"energy|kwh|电量|有功|^kw$|load|power|负荷|功率",
    "interval_min": r"interval|间隔|周期",
    "station_id": r"station|^stn|site|location|站点|站号|点位|监测点|^id$|code|编号",
    "pollutant_code": r"pollutant|parameter|species|component|komponente|^pol$|type|污染物|指标|因子|项目",
    "concentration_ug_per_m3": r"conc|value|wert|avg|mean|浓度|数值|均值",
    "concentration_mg_per_m3": r"conc|value|avg|mean|浓度|数值|均值|折算",
    "stack_id": r"stack|outlet|排口|排放口|监测点|^mn$",
    "flow_m3_per_h": r"flow|流量|标干",
    "link_id": r"link|lcode|road|segment|detector|路段|道路",
    "speed_km_per_h": r"speed|velocity|速度|车速",
    "flow_veh_per_h": r"flow|volume|count|流量",
    "air_temperature_degc": r"temp|^tmpc$|^t2m$|气温|温度",
    "dew_point_degc": r"dew|^dwpc$|露点",
    "relative_humidity_share": r"humidity|^rh$|^relh$|^rhum$|湿度",
    "pressure_hpa": r"press|^m?slp$|气压",
    "precipitation_mm": r"prec|prcp|rain|^p01m$|降水|雨量",
    "wind_speed_m_per_s": r"wind.?sp|^ws|风速",
    "wind_direction_code": r"wind.?dir|^wd|^drct$|风向",
    "cell_id": r"cell|grid|网格",
    "present_device_count": r"present|device|total|人数|用户数",
    "moving_device_count": r"moving|移动",
    "activity_area_id": r"area|aoi|区域",
    "activity_index": r"index|指数",
    "counted_activity": r"berth|^lto$|landing|fire|靠泊|起降|火点",
    "issued_utc": r"issue|run|起报|发布",
}
TIME = r"time|stamp|utc|^ts$|^valid$|datum|^hour$|时间|时刻|date|日期|^小时$"
DATE, CLOCK = r"date|day|日期", r"hour|^hr$|^time$|clock|小时|时刻|^时$|时段"
STATUS = r"^flag$|status|状态|标记"
UNIT = r"^units?$|\.units?$|单位"
LEAST_RESEMBLANCE = 0.75
CODE_NAME = re.compile(r"[A-Za-z]{0,3}\d[\w-]*")
CURVE_NAME = re.compile(r"([A-Za-z_]{0,8})(\d{1,2})(时|点|h|)")
CURVES = [set(range(24)), *(set(range(1, count + 1)) for count in (24, 48, 96))]
LEAST_WIDE = 2


def likely_keys(names: Sequence[str], feed: Feed) -> dict[str, Any]:
    """The keys of feeds.toml that would give fields without a column one of the columns of an answer."""
    spare = [name for name in names if name not in feed.received_columns]
    missing = [f for f in feed.received_fields if feed.provider_column(f) not in names]
    keys: dict[str, Any] = _wide_keys(spare, missing, feed)
    is_wide = "wide" in keys
    if is_wide:
        missing = [f for f in missing if f not in keys["wide"] and schema.field(f).kind != "number"]
    time = schema.table(feed.table_name).time
    if "time_columns" in keys:
        spare = [name for name in spare if name not in keys["time_columns"] and not CURVE_NAME.fullmatch(name)]
        missing.remove(time)
    if time in missing and not feed.time_columns and (parts := _time_columns(spare)):
        keys["time_columns"] = parts
        spare = [name for name in spare if name not in parts]
        missing.remove(time)
    columns = dict(feed.columns)
    for field in missing:
        if name := _column_of(field, [n for n in spare if n not in columns], field == time):
            columns = {theirs: ours for theirs, ours in columns.items() if ours != field} | {name: field}
    if time in missing and time not in columns.values() and spare[:1] == [""]:
        columns[""] = time
    if columns != feed.columns:
        keys["columns"] = columns
    return keys | _columns_beside(spare, columns, feed)


def load_curve_pattern(names: Sequence[str]) -> str:
    """The pattern of the names of a load curve, empty when there is none: 24, 48 or 96 numbers from 1, or 0 to 23.

    Such columns are points in time and not sources.
    """
    curves: dict[tuple[str, str], set[int]] = {}
    for name in names:
        if match := CURVE_NAME.fullmatch(name):
            curves.setdefault((match[1], match[3]), set()).add(int(match[2]))
    found = (around for around, numbers in curves.items() if numbers in CURVES)
    return next((f"{before}{{{CLOCK_COLUMN}}}{after}" for before, after in found), "")


def _wide_keys(spare: Sequence[str], missing: Sequence[str], feed: Feed) -> dict[str, Any]:
    if feed.wide:
        return {}
    date = next((name for name in spare if re.search(DATE, name, re.IGNORECASE)), "")
    if date and not feed.time_columns and (pattern := load_curve_pattern(spare)):
        return {"wide": pattern, "time_columns": [date, CLOCK_COLUMN]}
    spelled = {_letters(code) for code in schema.codes()["pollutant"]}
    if "pollutant_code" in missing and sum(_letters(name) in spelled for name in spare) >= LEAST_WIDE:
        others = {name for name in spare if _letters(name) not in spelled and not _is_described(name)}
        return {"wide": "{pollutant_code}"} | ({"ignored": {"pollutant_code": sorted(others)}} if others else {})
    identifier = next((field for field in missing if field.endswith("_id")), "")
    if identifier and sum(bool(CODE_NAME.fullmatch(name)) for name in spare) >= LEAST_WIDE:
        return {"wide": f"{{{identifier}}}"}
    return {}


def _is_described(name: str) -> bool:
    return any(re.search(pattern, name, re.IGNORECASE) for pattern in (TIME, CLOCK, WORDS["station_id"]))


def _time_columns(spare: Sequence[str]) -> list[str]:
    lowered = {name.lower(): name for name in spare}
    if {"year", "month", "day", "hour"} <= lowered.keys():
        return [lowered[part] for part in ("year", "month", "day", "hour")]
    date = next((name for name in spare if re.search(DATE, name, re.IGNORECASE)), "")
    clock = next((n for n in spare if n != date and re.search(CLOCK, n, re.IGNORECASE)), "")
    return [date, clock] if date and clock else []


def _column_of(field: str, spare: Sequence[str], is_time: bool) -> str:
    close = difflib.get_close_matches(field, spare, n=1, cutoff=LEAST_RESEMBLANCE)
    if close:
        return close[0]
    pattern = TIME if is_time else WORDS.get(field, "")
    if not pattern:
        return ""
    return next((name for name in spare if re.search(pattern, name, re.IGNORECASE)), "")


def _columns_beside(spare: Sequence[str], columns: dict[str, str], feed: Feed) -> dict[str, Any]:
    """The column with the unit of a row, and that of the status of a monitor."""
    left = [name for name in spare if name not in columns]
    keys: dict[str, Any] = {}
    unit = next((name for name in left if re.search(UNIT, name, re.IGNORECASE)), "")
    if unit and not feed.unit_column:
        keys["unit_column"] = unit
    status = next((name for name in left if re.search(STATUS, name, re.IGNORECASE)), "")
    if status and feed.table_name == "cems_reading" and not feed.status_column:
        keys["columns"] = columns | {status: "flag_codes"}
    return keys


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
