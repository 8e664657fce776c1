"""What is said about projected hours: which, from which days, and the interval of the base."""

from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.projection.projection_document import projected_window, projection_error, projection_record
from bigdata_emis.window import Window, day_window
from tests.control.projection.recent_town import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, projected_lake, town
from tests.control.test_recalculate import ZONE

START = day_window(THURSDAY, ZONE).from_utc
SIX_HOURS = Window(START - timedelta(hours=30), START + timedelta(hours=6))


def test_only_hours_of_the_window_after_the_last_published_day_are_projected(tmp_path: Path) -> None:
    lake = projected_lake(town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0, WEDNESDAY: 1.0}), [WEDNESDAY, THURSDAY])
    assert projected_window(lake, SIX_HOURS) == Window(START, START + timedelta(hours=6))
    record = projection_record(lake, SIX_HOURS)
    assert (record["hours"], record["days"], record["left_out_days"]) == (6, [str(THURSDAY)], [])


def test_the_error_is_that_of_the_asked_hours(tmp_path: Path) -> None:
    lake = projected_lake(town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0, WEDNESDAY: 1.5}), [WEDNESDAY, THURSDAY])
    error = projection_error(lake, SIX_HOURS)
    assert error.lower_g["NOx"] == pytest.approx(0.0)
    assert error.upper_g["NOx"] == pytest.approx(6 * 0.5 * 320.2)


def test_one_recent_day_gives_no_error(tmp_path: Path) -> None:
    lake = projected_lake(town(tmp_path, {WEDNESDAY: 1.0}), [THURSDAY])
    error = projection_error(lake, SIX_HOURS)
    assert (error.lower_g, error.upper_g) == ({}, {})
