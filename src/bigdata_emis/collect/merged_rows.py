"""The rows of all passes of a raw archive, merged in order of arrival and stored, so that none is parsed twice.

Belongs here: which rows of several passes are the same row, and the file with what was merged so far. Does not: the raw
files (raw_archive), or parsing (decode, values).

Passes overlap, since a window is asked for again when rows come late. A row that several passes send is one row, with
the position of the last of them: a value that was corrected and corrected back comes last again. A row that one pass
sends twice was sent twice. A dropped file of a day is whole: a row that a newer one no longer holds is withdrawn. Rows
of a reduced feed count all that a pass has of a place and hour, so they replace what earlier passes counted there.

What was merged lies in `parsed/`, one file for each raw archive. Its name is a digest of all passes in it, of the
declaration of the feed and of the code that parses, and of its own bytes. It can be deleted: the raw files say it all.
"""

import hashlib
import io
import json
import logging
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.arrays import Integers
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.raw_archive import Pass
from bigdata_emis.errors import EmisError
from bigdata_emis.storage.checksums import VERSION_LENGTH, sha256_digest
from bigdata_emis.storage.lake import Store

log = logging.getLogger(__name__)

ARRIVAL = "pass_number"
DROP_PREFIX = "drop-"
"""What the name of an answer begins with that was a dropped file."""
LARGEST_NUMBER = 1 << 62
CODE_FILES = (
    *("decode.py", "values.py", "merged_rows.py", "passes/parsed_passes.py"),
    *("formats/*.py", "gateway/*.py", "privacy/*.py", "shapes/*.py", "edge/*.py"),
)
NOT_PARSING = {
    *("feed_id", "folder", "drop", "address", "http_from", "page_size", "auth_secret", "late_h", "timeout_s"),
    *(
        "http_format",
        "paging",
        "first_page",
        "total",
        "next",
        "window_h",
        "query",
        "query_time",
        "query_zone",
        "auth",
        "auth_name",
        "database_secret",
        "bucket_secret",
        "bucket_endpoint",
        "query_sql",
        "cursor_column",
        "cursor_overlap_s",
    ),
    *("ahead_h", "attempts", "wait_s", "longest_wait_s", "answer_deadline_s", "pass_deadline_s"),
    *("largest_answer_bytes", "largest_pass_bytes", "largest_pass_rows", "kind", "name_en", "name_zh", "source"),
}
"""The keys of a feed that do not decide how its answers are parsed."""

ParsePass = Callable[[Pass], pa.Table]


def merge_passes(passes: list[Pass], parse: ParsePass, *, store: Store, feed: Feed, landing_day: date) -> pa.Table:
    """The rows of all passes with the number of the last pass that sent each (`pass_number`).

    Only passes that were not merged before are parsed.
    """
    cached = _MergedFile(store, feed, landing_day, passes)
    merged, done = cached.read()
    for received in passes[done:]:
        rows = parse(received)
        number = pa.array(np.full(rows.num_rows, received.number, dtype=np.int64))
        rows = rows.append_column(ARRIVAL, number)
        merged = _add_pass(merged, rows, received, feed)
    if merged is not None and done < len(passes):
        cached.write(merged)
    return merged


def merge_rows(merged: pa.Table, rows: pa.Table) -> pa.Table:
    """The merged rows without those that `rows` repeats, and then `rows`.

    Of a row that `rows` has n times, n are taken out of those merged before.
    """
    both = pa.concat_tables([merged, rows], promote_options="permissive")
    content = _number_contents(both.drop_columns([ARRIVAL]))
    before, now = content[: merged.num_rows], content[merged.num_rows :]
    repeats = np.bincount(now, minlength=int(content.max(initial=0)) + 1)
    is_kept = np.ones(both.num_rows, dtype=bool)
    is_kept[: merged.num_rows] = _number_occurrences(before) >= repeats[before]
    return both.filter(pa.array(is_kept))


def _add_pass(merged: pa.Table | None, rows: pa.Table, received: Pass, feed: Feed) -> pa.Table:
    """What was merged with the rows of one more pass, without those that a whole file no longer holds.

    A row that it corrects stays, as one that was sent before. An empty file is most often a failed one: it withdraws
    nothing.
    """
    if merged is None:
        return rows
    both = merge_rows(_without_recounted(merged, rows, feed) if feed.is_reduced else merged, rows)
    if (
        feed.drop_rows != "whole"
        or not rows.num_rows
        or not all(answer.name.startswith(DROP_PREFIX) for answer in received.answers)
    ):
        return both
    names = [name for name in schema.table(feed.stored_table).key if name in both.column_names]
    key = _number_contents(both.select(names))
    is_held = np.isin(key, key[both.num_rows - rows.num_rows :])
    if count := int((~is_held).sum()):
        name = received.answers[0].name
        log.warning("feed %s: %d rows of earlier files are withdrawn, %s lacks them", feed.feed_id, count, name)
    return both.filter(pa.array(is_held))


def _without_recounted(merged: pa.Table, rows: pa.Table, feed: Feed) -> pa.Table:
    """The merged rows without those of a place and hour of which `rows` has any."""
    key = list(schema.table(feed.stored_table).key[:2])
    content = _number_contents(pa.concat_tables([merged.select(key), rows.select(key)], promote_options="permissive"))
    return merged.filter(pa.array(~np.isin(content[: merged.num_rows], content[merged.num_rows :])))


class _MergedFile:
    """The file with the merged rows of one raw archive."""

    def __init__(self, store: Store, feed: Feed, landing_day: date, passes: list[Pass]) -> None:
        self._files = store.parsed_files(feed.feed_id, landing_day)
        self._keys = _keys(feed, passes)

    def read(self) -> tuple[pa.Table | None, int]:
        """The rows merged before, and how many passes are in them."""
        names = {name[:VERSION_LENGTH]: name for name in self._files.names()}
        for count in range(len(self._keys), 0, -1):
            name = names.get(self._keys[count - 1])
            rows = self._read(name) if name else None
            if rows is not None:
                return rows, count
        return None, 0

    def write(self, merged: pa.Table) -> None:
        """Write the merged rows of all passes, and delete the file before."""
        target = io.BytesIO()
        pq.write_table(merged, target, compression="zstd")
        content = target.getvalue()
        name = f"{self._keys[-1]}-{sha256_digest(content)[:VERSION_LENGTH]}.parquet"
        self._files.write(name, content)
        for other in self._files.names():
            if other != name:
                self._files.delete(other)

    def _read(self, name: str) -> pa.Table | None:
        """The rows of a file; None of one that is gone or damaged, since it can be made again."""
        try:
            content = self._files.read(name)
            if sha256_digest(content)[:VERSION_LENGTH] != Path(name).stem.rpartition("-")[2]:
                raise ValueError("its bytes are not those that were written")
            return pq.read_table(io.BytesIO(content))
        except (EmisError, OSError, ValueError, pa.ArrowException) as problem:
            log.warning("%s is parsed again: %s", self._files.address(name), str(problem).splitlines()[0])
            return None


def _keys(feed: Feed, passes: list[Pass]) -> list[str]:
    """A key for each pass: of what was merged up to it, and how it was parsed."""
    fields = [(name, schema.field(name).kind) for name in schema.table(feed.stored_table).names]
    declared = feed.model_dump(mode="json", exclude=NOT_PARSING)
    digest = hashlib.sha256(json.dumps([declared, fields, _code_digest()], sort_keys=True, default=str).encode())
    keys = []
    for received in passes:
        digest.update(f"{received.number} {received.content_id}".encode())
        keys.append(digest.hexdigest()[:VERSION_LENGTH])
    return keys


@cache
def _code_digest() -> str:
    """A digest of the code that parses, so that no result of other code is used."""
    digest = hashlib.sha256(pa.__version__.encode())
    for pattern in CODE_FILES:
        for path in sorted(Path(__file__).parent.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _number_contents(rows: pa.Table) -> Integers:
    """The same number for rows of the same content."""
    number, count = np.zeros(rows.num_rows, dtype=np.int64), 1
    for column in rows.columns:
        coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        size = max(len(coded.dictionary), 1)
        if count > LARGEST_NUMBER // size:
            number = np.unique(number, return_inverse=True)[1]
            count = rows.num_rows
        number = number * size + coded.indices.to_numpy(zero_copy_only=False)
        count *= size
    return np.asarray(np.unique(number, return_inverse=True)[1], dtype=np.int64)


def _number_occurrences(content: Integers) -> Integers:
    """How many rows of the same content come before each row."""
    order = np.argsort(content, kind="stable")
    ordered = content[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(ordered)])
    occurrence = np.empty(len(content), dtype=np.int64)
    occurrence[order] = np.arange(len(ordered)) - np.repeat(starts, lengths)
    return occurrence
