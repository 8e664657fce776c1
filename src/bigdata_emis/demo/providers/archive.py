"""Archive of the simulated providers: the rows of a feed that lie in a window and have arrived, page by page.

Belongs here: reading the files that the generator archived. Does not: HTTP (replay).
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
CACHED_FILES = 16
Visible: TypeAlias = tuple[pa.ChunkedArray, Integers]


@dataclass
class Archive:
    """The archived days of every feed, and the clock of each provider.

    A provider's clock is the latest end of a window that was requested from it: rows that arrive later are not served
    yet. The visible rows are cached for the following pages: without the cache, a day of millions of rows would be
    searched hundreds of times.
    """

    folder: Path
    clock_us: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    find_visible: Callable[[Path, tuple[int, int], int], Visible] = field(
        default_factory=lambda: lru_cache(maxsize=CACHED_FILES)(_find_visible)
    )

    def list_feeds(self) -> list[str]:
        """Return the feeds that the archive holds."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())

    def read_page(
        self, feed_id: str, window_us: tuple[int, int], *, page: int, page_size: int
    ) -> tuple[list[str], int]:
        """Return the JSON texts of one page (from 1) of a window, and the number of pages."""
        clock = self._advance_clock(feed_id, window_us[1])
        parts = [self.find_visible(path, window_us, clock) for path in self._list_files(feed_id, window_us)]
        texts: list[str] = []
        start = (page - 1) * page_size
        for records, rows in parts:
            texts += _take_texts(records, rows[max(start, 0) : max(start + page_size, 0)])
            start -= len(rows)
        count = sum(len(rows) for _, rows in parts)
        return texts, max(1, -(-count // page_size))

    def _advance_clock(self, feed_id: str, requested_until_us: int) -> int:
        with self.lock:
            self.clock_us[feed_id] = max(self.clock_us.get(feed_id, requested_until_us), requested_until_us)
            return self.clock_us[feed_id]

    def _list_files(self, feed_id: str, window_us: tuple[int, int]) -> list[Path]:
        """Return the files of the local days that a window may touch, whatever the time zone."""
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


def _find_visible(path: Path, window_us: tuple[int, int], clock_us: int) -> Visible:
    """Return the record column of a file, and the rows of it that lie in the window and have arrived."""
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    low, high = np.searchsorted(table["event_us"].to_numpy(), window_us)
    arrived = table["arrival_us"].to_numpy()[low:high] <= clock_us
    return table["record"], np.asarray(low + np.flatnonzero(arrived), dtype=np.int64)


def _take_texts(records: pa.ChunkedArray, rows: Integers) -> list[str]:
    """Return the records of some rows in order, without a copy of the others."""
    if not len(rows):
        return []
    span = records.slice(int(rows[0]), int(rows[-1] - rows[0]) + 1).combine_chunks()
    return list(span.take(pa.array(rows - rows[0])).to_pylist())
