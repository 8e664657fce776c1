"""Size fractions within their total, estimates within their interval."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.pollutant_checks import fraction_check
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.arrow import arrow_schema

HOUR = datetime(2015, 12, 20, tzinfo=UTC)
CHAIN = {"PM2.5": 9.0, "PM10": 5.0, "PM": 5.0}
PARTS = Containment(reference.read("pollutant_part"))


def row(pollutant: str, emission_g: float, *, method: str = "modelled", **changed: object) -> dict[str, object]:
    usual = {
        "source_id": "line1",
        "sector_code": "industrial_process",
        "pollutant_code": pollutant,
        "hour_utc": HOUR,
        "emission_g": emission_g,
        "emission_g_p05": 0.0,
        "emission_g_p95": 900.0,
        "method_code": method,
    }
    return usual | changed


def messages(*rows: dict[str, object]) -> list[str]:
    emission = pa.Table.from_pylist(list(rows), arrow_schema(schema.table("emission_hourly")))
    return [str(finding) for finding in run_checks([fraction_check(emission, PARTS)]).refusals]


def test_a_fraction_within_its_total_passes() -> None:
    assert messages(row("PM10", 4.0), row("PM2.5", 4.0)) == []


def test_a_fraction_above_its_total_is_named_with_source_and_hour() -> None:
    (message,) = messages(row("PM10", 4.0), row("PM2.5", 5.0))
    assert "more PM2.5 than PM10 of line1 at 2015-12-20T00:00Z: beyond_share 0.2" in message


def test_an_estimate_outside_of_its_interval_is_named() -> None:
    (message,) = messages(row("SO2", 10.0, emission_g_p95=8.0))
    assert "SO2 outside of its interval of line1 at 2015-12-20T00:00Z: beyond_share 0.2" in message


def test_two_monitors_that_contradict_each_other_are_excused() -> None:
    assert messages(row("PM10", 4.0, method="measured"), row("PM2.5", 5.0, method="measured")) == []


def test_two_monitors_that_only_an_audit_set_against_each_other_are_not_excused() -> None:
    rows = (
        row("PM10", 4.0, method="measured", emission_before_audit_g=6.0),
        row("PM2.5", 5.0, method="measured", emission_before_audit_g=5.0),
    )
    assert len(messages(*rows)) == 1


def examples(*rows: dict[str, object]) -> list[str]:
    """The rows that a refusal names."""
    emission = pa.Table.from_pylist(list(rows), arrow_schema(schema.table("emission_hourly")))
    return [text for finding in run_checks([fraction_check(emission, PARTS)]).findings for text in finding.examples]


def test_a_fraction_is_compared_with_every_total_of_its_own_source() -> None:
    """Black carbon above PM10 of one source, nothing between; PM2.5 of another source changes nothing."""
    rows = (row("BC", 9.0), row("PM10", 5.0), row("PM2.5", 9.0, source_id="line2"))
    assert len(examples(*rows)) == 1


@pytest.mark.parametrize(
    ("methods", "count"),
    [
        (("measured", "modelled", "measured"), 0),
        (("measured", "modelled", "modelled"), 2),
        (("modelled", "modelled", "measured"), 2),
    ],
    ids=["two contradicting monitors", "monitor of the fraction", "monitor of the total"],
)
def test_only_two_monitors_excuse_a_modelled_pollutant_between_them(methods: tuple[str, ...], count: int) -> None:
    """9 g of PM2.5, 5 g of PM10 and 5 g of PM."""
    rows = (row(*pair, method=method) for pair, method in zip(CHAIN.items(), methods, strict=True))
    assert len(examples(*rows)) == count


@pytest.mark.parametrize(
    ("before", "count"),
    [((None, None, None), 0), ((None, None, 10.0), 2), ((4.0, None, None), 2), ((7.0, None, 6.0), 0)],
    ids=["no audit", "an audit lowered the total", "an audit raised the fraction", "contradiction before both audits"],
)
def test_the_hours_before_an_audit_decide_whether_monitors_contradicted_each_other(
    before: tuple[float | None, ...], count: int
) -> None:
    """9 g of PM2.5 and 5 g of PM are measured, 5 g of PM10 are modelled."""
    methods = ("measured", "modelled", "measured")
    rows = (
        row(*pair, method=method, emission_before_audit_g=grams)
        for pair, method, grams in zip(CHAIN.items(), methods, before, strict=True)
    )
    assert len(examples(*rows)) == count


def test_a_fraction_above_one_measured_total_is_still_compared_with_another() -> None:
    """9 g of PM2.5 contradict PM10 (5 g) from the start, but PM only since an audit lowered it from 10 to 8 g."""
    rows = (
        row("PM2.5", 9.0, method="measured"),
        row("PM10", 5.0, method="measured"),
        row("PM", 8.0, method="measured", emission_before_audit_g=10.0),
    )
    (example,) = examples(*rows)
    assert "more PM2.5 than PM of line1" in example
