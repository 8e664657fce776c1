"""All that is asked of the columns of an answer before its values are read, and of the rows of a pass after.

Belongs here: the checks in their order. Does not: the checks.
"""

import pyarrow as pa

from bigdata_emis.collect.answer_checks import check_columns
from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.doubts.identifiers import check_identifiers, check_pollutants
from bigdata_emis.collect.doubts.merged_cells import check_merged
from bigdata_emis.collect.doubts.named_units import check_named_units
from bigdata_emis.collect.doubts.several_forecasts import warn_of_several
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.doubtful_units import check_units


def check_answer(answer: DecodedAnswer, feed: Feed, where: str) -> None:
    """Refuse an answer whose columns are not those of its feed, or do not mean what they seem to.

    Raises:
        FeedError: a wanted column is missing or comes twice, names another unit, or has merged cells.
    """
    check_columns(answer.names, feed, where)
    check_merged(answer, feed, where)
    check_named_units(answer, feed, where)


def check_rows(rows: pa.Table, feed: Feed, where: str, region_id: str) -> None:
    """Refuse a pass whose values are those of another unit, or whose sources are registered in another spelling.

    Raises:
        UnusableAnswerError: with what to declare.
    """
    check_units(rows, feed, where)
    check_pollutants(rows, feed, where)
    check_identifiers(rows, feed, where, region_id)
    warn_of_several(rows, feed, where)
