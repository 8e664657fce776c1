"""The hourly files of the US EPA's CAMPD as a long table: mass of each pollutant by unit and hour, with its status.

Belongs here: the columns of that file. Does not: other wide tables (reshape), types and times (values).

The file has a row for each unit and hour in local standard time, without summer time, and for each pollutant the mass
of the hour with a word on how it was measured. Mass is blank while a unit does not run, which is an emission of zero,
and where a unit reports no such pollutant, which is none.

Source: heads of the files and meaning of hours and masses as in catalyst-cooperative/pudl issues 604 and 1581: masses
of these downloads are those of the hour and not rates (confidence 0.8); NIST Special Publication 811 for the units.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags
from bigdata_emis.codes import Pollutant
from bigdata_emis.collect.decode import DecodedAnswer

G_PER_POUND = 453.59237
G_PER_SHORT_TON = 2000 * G_PER_POUND
FACILITY, UNIT, DATE, HOUR, OPERATING = "Facility ID", "Unit ID", "Date", "Hour", "Operating Time"
STATUS = "Measure Indicator"
MASSES = (
    (Pollutant.SO2, "SO2 Mass", "lbs", G_PER_POUND),
    (Pollutant.NOX, "NOx Mass", "lbs", G_PER_POUND),
    (Pollutant.CO2, "CO2 Mass", "short tons", G_PER_SHORT_TON),
)
"""Pollutant, its columns, their unit, and grams of one."""
VALID_STATUSES = ("Measured", "Calculated")
"""Of the words on how a mass was found; the others are of substituted values."""


def read_campd(answer: DecodedAnswer) -> DecodedAnswer:
    """The rows of such a file under our names; another answer is left as it is, to be refused by its columns."""
    masses = [mass for mass in MASSES if f"{mass[1]} ({mass[2]})" in answer.columns]
    if not masses or not {FACILITY, UNIT, DATE, HOUR, OPERATING} <= answer.columns.keys():
        return answer
    given = {name: _texts(column) for name, column in answer.columns.items()}
    parts = [_of_pollutant(given, *mass) for mass in masses]
    whole = pa.concat_tables(parts)
    columns: dict[str, Any] = {name: whole[name] for name in whole.column_names}
    return replace(answer, columns=columns, row_count=whole.num_rows, names=tuple(columns))


def _of_pollutant(given: dict[str, Any], pollutant: Pollutant, name: str, unit: str, g_per_unit: float) -> pa.Table:
    """The rows of a pollutant: those with a mass, and zero where a unit that reports it does not run."""
    mass = given[f"{name} ({unit})"]
    has_mass = np.asarray(pc.not_equal(mass, ""))
    is_off = _is_off(given[OPERATING].to_pylist())
    units = pc.binary_join_element_wise(given[FACILITY], given[UNIT], "-")
    is_zero = is_off & ~has_mass & ~_reports_others_only(units, has_mass, is_off)
    rows = pa.array(np.flatnonzero(has_mass | is_zero))
    numbers = pc.if_else(pa.array(is_zero), "0", mass).take(rows).to_pylist()
    clock = pc.binary_join_element_wise(pc.utf8_lpad(given[HOUR].take(rows), 2, "0"), "00", ":")
    status = given.get(f"{name} {STATUS}", pa.array([""] * len(mass)))
    return pa.table(
        {
            "stack_id": units.take(rows),
            "pollutant_code": pa.array([str(pollutant)] * len(rows), pa.string()),
            "hour_utc": pc.binary_join_element_wise(given[DATE].take(rows), clock, " "),
            "concentration_mg_per_m3": pa.nulls(len(rows), pa.float64()),
            "flow_m3_per_h": pa.nulls(len(rows), pa.float64()),
            "emission_g": pa.array([_scaled(text, g_per_unit) for text in numbers], pa.string()),
            STATUS: status.take(rows),
        }
    )


def _reports_others_only(units: Any, has_mass: Flags, is_off: Flags) -> Flags:
    """The rows of units that ran without ever giving a mass of the pollutant: they do not report it."""
    number = np.asarray(units.dictionary_encode().indices)
    count = int(number.max(initial=-1)) + 1
    reports = np.bincount(number, has_mass, minlength=count) > 0
    ran = np.bincount(number, ~is_off, minlength=count) > 0
    is_silent: Flags = (ran & ~reports)[number]
    return is_silent


def _is_off(texts: Sequence[str]) -> Flags:
    return np.array([_number(text) == 0 for text in texts], dtype=bool)


def _scaled(text: str, factor: float) -> str:
    """A mass in grams as a text; what is no number stays as it was sent, and is quarantined."""
    number = _number(text)
    return text if number is None else repr(number * factor)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _texts(column: Any) -> pa.Array:
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pc.fill_null(pc.utf8_trim_whitespace(flat.cast(pa.string())), "")
