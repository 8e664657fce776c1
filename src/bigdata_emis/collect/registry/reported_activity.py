"""Rules of emission that is reported with its activity: audited months of lines, and annual totals of districts.

Belongs here: amounts that no plant or district can have. Does not: bounds of single fields (register), or what the
reports say about factors (inventory/industry/factor_evidence).
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.collect.registry.csv_text import row_place
from bigdata_emis.errors import InputError
from bigdata_emis.schema.mass_units import G_PER_T

HOURS_A_DAY = 24
MOST_CAPACITY_SHARE = 3.0
"""An audited month above three times the capacity of its line has another unit; own judgement."""
LARGEST_ACTIVITY = schema.field("annual_activity").maximum
LARGEST_FACTOR_G = schema.field("emission_factor_g_per_unit").maximum
Row = Mapping[str, Any]


def check_reported_activity(frames: Mapping[str, pa.Table], region_folder: Path) -> None:
    """Raise InputError, with file, row and column, for the first report that no plant or district can have."""
    columns = ("pollutant_code", "national_emission_t")
    limits = reference.read("emission_limit", region_folder)
    national_t = dict(zip(*(limits[name].to_pylist() for name in columns), strict=True))
    line = frames["production_line"]
    capacity = dict(zip(line["production_line_id"].to_pylist(), line["capacity_per_h"].to_pylist(), strict=True))
    for name, amounts in (
        ("audited_emission_monthly", _audited(frames, capacity)),
        ("district_emission_annual", _of_districts(frames)),
    ):
        for row, emission_g, activity, most in amounts:
            limit_g = national_t.get(row["pollutant_code"], float("inf")) * G_PER_T
            column, problem = _problem(emission_g, activity, most, limit_g)
            if column:
                named = next(field for field in schema.table(name).names if column in field)
                place = row_place(region_folder / "registry", name, {key: row[key] for key in schema.table(name).key})
                what, remedy = problem
                raise InputError(f"{place}, column {named}: {what}", remedy)


def _problem(emission_g: float, activity: float | None, most: float, limit_g: float) -> tuple[str, tuple[str, str]]:
    """What is wrong with a report: the kind of its column, the value and what was expected, and the remedy."""
    if emission_g > limit_g:
        what = f"{emission_g / G_PER_T:g} t; expected less than any country emits in a year, {limit_g / G_PER_T:g} t"
        return "_emission_", (what, "check its unit")
    if activity is None:
        return "", ("", "")
    if activity == 0 and emission_g > 0:
        what = f"0 with an emission of {emission_g:g} g; expected the activity that emitted it"
        return "_activity", (what, "leave it empty, or the row out, where it is not known")
    if activity > most:
        what = f"{activity:g}; expected at most {most:g}, of the capacity of the line and the hours of the month"
        return "_activity", (what, "check its unit, or capacity_per_h of the line")
    if activity and LARGEST_FACTOR_G is not None and emission_g / activity > LARGEST_FACTOR_G:
        what = f"{activity:g} for {emission_g:g} g; expected no more than {LARGEST_FACTOR_G:g} g a unit"
        return "_activity", (what, "check the units of activity and emission")
    return "", ("", "")


def _audited(
    frames: Mapping[str, pa.Table], capacity: Mapping[str, float | None]
) -> Iterator[tuple[Row, float, float | None, float]]:
    """Rows with emission, activity, and the most activity that is possible."""
    for row in frames["audited_emission_monthly"].to_pylist():
        month, per_h = row["month_start"], capacity.get(row["production_line_id"])
        hours = HOURS_A_DAY * monthrange(month.year, month.month)[1]
        most = MOST_CAPACITY_SHARE * per_h * hours if per_h else LARGEST_ACTIVITY
        yield row, row["audited_emission_g"], row["audited_activity"], float(most or "inf")


def _of_districts(frames: Mapping[str, pa.Table]) -> Iterator[tuple[Row, float, float | None, float]]:
    for row in frames["district_emission_annual"].to_pylist():
        yield row, row["annual_emission_t"] * G_PER_T, row["annual_activity"], float("inf")
