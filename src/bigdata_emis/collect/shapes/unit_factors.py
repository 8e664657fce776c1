"""Values in the units of our fields: by field, by pollutant, or by the unit that each row names.

Belongs here: which value has which unit. Does not: what the units are (units).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.collect.decode import Columns
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.declared_shape import concentration_field
from bigdata_emis.collect.shapes.units import Conversion, conversion
from bigdata_emis.errors import InputError

POLLUTANT = "pollutant_code"
MINUTES_PER_HOUR = 60.0


def in_our_units(fields: dict[str, Any], columns: Columns, feed: Feed) -> dict[str, Any]:
    """The fields with their values in our units, by the units and factors of the feed.

    Raises:
        InputError: a row names a unit that is not known, or a power comes without the length of its interval.
    """
    changed = dict(fields)
    for name, unit in feed.units.items():
        if name in fields:
            changed[name] = _converted(changed[name], conversion(unit, name), fields, feed)
    if feed.pollutant_units or feed.unit_column:
        name = concentration_field(feed.table_name) if POLLUTANT in fields else _only_value(feed)
        changed[name] = _by_row(changed[name], name, _row_units(fields, columns, feed), fields)
    for name, factor in feed.factors.items():
        if changed.get(name) is not None:
            changed[name] = pc.multiply(changed[name], factor)
    return changed


def _converted(values: Any, unit: Conversion, fields: dict[str, Any], feed: Feed) -> Any:
    if unit.is_rate:
        interval_min = fields.get("interval_min")
        if interval_min is None or interval_min.null_count == len(values) > 0:
            what = f"feed {feed.feed_id}: power is energy only with the length of its interval"
            raise InputError(what, "write interval_min = 15 below constants, or map its column")
        values = pc.multiply(values, pc.divide(interval_min, MINUTES_PER_HOUR))
    scaled = values if unit.factor == 1 else pc.multiply(values, unit.factor)
    return pc.add(scaled, unit.offset) if unit.offset else scaled


def _only_value(feed: Feed) -> str:
    names = [
        f.name for f in schema.table(feed.table_name).fields if f.kind == "number" and f.name in feed.received_fields
    ]
    if len(names) != 1:
        raise InputError(f"feed {feed.feed_id}: unit_column does not say of which value it is", "use units instead")
    return names[0]


def _row_units(fields: dict[str, Any], columns: Columns, feed: Feed) -> list[tuple[str, str]]:
    """Unit and pollutant of each row; an empty unit is ours."""
    count = len(next(iter(fields.values())))
    pollutants = fields[POLLUTANT].to_pylist() if POLLUTANT in fields else [""] * count
    given = columns.get(feed.unit_column)
    sent = [""] * count if given is None else given.cast(pa.string()).to_pylist()
    return [
        (feed.pollutant_units.get(p, "") or (unit or "").strip(), p or "")
        for unit, p in zip(sent, pollutants, strict=True)
    ]


def _by_row(values: Any, name: str, units: list[tuple[str, str]], fields: dict[str, Any]) -> Any:
    known: dict[tuple[str, str], Conversion] = {}
    for unit, pollutant in set(units):
        known[unit, pollutant] = conversion(unit, name, pollutant) if unit else Conversion(1)
    factors: Floats = np.array([known[key].factor for key in units], dtype=np.float64)
    offsets: Floats = np.array([known[key].offset for key in units], dtype=np.float64)
    if any(unit.is_rate for unit in known.values()):
        lengths = np.asarray(pc.fill_null(fields["interval_min"], np.nan), dtype=np.float64)
        factors = factors * np.where([known[key].is_rate for key in units], lengths / MINUTES_PER_HOUR, 1.0)
    return pc.add(pc.multiply(values, pa.array(factors)), pa.array(offsets))
