"""Many lines trained a batch at a time, so that memory stays bounded and a person sees how far it is.

Belongs here: how lines are cut into batches. Does not: what is done with a batch, the words of progress (progress).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.relate.progress import Progress, under_way


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
    """The result of each batch; after each, and within those that last, a line on stderr says how far it is and how long the rest may take."""
    done = 0
    with under_way(Progress(what, sum(part.count for part in parts))) as progress:
        for part in parts:
            yield work(part)
            done += part.count
            progress.reach(done)
