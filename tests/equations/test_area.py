"""Area sources: from an annual total to one hour."""

import numpy as np
import pytest

from bigdata_emis.equations import area


def test_an_hour_has_its_share_of_its_month():
    assert area.hour_share(1 / 12, 1 / 720) == pytest.approx(1 / 8640)


def test_the_hours_of_a_year_add_up_to_the_annual_total():
    """Twelve equal months of 720 equal hours: 8640 hours of 2 t ÷ 8640 each."""
    share = area.hour_share(np.full((12, 720), 1 / 12), np.full((12, 720), 1 / 720))
    assert area.emission_g(2.0, share, 1.0).sum() == pytest.approx(2e6)


def test_emission_is_proportional_to_the_activity_index():
    assert area.emission_g(1.0, 1e-4, 1.5) == pytest.approx(150.0)
    assert area.emission_g(1.0, 1e-4, 0.0) == 0.0


def test_emission_of_a_year_of_landings():
    """100,000 LTO at 16.29 kg of NOx."""
    assert area.annual_emission_t(1e5, 16_290.0) == pytest.approx(1_629.0)


def test_counted_hours_of_a_year_add_up_to_the_annual_total_and_a_busy_year_to_more():
    """8,640 hours of 12 landings are the 103,680 of the annual total; of 18 half as much again."""
    share = area.hour_share_of_count(area.counted_share(np.full(8640, 12.0), 8640 * 12.0), 1.0)
    assert area.emission_g(2.0, share, 1.0).sum() == pytest.approx(2e6)
    assert area.emission_g(2.0, 1.5 * share, 1.0).sum() == pytest.approx(3e6)


def test_a_counted_day_is_spread_over_its_hours():
    """Three of 60 fires: 5 % of the year, a quarter of it in this hour."""
    assert area.hour_share_of_count(area.counted_share(3.0, 60.0), 0.25) == pytest.approx(0.0125)


@pytest.mark.parametrize(("weight", "spread"), [(1.0, 0.3), (2.0, 0.15), (0.5, 0.6), (0.3, 1.0), (0.0, 1.0)])
def test_an_hour_of_little_weight_is_known_to_its_order_only(weight, spread):
    assert area.course_relative_sd_share(weight) == pytest.approx(spread)


@pytest.mark.parametrize(("weight", "ratio"), [(1.0, 0.0), (0.3, 0.0), (0.2, 0.5), (0.1, 2.0)])
def test_a_small_weight_may_be_as_large_as_its_error(weight, ratio):
    assert area.unheld_weight_ratio(weight) == pytest.approx(ratio)


def test_what_does_not_follow_its_proxy_goes_on_as_usual():
    assert area.proxy_index(0.2, 0.7) == pytest.approx(0.7 * 0.2 + 0.3)
    assert area.proxy_index(0.2, 1.0) == pytest.approx(0.2)
    assert area.proxy_index(1.0, 0.7) == pytest.approx(1.0)
