"""Cells that a spreadsheet merges over several rows: the first row has the value, and the others are empty.

Belongs here: identifiers and times that are written once for a block of rows. Does not: merged cells of a header
(delimited).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.collect.decode import Columns, DecodedAnswer
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import FeedError, shorten

LEAST_EMPTY_SHARE = 0.5
"""Share of empty rows from which on a column that says whose or when a value is has merged cells; own judgement."""
LEAST_ROWS = 4


def fill_merged(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    """The answer with the empty cells of merged columns filled from above."""
    filled: Columns = {
        name: pc.fill_null_forward(pc.if_else(pa.array(_is_empty(column)), None, column))
        for name in feed.merged_columns
        if (column := answer.columns.get(name)) is not None
    }
    return replace(answer, columns=answer.columns | filled) if filled else answer


def check_merged(answer: DecodedAnswer, feed: Feed, where: str) -> None:
    """Refuse a file in which what says whose or when a value is, is empty in most rows below a filled one.

    Raises:
        FeedError: with the key that fills them.
    """
    table = schema.table(feed.table_name)
    key = [feed.provider_column(name) for name in table.key if name in feed.received_fields]
    for name in dict.fromkeys((*key, *feed.time_columns)):
        column = answer.columns.get(name)
        if column is None or len(column) < LEAST_ROWS or not answer.written_as or not _is_text(column):
            continue
        is_empty = _is_empty(column)
        if not is_empty[0] and is_empty.mean() >= LEAST_EMPTY_SHARE:
            count = int(is_empty.sum())
            what = f"{where}: '{shorten(name)}' is empty in {count} of {len(column)} rows, as merged cells are"
            remedy = f'write merged_columns = ["{shorten(name)}"] below [{feed.feed_id}] in feeds.toml to fill them'
            raise FeedError(what, f"{remedy} from above, or ask the provider")


def _is_text(column: Any) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _is_empty(column: Any) -> Flags:
    if not _is_text(column):
        return np.asarray(pc.is_null(column), dtype=bool)
    return np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True), dtype=bool)
