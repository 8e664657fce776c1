"""Audits of parts and wholes of one line: every month adds up, and no hour holds more of a part than of its whole."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.inventory.audit_month import MonthAudit, settled
from bigdata_emis.inventory.audit_parts import bounded_shift, reconciled
from bigdata_emis.inventory.correlation import Correlations
from bigdata_emis.reference.containment import Containment

START = datetime(2019, 1, 1, tzinfo=UTC)
CONTAINMENT = Containment(reference.read("pollutant_part"))
CORRELATIONS = Correlations(reference.read("error_correlation"))
BOUNDS = ("emission_g", "emission_g_p05", "emission_g_p95")
RELATIVE_SD = {"measured": 0.1, "modelled": 0.5}


def hours(pollutant, grams, methods) -> pa.Table:
    """The hours of a pollutant in order of method and time, as a settlement meets them."""
    instants = pa.array([START + timedelta(hours=number) for number in range(len(grams))], pa.timestamp("us", "UTC"))
    bounds = ([bound(float(g), RELATIVE_SD[m]) for g, m in zip(grams, methods, strict=True)] for bound in (emission_g_p05, emission_g_p95))
    kinds = {"pollutant_code": pa.string(), "hour_utc": instants.type, "method_code": pa.string(), **dict.fromkeys(BOUNDS, pa.float64()), "is_made": pa.bool_()}
    frame = pa.table([[pollutant] * len(grams), instants, methods, grams, *bounds, [True] * len(grams)], schema=pa.schema(kinds))
    return frame.sort_by([("method_code", "ascending"), ("hour_utc", "ascending")])


def audited(pollutant, grams, total_g, methods=None) -> MonthAudit:
    rows = hours(pollutant, grams, methods or ["modelled"] * len(grams))
    return settled(rows, {"audited_emission_g": total_g, "relative_sd_share": 0.05}, len(grams), CORRELATIONS)


def together(audits, measured=None):
    nothing = hours("BC", [], [])
    count = next(iter(audits.values())).hours.num_rows
    return reconciled(audits, measured if measured is not None else nothing, CONTAINMENT, first=START, hour_count=count)


def moved_g(audit) -> dict[datetime, float]:
    """The hours as the audit by itself moves them."""
    grams = np.maximum(audit.emission_g + audit.shift * audit.reach_g, 0)
    return dict(zip(audit.hours["hour_utc"].to_pylist(), grams.tolist(), strict=True))


def test_what_the_first_hour_cannot_hold_goes_to_the_second():
    """PM10 is 4 and 16 g as audited; PM2.5 is 5 and 5 g and audited at 12: alone it would be 6 and 6 g, beside PM10 4 and 8 g."""
    found = together({"PM10": audited("PM10", [4.0, 16.0], 20.0), "PM2.5": audited("PM2.5", [5.0, 5.0], 12.0)})
    assert {code: audit.status for code, audit in found.items()} == {"PM10": "settled", "PM2.5": "reconciled"}
    assert list(moved_g(found["PM10"]).values()) == [4, 16]
    assert min(4, moved_g(found["PM2.5"])[START]) + moved_g(found["PM2.5"])[START + timedelta(hours=1)] == pytest.approx(12)
    assert moved_g(found["PM2.5"])[START + timedelta(hours=1)] == pytest.approx(8)


def test_audits_that_cross_in_no_hour_are_left_as_they_are():
    audits = {"PM10": audited("PM10", [8.0, 16.0], 26.0), "PM2.5": audited("PM2.5", [5.0, 5.0], 11.0), "NOx": audited("NOx", [1.0, 1.0], 3.0)}
    assert together(audits) == audits


def test_a_month_that_is_wholly_filled_by_its_part_is_met():
    found = together({"PM10": audited("PM10", [4.0, 16.0], 20.0), "PM2.5": audited("PM2.5", [10.0, 10.0], 20.0)})
    assert min(4.0, moved_g(found["PM2.5"])[START]) + min(16.0, moved_g(found["PM2.5"])[START + timedelta(hours=1)]) == pytest.approx(20, rel=1e-12)


@pytest.mark.parametrize("fine_total_g", [20.1, 40.0])
def test_more_of_a_part_than_of_its_whole_is_irreconcilable_and_other_pollutants_are_not_concerned(fine_total_g):
    audits = {"PM10": audited("PM10", [4.0, 16.0], 20.0), "PM2.5": audited("PM2.5", [5.0, 5.0], fine_total_g), "NOx": audited("NOx", [1.0, 1.0], 3.0)}
    found = together(audits)
    assert {code: audit.status for code, audit in found.items()} == {"PM10": "irreconcilable", "PM2.5": "irreconcilable", "NOx": audits["NOx"].status}
    assert found["PM2.5"].shift == found["PM10"].shift == 0
    assert found["NOx"].shift > 0


def test_a_measured_part_without_an_audit_leaves_the_rest_of_its_whole_to_the_other_hours():
    """PM10 is 6 and 6 g as audited; 9 g of PM2.5 are measured in the first hour: 3 g remain for the second."""
    found = together({"PM10": audited("PM10", [6.0, 6.0], 12.0)}, hours("PM2.5", [9.0], ["measured"]))
    assert (found["PM10"].status, moved_g(found["PM10"])[START + timedelta(hours=1)]) == ("reconciled", pytest.approx(3))


@pytest.mark.parametrize("seed", range(5))
def test_drawn_months_of_a_chain_with_monitors_that_contradict_each_other_all_add_up(seed):
    """Every method is drawn by itself, so that some hours have a measured part above a measured whole with a modelled one between."""
    random = np.random.default_rng(seed)
    audits = {}
    for code, scale_g in (("PM", 100.0), ("PM10", 80.0), ("PM2.5", 70.0), ("BC", 30.0)):
        grams, is_measured = scale_g * random.lognormal(0, 0.4, 200), random.random(200) < 0.3
        methods = np.where(is_measured, "measured", "modelled").tolist()
        audits[code] = audited(code, grams, scale_g * 200 * random.uniform(0.95, 1.1), methods)
    assert {audit.status for audit in together(audits).values()} <= {"reconciled", "contradicts"}


@pytest.mark.parametrize(
    ("total_g", "expected"), [(12.0, [4, 8]), (10.0, [4, 6]), (5.0, [2.5, 2.5]), (16.0, [4, 12]), (20.5, None), (0.0, [0, 0])],
    ids=["the second hour takes the rest", "one gram is cut", "no bound is met", "both full", "more than fits", "nothing"],
)  # fmt: skip
def test_a_month_of_two_hours_is_shifted_within_its_bounds(total_g, expected):
    """Two hours of 5 g that may hold 4 and 12 g at most."""
    emission_g, reach_g, upper_g = np.array([5.0, 5.0]), np.array([1.0, 1.0]), np.array([4.0, 12.0])
    shift = bounded_shift(emission_g, reach_g, lower_g=np.zeros(2), upper_g=upper_g, total_g=total_g)
    found = None if shift is None else np.clip(emission_g + shift * reach_g, 0, upper_g).tolist()
    assert found == (None if expected is None else pytest.approx(expected))
