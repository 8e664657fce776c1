"""What a restatement refuses, and how its result reads; whole months are restated in tests/flow."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.workflow.restatement import restate, restated_lines

KNOWN = datetime(2015, 12, 21, tzinfo=UTC)
AUDIT = {
    "source": "l1",
    "pollutant": "SO2",
    "made_kg": 1344.0,
    "audited_kg": 1680.0,
    "status": "agrees",
    "reason": "hours moved to the audited total",
}


def region() -> Region:
    return Region("a", Path(), "A", "甲", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})


def document(**parts: object) -> dict[str, object]:
    days: dict[str, object] = {name: [] for name in ("days", "unchanged", "recovered", "overtaken", "dated_ahead")}
    return {
        "month": "2015-11",
        **days,
        "pages_failed": [],
        "alarms": {},
        "has_audit": "audits" in parts,
        "audits": [],
        **parts,
    }


@pytest.mark.parametrize("month", ["2015-13", "november", "9999-12"])
def test_a_text_that_is_no_month_is_refused(home: Path, month: str) -> None:
    with pytest.raises(InputError, match=f"'{month}' is not a month; write it as 2015-11"):
        restate(region(), month, known_utc=KNOWN)


def test_a_month_without_any_day_is_refused_with_the_command_that_computes_one(home: Path) -> None:
    with pytest.raises(InputError, match="no day of 2015-11 has been computed; emis day --region a --date 2015-11-01"):
        restate(region(), "2015-11", known_utc=KNOWN)


def test_a_month_without_audits_says_that_nothing_was_written() -> None:
    (line,) = restated_lines(document())
    assert line.startswith("no audited total of 2015-11 is in registry/audited_emission_monthly")


def test_each_audit_is_a_line_and_the_days_are_counted() -> None:
    audit, count = restated_lines(document(audits=[AUDIT], days=["2015-11-01", "2015-11-02"]))
    assert "1,344.0 kg computed" in audit
    assert "1,680.0 kg audited  agrees: hours moved" in audit
    assert count == "2 days restated"


def test_an_audit_that_moves_no_hour_is_said_in_words() -> None:
    assert restated_lines(document(audits=[AUDIT]))[-1] == "no audit moves an hour: no day is computed again"


def test_a_month_that_has_the_result_already_says_that_its_audits_are_met() -> None:
    audit, last = restated_lines(document(audits=[AUDIT], unchanged=["2015-11-01", "2015-11-02"]))
    assert "1,680.0 kg audited" in audit
    assert last == "every audit is met already: 2 days stay as they are, nothing was written"
    mixed = restated_lines(document(audits=[AUDIT], days=["2015-11-01"], unchanged=["2015-11-02"]))
    assert mixed[-1] == "1 days restated, 1 days had this result already"


def test_an_audit_that_is_there_is_never_called_missing() -> None:
    for parts in ({"has_audit": True}, {"recovered": ["2015-11-01"]}, {"unchanged": ["2015-11-01"]}):
        assert not any("no audited total" in line for line in restated_lines(document(**parts)))


def test_days_dated_ahead_and_alarms_of_the_gate_are_lines() -> None:
    ahead, alarm, last = restated_lines(
        document(
            audits=[],
            days=["2015-11-01"],
            dated_ahead=["2015-11-01"],
            alarms={"2015-11-01": ["totals: 4 times the usual"]},
        )
    )
    assert ahead.startswith("1 days have a version known later than now, written when a clock was ahead")
    assert alarm == "2015-11-01 alarm: totals: 4 times the usual"
    assert last == "1 days restated"


def test_recovered_and_outdated_days_are_shown_as_spans() -> None:
    lines = restated_lines(
        document(recovered=["2015-11-01", "2015-11-02", "2015-11-04"], overtaken=["2015-11-09"], days=["2015-11-03"])
    )
    assert "3 days that an interrupted run had checked" in lines[0]
    assert lines[0].endswith("2015-11-01 to 2015-11-02, 2015-11-04")
    assert lines[1].startswith("1 days were computed again meanwhile")
    assert lines[1].endswith(": 2015-11-09")
    assert lines[2] == "1 days restated"
