"""Ratios of monitors, audits and totals, pooled over the classes of lines."""

from datetime import UTC, datetime

import numpy as np
import pytest

from bigdata_emis.inventory.industry.class_factor import pool_class_factors
from bigdata_emis.inventory.industry.factor_evidence import (
    AUDIT,
    DISTRICT,
    MONITOR,
    ClassMember,
    FactorEvidence,
    UnmonitoredFactor,
    line_evidence,
)

KNOWN = datetime(2024, 1, 8, tzinfo=UTC)
BARE = ("sinter", "-", "-", "-", "-")


def registered(name, *, traits=BARE, pollutant="NOx", stated=0.35, factor=10.0):
    return UnmonitoredFactor(name, f"e{name}", traits, pollutant, "t", factor, stated, 1.0)


def measured(ratios, *, kind=MONITOR, first="m", spread=0.01, **about):
    """Evidence of one line of an enterprise of its own for each ratio."""
    lines = [registered(f"{first}{number}", **about) for number in range(len(ratios))]
    return [line_evidence(kind, one, ratio, spread) for one, ratio in zip(lines, ratios, strict=True)]


def rows_of(evidence, *unmonitored):
    rows = pool_class_factors(evidence, unmonitored, KNOWN)
    return {(row["class_code"], row["pollutant_code"]): row for row in rows}


def test_lines_that_agree_give_nearly_their_ratio_and_its_factor():
    """Forty lines at 1.5 times 10 g/t."""
    row = rows_of(measured([1.5] * 40), registered("a"))["sinter|-|-|-|-", "NOx"]
    assert row["factor_ratio"] == pytest.approx(1.5, rel=0.02)
    assert row["class_factor_g_per_unit"] == pytest.approx(10 * row["factor_ratio"])
    assert (row["is_used"], row["sample_count"], row["audit_count"], row["district_count"]) == (True, 40, 0, 0)
    assert (row["activity_unit_code"], row["industry_code"], row["known_utc"]) == ("t", "sinter", KNOWN)
    assert row["log_error"] < 0.02 < row["log_error_without"] == pytest.approx(np.log(1.5))


def test_few_lines_move_their_class_a_part_of_the_way():
    one, four = (
        rows_of(measured([1.5] * count), registered("a"))["sinter|-|-|-|-", "NOx"]["factor_ratio"] for count in (1, 4)
    )
    assert 1.05 < one < four < 1.5


def test_an_industry_without_evidence_has_no_row():
    other = registered("b", traits=("lime_kiln", "-", "-", "-", "-"))
    assert {code for code, _ in rows_of(measured([1.5] * 4), registered("a"), other)} == {"sinter", "sinter|-|-|-|-"}


def test_ratios_that_err_as_much_as_none_are_not_used():
    """Halves and doubles around the registered factor: from the others, each is expected on the wrong side."""
    row = rows_of(measured([0.5, 2.0, 0.5, 2.0]), registered("a"))["sinter|-|-|-|-", "NOx"]
    assert row["log_error"] > row["log_error_without"] == pytest.approx(np.log(2))
    assert not row["is_used"]


@pytest.mark.parametrize("level", [1, 2, 3, 4], ids=["process", "control", "age", "size"])
def test_each_trait_divides_an_industry_where_its_lines_differ(level):
    """Eight lines at 2 and eight at 1, that differ in one trait; a third kind is between them."""
    traits = [(*BARE[:level], name, *BARE[level + 1 :]) for name in ("high", "low", "third")]
    evidence = measured([2.0] * 8, traits=traits[0], first="h") + measured([1.0] * 8, traits=traits[1], first="l")
    rows = rows_of(evidence, *(registered(name, traits=one) for name, one in zip("abc", traits, strict=True)))
    high, low, third = (rows["|".join(one), "NOx"]["factor_ratio"] for one in traits)
    assert high == pytest.approx(2, rel=0.1)
    assert low == pytest.approx(1, rel=0.1)
    assert low < third < high


def test_audits_inform_a_class_without_monitors_and_their_own_line_most():
    evidence = measured([3.0, 1.4, 1.5, 1.6], kind=AUDIT, spread=0.1)
    rows = rows_of(evidence, registered("m0"), registered("a"))
    line, others = rows["line:m0", "NOx"], rows["sinter|-|-|-|-", "NOx"]
    assert 1.2 < others["factor_ratio"] < line["factor_ratio"] < 3
    assert line["relative_sd_share"] < 0.15 < others["relative_sd_share"]
    assert (others["sample_count"], others["audit_count"]) == (0, 4)


def test_totals_of_districts_inform_a_class():
    """Six totals of ten lines each, twice what is registered: the lines have twice as much on average."""
    members = tuple(ClassMember(BARE, 0.1) for _ in range(10))
    unit = np.log1p(0.5**2) ** 0.5
    totals = [FactorEvidence(DISTRICT, f"{n} sinter", "", members, "NOx", 2.0, 0.1, unit) for n in range(6)]
    row = rows_of(totals, registered("a", stated=0.5))["sinter|-|-|-|-", "NOx"]
    assert row["factor_ratio"] == pytest.approx(2, rel=0.12)
    assert row["factor_ratio_p05"] < 1.5 < 2.5 < row["factor_ratio_p95"]
    assert (row["is_used"], row["district_count"]) == (True, 6)


def test_pollutants_do_not_inform_each_other():
    alone = rows_of(measured([1.0, 1.4, 2.0]), registered("a"))["sinter|-|-|-|-", "NOx"]
    with_other = measured([1.0, 1.4, 2.0]) + measured([3.0] * 10, pollutant="SO2")
    assert rows_of(with_other, registered("a"))["sinter|-|-|-|-", "NOx"] == alone


def test_an_industry_with_rough_factors_has_wider_intervals():
    """The same standard scores; the logarithm of the interval is as wide as the spread that is claimed."""
    scores = np.array([-1.2, -0.3, 0.1, 0.5, 0.9])
    stated = {"sinter": 0.2, "boiler": 0.6}
    units = {name: np.log1p(sd**2) ** 0.5 for name, sd in stated.items()}
    traits = {name: (name, *BARE[1:]) for name in stated}
    evidence = [
        piece
        for name, sd in stated.items()
        for piece in measured(
            np.exp(units[name] * scores - units[name] ** 2 / 2), stated=sd, traits=traits[name], first=name
        )
    ]
    lines = [registered(name, stated=sd, traits=traits[name]) for name, sd in stated.items()]
    rows = rows_of(evidence, *lines)
    width = {
        name: np.log(rows[name, "NOx"]["factor_ratio_p95"] / rows[name, "NOx"]["factor_ratio_p05"]) for name in stated
    }
    assert width["boiler"] / width["sinter"] == pytest.approx(units["boiler"] / units["sinter"], rel=1e-3)


def test_the_sum_over_lines_without_monitor_is_less_biased_and_their_interval_covers():
    """Forty draws of a class with 8 monitored and 200 other lines; half of the variance of ln r (0.12) is common."""
    random = np.random.default_rng(5)
    bias, bias_without, covered = [], [], []
    for _draw in range(40):
        common = random.normal(-0.03, 0.06**0.5)
        ratios = np.exp(common + random.normal(-0.03, 0.06**0.5, 208))
        row = rows_of(measured(ratios[:8].tolist()), registered("a"))["sinter|-|-|-|-", "NOx"]
        unmonitored, ratio = ratios[8:], row["factor_ratio"] if row["is_used"] else 1.0
        bias.append(abs(ratio / unmonitored.mean() - 1))
        bias_without.append(abs(1 / unmonitored.mean() - 1))
        covered.append(((unmonitored > row["factor_ratio_p05"]) & (unmonitored < row["factor_ratio_p95"])).mean())
    assert np.mean(bias) < 0.6 * np.mean(bias_without)
    assert np.mean(covered) == pytest.approx(0.9, abs=0.05)
