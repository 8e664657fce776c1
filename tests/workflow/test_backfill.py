"""Which days a backfill takes; the days themselves are computed in tests/flow/test_late_backfill.py."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import load_region
from bigdata_emis.workflow import backfill as module
from bigdata_emis.workflow.backfill import backfill, list_late_days, renew_late_days

FIRST, LAST = date(2019, 7, 20), date(2019, 7, 22)
KNOWN = datetime(2019, 8, 1, tzinfo=UTC)


def test_a_range_that_ends_before_it_begins_is_refused(home: Path) -> None:
    with pytest.raises(InputError, match="from 2019-07-22 to 2019-07-20: expected up to 3660 days"):
        backfill(load_region("nys"), LAST, FIRST, known_utc=KNOWN, is_late_only=True)


def test_days_that_are_not_published_are_not_late(home: Path) -> None:
    assert list_late_days(load_region("nys"), FIRST, LAST) == {}


def test_a_backfill_goes_on_behind_the_days_that_are_done(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second day is refused at first: the next call tries it alone, and the one after it begins anew."""
    tried: list[str] = []
    is_down = True

    def renew(_: object, __: object, day: date, **___: object) -> dict[str, str]:
        tried.append(f"{day:%d}")
        if is_down and day == date(2019, 7, 21):
            raise RefusedError("no", "run it again")
        return {"day": day.isoformat()}

    monkeypatch.setattr(module, "_renew_day", renew)
    region = load_region("nys")
    first = backfill(region, FIRST, LAST, known_utc=KNOWN, is_late_only=False)
    assert (tried, list(first["failed"]), first["skipped"]) == (["20", "21", "22"], ["2019-07-21"], 0)
    is_down = False
    second = backfill(region, FIRST, LAST, known_utc=KNOWN, is_late_only=False)
    assert (tried[3:], second["failed"], second["skipped"]) == (["21"], {}, 2)
    assert backfill(region, FIRST, LAST, known_utc=KNOWN, is_late_only=False)["skipped"] == 0


def test_days_beyond_the_limit_wait_and_are_taken_by_the_next_call(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_renew_day", lambda _, __, day, **___: {"day": day.isoformat()})
    region = load_region("nys")
    first, second = (backfill(region, FIRST, LAST, known_utc=KNOWN, is_late_only=False, at_most=2) for _ in range(2))
    assert ([row["day"] for row in first["days"]], first["waiting"]) == (["2019-07-20", "2019-07-21"], ["2019-07-22"])
    assert ([row["day"] for row in second["days"]], second["waiting"]) == (["2019-07-22"], [])


def test_a_day_renews_only_late_days_of_the_week_before_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of eight late days the first is too old for the run of a day; two of the other seven are computed."""
    days = [date(2019, 7, number) for number in range(12, 20)]
    monkeypatch.setattr(module, "_renew_day", lambda _, __, day, **___: {"day": day.isoformat()})
    monkeypatch.setattr(
        module, "list_late_days", lambda _, first, last: {day: ["x"] for day in days if first <= day <= last}
    )
    monkeypatch.setattr(module, "list_stale_days", lambda *_: {})
    late = renew_late_days(load_region("nys"), FIRST, known_utc=KNOWN, at_most=2)
    assert [row["day"] for row in late["days"]] == ["2019-07-13", "2019-07-14"]
    assert late["waiting"] == [f"2019-07-{number}" for number in range(15, 20)]


def test_late_days_go_before_days_that_only_look_back_of_which_the_newest_goes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late is the 14th, the 15th to 18th look back: of three days the 14th, 17th and 18th are computed."""
    monkeypatch.setattr(module, "_renew_day", lambda _, __, day, **___: {"day": day.isoformat()})
    monkeypatch.setattr(module, "list_late_days", lambda *_: {date(2019, 7, 14): ["power_reading"]})
    stale = {date(2019, 7, number): {"2019-07-14": ["power_hourly"]} for number in (14, 15, 16, 17, 18)}
    monkeypatch.setattr(module, "list_stale_days", lambda *_: stale)
    found = renew_late_days(load_region("nys"), FIRST, known_utc=KNOWN, at_most=3)
    assert [row["day"] for row in found["days"]] == ["2019-07-14", "2019-07-17", "2019-07-18"]
    assert found["waiting"] == ["2019-07-15", "2019-07-16"]
    assert list(found["late"]) == ["2019-07-14"]
    assert found["days"][1]["restated_days"] == ["2019-07-14"]
