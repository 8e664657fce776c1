"""Many lines trained a batch at a time, so that memory stays bounded and a person sees how far it is.

Belongs here: how lines are cut into batches, and the line of progress. Does not: what is done with a batch.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

SILENT_S = 2.0
"""Work that is done within it is not worth a word."""


@dataclass(frozen=True)
class Batch:
    """Lines whose names lie between two names, both included; sorted files are then read in part only."""

    first: str
    last: str
    count: int

    def holds(self, column: Column) -> Column:
        """Whether a name lies in the batch."""
        return column.between(F.lit(self.first), F.lit(self.last))


def batches(line_ids: list[str], size: int) -> list[Batch]:
    """The lines in order of their names, so many at a time."""
    ordered = sorted(line_ids)
    parts = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return [Batch(part[0], part[-1], len(part)) for part in parts]


def batch_by_batch(what: str, parts: list[Batch], work: Callable[[Batch], pa.Table]) -> Iterator[pa.Table]:
    """The result of each batch; after each, a line on stderr says how many lines are done and how long the rest may take."""
    began, done, total = time.monotonic(), 0, sum(part.count for part in parts)
    for part in parts:
        yield work(part)
        done += part.count
        spent = time.monotonic() - began
        if spent > SILENT_S:
            rest = spent / done * (total - done)
            print(f"{what}: {done:,} of {total:,} lines, {spent:,.0f} s, about {rest:,.0f} s to go", file=sys.stderr, flush=True)
