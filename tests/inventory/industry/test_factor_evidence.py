"""Evidence on factors: audited months with activity, totals of districts less what monitors measured."""

import numpy as np
import pytest

from bigdata_emis.inventory.industry.factor_evidence import (
    UnmonitoredFactor,
    audited_evidence,
    district_evidence,
    gather_evidence,
)

LN_STATED = np.log1p(0.5**2) ** 0.5


def registered(line_id, *, factor=10.0, capacity=1.0, enterprise=None, stated=0.5, unit="t"):
    traits = ("foundry", "-", "-", "-", "-")
    return UnmonitoredFactor(line_id, enterprise or f"e{line_id}", traits, "PM10", unit, factor, stated, capacity)


def month(line_id="a", *, emission_g=3000.0, activity=100.0, spread=0.1, pollutant="PM10"):
    return {
        "production_line_id": line_id,
        "pollutant_code": pollutant,
        "audited_emission_g": emission_g,
        "audited_activity": activity,
        "relative_sd_share": spread,
    }


def total(*, emission_t=0.09, activity=3000.0, year=2019, district="D", unit="t"):
    return {
        "district_id": district,
        "industry_code": "foundry",
        "pollutant_code": "PM10",
        "reference_year": year,
        "annual_emission_t": emission_t,
        "annual_activity": activity,
        "activity_unit_code": unit,
        "relative_sd_share": 0.2,
    }


PLACES = [
    {"enterprise_id": "ea", "district_id": "D", "county_id": "1", "city_name": "X"},
    {"enterprise_id": "eb", "district_id": None, "county_id": "D", "city_name": "X"},
    {"enterprise_id": "ec", "district_id": "E", "county_id": "2", "city_name": "X"},
]


def test_an_audited_month_is_its_emission_over_activity_times_the_registered_factor():
    """3000 g at 100 t where 10 g/t are registered: a ratio of 3."""
    (piece,) = audited_evidence([month()], [registered("a")])
    assert (piece.ratio, piece.relative_sd_share, piece.block, piece.own_share) == (3.0, 0.1, "ea", 1.0)


def test_months_of_a_line_add_up_and_do_not_make_it_surer():
    """3000 g and 1000 g at 100 t each: 4000 g at 200 t is 20 g/t; their errors are 0.1 and 0.3, by mass 0.15."""
    (piece,) = audited_evidence([month(), month(emission_g=1000.0, spread=0.3)], [registered("a")])
    assert piece.ratio == 2.0
    assert piece.relative_sd_share == pytest.approx(0.15)


@pytest.mark.parametrize("silent", [month(activity=None), month("other"), month(pollutant="CO")])
def test_a_month_without_activity_or_registered_factor_says_nothing(silent):
    assert audited_evidence([silent], [registered("a")]) == []


def test_a_total_is_compared_with_the_factors_of_its_lines_by_capacity():
    """30 g/t in the district. Lines a (capacity 1, 10 g/t) and b (3, 20 g/t) would give 17.5; line c lies elsewhere."""
    lines = [registered("a"), registered("b", factor=20.0, capacity=3.0), registered("c", factor=900.0)]
    (piece,) = district_evidence([total()], PLACES, lines, {}, 2020)
    assert piece.ratio == pytest.approx(30 / 17.5)
    assert [member.emission_share for member in piece.members] == [pytest.approx(1 / 7), pytest.approx(6 / 7)]
    assert piece.own_share == pytest.approx(37 / 49)


def test_what_monitors_measured_is_taken_out_of_a_total():
    """Equal lines; the total has a ratio of 3 and the monitored one 1, so the other has 5, and the error grows."""
    (piece,) = district_evidence([total()], PLACES, [registered("a"), registered("b")], {("a", "PM10"): 1.0}, 2020)
    assert piece.ratio == pytest.approx(5)
    assert piece.relative_sd_share == pytest.approx(0.2 * 3 / 2.5)
    assert len(piece.members) == 1


@pytest.mark.parametrize(
    ("row", "monitored"),
    [
        (total(district="nowhere"), {}),
        (total(unit="kwh"), {}),
        (total(year=2021), {}),
        (total(), {("a", "PM10"): 1.0, ("b", "PM10"): 1.0}),
        (total(), {("a", "PM10"): 9.0}),
    ],
    ids=["no line", "other unit", "later year", "all monitored", "monitors exceed it"],
)
def test_a_total_that_cannot_be_compared_says_nothing(row, monitored):
    assert district_evidence([row], PLACES, [registered("a"), registered("b")], monitored, 2020) == []


def test_the_latest_year_of_a_total_counts():
    rows = [total(year=2019), total(year=2018, emission_t=9.0)]
    (piece,) = district_evidence(rows, PLACES, [registered("a"), registered("b")], {}, 2020)
    assert piece.ratio == pytest.approx(3)


def test_a_right_factor_scores_zero_in_the_middle_of_what_it_claims():
    """A claim has mean 1, so its median is exp(−s² / 2); a mean of two lines is above theirs by a quarter of s² T."""
    own = audited_evidence([month(emission_g=1000 * np.exp(-(LN_STATED**2) / 2))], [registered("a")])[0]
    assert own.score(0.3) == pytest.approx(0)
    lines = [registered("a"), registered("b")]
    mean = district_evidence([total(emission_t=0.03)], PLACES, lines, {}, 2020)[0]
    assert mean.score(1.0) == pytest.approx(LN_STATED / 2 - LN_STATED / 4)


def test_an_audit_of_a_monitored_line_gives_way_to_its_monitor():
    derived = {
        "source_id": "a",
        "pollutant_code": "PM10",
        "emission_factor_g_per_unit": 15.0,
        "relative_sd_share": 0.4,
        "sample_count": 96,
    }
    (piece,) = gather_evidence([derived], [month()], [], PLACES, [registered("a")], year=2020)
    assert (piece.kind, piece.ratio, piece.relative_sd_share) == ("monitor", 1.5, pytest.approx(0.2))
