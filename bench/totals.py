"""What the contenders must agree on: rows of each table, rows by code, and sums.

Belongs here: totals of a results folder and their comparison. Does not: time.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

RELATIVE_TOLERANCE = 1e-9
"""Sums of floats depend on their order by about 1e-12, and the stages add in fixed point to 1e-12 g; a rule done otherwise shows above 1e-6."""
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
"""Tables that the plain scripts do not make."""
UNMATCHED_COLUMNS = {"power": ("emission_g_p05", "emission_g_p95")}
"""Bounds that the stages widen by what the energy leaves open, which the plain scripts leave out."""
Totals = dict[str, float]


def totals(folder: Path, workload: str = "") -> Totals:
    """Rows and sums of every table of a folder, emission by pollutant, file by file so that memory stays small."""
    left_out = UNMATCHED_COLUMNS.get(workload, ())
    found: Totals = {}
    for path in sorted(folder.rglob("*.parquet")):
        file = pq.ParquetFile(path)
        table = path.relative_to(folder).parts[0]
        if table in UNMATCHED:
            continue
        wanted = [n for n in (*SUMMED, *CODES, "pollutant_code", "is_chosen") if n not in left_out]
        names = [n for n in wanted if n in file.schema_arrow.names]
        _add(found, f"{table} rows", file.metadata.num_rows)
        for batch in file.iter_batches(columns=names):
            for key, amount in _of_batch(batch):
                _add(found, f"{table} {key}", amount)
    return found


def differences(ours: Totals, theirs: Totals) -> list[str]:
    """Each total that differs by more than the tolerance."""
    pairs = [(key, ours.get(key, 0.0), theirs.get(key, 0.0)) for key in sorted({*ours, *theirs})]
    return [f"{key}: {a!r} and {b!r}" for key, a, b in pairs if abs(a - b) > RELATIVE_TOLERANCE * max(abs(a), abs(b))]


def _of_batch(batch: Any) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name in CODES:
        if name in batch.schema.names:
            column = pc.list_flatten(batch[name]) if name.endswith("_codes") else batch[name]
            found += [(f"{name} {row['values']}", row["counts"]) for row in pc.value_counts(column).to_pylist()]
    if "is_chosen" in batch.schema.names:
        chosen = batch["form_code"].filter(batch["is_chosen"])
        found += [(f"chosen {row['values']}", row["counts"]) for row in pc.value_counts(chosen).to_pylist()]
    summed = [name for name in SUMMED if name in batch.schema.names]
    if "pollutant_code" not in batch.schema.names:
        return found + [(name, pc.sum(batch[name]).as_py() or 0.0) for name in summed]
    grouped = pa.Table.from_batches([batch]).group_by("pollutant_code").aggregate([(name, "sum") for name in summed])
    return found + [
        (f"{name} {row['pollutant_code']}", row[f"{name}_sum"]) for row in grouped.to_pylist() for name in summed
    ]


def _add(found: Totals, key: str, amount: float) -> None:
    found[key] = found.get(key, 0.0) + amount
