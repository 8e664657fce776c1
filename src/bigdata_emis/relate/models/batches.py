"""Many lines trained a batch at a time, so that memory stays bounded and a person sees how far it is.

Belongs here: how lines are cut into batches. Does not: what is done with a batch, the words of progress (progress).
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812


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


SILENT_S = 2.0
"""Work that is done within it is not worth a word."""
PAUSE_S = 10.0
"""Between two words within a batch."""
Clock = Callable[[], float]


@dataclass
class Progress:
    """Lines done of a total, and when it was last told; several threads of an engine may count at once."""

    what: str
    total: int
    clock: Clock = time.monotonic
    done: int = 0
    began: float = field(init=False)
    told: float = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self.began = self.told = self.clock()

    def one_more(self) -> None:
        """A line is done; told when nothing was told for a while."""
        with self.lock:
            self.done = min(self.done + 1, self.total)
            if self.clock() - self.told > PAUSE_S:
                self._tell()

    def reach(self, done: int) -> None:
        """So many lines are surely done; told unless all goes so fast that nobody waits."""
        with self.lock:
            self.done = done
            if self.clock() - self.began > SILENT_S:
                self._tell()

    def _tell(self) -> None:
        self.told = self.clock()
        spent = self.told - self.began
        rest = spent / self.done * (self.total - self.done)
        print(
            f"{self.what}: {self.done:,} of {self.total:,} lines, {spent:,.0f} s, about {rest:,.0f} s to go",
            file=sys.stderr,
            flush=True,
        )


_under_way: list[Progress] = []


@contextmanager
def under_way(progress: Progress) -> Iterator[Progress]:
    """While it lasts, line_done counts for this progress."""
    _under_way.append(progress)
    try:
        yield progress
    finally:
        _under_way.remove(progress)


def line_done() -> None:
    """Said where a line is worked on. An embedded engine does so in the process that waits, elsewhere nothing is under way."""
    for progress in _under_way[-1:]:
        progress.one_more()
