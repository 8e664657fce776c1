"""Whether the shape that feeds.toml declares fits its table: placeholders, parts of times, units and codes.

Belongs here: keys of a feed that only make sense together. Does not: kinds (feed_config) and ranges (feed_ranges).
"""

import codecs
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bigdata_emis import schema
from bigdata_emis.collect.formats.delimited import column_name
from bigdata_emis.collect.shapes.units import conversion
from bigdata_emis.errors import InputError
from bigdata_emis.region import as_toml

CLOCK = "clock"
COLLECTED = ("record_number", "flag_codes")
TABLES_OF_FIELDS = ("ignored", "only", "codes", "units")
HOURLY = "hour_utc"
TRIMMED_FORMATS = ("csv", "xlsx")
"""Formats whose headings are trimmed when they are read."""


def check_declared_shape(given: dict[str, Any], table_name: str, where: str) -> None:
    """Refuse the first key that does not fit the table of the feed or another key.

    Raises:
        InputError: with key, value, what was expected and what to write.
    """
    for key in TABLES_OF_FIELDS:
        for name in given.get(key, {}):
            _check_field(name, f"{key}.{name}", table_name, where)
    for key in ("zeros_missing", "cumulative"):
        for name in given.get(key, []):
            _check_field(name, key, table_name, where)
    _check_units(given, table_name, where)
    _check_wide(given, table_name, where)
    _check_times(given, table_name, where)
    if given.get("shape") == "campd":
        _check_campd(given, table_name, where)
    if name := given.get("encoding"):
        _check_encoding(name, where)
    if len(given.get("separator", "")) > 1:
        what = f"{where}, separator = {as_toml(given['separator'])}: expected one character"
        raise InputError(what, r'write separator = ";", or "\t" for a tabulator')


def trim_declared_names(given: dict[str, Any]) -> dict[str, Any]:
    """The feed with the names of its columns as those of a file of text or a workbook are read: without outer blanks.

    A name of several lines is read as one line. Two names that differ only in blanks stay as they are, and one of them
    is missed in the answer.
    """
    columns = given.get("columns")
    if given.get("format") not in TRIMMED_FORMATS or not isinstance(columns, dict):
        return given
    trimmed = {column_name(str(name)): field for name, field in columns.items()}
    return {**given, "columns": trimmed} if len(trimmed) == len(columns) else given


def likely_value_field(table_name: str) -> str:
    """The field of the value of a table of readings: its concentration, else its only number; empty where several."""
    table = schema.table(table_name)
    if concentration := next((f.name for f in table.fields if f.name.startswith("concentration_")), ""):
        return concentration
    numbers = [f.name for f in table.fields if f.kind == "number" and f.name not in (*table.key, "interval_min")]
    return numbers[0] if len(numbers) == 1 else ""


def interval_is_known(given: dict[str, Any], table_name: str) -> bool:
    """Whether the length of the interval of a reading is known, which a time at its end needs."""
    table = schema.table(table_name)
    return table.time == HOURLY or "interval_min" in table.names or "cadence_min" in given


def _check_field(name: str, key: str, table_name: str, where: str) -> None:
    names = [field for field in schema.table(table_name).names if field not in COLLECTED]
    if name not in names:
        raise InputError(f"{where}, {key}: expected a field of {table_name}", f"write one of {', '.join(names)}")


def _check_units(given: dict[str, Any], table_name: str, where: str) -> None:
    try:
        for name, unit in given.get("units", {}).items():
            conversion(unit, name)
        for pollutant, unit in given.get("pollutant_units", {}).items():
            if pollutant not in schema.codes()["pollutant"]:
                listed = ", ".join(schema.codes()["pollutant"])
                raise InputError(f"'{pollutant}' is no pollutant", f"write one of {listed}")
            conversion(unit, concentration_field(table_name, where), pollutant)
    except InputError as problem:
        raise InputError(f"{where}: {problem.what}", problem.remedy) from None


def concentration_field(table_name: str, where: str = "") -> str:
    """The field of a table whose unit depends on the pollutant. Raises InputError when it has none."""
    names = [name for name in schema.table(table_name).names if name.startswith("concentration_")]
    if "pollutant_code" not in schema.table(table_name).names or not names:
        raise InputError(f"{where}: {table_name} has no pollutants", "remove pollutant_units, or use units")
    return names[0]


def _check_wide(given: dict[str, Any], table_name: str, where: str) -> None:
    pattern, value = given.get("wide", ""), given.get("wide_value", "")
    if not pattern:
        return
    shown = f"{where}, wide = {as_toml(pattern)}"
    names = re.findall(r"\{(\w+)\}", pattern)
    key = [name for name in schema.table(table_name).key if name != "record_number"]
    if not names or len(set(names)) < len(names) or not set(names) <= {*key, CLOCK}:
        what = f"{shown}: expected what the names of the columns are, each once"
        raise InputError(what, f'write for instance wide = "{{{key[0]}}}", with {", ".join(key)} or {CLOCK}')
    if re.search(r"\}\{", pattern):
        raise InputError(f"{shown}: two parts of a name follow without a sign between them", "write the sign")
    if not value and not likely_value_field(table_name):
        what = f"{shown}: {table_name} has several values"
        raise InputError(what, 'write which of our fields the cells are, wide_value = "…"')
    if value:
        _check_field(value, "wide_value", table_name, where)


def _check_times(given: dict[str, Any], table_name: str, where: str) -> None:
    parts = given.get("time_columns", [])
    time = schema.table(table_name).time
    if parts and time in given.get("columns", {}).values():
        what = f"{where}, time_columns = {as_toml(parts)}: {time} has a column in columns too"
        raise InputError(what, "remove one of them")
    if given.get("time_mark") == "end" and not interval_is_known(given, table_name):
        what = f'{where}, time_mark = "end": the length of an interval is not known'
        raise InputError(what, "write it, such as cadence_min = 5")


def _check_campd(given: dict[str, Any], table_name: str, where: str) -> None:
    """Refuse the shape for another table than that of stacks, and without a zone that has no summer time."""
    if table_name != "cems_reading":
        raise InputError(f'{where}, shape = "campd": expected the feed of stacks', "write it below [cems] only")
    zone = ZoneInfo(given.get("time_zone") or "America/New_York")
    offsets = {datetime(2024, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}
    if len(offsets) > 1:
        what = f'{where}, shape = "campd": its hours are local standard time all year, but time_zone has summer time'
        raise InputError(what, 'write a zone without it, such as time_zone = "Etc/GMT+5" for New York')


def _check_encoding(name: str, where: str) -> None:
    try:
        is_text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - the one place that says so
    except LookupError:
        is_text = False
    if not is_text:
        what = f"{where}, encoding = {as_toml(name)}: expected the name of a text encoding"
        raise InputError(what, 'write for instance encoding = "gb18030"')
