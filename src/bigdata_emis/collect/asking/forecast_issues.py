"""Forecasts of one issue: the last that arrived for each hour, with values out of bounds emptied.

Belongs here: rows of forecasts. Does not: which days are asked for (landings), or what a forecast calls for (control).
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.codes import Flag
from bigdata_emis.errors import shorten
from bigdata_emis.reference.air_bounds import exceeds_bound

log = logging.getLogger(__name__)

SHOWN_CODES = 3
CONCENTRATION = "concentration_ug_per_m3"
WIND = "wind_speed_m_per_s"
VALUES = (CONCENTRATION, WIND)


def quarantine_unknown_pollutants(forecast: pa.Table) -> pa.Table:
    """The rows whose pollutant has a code; the metadata count the others, such as an index sent as an item.

    A forecast in which no pollutant has a code stays as it is, and its table refuses it.
    """
    codes = schema.codes()[schema.field("pollutant_code").code_list]
    is_known = pc.is_in(forecast["pollutant_code"], pa.array(list(codes)))
    known = forecast.filter(is_known)
    if known.num_rows in (0, forecast.num_rows):
        return forecast
    strange = pc.unique(forecast.filter(pc.invert(is_known))["pollutant_code"]).to_pylist()
    listed = ", ".join(shorten(code) for code in strange[:SHOWN_CODES])
    count = forecast.num_rows - known.num_rows
    log.warning("%d rows of the forecast are quarantined: no pollutant has the code %s", count, listed)
    metadata = forecast.schema.metadata or {}
    counts = json.loads(metadata.get(b"set_aside", b"{}"))
    counts[Flag.UNKNOWN_ID] = counts.get(Flag.UNKNOWN_ID, 0) + count
    return known.replace_schema_metadata({**metadata, b"set_aside": json.dumps(counts).encode()})


def select_latest_issue(forecast: pa.Table, bounds: Mapping[str, float]) -> pa.Table:
    """One forecast for each key: the last to arrive, and of those with a value the last.

    A value outside the bounds of its field, or above that of its pollutant (`bounds`), is emptied and flagged, as a
    measurement would be quarantined.
    """
    is_above = exceeds_bound(forecast["pollutant_code"], forecast[CONCENTRATION], bounds)
    outside = {name: _is_outside(forecast, name) for name in VALUES}
    outside[CONCENTRATION] |= is_above
    is_flagged = np.any(list(outside.values()), axis=0)
    if is_flagged.any():
        _warn(forecast.filter(pa.array(is_flagged)))
    flagged = _add_flag(forecast, is_flagged, Flag.OUT_OF_BOUNDS)
    for name, is_out in outside.items():
        flagged = _replace(flagged, name, pc.if_else(pa.array(is_out), pa.scalar(None, pa.float64()), flagged[name]))
    key = list(schema.table("air_quality_forecast").key)
    rank = np.arange(flagged.num_rows) + flagged.num_rows * np.asarray(pc.is_valid(flagged[CONCENTRATION]))
    numbered = flagged.append_column("rank", pa.array(rank))
    last = numbered.group_by(key, use_threads=False).aggregate([("rank", "max")])["rank_max"].to_numpy()
    return flagged.take(pa.array(np.sort(last % max(flagged.num_rows, 1))))


def _warn(flagged: pa.Table) -> None:
    shown = []
    for row in flagged.slice(0, SHOWN_CODES).to_pylist():
        wind = "" if row[WIND] is None else f" (wind {row[WIND]:g})"
        shown.append(shorten(f"{row['pollutant_code']} {row[CONCENTRATION]}{wind}"))
    listed = ", ".join(shown)
    log.warning("%d rows of the forecast have a value that no air has, it is emptied: %s", flagged.num_rows, listed)


def _is_outside(forecast: pa.Table, name: str) -> Flags:
    field, values = schema.field(name), forecast[name]
    is_out = pc.or_(pc.less(values, field.minimum), pc.greater(values, field.maximum))
    outside: Flags = np.asarray(pc.fill_null(is_out, False))
    return outside


def _replace(rows: pa.Table, name: str, column: Any) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)


def _add_flag(rows: pa.Table, is_flagged: Flags | pa.Array, flag: Flag) -> pa.Table:
    flags = [
        [*given, flag] if is_hit else given
        for given, is_hit in zip(rows["flag_codes"].to_pylist(), np.asarray(is_flagged), strict=True)
    ]
    return _replace(rows, "flag_codes", pa.array(flags, pa.list_(pa.string())))
