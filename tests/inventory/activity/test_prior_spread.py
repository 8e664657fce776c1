"""The spread of priors that measured lines show: on numbers that can be added up on paper."""

import math
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.activity.prior_spread import HOUR_SPREAD, RatedSpread, learn_hour_spread

NOON = datetime(2015, 12, 20, 4, tzinfo=UTC)
RATED = RatedSpread(prior=0.5, widest=0.9)
ZONE = "Asia/Shanghai"


def hour(line, ratio, *, industry="sinter", elasticity=1.0, prior=10.0, later_h=0):
    return {
        "source_id": line,
        "hour_utc": NOON + timedelta(hours=later_h),
        "industry_code": industry,
        "power_elasticity": elasticity,
        "prior_activity": prior,
        "activity": prior * ratio,
    }


def spreads(*hours):
    rows = learn_hour_spread(pa.Table.from_pylist(list(hours)), RATED, ZONE).to_pylist()
    return [row["working_power_log_sd"] for row in rows]


def test_one_measured_line_counts_half_as_much_as_the_rating():
    (spread,) = spreads(hour("a", math.exp(0.2)))
    assert spread == pytest.approx(((0.5**2 + 0.5 * 0.2**2) / 1.5) ** 0.5)


def test_lines_of_an_industry_are_one_piece_and_industries_are_several():
    alike = [hour(str(line), math.exp(0.2)) for line in range(3)]
    (one_industry,) = spreads(*alike)
    assert one_industry == pytest.approx(((0.5**2 + 0.75 * 0.2**2) / 1.75) ** 0.5)
    (two,) = spreads(*alike, hour("x", math.exp(-0.4), industry="lime"))
    assert two == pytest.approx(((0.5**2 + 0.75 * 0.2**2 + 0.5 * 0.4**2) / 2.25) ** 0.5)


def test_an_error_of_activity_is_one_of_power_by_the_elasticity():
    weak, strong = spreads(hour("a", math.exp(0.4), elasticity=0.5)), spreads(hour("a", math.exp(0.2)))
    assert weak == pytest.approx(strong)


def test_hours_of_little_activity_have_little_weight():
    (spread,) = spreads(hour("a", 1.0, prior=99.0), hour("a", math.e, prior=1.0, later_h=1))[:1]
    assert spread == pytest.approx(((0.5**2 + 0.5 * 0.01) / 1.5) ** 0.5)


def test_each_local_day_has_the_spread_of_its_own_hours():
    first, second = spreads(hour("a", 1.0), hour("a", math.exp(0.6), later_h=12))
    assert first == pytest.approx((0.5**2 / 1.5) ** 0.5)
    assert second == pytest.approx(((0.5**2 + 0.5 * 0.6**2) / 1.5) ** 0.5)


def test_lines_that_stand_still_say_nothing():
    still = learn_hour_spread(pa.Table.from_pylist([hour("a", 0.0), hour("b", 1.0, prior=0.0)]), RATED, ZONE)
    assert still.equals(HOUR_SPREAD.empty_table())


def test_the_rated_spreads_are_those_of_the_reference():
    rated = RatedSpread.read(reference.read("uncertainty_rating"))
    assert rated == pytest.approx((math.log(1.25) ** 0.5, math.log(2.44) ** 0.5))
