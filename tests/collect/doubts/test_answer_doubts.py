"""What is asked of the columns of an answer."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.doubts.answer_doubts import check_answer, check_rows
from bigdata_emis.collect.values import ValueCounts, read_values
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import NAMES, power_feed


def answer(meters: list[str], *, missing: str = "", energy: str = "36") -> DecodedAnswer:
    values = {"meterNo": meters, "startTime": ["2015-12-20"] * len(meters), "kWh": [energy] * len(meters)}
    columns = {name: pa.array(texts) for name, texts in values.items() if name != missing}
    return DecodedAnswer(columns, len(meters), tuple(columns), "utf-8, ','")


def test_an_answer_without_doubt_passes():
    assert set(NAMES) == set(answer(["m"]).names)
    check_answer(answer(["m"] * 4), power_feed(), "here")


@pytest.mark.parametrize(
    ("doubtful", "message"),
    [
        (answer(["m"] * 4, missing="kWh"), "has no column 'kWh'"),
        (answer(["m", "", "", ""]), "merged cells"),
        (answer(["m"] * 4, energy="MWh"), "names the unit MWh"),
    ],
)
def test_a_missing_column_merged_cells_and_another_unit_are_refused(doubtful, message):
    with pytest.raises(FeedError, match=message):
        check_answer(doubtful, power_feed(), "here")


def test_rows_in_another_unit_are_refused(home):
    sent = answer(["m"] * 8, energy="1e15")
    rows = read_values(sent.columns, sent.row_count, power_feed(), "here", ValueCounts())
    with pytest.raises(FeedError, match="8 of 8 values of 'kWh' are above"):
        check_rows(rows, power_feed(), "here", "r")
