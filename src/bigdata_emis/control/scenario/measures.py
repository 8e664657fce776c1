"""Emergency measures: one checked list for a region, and which of its rows hold at an alert level.

Belongs here: reading a list of measures and refusing a bad one. Does not: what a measure does to an emission.
"""

import csv
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis import reference, schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region

SELECTORS = (
    "sector_code",
    "industry_code",
    "grade_code",
    "vehicle_class_code",
    "stage_threshold_code",
    "production_line_id",
)
SHARES = ("affected_share", "cut_share")
ROAD_SECTOR = "mobile"
NO_LEVEL = "none"


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
    def is_for_vehicles_alone(self) -> bool:
        """It names a vehicle class or a stage, so it can only touch traffic on links."""
        return bool(self.vehicle_class_code or self.stage_threshold_code)

    @property
    def is_for_roads(self) -> bool:
        """It can touch traffic on links: nothing in it selects another kind of source."""
        elsewhere = self.industry_code or self.grade_code or self.production_line_id
        return not elsewhere and self.sector_code in ("", ROAD_SECTOR)


def levels_up_to(level: str) -> list[str]:
    """The levels whose measures hold at this level: the level itself and every lower one.

    Raises InputError when there is no such level, or it calls for nothing.
    """
    ladder = [code for code in schema.codes()["alert_level"] if code != NO_LEVEL]
    if level not in ladder:
        raise InputError(f"alert level '{level}' is unknown", f"use one of {', '.join(ladder)}")
    return ladder[: ladder.index(level) + 1]


def holding_measures(measures: list[Measure], level: str) -> list[Measure]:
    """The whole list, once it is sure that some of it holds at the level: a ledger of zeros would look like an answer.

    Raises InputError when there is no such level, or none of the measures holds at it.
    """
    levels = levels_up_to(level)
    if not any(measure.alert_level_code in levels for measure in measures):
        listed = ", ".join(sorted({measure.alert_level_code for measure in measures})) or "no level: the list is empty"
        raise InputError(f"no measure of the list holds at level {level}", f"it has measures for {listed}")
    return measures


def check_lines(measures: list[Measure], source_ids: Container[str], where: str) -> None:
    """Raise InputError for the first measure that names a production line which the inventory does not have: it would cut nothing, unseen."""
    for measure in measures:
        if measure.production_line_id and measure.production_line_id not in source_ids:
            what = f"measure {measure.measure_id}, column production_line_id: '{measure.production_line_id}' is unknown in {where}"
            raise InputError(what, "mend the list of measures, or register the line and make the day again")


def measures_of(region: Region, measures_file: Path | None) -> list[Measure]:
    """The list in force: the file given, else the region's registry/measure.csv when it has rows, else the default list.

    Raises InputError for a bad list, with row, column and how to mend it.
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
    given: list[dict[str, Any]] = [{n: row[n] if row[n] is not None else "" for n in names} for row in rows]
    return [Measure(**row) for row in given]


def read_measures(path: Path) -> list[Measure]:
    """A city's own list, a CSV with the columns of table measure (`# ` lines before the header are skipped).

    Raises InputError with row number and column of the first thing wrong.
    """
    lines = _lines(path)
    header = next(csv.reader([lines[0][1]]), []) if lines else []
    _check_header(header, path)
    measures: list[Measure] = []
    seen: set[tuple[str, str]] = set()
    for number, text in lines[1:]:
        measure = _measure(header, next(csv.reader([text])), f"{path}, row {number}")
        if (measure.measure_id, measure.alert_level_code) in seen:
            raise InputError(
                f"{path}, row {number}, column measure_id: {measure.measure_id} at {measure.alert_level_code} repeats",
                "keep one of the rows or give another measure_id",
            )
        seen.add((measure.measure_id, measure.alert_level_code))
        measures.append(measure)
    return measures


def _lines(path: Path) -> list[tuple[int, str]]:
    """Lines that count, with their number in the file; a cell may not hold a line break."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(
            f"{path}: {type(problem).__name__}", "give a readable UTF-8 CSV with the columns of table measure"
        ) from None
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


def _measure(header: list[str], cells: list[str], where: str) -> Measure:
    if len(cells) != len(header):
        raise InputError(f"{where}: {len(cells)} cells under {len(header)} columns", "quote a cell that holds a comma")
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in ("measure_id", "alert_level_code", *SELECTORS):
        _check_code(name, row.get(name, ""), where)
    chosen = {name: row.get(name, "") for name in ("measure_id", "alert_level_code", *SELECTORS)}
    shares = {name: _share(name, row[name], where) for name in SHARES}
    measure = Measure(**chosen, affected_share=shares["affected_share"], cut_share=shares["cut_share"])
    if measure.is_for_vehicles_alone and not measure.is_for_roads:
        raise InputError(
            f"{where}, column vehicle_class_code: a vehicle measure cannot also select industry, grade, line or another sector",
            "empty those columns, or write two measures",
        )
    return measure


def _check_code(name: str, value: str, where: str) -> None:
    if not value and name in schema.table("measure").key:
        raise InputError(f"{where}, column {name}: is empty", "fill it")
    code_list = schema.field(name).code_list
    if value and code_list and value not in schema.codes()[code_list]:
        known = ", ".join(schema.codes()[code_list])
        raise InputError(f"{where}, column {name}: '{value}' is unknown", f"use one of {known[:200]}")


def _share(name: str, text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where}, column {name}: '{text}' is not a number", "write a share between 0 and 1") from None
    if not 0 <= value <= 1:
        raise InputError(
            f"{where}, column {name}: {text} is not between 0 and 1", "write a share, for instance 0.3 for 30 %"
        )
    return value
