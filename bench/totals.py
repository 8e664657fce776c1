"""Totals on which all contenders must agree: rows of each table, rows by code, and sums.

Belongs here: totals of a results folder and their comparison. Does not: time.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

RELATIVE_TOLERANCE = 1e-9
"""Sums of floats depend on their order by about 1e-12, and the stages add in fixed point to 1e-12 g.

A rule that differs shows above 1e-6."""
SUMMED = (
    "energy_kwh",
    "emission_g",
    "emission_g_p05",
    "emission_g_p95",
    "activity",
    "activity_p05",
    "activity_p95",
    "nmae",
    "r2",
)
CODES = ("imputation_code", "reason_codes", "form_code")
UNMATCHED = ("model_version", "line_energy_hourly")
"""Tables that the plain scripts do not write."""
UNMATCHED_COLUMNS = {"power": ("emission_g_p05", "emission_g_p95")}
"""Bounds that the stages widen by the uncertainty of energy, which the plain scripts ignore."""
Totals = dict[str, float]


def compute_totals(folder: Path, workload: str = "") -> Totals:
    """Rows and sums of every table of a folder, emission by pollutant, read batch by batch."""
    excluded = UNMATCHED_COLUMNS.get(workload, ())
    totals: Totals = {}
    for path in sorted(folder.rglob("*.parquet")):
        file = pq.ParquetFile(path)
        table = path.relative_to(folder).parts[0]
        if table in UNMATCHED:
            continue
        compared = [n for n in (*SUMMED, *CODES, "pollutant_code", "is_chosen") if n not in excluded]
        names = [n for n in compared if n in file.schema_arrow.names]
        _add(totals, f"{table} rows", file.metadata.num_rows)
        for batch in file.iter_batches(columns=names):
            for key, amount in _batch_totals(batch):
                _add(totals, f"{table} {key}", amount)
    return totals


def find_differences(reference: Totals, other: Totals) -> list[str]:
    """Each total that differs by more than the tolerance."""
    pairs = [(key, reference.get(key, 0.0), other.get(key, 0.0)) for key in sorted({*reference, *other})]
    return [f"{key}: {a!r} and {b!r}" for key, a, b in pairs if abs(a - b) > RELATIVE_TOLERANCE * max(abs(a), abs(b))]


def _batch_totals(batch: Any) -> list[tuple[str, float]]:
    totals: list[tuple[str, float]] = []
    for name in CODES:
        if name in batch.schema.names:
            column = pc.list_flatten(batch[name]) if name.endswith("_codes") else batch[name]
            totals += [(f"{name} {row['values']}", row["counts"]) for row in pc.value_counts(column).to_pylist()]
    if "is_chosen" in batch.schema.names:
        chosen = batch["form_code"].filter(batch["is_chosen"])
        totals += [(f"chosen {row['values']}", row["counts"]) for row in pc.value_counts(chosen).to_pylist()]
    summed = [name for name in SUMMED if name in batch.schema.names]
    if "pollutant_code" not in batch.schema.names:
        return totals + [(name, pc.sum(batch[name]).as_py() or 0.0) for name in summed]
    grouped = pa.Table.from_batches([batch]).group_by("pollutant_code").aggregate([(name, "sum") for name in summed])
    return totals + [
        (f"{name} {row['pollutant_code']}", row[f"{name}_sum"]) for row in grouped.to_pylist() for name in summed
    ]


def _add(totals: Totals, key: str, amount: float) -> None:
    totals[key] = totals.get(key, 0.0) + amount
