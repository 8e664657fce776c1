"""The plan: days, sizes, random streams and shipped tables."""

from datetime import date

import numpy as np
import pytest

from bigdata_emis.demo.plan import (
    alert_hours,
    day_start_us,
    draw_autocorrelated,
    draw_lognormal,
    find_size,
    random_stream,
    read_shipped,
    simulated_days,
)
from bigdata_emis.errors import InputError


def test_ten_local_days_are_simulated_and_a_day_starts_at_16_utc():
    days = simulated_days()
    assert (days[0], days[-1], len(days)) == (date(2015, 12, 13), date(2015, 12, 22), 10)
    assert day_start_us(date(1970, 1, 2)) == 16 * 3_600_000_000


def test_the_red_alert_starts_at_seven_on_the_19th_local_time():
    assert int(np.argmax(alert_hours())) == 6 * 24 + 7
    assert alert_hours()[-1]


def test_an_unknown_size_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="small, city, province"):
        find_size("village")


def test_a_stream_depends_on_seed_and_name_only():
    first = random_stream(7, "power").random(3)
    random_stream(7, "traffic").random(100)
    assert random_stream(7, "power").random(3).tolist() == first.tolist()
    assert random_stream(8, "power").random(3).tolist() != first.tolist()


def test_a_shipped_table_is_a_copy_and_its_identifiers_are_text():
    read_shipped("counties.csv.gz")["county_id"] = "changed"
    county_ids = read_shipped("counties.csv.gz")["county_id"]
    assert "110101" in set(county_ids)
    assert "changed" not in set(county_ids)


def test_lognormal_factors_have_mean_one_and_the_requested_spread():
    drawn = draw_lognormal(random_stream(1, "x"), 0.5, 200_000)
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.std() == pytest.approx(0.5, abs=0.02)


def test_autocorrelated_series_have_unit_variance_and_the_requested_persistence():
    series = draw_autocorrelated(random_stream(1, "x"), 2_000, steps=50, persistence_share=0.8)
    assert series.shape == (2_000, 50)
    assert series[:, -1].std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(series[:, -2], series[:, -1])[0, 1] == pytest.approx(0.8, abs=0.03)
