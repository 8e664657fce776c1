"""The archive of the providers: which rows of a feed lie in a window, have arrived by now, and are on a page.

Belongs here: reading what the generator archived. Does not: HTTP (replay).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Integers

FURTHEST_TIME_ZONE_H = 14
KEPT_FILES = 16
Visible: TypeAlias = tuple[pa.ChunkedArray, Integers]


@dataclass
class Archive:
    """The archived days of every feed, and what each provider's clock says.

    A provider's clock stands at the latest end of a window that was asked of it: what arrives later is not served yet. What is
    visible is kept for the pages that follow: found anew for each, a day of millions of rows would be gone through hundreds of times.
    """

    folder: Path
    clock_us: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    visible: Callable[[Path, tuple[int, int], int], Visible] = field(
        default_factory=lambda: lru_cache(maxsize=KEPT_FILES)(_visible)
    )

    def feeds(self) -> list[str]:
        """The feeds that the archive holds."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())

    def page(self, feed_id: str, window_us: tuple[int, int], *, page: int, page_size: int) -> tuple[list[str], int]:
        """The JSON texts of one page (from 1) of a window, and the number of pages."""
        clock = self._clock(feed_id, window_us[1])
        parts = [self.visible(path, window_us, clock) for path in self._files(feed_id, window_us)]
        texts: list[str] = []
        start = (page - 1) * page_size
        for records, rows in parts:
            texts += _texts(records, rows[max(start, 0) : max(start + page_size, 0)])
            start -= len(rows)
        count = sum(len(rows) for _, rows in parts)
        return texts, max(1, -(-count // page_size))

    def _clock(self, feed_id: str, asked_until_us: int) -> int:
        with self.lock:
            self.clock_us[feed_id] = max(self.clock_us.get(feed_id, asked_until_us), asked_until_us)
            return self.clock_us[feed_id]

    def _files(self, feed_id: str, window_us: tuple[int, int]) -> list[Path]:
        """The files of the local days that a window may touch, whatever the time zone."""
        margin = timedelta(hours=FURTHEST_TIME_ZONE_H)
        first, last = (
            (datetime.fromtimestamp(us / 1_000_000, UTC) + sign * margin).date()
            for us, sign in zip(window_us, (-1, 1), strict=True)
        )
        return [
            path
            for path in sorted((self.folder / feed_id).glob("*.arrow"))
            if first <= date.fromisoformat(path.stem) <= last
        ]


def _visible(path: Path, window_us: tuple[int, int], clock_us: int) -> Visible:
    """The record column of a file, and which of its rows lie in the window and have arrived."""
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    low, high = np.searchsorted(table["event_us"].to_numpy(), window_us)
    arrived = table["arrival_us"].to_numpy()[low:high] <= clock_us
    return table["record"], np.asarray(low + np.flatnonzero(arrived), dtype=np.int64)


def _texts(records: pa.ChunkedArray, rows: Integers) -> list[str]:
    """The records of some rows in order, without a copy of the others."""
    if not len(rows):
        return []
    near = records.slice(int(rows[0]), int(rows[-1] - rows[0]) + 1).combine_chunks()
    return list(near.take(pa.array(rows - rows[0])).to_pylist())
