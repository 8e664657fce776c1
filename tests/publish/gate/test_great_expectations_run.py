"""Checks run by Great Expectations: findings by severity, and a page that needs no network."""

import re
from dataclasses import replace
from datetime import date

import pyarrow as pa

from bigdata_emis.publish.gate.checks import Check, Severity, expect_between, expect_zero
from bigdata_emis.publish.gate.great_expectations_run import docs_page, run_checks

FACTS = pa.table({"what": ["first", "second"], "difference": [0.0, 2.0], "ratio": [1.0, 5.0]})
MUST_BE_ZERO = expect_zero("difference", "nothing may differ")
SHOULD_BE_USUAL = expect_between("ratio", 0.3, 3.0, "values are usual", Severity.WARNING)
CHECK = Check("example", FACTS, ("what",), (MUST_BE_ZERO, SHOULD_BE_USUAL))


def test_a_critical_finding_refuses_and_a_warning_alarms() -> None:
    outcome = run_checks([CHECK])
    assert [str(f) for f in outcome.refusals] == ["example: nothing may differ - second: difference 2"]
    assert [str(f) for f in outcome.alarms] == ["example: values are usual - second: ratio 5"]


def test_facts_as_expected_leave_no_finding() -> None:
    assert run_checks([Check("example", FACTS.slice(0, 1), ("what",), (MUST_BE_ZERO,))]).findings == ()


def test_the_outcome_of_a_day_has_its_own_findings_and_those_of_no_day() -> None:
    first, second = date(2015, 12, 20), date(2015, 12, 21)
    outcome = run_checks([CHECK, replace(CHECK, day=first), replace(CHECK, day=second)])
    of_first = outcome.of_day(first)
    assert [finding.day for finding in of_first.findings] == [None, None, first, first]
    assert (len(of_first.results), of_first.days) == (2, (None, first))
    assert len(outcome.of_day(date(2015, 12, 22)).alarms) == 1


def test_a_check_without_facts_expects_nothing() -> None:
    assert run_checks([Check("example", FACTS.slice(0, 0), ("what",), (MUST_BE_ZERO,))]).results == ()


def test_a_missing_value_is_not_judged() -> None:
    facts = pa.table({"what": ["first"], "difference": pa.array([None], pa.float64())})
    assert run_checks([Check("example", facts, ("what",), (MUST_BE_ZERO,))]).findings == ()


def test_the_page_shows_the_checks_and_loads_nothing_from_outside() -> None:
    page = docs_page(run_checks([CHECK]), "checks of a day")
    assert "checks of a day" in page
    assert "difference" in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_a_page_is_the_same_whatever_was_shown_before() -> None:
    """The identifiers of its elements are drawn anew for every page."""
    outcome, other = run_checks([CHECK]), run_checks([replace(CHECK, name="other", facts=FACTS.slice(0, 1))])
    first, between, again = (docs_page(shown, "checks") for shown in (outcome, other, outcome))
    identifier = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.+Z]+")
    assert identifier.sub("", again) == identifier.sub("", first) != identifier.sub("", between)
