"""The hidden course of area sources: it sums to one over a year and knows nothing of the inventory's profiles."""

import ast
import inspect
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.plan import FIRST_DAY, read_shipped, simulated_days
from bigdata_emis.demo.truth import area_truth
from bigdata_emis.demo.truth.area_truth import day_area_emission, true_hourly_share, true_weather_factor
from bigdata_emis.demo.world.air import day_weather
from bigdata_emis.demo.world.areas import Areas

INDUSTRIES = sorted(set(read_shipped("area_sources.csv")["industry_code"]))


def one_area(industry: str, sector: str, tonnes: float) -> Areas:
    return Areas(
        pd.DataFrame({"activity_area_id": ["A1"], "sector_code": [sector], "industry_code": [industry]}),
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(
            {"activity_area_id": ["A1"], "sector_code": [sector], "pollutant_code": ["SO2"], "true_annual_t": [tonnes]}
        ),
        np.array([True]),
        np.array([True]),
        np.ones((1, 24)),
    )


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_the_hours_of_a_year_sum_to_one(industry):
    days = [date(2015, 1, 1) + timedelta(days=i) for i in range(365)]
    assert sum(true_hourly_share(industry, day).sum() for day in days) == pytest.approx(1)


def test_coal_burns_in_winter_and_not_in_summer():
    def month_share(month: int) -> float:
        return float(sum(true_hourly_share("residential_coal", date(2015, month, n)).sum() for n in range(1, 29)))

    assert 0.15 < month_share(12) < 0.3
    assert month_share(7) == 0


def test_a_bell_runs_over_midnight():
    share = true_hourly_share("scattered_workshop", FIRST_DAY)
    assert share[23] == pytest.approx(share[1], rel=0.1)
    assert share.argmin() == 12


def test_an_area_emits_its_annual_total_by_course_and_index():
    index = np.full((1, 240), 0.5, dtype=np.float32)
    keys, grams = day_area_emission(0, areas=one_area("residential_coal", "other", 1.0), index=index)
    assert keys["pollutant_code"].tolist() == ["SO2"]
    expected = true_hourly_share("residential_coal", FIRST_DAY) * true_weather_factor("residential_coal", FIRST_DAY)
    assert grams[0] == pytest.approx(0.5e6 * expected, rel=1e-6)


def test_homes_burn_more_coal_on_colder_days_and_restaurants_do_not():
    days = simulated_days()
    degc = [day_weather(day)["air_temperature_degc"].mean() for day in days]
    warmest, coldest = days[int(np.argmax(degc))], days[int(np.argmin(degc))]
    coal = [true_weather_factor("residential_coal", day).mean() for day in (warmest, coldest)]
    assert coal[0] < coal[1]
    assert true_weather_factor("catering", coldest).tolist() == [1.0] * 24


def test_weather_factors_stay_in_a_plausible_range():
    factors = [true_weather_factor(industry, day) for industry in INDUSTRIES for day in simulated_days()]
    assert 0.1 < np.min(factors) <= np.max(factors) < 1.6


def test_the_sector_of_the_register_does_not_matter():
    index = np.ones((1, 240), dtype=np.float32)
    grams = [day_area_emission(3, areas=one_area("catering", s, 2.0), index=index)[1] for s in ("other", "dust")]
    assert np.array_equal(*grams)


def test_the_truth_does_not_read_what_the_inventory_reads():
    names = {
        node.module
        for node in ast.walk(ast.parse(inspect.getsource(area_truth)))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bigdata_emis")
    }
    assert not any(name.startswith(("bigdata_emis.reference", "bigdata_emis.inventory")) for name in names)
    assert "bigdata_emis" not in names  # `from bigdata_emis import reference`


def test_an_industry_without_a_course_is_refused():
    with pytest.raises(KeyError, match="port"):
        true_hourly_share("port", FIRST_DAY)
