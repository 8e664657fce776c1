"""All that is asked of the columns of an answer before its values are read.

Belongs here: the checks in their order. Does not: the checks.
"""

from bigdata_emis.collect.answer_checks import check_columns
from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.doubts.merged_cells import check_merged
from bigdata_emis.collect.doubts.named_units import check_named_units
from bigdata_emis.collect.feed_config import Feed


def check_answer(answer: DecodedAnswer, feed: Feed, where: str) -> None:
    """Refuse an answer whose columns are not those of its feed, or do not mean what they seem to.

    Raises:
        FeedError: a wanted column is missing or comes twice, names another unit, or has merged cells.
    """
    check_columns(answer.names, feed, where)
    check_merged(answer, feed, where)
    check_named_units(answer, feed, where)
