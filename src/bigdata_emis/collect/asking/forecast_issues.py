"""Forecasts of one issue: the last that arrived for each hour, with values out of bounds emptied.

Belongs here: rows of forecasts. Does not: which days are asked for (landings), or what a forecast calls for (control).
"""

import json
import logging
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.codes import Flag
from bigdata_emis.errors import shorten

log = logging.getLogger(__name__)

SHOWN_CODES = 3


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


def select_latest_issue(forecast: pa.Table) -> pa.Table:
    """One forecast for each key: the last to arrive.

    A value outside the bounds of its field is emptied and flagged.
    """
    field = schema.field("concentration_ug_per_m3")
    values = forecast[field.name]
    outside = pc.fill_null(pc.or_(pc.less(values, field.minimum), pc.greater(values, field.maximum)), False)
    bounded = pc.if_else(outside, pa.scalar(None, pa.float64()), values)
    flagged = _add_flag(_replace(forecast, field.name, bounded), outside, Flag.OUT_OF_BOUNDS)
    key = list(schema.table("air_quality_forecast").key)
    numbered = flagged.append_column("position", pa.array(np.arange(flagged.num_rows)))
    last = numbered.group_by(key, use_threads=False).aggregate([("position", "max")])["position_max"]
    return flagged.take(pa.array(np.sort(last.to_numpy())))


def _replace(rows: pa.Table, name: str, column: Any) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)


def _add_flag(rows: pa.Table, is_flagged: Flags | pa.Array, flag: Flag) -> pa.Table:
    flags = [
        [*given, flag] if is_hit else given
        for given, is_hit in zip(rows["flag_codes"].to_pylist(), np.asarray(is_flagged), strict=True)
    ]
    return _replace(rows, "flag_codes", pa.array(flags, pa.list_(pa.string())))
