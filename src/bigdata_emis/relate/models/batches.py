"""Training of many lines in batches, with bounded memory and progress on stderr.

Belongs here: how lines are split into batches, and how far the training is.
Does not: what is done with a batch (train_activity).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SILENT_S = 2.0
"""Work that is done within this time reports nothing."""
PAUSE_S = 10.0
"""Time between two reports within a batch."""
Clock = Callable[[], float]


@dataclass(frozen=True)
class Batch:
    """Lines with ids from first to last, so that sorted files are read in part only."""

    first: str
    last: str
    count: int

    def contains(self, column: Column) -> Column:
        """Whether a line id lies in the batch."""
        return column.between(F.lit(self.first), F.lit(self.last))


@dataclass
class TrainingProgress:
    """Trained lines of a total, reported on stderr; engine threads may count at once."""

    stage: str
    total: int
    clock: Clock = time.monotonic
    trained: int = 0
    started_s: float = field(init=False)
    reported_s: float = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    console: Console = field(default_factory=lambda: Console(stderr=True), init=False)

    def __post_init__(self) -> None:
        self.started_s = self.reported_s = self.clock()

    def count_line(self) -> None:
        """Count one more trained line; report if the last report is more than PAUSE_S ago."""
        with self.lock:
            self.trained = min(self.trained + 1, self.total)
            if self.clock() - self.reported_s > PAUSE_S:
                self._report()

    def set_trained(self, trained: int) -> None:
        """Set the number of trained lines; report if the training takes longer than SILENT_S."""
        with self.lock:
            self.trained = trained
            if self.clock() - self.started_s > SILENT_S:
                self._report()

    def _report(self) -> None:
        """Print one line: stage, bar, lines of all lines, elapsed time, and the remaining time at the mean speed."""
        self.reported_s = self.clock()
        elapsed_s = self.reported_s - self.started_s
        remaining = timedelta(seconds=round(elapsed_s / self.trained * (self.total - self.trained)))
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("lines in"),
            TimeElapsedColumn(),
            TextColumn(f"about {remaining} remaining"),
        )
        bar = Progress(*columns, console=self.console, get_time=lambda: self.reported_s)
        task = bar.add_task(self.stage, total=self.total, completed=self.trained)
        bar.tasks[task].start_time = self.started_s
        self.console.print(bar.make_tasks_table(bar.tasks))


_active: list[TrainingProgress] = []


def split_into_batches(line_ids: list[str], size: int) -> list[Batch]:
    """The lines in order of their ids, `size` in a batch."""
    ordered = sorted(line_ids)
    parts = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return [Batch(part[0], part[-1], len(part)) for part in parts]


def run_batches(stage: str, batches: list[Batch], train: Callable[[Batch], pa.Table]) -> Iterator[pa.Table]:
    """The result of each batch in turn, with progress on stderr."""
    trained = 0
    with activate_progress(TrainingProgress(stage, sum(batch.count for batch in batches))) as progress:
        for batch in batches:
            yield train(batch)
            trained += batch.count
            progress.set_trained(trained)


@contextmanager
def activate_progress(progress: TrainingProgress) -> Iterator[TrainingProgress]:
    """Within this context `count_trained_line` counts for this progress."""
    _active.append(progress)
    try:
        yield progress
    finally:
        _active.remove(progress)


def count_trained_line() -> None:
    """Count a line for the active progress; called where a line is trained.

    An embedded engine trains in the process that waits; on a cluster no progress is active and nothing is counted.
    """
    for progress in _active[-1:]:
        progress.count_line()
