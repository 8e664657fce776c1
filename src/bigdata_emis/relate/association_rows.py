"""The rows of the table of associations, made of what the comparisons found.

Belongs here: the columns and their order. Does not: any number.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bigdata_emis import schema
from bigdata_emis.relate.comparison import Compared
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import HOUR

Floats = NDArray[np.float64]
Period = tuple[datetime, datetime]
RESULT = (
    "indicator string, target string, association_method_code string, lag_h bigint, from_utc timestamp, to_utc timestamp, "
    "last_hour_utc timestamp, strength double, strength_p05 double, strength_p95 double, p_value double, q_value double, "
    "sample_count bigint, effective_sample_count double, rank_number bigint, association_reason_code string"
)
FEW_PAIRS = "few_pairs"
COLUMNS = tuple(part.split()[0] for part in RESULT.split(", "))


def result_table(found: Sequence[tuple[Compared, Floats]], period: Period) -> pa.Table:
    """One row a pair and method, in the order of the comparisons."""
    declared = arrow_schema(schema.table("association"))
    wanted = pa.schema([pa.field(name, declared.field(name).type) for name in COLUMNS])
    parts = [_rows(compared, false_share, period, wanted) for compared, false_share in found]
    return pa.concat_tables(parts) if parts else wanted.empty_table()


def _rows(compared: Compared, false_share: Floats, period: Period, wanted: pa.Schema) -> pa.Table:
    finding = compared.finding
    count = finding.strength.size
    numbers = {
        "lag_h": finding.lag_h, "strength": finding.strength, "strength_p05": finding.low, "strength_p95": finding.high,
        "p_value": finding.chance, "q_value": false_share, "sample_count": finding.count, "effective_sample_count": finding.worth,
        "rank_number": compared.ranks,
    }  # fmt: skip
    times = {"from_utc": period[0], "to_utc": period[1], "last_hour_utc": period[1] - HOUR}
    reasons = [FEW_PAIRS if few else None for few in finding.is_few.ravel().tolist()]
    names = _pairs(compared) | {"association_method_code": [finding.method] * count, "association_reason_code": reasons}
    columns: dict[str, Any] = {name: _column(values, wanted.field(name).type) for name, values in numbers.items()}
    columns |= {name: pa.array([at] * count, wanted.field(name).type) for name, at in times.items()}
    columns |= {name: pa.array(values, pa.string()) for name, values in names.items()}
    return pa.table([columns[name] for name in COLUMNS], schema=wanted)


def _pairs(compared: Compared) -> dict[str, list[Any]]:
    if compared.is_paired:
        return {"indicator": list(compared.indicators), "target": list(compared.targets)}
    return {
        "indicator": [name for name in compared.indicators for _ in compared.targets],
        "target": [name for _ in compared.indicators for name in compared.targets],
    }


def _column(values: Floats, kind: pa.DataType) -> pa.Array:
    flat = np.asarray(values, float).ravel()
    return pa.array(flat, pa.float64(), mask=~np.isfinite(flat)).cast(kind)
