"""Audits of size fractions and totals of one line: every month closes, and no fraction exceeds its total."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.inventory.audits.benchmark_hierarchy import reconcile_audits, solve_bounded_shift
from bigdata_emis.inventory.audits.monthly_benchmark import MonthlyBenchmark, benchmark_month
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.reference.pollutant_hierarchy import Containment

START = datetime(2019, 1, 1, tzinfo=UTC)
CONTAINMENT = Containment(reference.read("pollutant_part"))
CORRELATIONS = ErrorCorrelations(reference.read("error_correlation"))
BOUNDS = ("emission_g", "emission_g_p05", "emission_g_p95")
RELATIVE_SD = {"measured": 0.1, "modelled": 0.5}


def hours(pollutant, grams, methods) -> pa.Table:
    """The hours of a pollutant in order of method and time."""
    instants = pa.array([START + timedelta(hours=number) for number in range(len(grams))], pa.timestamp("us", "UTC"))
    bounds = (
        [bound(float(g), RELATIVE_SD[m]) for g, m in zip(grams, methods, strict=True)]
        for bound in (emission_g_p05, emission_g_p95)
    )
    kinds = {
        "pollutant_code": pa.string(),
        "hour_utc": instants.type,
        "method_code": pa.string(),
        **dict.fromkeys(BOUNDS, pa.float64()),
        "is_made": pa.bool_(),
    }
    frame = pa.table(
        [[pollutant] * len(grams), instants, methods, grams, *bounds, [True] * len(grams)], schema=pa.schema(kinds)
    )
    return frame.sort_by([("method_code", "ascending"), ("hour_utc", "ascending")])


def audited(pollutant, grams, total_g, methods=None) -> MonthlyBenchmark:
    rows = hours(pollutant, grams, methods or ["modelled"] * len(grams))
    return benchmark_month(rows, {"audited_emission_g": total_g, "relative_sd_share": 0.05}, len(grams), CORRELATIONS)


def reconcile(audits, measured=None):
    no_hours = hours("BC", [], [])
    count = next(iter(audits.values())).hours.num_rows
    return reconcile_audits(
        audits, measured if measured is not None else no_hours, CONTAINMENT, first=START, hour_count=count
    )


def moved_g(audit) -> dict[datetime, float]:
    """The hours with the audit applied on its own."""
    grams = np.maximum(audit.emission_g + audit.shift * audit.reach_g, 0)
    return dict(zip(audit.hours["hour_utc"].to_pylist(), grams.tolist(), strict=True))


def test_mass_above_the_total_of_one_hour_goes_to_the_other():
    """PM10 is 4 and 16 g as audited; PM2.5 is 5 and 5 g, audited at 12: 6 and 6 g alone, 4 and 8 g within PM10."""
    result = reconcile({"PM10": audited("PM10", [4.0, 16.0], 20.0), "PM2.5": audited("PM2.5", [5.0, 5.0], 12.0)})
    assert {code: audit.status for code, audit in result.items()} == {"PM10": "agrees", "PM2.5": "reconciled"}
    assert list(moved_g(result["PM10"]).values()) == [4, 16]
    assert min(4, moved_g(result["PM2.5"])[START]) + moved_g(result["PM2.5"])[
        START + timedelta(hours=1)
    ] == pytest.approx(12)
    assert moved_g(result["PM2.5"])[START + timedelta(hours=1)] == pytest.approx(8)


def test_audits_without_a_conflict_are_unchanged():
    audits = {
        "PM10": audited("PM10", [8.0, 16.0], 26.0),
        "PM2.5": audited("PM2.5", [5.0, 5.0], 11.0),
        "NOx": audited("NOx", [1.0, 1.0], 3.0),
    }
    assert reconcile(audits) == audits


def test_a_total_that_is_all_fraction_closes():
    result = reconcile({"PM10": audited("PM10", [4.0, 16.0], 20.0), "PM2.5": audited("PM2.5", [10.0, 10.0], 20.0)})
    assert min(4.0, moved_g(result["PM2.5"])[START]) + min(
        16.0, moved_g(result["PM2.5"])[START + timedelta(hours=1)]
    ) == pytest.approx(20, rel=1e-12)


@pytest.mark.parametrize("fine_total_g", [20.1, 40.0])
def test_more_of_a_fraction_than_of_its_total_is_irreconcilable_and_other_pollutants_are_unaffected(fine_total_g):
    audits = {
        "PM10": audited("PM10", [4.0, 16.0], 20.0),
        "PM2.5": audited("PM2.5", [5.0, 5.0], fine_total_g),
        "NOx": audited("NOx", [1.0, 1.0], 3.0),
    }
    result = reconcile(audits)
    assert {code: audit.status for code, audit in result.items()} == {
        "PM10": "irreconcilable",
        "PM2.5": "irreconcilable",
        "NOx": audits["NOx"].status,
    }
    assert result["PM2.5"].shift == result["PM10"].shift == 0
    assert result["NOx"].shift > 0


def test_a_measured_fraction_leaves_the_rest_of_its_total_to_the_other_hours():
    """PM10 is 6 and 6 g as audited; 9 g of PM2.5 are measured in the first hour: 3 g remain for the second."""
    result = reconcile({"PM10": audited("PM10", [6.0, 6.0], 12.0)}, hours("PM2.5", [9.0], ["measured"]))
    assert (result["PM10"].status, moved_g(result["PM10"])[START + timedelta(hours=1)]) == (
        "reconciled",
        pytest.approx(3),
    )


@pytest.mark.parametrize("seed", range(5))
def test_random_months_with_contradicting_monitors_all_close(seed):
    """Methods are random, so that some hours have a measured fraction above a measured total."""
    random = np.random.default_rng(seed)
    audits = {}
    for code, scale_g in (("PM", 100.0), ("PM10", 80.0), ("PM2.5", 70.0), ("BC", 30.0)):
        grams, is_measured = scale_g * random.lognormal(0, 0.4, 200), random.random(200) < 0.3
        methods = np.where(is_measured, "measured", "modelled").tolist()
        audits[code] = audited(code, grams, scale_g * 200 * random.uniform(0.95, 1.1), methods)
    assert {audit.status for audit in reconcile(audits).values()} <= {"reconciled", "contradicts"}


@pytest.mark.parametrize(
    ("total_g", "expected"),
    [(12.0, [4, 8]), (10.0, [4, 6]), (5.0, [2.5, 2.5]), (16.0, [4, 12]), (20.5, None), (0.0, [0, 0])],
    ids=[
        "the second hour takes the rest",
        "one gram is capped",
        "no limit is reached",
        "both full",
        "more than the limits allow",
        "nothing",
    ],
)
def test_a_month_of_two_hours_is_shifted_within_its_limits(total_g, expected):
    """Two hours of 5 g with upper limits of 4 and 12 g."""
    emission_g, reach_g, upper_g = np.array([5.0, 5.0]), np.array([1.0, 1.0]), np.array([4.0, 12.0])
    shift = solve_bounded_shift(emission_g, reach_g, lower_g=np.zeros(2), upper_g=upper_g, total_g=total_g)
    result = None if shift is None else np.clip(emission_g + shift * reach_g, 0, upper_g).tolist()
    assert result == (None if expected is None else pytest.approx(expected))


def test_a_measured_total_is_lowered_as_far_as_the_monitor_of_its_fraction_allows():
    """PM is measured at 10 g, PM10 at 9.9 g, from 8.4 to 11.6 g: PM may be audited at 9.5 g, or 8.5, but not at 8.3."""
    for audited_g, status in ((9.5, "agrees"), (8.5, "agrees"), (8.3, "irreconcilable")):
        result = reconcile(
            {"PM": audited("PM", [10.0] * 2, 2 * audited_g, ["measured"] * 2)},
            hours("PM10", [9.9] * 2, ["measured"] * 2),
        )
        assert result["PM"].status == status
        assert list(moved_g(result["PM"]).values()) == pytest.approx(
            [10.0 if status == "irreconcilable" else audited_g] * 2
        )


def test_a_measured_fraction_is_raised_as_far_as_the_monitor_of_its_total_allows():
    """PM10 is measured at 9.9 g, PM at 10 g, from 8.5 to 11.7 g: PM10 may be audited at 11.6 g, but not at 11.8."""
    for audited_g, is_met in ((10.9, True), (11.6, True), (11.8, False)):
        result = reconcile(
            {"PM10": audited("PM10", [9.9] * 2, 2 * audited_g, ["measured"] * 2)},
            hours("PM", [10.0] * 2, ["measured"] * 2),
        )
        assert (result["PM10"].status != "irreconcilable") is is_met
        assert list(moved_g(result["PM10"]).values()) == pytest.approx([audited_g if is_met else 9.9] * 2)


def test_more_of_a_measured_fraction_than_of_its_measured_total_is_irreconcilable():
    """Of 10 g of PM and 9.9 g of PM10 an hour, audits leave 5 g and 9 g."""
    audits = {
        "PM": audited("PM", [10.0] * 2, 10.0, ["measured"] * 2),
        "PM10": audited("PM10", [9.9] * 2, 18.0, ["measured"] * 2),
    }
    assert {code: audit.status for code, audit in reconcile(audits).items()} == {
        "PM": "irreconcilable",
        "PM10": "irreconcilable",
    }


def test_other_hours_compensate_for_the_limit_of_a_measured_hour():
    """PM is 10 g in both hours, PM10 is measured in the first, from 8.5 g: an audit of 12 g leaves 3.5 g."""
    result = reconcile({"PM": audited("PM", [10.0] * 2, 12.0, ["measured"] * 2)}, hours("PM10", [10.0], ["measured"]))
    lower_g = float(emission_g_p05(10.0, 0.1))
    assert result["PM"].status in ("reconciled", "contradicts")
    assert max(lower_g, moved_g(result["PM"])[START]) + moved_g(result["PM"])[
        START + timedelta(hours=1)
    ] == pytest.approx(12)


def test_monitors_that_contradicted_each_other_before_do_not_limit_each_other():
    """PM10 is measured at 12 g, PM at 10 g: an audit of PM at 9.5 g moves PM alone."""
    result = reconcile(
        {"PM": audited("PM", [10.0] * 2, 19.0, ["measured"] * 2)}, hours("PM10", [12.0] * 2, ["measured"] * 2)
    )
    assert (result["PM"].status, list(moved_g(result["PM"]).values())) == ("agrees", pytest.approx([9.5] * 2))


def test_an_audit_whose_square_overflows_contradicts_without_an_error():
    assert audited("SO2", [7.0] * 2, 1e200).status == "contradicts"
