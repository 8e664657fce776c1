"""Emergency measures: the list of a region, checked, and which of its measures apply at an alert level.

Belongs here: reading a list of measures, and refusing one with an error. Does not: the effect of a measure on emission
(measure_cuts).
"""

import csv
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis import reference, schema
from bigdata_emis.codes import AlertLevel, Sector
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.text_file import read_text_file

SELECTORS = (
    "sector_code",
    "industry_code",
    "grade_code",
    "vehicle_class_code",
    "stage_threshold_code",
    "production_line_id",
)
SHARES = ("affected_share", "cut_share")


@dataclass(frozen=True)
class Measure:
    """One measure at one level. An empty selector means any."""

    measure_id: str
    alert_level_code: str
    sector_code: str = ""
    industry_code: str = ""
    grade_code: str = ""
    vehicle_class_code: str = ""
    stage_threshold_code: str = ""
    production_line_id: str = ""
    affected_share: float = 1.0
    cut_share: float = 0.0

    @property
    def is_for_vehicles_only(self) -> bool:
        """Whether it selects a vehicle class or a stage, so that it applies to road links only."""
        return bool(self.vehicle_class_code or self.stage_threshold_code)

    @property
    def is_for_roads(self) -> bool:
        """Whether it can apply to road links: nothing in it selects another kind of source."""
        selects_lines = self.industry_code or self.grade_code or self.production_line_id
        return not selects_lines and self.sector_code in ("", Sector.MOBILE)


def levels_up_to(level: str) -> list[str]:
    """The levels whose measures apply at this level: the level itself and every lower one.

    Raises:
        InputError: the level is unknown, or is one without measures.
    """
    levels = [code for code in schema.codes()["alert_level"] if code != AlertLevel.NONE]
    if level not in levels:
        raise InputError(f"alert level '{level}' is unknown", f"use one of {', '.join(levels)}")
    return levels[: levels.index(level) + 1]


def require_active_measures(measures: list[Measure], level: str) -> list[Measure]:
    """The whole list, after a check that a measure applies at the level.

    Without the check a ledger of zeros would look like a result.

    Raises:
        InputError: the level is unknown, or no measure applies at it.
    """
    levels = levels_up_to(level)
    if not any(measure.alert_level_code in levels for measure in measures):
        listed = ", ".join(sorted({measure.alert_level_code for measure in measures})) or "no level: the list is empty"
        raise InputError(
            f"no measure of the list applies at level {level}; it has measures for {listed}",
            "choose another level, or add measures for this one",
        )
    return measures


def check_production_lines(measures: list[Measure], source_ids: Container[str], where: str) -> None:
    """Refuse a measure for a line that the inventory does not have: it would cut nothing.

    Raises:
        InputError: for the first such measure.
    """
    for measure in measures:
        if measure.production_line_id and measure.production_line_id not in source_ids:
            raise InputError(
                f"measure {measure.measure_id}, column production_line_id: "
                f"'{measure.production_line_id}' is unknown in {where}",
                "correct the list of measures, or register the line and run the day again",
            )


def load_measures(region: Region, measures_file: Path | None) -> list[Measure]:
    """The measures of the given file, else of the region, else of the default list.

    The list of a region is registry/measure.csv, if it has rows.

    Raises:
        InputError: a list has an error; the message names row and column.
    """
    if measures_file is not None:
        return read_measures(measures_file)
    own = region.folder / "registry" / "measure.csv"
    listed = read_measures(own) if own.is_file() else []
    return listed or default_measures(region)


def default_measures(region: Region) -> list[Measure]:
    """The list that ships with the project, or the region's override of it."""
    names = Measure.__dataclass_fields__
    rows = reference.read("default_measure", region.folder).to_pylist()
    values: list[dict[str, Any]] = [{n: row[n] if row[n] is not None else "" for n in names} for row in rows]
    return [Measure(**row) for row in values]


def read_measures(path: Path) -> list[Measure]:
    """The list of a city: a CSV with the columns of table measure; lines from # are skipped.

    Raises:
        InputError: with the row number and column of the first error.
    """
    lines = _read_lines(path)
    header = next(csv.reader([lines[0][1]]), []) if lines else []
    _check_header(header, path)
    measures: list[Measure] = []
    seen: set[tuple[str, str]] = set()
    for number, text in lines[1:]:
        measure = _parse_measure(header, next(csv.reader([text])), f"{path}, row {number}")
        if (measure.measure_id, measure.alert_level_code) in seen:
            raise InputError(
                f"{path}, row {number}, column measure_id: {measure.measure_id} at {measure.alert_level_code} "
                "is repeated",
                "keep one of the rows, or use another measure_id",
            )
        seen.add((measure.measure_id, measure.alert_level_code))
        measures.append(measure)
    return measures


def _read_lines(path: Path) -> list[tuple[int, str]]:
    """The lines with content and their number in the file; a cell must not contain a line break."""
    text = read_text_file(path)
    return [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip() and not line.startswith("#")]


def _check_header(header: list[str], path: Path) -> None:
    table = schema.table("measure")
    missing = [name for name in (*table.key, *table.required) if name not in header]
    unknown = [name for name in header if name not in table.names]
    if missing or unknown or len(set(header)) < len(header):
        raise InputError(
            f"{path}, header: missing {missing}, unknown {unknown}",
            f"use the columns {', '.join(table.names)}, each once",
        )


def _parse_measure(header: list[str], cells: list[str], where: str) -> Measure:
    if len(cells) != len(header):
        raise InputError(
            f"{where}: {len(cells)} cells under {len(header)} columns", "quote a cell that contains a comma"
        )
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in ("measure_id", "alert_level_code", *SELECTORS):
        _check_code(name, row.get(name, ""), where)
    codes = {name: row.get(name, "") for name in ("measure_id", "alert_level_code", *SELECTORS)}
    shares = {name: _parse_share(name, row[name], where) for name in SHARES}
    measure = Measure(**codes, affected_share=shares["affected_share"], cut_share=shares["cut_share"])
    if measure.is_for_vehicles_only and not measure.is_for_roads:
        raise InputError(
            f"{where}, column vehicle_class_code: a vehicle measure cannot also select industry, grade, line "
            "or another sector",
            "leave those columns empty, or write two measures",
        )
    return measure


def _check_code(name: str, value: str, where: str) -> None:
    if not value and name in schema.table("measure").key:
        raise InputError(f"{where}, column {name}: expected a value, found an empty cell", "fill the cell")
    code_list = schema.field(name).code_list
    if value and code_list and value not in schema.codes()[code_list]:
        codes = ", ".join(schema.codes()[code_list])
        raise InputError(f"{where}, column {name}: '{value}' is unknown", f"use one of {codes[:200]}")


def _parse_share(name: str, text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where}, column {name}: '{text}' is not a number", "write a share between 0 and 1") from None
    if not 0 <= value <= 1:
        raise InputError(
            f"{where}, column {name} = {text}: expected a share between 0 and 1", "write for instance 0.3 for 30 %"
        )
    return value
