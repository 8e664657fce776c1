"""Projection of hourly series from recent days: weights, means and intervals that can be computed on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.statistics.recent_days import OTHER_TYPE_WEIGHT, RECENCY_SHARE_OF_LEAD, day_weights, project_series

WORKDAY, SATURDAY = 0, 1


def series(*levels: float) -> np.ndarray:
    """One series with a constant level on each day, (1, days, 24)."""
    return np.repeat(np.array(levels, dtype=float)[None, :, None], 24, axis=2)


def project(recent: np.ndarray, *, lead: int = 1, wanted_type: int = WORKDAY, types: list[int] | None = None):  # type: ignore[no-untyped-def]
    numbers = np.arange(recent.shape[1])
    return project_series(
        recent,
        numbers,
        np.array(types or [WORKDAY] * len(numbers)),
        wanted_numbers=np.array([len(numbers) - 1 + lead]),
        wanted_types=np.array([wanted_type]),
    )


def test_the_newest_day_of_the_same_type_has_weight_one_and_weights_fall_with_age() -> None:
    weights = day_weights(np.array([10, 11, 12]), np.array([WORKDAY] * 3), WORKDAY, 1)
    assert weights == pytest.approx([np.exp(-4.0), np.exp(-2.0), 1.0])


def test_further_ahead_older_days_count_for_more() -> None:
    near, far = (day_weights(np.array([1, 2]), np.array([WORKDAY] * 2), WORKDAY, lead)[0] for lead in (1, 4))
    assert (near, far) == pytest.approx((np.exp(-1 / RECENCY_SHARE_OF_LEAD), np.exp(-0.25 / RECENCY_SHARE_OF_LEAD)))


def test_a_day_of_another_type_weighs_less() -> None:
    weights = day_weights(np.array([1, 1]), np.array([WORKDAY, SATURDAY]), SATURDAY, 1)
    assert weights.tolist() == [OTHER_TYPE_WEIGHT, 1.0]


def test_the_projection_is_the_weighted_mean_of_the_recent_days() -> None:
    older = np.exp(-2.0)
    assert project(series(10.0, 40.0)).expected[0, 0] == pytest.approx([(10 * older + 40) / (older + 1)] * 24)


def test_an_hour_that_a_day_lacks_rests_on_the_other_days() -> None:
    recent = series(10.0, 40.0)
    recent[0, 1, 5] = np.nan
    assert project(recent).expected[0, 0, 5] == 10.0


def test_an_hour_that_was_never_measured_is_not_projected() -> None:
    recent = series(10.0, 40.0)
    recent[0, :, 5] = np.nan
    assert np.isnan(project(recent).expected[0, 0, 5])


def test_the_interval_has_the_errors_that_the_same_rule_made_at_the_same_lead() -> None:
    """At a lead of two days only the third day can be projected: 20 from the first, 26 observed."""
    projected = project(series(20.0, 20.0, 26.0), lead=2)
    expected = projected.expected[0, 0, 0]
    assert (projected.p05[0, 0, 0], projected.p95[0, 0, 0]) == pytest.approx((expected, expected + 6.0))


def test_one_day_has_no_error_and_so_no_interval() -> None:
    projected = project(series(20.0))
    assert projected.expected[0, 0, 0] == 20.0
    assert np.isnan(projected.p05).all()
    assert np.isnan(projected.p95).all()


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=8), st.floats(0.5, 4.0))
def test_the_projection_is_within_the_days_the_interval_around_it_and_both_scale(
    levels: list[float], by: float
) -> None:
    once, scaled = project(series(*levels)), project(series(*(level * by for level in levels)))
    assert min(levels) * (1 - 1e-9) <= once.expected[0, 0, 0] <= max(levels) * (1 + 1e-9)
    assert 0 <= once.p05[0, 0, 0] <= once.expected[0, 0, 0] <= once.p95[0, 0, 0]
    assert scaled.p95[0, 0, 0] == pytest.approx(by * once.p95[0, 0, 0])


def test_projections_of_two_series_add_up_to_that_of_their_sum() -> None:
    one, other = series(1.0, 5.0, 2.0), series(7.0, 0.0, 3.0)
    assert project(one).expected + project(other).expected == pytest.approx(project(one + other).expected)
