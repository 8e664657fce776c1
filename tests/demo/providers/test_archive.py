"""The archive finds the rows of a window that have arrived, and divides them into pages."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.demo.plan import HTTP_FROM, day_start_us
from bigdata_emis.demo.providers.archive import Archive
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.window import HOUR_US

START = day_start_us(HTTP_FROM)
DAY = (START, START + 24 * HOUR_US)
NEXT_DAY = (START + 24 * HOUR_US, START + 48 * HOUR_US)


def record(name: str) -> str:
    return f'{{"meterNo":"{name}"}}'


@pytest.fixture
def archive(tmp_path) -> Archive:
    """Three rows of the first day, the last of which arrives on the next day, and one row of the next day."""
    files = FeedFiles(tmp_path, tmp_path / "archive", "csv.gz")
    for day, hours, arrivals, names in (
        (HTTP_FROM, [0, 1, 2], [1, 2, 30], ["M1", "M2", "M3"]),
        (date(2015, 12, 21), [24], [25], ["M4"]),
    ):
        event, arrival = (START + np.array(numbers) * HOUR_US for numbers in (hours, arrivals))
        files.write("power", day, records=pa.table({"meterNo": names}), event_us=event, arrival_us=arrival)
    (tmp_path / "archive" / "README.md").write_text("simulated")
    return Archive(tmp_path / "archive")


def test_a_folder_is_a_feed_and_a_file_is_not(archive):
    assert archive.list_feeds() == ["power"]


def test_a_row_is_visible_once_a_later_window_was_requested(archive):
    assert archive.read_page("power", DAY, page=1, page_size=10) == ([record("M1"), record("M2")], 1)
    archive.read_page("power", NEXT_DAY, page=1, page_size=10)
    assert archive.read_page("power", DAY, page=1, page_size=10)[0][-1] == record("M3")


def test_pages_continue_from_one_day_into_the_next(archive):
    window = (DAY[0], NEXT_DAY[1])
    pages = [archive.read_page("power", window, page=number, page_size=3) for number in (1, 2)]
    assert [count for _, count in pages] == [2, 2]
    assert [texts for texts, _ in pages] == [[record("M1"), record("M2"), record("M3")], [record("M4")]]


def test_a_window_without_rows_is_one_empty_page(archive):
    window = (DAY[0] + 5 * HOUR_US, DAY[0] + 6 * HOUR_US)
    assert archive.read_page("power", window, page=1, page_size=3) == ([], 1)
