"""Ratios of monitored factors, pooled by industry and pollutant."""

from datetime import UTC, datetime

import numpy as np
import pytest

from bigdata_emis.inventory.industry.class_factor import MonitoredFactor, pool_class_factors

KNOWN = datetime(2024, 1, 8, tzinfo=UTC)


def pooled(ratios, *, industry="sinter", pollutant="NOx", enterprises=None, stated=0.35):
    names = enterprises or [f"e{number}" for number in range(len(ratios))]
    return [
        MonitoredFactor(name, industry, pollutant, ratio, 0.01, stated)
        for name, ratio in zip(names, ratios, strict=True)
    ]


def rows_of(*groups):
    rows = pool_class_factors([factor for group in groups for factor in group], KNOWN)
    return {(row["industry_code"], row["pollutant_code"]): row for row in rows}


def test_lines_that_agree_give_the_ratio_of_their_class():
    row = rows_of(pooled([1.5, 1.5, 1.5, 1.5]))["sinter", "NOx"]
    assert row["factor_ratio"] == pytest.approx(1.5, rel=1e-3)
    assert (row["log_error"], row["log_error_without"]) == (pytest.approx(0, abs=1e-6), pytest.approx(np.log(1.5)))
    assert (row["is_used"], row["sample_count"], row["known_utc"]) == (True, 4, KNOWN)


def test_lines_of_two_enterprises_say_nothing_of_others():
    assert rows_of(pooled([1.5] * 6, enterprises=["e1"] * 3 + ["e2"] * 3)) == {}


def test_a_ratio_that_errs_as_much_as_none_is_not_used():
    """Halves and doubles around the registered factor: from the others, each is expected on the wrong side."""
    row = rows_of(pooled([0.5, 2.0, 0.5, 2.0]))["sinter", "NOx"]
    assert row["log_error"] > row["log_error_without"] == pytest.approx(np.log(2))
    assert not row["is_used"]


def test_the_expected_ratio_is_above_the_typical_one_where_lines_differ():
    row = rows_of(pooled([1.0, 2.0, 4.0, 1.0, 2.0, 4.0, 2.0]))["sinter", "NOx"]
    middle = (row["factor_ratio_p05"] * row["factor_ratio_p95"]) ** 0.5
    assert middle == pytest.approx(2.0, rel=0.05)
    assert row["factor_ratio"] > 1.1 * middle
    assert row["factor_ratio_p05"] < 1.0 < 4.0 < row["factor_ratio_p95"]


def test_an_industry_with_rough_factors_has_wider_intervals_than_one_with_sure_ones():
    """The same standard scores: logarithms of the boilers are 2.8 times those of the others."""
    scores = np.array([-1.2, -0.3, 0.1, 0.5, 0.9])
    stated = {"sinter": 0.2, "boiler": 0.6}
    units = {name: np.log1p(sd**2) ** 0.5 for name, sd in stated.items()}
    groups = [pooled(np.exp(units[name] * scores).tolist(), industry=name, stated=sd) for name, sd in stated.items()]
    rows = rows_of(*groups)
    log_width = {
        name: np.log(rows[name, "NOx"]["factor_ratio_p95"] / rows[name, "NOx"]["factor_ratio_p05"]) for name in units
    }
    assert log_width["boiler"] / log_width["sinter"] == pytest.approx(units["boiler"] / units["sinter"], rel=1e-3)


def test_pollutants_do_not_inform_each_other_and_industries_of_a_pollutant_do():
    """Three sinter strands scatter; that ten kilns agree on 1.5 moves them, and what they say of SO2 does not."""
    scattered, kilns = pooled([1.0, 1.4, 2.0]), pooled([1.5] * 10, industry="kiln")
    alone = rows_of(scattered)["sinter", "NOx"]["factor_ratio"]
    other = rows_of(scattered, pooled([3.0] * 10, industry="kiln", pollutant="SO2"))["sinter", "NOx"]["factor_ratio"]
    assert other == alone
    assert rows_of(scattered, kilns)["sinter", "NOx"]["factor_ratio"] != alone


def test_the_sum_over_lines_without_monitor_is_less_biased_and_their_interval_covers():
    """Forty draws of a class with 8 monitored and 200 other lines; half of the variance of ln r (0.12) is common."""
    random = np.random.default_rng(5)
    bias, bias_without, covered = [], [], []
    for _draw in range(40):
        common = random.normal(0, 0.06**0.5)
        ratios = np.exp(common + random.normal(0, 0.06**0.5, 208))
        row = rows_of(pooled(ratios[:8].tolist()))["sinter", "NOx"]
        unmonitored = ratios[8:]
        ratio = row["factor_ratio"] if row["is_used"] else 1.0
        bias.append(abs(ratio / unmonitored.mean() - 1))
        bias_without.append(abs(1 / unmonitored.mean() - 1))
        covered.append(((unmonitored > row["factor_ratio_p05"]) & (unmonitored < row["factor_ratio_p95"])).mean())
    assert np.mean(bias) < 0.6 * np.mean(bias_without)
    assert np.mean(covered) == pytest.approx(0.9, abs=0.05)
