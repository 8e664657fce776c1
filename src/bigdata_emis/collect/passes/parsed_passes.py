"""The rows of an answer and of a pass, as the declaration of the feed reads them now.

Belongs here: an answer as rows, and a stored pass as rows again. Does not: bytes (decode), values (values), or what of
several passes counts (merged_rows).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from bigdata_emis.collect.decode import DecodedAnswer, decode
from bigdata_emis.collect.doubts.answer_doubts import check_answer
from bigdata_emis.collect.doubts.merged_cells import fill_merged
from bigdata_emis.collect.doubts.named_units import UNIT_COLUMNS
from bigdata_emis.collect.doubts.zone_column import ZONE_COLUMNS
from bigdata_emis.collect.edge.reductions import Reduction
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.http_client import Answer, feed_limits
from bigdata_emis.collect.privacy.device_counts import ROWS_SUFFIX, read_rows
from bigdata_emis.collect.raw_archive import Pass, RawArchive
from bigdata_emis.collect.redaction import redact
from bigdata_emis.collect.shapes.register_increments import read_increments
from bigdata_emis.collect.shapes.reshape import reshape
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from bigdata_emis.collect.values import ValueCounts, read_values
from bigdata_emis.errors import FeedError
from bigdata_emis.storage.checksums import ChangedFileError

log = logging.getLogger(__name__)

Step = Callable[[pa.Table], pa.Table]


@dataclass
class Parsed:
    """Rows that were parsed in this collection, by the content of their pass, and how many bytes that were.

    unchanged_count: answers of which the provider only said that they are as they were.
    reduction: what takes out of the rows what must not be stored, not even in the raw archive.
    """

    reduction: Reduction | None = None
    rows: dict[str, pa.Table] = field(default_factory=dict)
    byte_count: int = 0
    unchanged_count: int = 0


class UnreadablePassError(FeedError):
    """A stored pass is damaged, or its answers are not as the feed declares them now: its rows are not known."""


def parse_answer(answer: Answer, feed: Feed, counts: ValueCounts, *, is_new: bool) -> pa.Table:
    """The rows of an answer.

    A new one that is not as declared is refused before it lands. One that is stored may be of another declaration, as
    when the provider has renamed a column since: what it lacks is missing, and logged.
    """
    where = f"feed {feed.feed_id}, {answer.name}.{answer.suffix}"
    decoded = read_answer(answer, feed, where)
    if decoded.row_count or decoded.names:
        _check_answer(decoded, feed, where, is_new=is_new)
    return read_values(decoded.columns, decoded.row_count, feed, where, counts)


def read_answer(answer: Answer, feed: Feed, where: str) -> DecodedAnswer:
    """The columns of an answer as those of a long table, still as the provider sent them.

    Raises FeedError when its bytes, or its dates and hours apart, cannot be read.
    """
    decoded = decode(
        answer.payload,
        answer.suffix,
        feed_id=feed.feed_id,
        where=where,
        column_names=feed.source_columns and tuple(dict.fromkeys((*feed.source_columns, *ZONE_COLUMNS, *UNIT_COLUMNS))),
        limits=feed_limits(feed),
        layout=feed.layout,
        records=feed.records,
        envelope=answer.envelope,
    )
    try:
        return reshape(fill_merged(decoded, feed), feed)
    except UnreadTimesError as problem:
        raise FeedError(f"{where}: {problem.what}", problem.remedy) from None


def parse_pass(received: Pass, *, archive: RawArchive, feed: Feed, parsed: Parsed) -> pa.Table:
    """The rows of a pass: as parsed when it was received, else from its raw files.

    Raises:
        UnreadablePassError: with the command that excludes the pass, since no newer answer would bring its day on.
    """
    if received.content_id in parsed.rows:
        return parsed.rows[received.content_id]
    try:
        return _parse_stored(received, archive, feed, parsed)
    except (FeedError, ChangedFileError) as problem:
        what = f"{problem.what} (stored as pass {received.number} of {archive.day})"
        raise UnreadablePassError(what, f"{problem.remedy}, or exclude the pass: {archive.exclude(received)}") from None


def _parse_stored(received: Pass, archive: RawArchive, feed: Feed, parsed: Parsed) -> pa.Table:
    parts = []
    for stored in received.answers:
        payload = archive.read(received, stored)
        parsed.byte_count += len(payload)
        if parsed.reduction and stored.suffix == ROWS_SUFFIX:
            parts.append(read_rows(payload))
            continue
        answer = Answer(stored.name.partition(".")[0], payload, stored.suffix)
        rows = parse_answer(answer, feed, ValueCounts(is_stored=True), is_new=False)
        parts.append(parsed.reduction.reduce(rows) if parsed.reduction else rows)
    return read_increments(pa.concat_tables(parts, promote_options="permissive"), feed)


def _check_answer(decoded: DecodedAnswer, feed: Feed, where: str, *, is_new: bool) -> None:
    try:
        check_answer(decoded, feed, where)
    except FeedError as problem:
        if is_new:
            raise
        log.warning("%s", redact(problem.what, feed))
