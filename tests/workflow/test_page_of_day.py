"""A day that was published gets its page; a failure of the page is no failure of the day."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import AnalysisError
from bigdata_emis.region import load_region
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.workflow.day import DayResult
from bigdata_emis.workflow.page_of_day import add_page, renew_page

DAY, KNOWN = date(2019, 7, 15), datetime(2019, 7, 16, 4, tzinfo=UTC)


def result_of(*stages: str) -> DayResult:
    return DayResult("run", [Receipt(stage, 0, 0, {}, 0.0) for stage in stages])


def test_a_run_that_published_nothing_writes_no_page(home: Path) -> None:
    result = result_of("combine")
    assert add_page(result, load_region("nys"), DAY, known_utc=KNOWN) is None
    assert result.failures == []


@pytest.mark.parametrize("problem", [OSError("disk full"), AnalysisError("no rows", "run the day")])
def test_a_page_that_cannot_be_written_is_a_failure_that_goes_no_further(
    home: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr("bigdata_emis.workflow.page_of_day.write_day_page", fail)
    result = result_of("publish")
    assert add_page(result, load_region("nys"), DAY, known_utc=KNOWN) is None
    (failure,) = result.failures
    assert isinstance(failure, AnalysisError)
    assert "the page of 2019-07-15 was not written, the day is published" in failure.what
    assert failure.remedy.endswith("emis report --region nys --date 2019-07-15")


def test_only_a_day_that_has_a_page_gets_a_new_one_when_it_is_published_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[date] = []

    def fail(_: object, day: date, **__: object) -> None:
        written.append(day)
        raise OSError("disk full")

    monkeypatch.setattr("bigdata_emis.workflow.page_of_day.write_day_page", fail)
    region = load_region("nys")
    store = open_lake(region)
    assert renew_page(region, store, DAY, known_utc=KNOWN) is None
    store.write_document(f"report/{DAY}.html", b"old", tree="published")
    failure = renew_page(region, store, DAY, known_utc=KNOWN)
    assert written == [DAY]
    assert "the page of 2019-07-15 was not written, the day is published" in str(failure)
