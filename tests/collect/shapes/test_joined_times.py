"""Times whose parts lie in several columns."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.shapes.joined_times import join_times
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError


def join(*columns: list) -> list:
    return join_times([pa.array(column, pa.string()) for column in columns]).to_pylist()


@pytest.mark.parametrize(
    ("clocks", "joined"),
    [
        (["0", "23"], ["00:00", "23:00"]),
        (["1", "24"], ["01:00", "24:00"]),
        (["5.0", "6.0"], ["05:00", "06:00"]),
        (["0", "2330"], ["00:00", "23:30"]),
        (["1", "96"], ["00:00", "23:45"]),
        (["08:00", "24:00"], ["08:00", "24:00"]),
        (["8时", "9时"], ["8:00", "9:00"]),
    ],
)
def test_a_date_and_a_clock_time_are_joined(clocks, joined):
    assert join(["20151220", "20151220"], clocks) == [f"2015-12-20 {clock}" for clock in joined]


def test_year_month_day_and_hour_are_joined_and_a_missing_part_leaves_no_time():
    assert join(["2015", "2015"], ["12", "12"], ["20", None], ["8", "8"]) == ["2015-12-20 08:00", None]
    assert join(["2015"], ["3"], ["1"]) == ["2015-03-01 00:00"]


def test_hour_and_minute_apart_are_joined():
    assert join(["2015/12/20"], ["8"], ["5"]) == ["2015-12-20 08:05"]


@pytest.mark.parametrize("clock", ["2561", "1275"])
def test_a_number_that_is_no_clock_time_is_refused(clock):
    with pytest.raises(UnreadTimesError, match="is no clock time"):
        join(["20151220"], [clock])


def test_a_date_in_another_spelling_than_the_others_is_refused():
    with pytest.raises(UnreadTimesError, match="cannot be read as a time"):
        join(["20151220", "2015-12-21"], ["1", "1"])
