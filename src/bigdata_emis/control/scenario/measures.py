"""Emergency measures: the list of a region, checked, and which of its measures apply at an alert level.

Belongs here: reading a list of measures, and refusing one with an error. Does not: the effect of a measure on emission
(measure_cuts), or whether the region has what it selects (measure_effect).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bigdata_emis import reference, schema
from bigdata_emis.codes import AlertLevel, Sector
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.text_file import read_text_file
from bigdata_emis.text_values import read_value

SELECTORS = (
    "sector_code",
    "industry_code",
    "grade_code",
    "vehicle_class_code",
    "stage_threshold_code",
    "production_line_id",
    "pollutant_code",
)
SHARES = ("affected_share", "cut_share")
HOURS_OF_DAY = ("from_local_hour", "to_local_hour")
LIMITS = ("min_load_share", "ramp_down_h", "restart_h")
INSTANTS = ("applies_from_utc", "applies_to_utc")
TURNS = ("rotation_turn", "rotation_days")
REMARK = "#"


@dataclass(frozen=True)
class Measure:
    """One measure at one level. An empty selector means any.

    from_local_hour, to_local_hour: the hours of the day, the second not included; min_load_share, ramp_down_h,
    restart_h: of the process, where the list states them. applies_from_utc, applies_to_utc: hours of an event outside
    which it is not ordered. rotation_group: lines that take turns 轮产, each in its rotation_turn, for rotation_days
    local days from the first of the event; without days each is cut by its part of the time all along.
    """

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
    pollutant_code: str = ""
    from_local_hour: int | None = None
    to_local_hour: int | None = None
    min_load_share: float | None = None
    ramp_down_h: float | None = None
    restart_h: float | None = None
    applies_from_utc: datetime | None = None
    applies_to_utc: datetime | None = None
    rotation_group: str = ""
    rotation_turn: int | None = None
    rotation_days: int | None = None

    @property
    def is_for_machines(self) -> bool:
        """Whether it selects non-road machines up to a stage."""
        return bool(self.stage_threshold_code and self.industry_code)

    @property
    def is_for_vehicles_only(self) -> bool:
        """Whether it selects a vehicle class or a stage of vehicles, so that it applies to traffic only."""
        return bool(self.vehicle_class_code or self.stage_threshold_code) and not self.is_for_machines

    @property
    def is_for_roads(self) -> bool:
        """Whether it can apply to traffic: nothing in it selects another kind of source."""
        selects_sources = self.industry_code or self.grade_code or self.production_line_id or self.pollutant_code
        return not selects_sources and self.sector_code in ("", Sector.MOBILE)

    @property
    def is_exemption(self) -> bool:
        """Whether it cuts nothing by intention."""
        return self.affected_share * self.cut_share == 0

    @property
    def selectors(self) -> tuple[str, ...]:
        """What it selects, in the order of SELECTORS."""
        return tuple(getattr(self, name) for name in SELECTORS)

    def applies_at(self, local_hour: int) -> bool:
        """Whether an hour of the day is among its hours; without hours every hour is."""
        if self.from_local_hour is None or self.to_local_hour is None:
            return True
        if self.from_local_hour < self.to_local_hour:
            return self.from_local_hour <= local_hour < self.to_local_hour
        return local_hour >= self.from_local_hour or local_hour < self.to_local_hour


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
    """The whole list, after a check that a measure applies at the level and that none contradicts another.

    Without the check a ledger of zeros would look like a result.

    Raises:
        InputError: the level is unknown, no measure applies at it, or two measures contradict each other.
    """
    levels = levels_up_to(level)
    if not any(measure.alert_level_code in levels for measure in measures):
        listed = ", ".join(sorted({measure.alert_level_code for measure in measures})) or "no level: the list is empty"
        raise InputError(
            f"no measure of the list applies at level {level}; it has measures for {listed}",
            "choose another level, or add measures for this one",
        )
    check_contradictions(measures)
    return measures


def check_contradictions(measures: Sequence[Measure]) -> None:
    """Refuse two measures that select the same at the same level and hours, of which one exempts and one cuts.

    Two cuts do not contradict each other: of a source the larger applies, of vehicles both.

    Raises:
        InputError: for the first such pair.
    """
    first: dict[tuple[Any, ...], Measure] = {}
    for measure in measures:
        hours = (measure.from_local_hour, measure.to_local_hour, *(getattr(measure, name) for name in INSTANTS))
        key = (measure.alert_level_code, measure.selectors, *hours, measure.rotation_group, measure.rotation_turn)
        other = first.setdefault(key, measure)
        if other.is_exemption != measure.is_exemption:
            exempt, cut = (other, measure) if other.is_exemption else (measure, other)
            raise InputError(
                f"measures {exempt.measure_id} and {cut.measure_id} at {measure.alert_level_code} select the same: "
                f"the first exempts it, the second cuts {cut.affected_share * cut.cut_share:.0%}",
                "keep one of them, or let one of them select less",
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
    table = reference.read("default_measure", region.folder)
    names = [name for name in Measure.__dataclass_fields__ if name in table.column_names]
    return [
        Measure(**{name: row[name] for name in names if row[name] is not None})
        for row in table.select(names).to_pylist()
    ]


def read_measures(path: Path) -> list[Measure]:
    """The list of a city: a CSV with the columns of table measure.

    Lines from # before the header are remarks; after it every line is a measure, `#1炉停产` too.

    Raises:
        InputError: with the row number and column of the first error.
    """
    rows = _numbered_rows(path)
    header = next(rows, (1, []))[1]
    _check_header(header, path)
    measures: list[Measure] = []
    seen: set[tuple[str, str]] = set()
    for number, cells in rows:
        measure = _parse_measure(header, cells, f"{path}, row {number}")
        if (measure.measure_id, measure.alert_level_code) in seen:
            raise InputError(
                f"{path}, row {number}, column measure_id: {measure.measure_id} at {measure.alert_level_code} "
                "is repeated",
                "keep one of the rows, or use another measure_id",
            )
        seen.add((measure.measure_id, measure.alert_level_code))
        measures.append(measure)
    check_rotations(measures)
    return measures


def _numbered_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Header and rows that are not empty, with the line on which each begins; a quoted cell may hold line breaks."""
    lines = list(io.StringIO(read_text_file(path), newline=""))
    start = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith(REMARK)), len(lines))
    reader = csv.reader(lines[start:], strict=True)
    first = start + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield first, cells
            first = start + reader.line_num + 1
    except csv.Error as problem:
        raise InputError(f"{path}, row {first}: {shorten(problem)}", "correct the quotes of this row") from None


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
    values: dict[str, Any] = {n: row.get(n, "") for n in ("measure_id", "alert_level_code", *SELECTORS)}
    values |= {name: _parse_share(name, row[name], where) for name in SHARES}
    values |= {n: int(_parse_number(n, row[n], where, whole=True)) for n in HOURS_OF_DAY if row.get(n)}
    values |= {name: _parse_number(name, row[name], where) for name in LIMITS if row.get(name)}
    values |= {name: _parse_hour(name, row[name], where) for name in INSTANTS if row.get(name)}
    values |= {name: int(_parse_number(name, row[name], where, whole=True)) for name in TURNS if row.get(name)}
    measure = Measure(**values, rotation_group=row.get("rotation_group", ""))
    _check_kind(measure, where)
    _check_turn(measure, where)
    return measure


def _check_kind(measure: Measure, where: str) -> None:
    """Refuse selectors that exclude each other, and hours of the day of which one end is missing."""
    if measure.is_for_machines and (measure.vehicle_class_code or measure.grade_code or measure.production_line_id):
        raise InputError(
            f"{where}, column vehicle_class_code: a measure of machines (industry and stage) "
            "cannot also select vehicle class, grade or line",
            "leave those columns empty, or write two measures",
        )
    if measure.is_for_vehicles_only and not measure.is_for_roads:
        raise InputError(
            f"{where}, column vehicle_class_code: a vehicle measure cannot also select industry, grade, line, "
            "pollutant or another sector",
            "leave those columns empty, or write two measures",
        )
    hours = (measure.from_local_hour, measure.to_local_hour)
    if (hours[0] is None) != (hours[1] is None) or (hours[0] is not None and hours[0] == hours[1]):
        raise InputError(
            f"{where}, columns from_local_hour, to_local_hour: expected two different hours or none",
            "write for instance 7 and 22, or leave both empty",
        )


def _check_turn(measure: Measure, where: str) -> None:
    """Refuse a turn without a group or line, a group without a turn, and hours that end before they start."""
    start, end = measure.applies_from_utc, measure.applies_to_utc
    if start is not None and end is not None and end <= start:
        raise InputError(f"{where}, column applies_to_utc: it is not after applies_from_utc", "correct one of them")
    if (measure.rotation_turn is None) == bool(measure.rotation_group):
        raise InputError(
            f"{where}, columns rotation_group, rotation_turn: expected both or none",
            "give lines that take turns one group, and each its turn: 1, 2, …",
        )
    if measure.rotation_days is not None and not measure.rotation_group:
        raise InputError(
            f"{where}, column rotation_days: a measure without rotation_group has no turn", "name the group"
        )
    if measure.rotation_group and not measure.production_line_id:
        raise InputError(
            f"{where}, column production_line_id: only production lines take turns", "name the line of this turn"
        )


def check_rotations(measures: Sequence[Measure]) -> None:
    """Refuse a group whose turns are not 1, 2, …, at least two, or that states several lengths of a turn.

    Raises:
        InputError: for the first such group of a level.
    """
    groups: dict[tuple[str, str, datetime | None], list[Measure]] = {}
    for measure in measures:
        if measure.rotation_group:
            key = (measure.alert_level_code, measure.rotation_group, measure.applies_from_utc)
            groups.setdefault(key, []).append(measure)
    for (level, group, _), rows in groups.items():
        turns = sorted({row.rotation_turn or 0 for row in rows})
        if turns != list(range(1, len(turns) + 1)) or len(turns) < 2:
            raise InputError(
                f"rotation {shorten(group)} at {level} has the turns {', '.join(map(str, turns))}: "
                "expected 1, 2, … and at least two",
                "give each line of the group its turn",
            )
        if len({row.rotation_days for row in rows}) > 1:
            raise InputError(
                f"rotation {shorten(group)} at {level} states several values of rotation_days", "give all rows the same"
            )


def _check_code(name: str, value: str, where: str) -> None:
    is_key, codes = _expected_codes(name)
    if not value and is_key:
        raise InputError(f"{where}, column {name}: expected a value, found an empty cell", "fill the cell")
    if value and codes and value not in codes:
        listed = ", ".join(codes)
        raise InputError(f"{where}, column {name}: '{shorten(value)}' is unknown", f"use one of {listed[:200]}")


@cache
def _expected_codes(name: str) -> tuple[bool, dict[str, None]]:
    """Whether a column is part of the key, and the codes that it may have; none where it has no code list."""
    code_list = schema.field(name).code_list
    return name in schema.table("measure").key, dict.fromkeys(schema.codes()[code_list] if code_list else ())


def _parse_share(name: str, text: str, where: str) -> float:
    try:
        value = float(read_value(text, "number"))
    except ValueError:
        raise InputError(
            f"{where}, column {name}: '{shorten(text)}' is not a number", "write a share between 0 and 1"
        ) from None
    if not 0 <= value <= 1:
        raise InputError(
            f"{where}, column {name} = {text}: expected a share between 0 and 1", "write for instance 0.3 for 30 %"
        )
    return value


def _parse_hour(name: str, text: str, where: str) -> datetime:
    """A full hour of UTC, written with an offset."""
    try:
        written = datetime.fromisoformat(text)
        instant = written.astimezone(UTC) if written.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None or instant.minute or instant.second or instant.microsecond:
        raise InputError(
            f"{where}, column {name} = {shorten(text)}: expected a full hour with its offset",
            "write for instance 2015-12-08T12:00+08:00",
        )
    return instant


def _parse_number(name: str, text: str, where: str, *, whole: bool = False) -> float:
    """A number within the bounds of its field."""
    field = schema.field(name)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    least, most = field.minimum or 0.0, field.maximum or 0.0
    if not least <= value <= most or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise InputError(
            f"{where}, column {name} = {shorten(text)}: expected {kind} from {least:g} to {most:g}",
            "correct the cell, or leave it empty",
        )
    return value
