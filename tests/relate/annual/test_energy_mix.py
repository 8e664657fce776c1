"""Energy mix beside air quality: ranks on paper, changes against trends, too few periods."""

import pytest

from bigdata_emis.relate.annual.annual_tables import read_annual_tables
from bigdata_emis.relate.annual.energy_mix import associate_mix
from tests.relate.annual.statistics_files import write_statistics


def rows_of(folder, coal, air, *, periods=None):
    periods = periods or [str(2010 + number) for number in range(len(coal))]
    energy = [f"{p},power,coal,{value}" for p, value in zip(periods, coal, strict=True)]
    energy += [f"{p},power,gas,{100 - value}" for p, value in zip(periods, coal, strict=True)]
    emission = [f"{p},power,{fuel},SO2,1" for p in periods for fuel in ("coal", "gas")]
    measured = [f"{p},composite_index,{value}" for p, value in zip(periods, air, strict=True)]
    tables = read_annual_tables(write_statistics(folder, energy=energy, emission=emission, air=measured))
    return {(row["fuel"], row["indicator"], row["form"]): row for row in associate_mix(tables)}


def test_five_years_in_the_same_order_agree_by_chance_in_two_of_120_orders(tmp_path):
    rows = rows_of(tmp_path, [10, 20, 30, 40, 50], [1, 2, 3, 4, 9])
    assert rows["coal", "share", "level"]["strength"] == pytest.approx(1)
    assert rows["gas", "share", "level"]["strength"] == pytest.approx(-1)
    assert rows["coal", "share", "level"]["p_value"] == pytest.approx(2 / 120)
    assert rows["coal", "share", "change"] == {
        **rows["coal", "share", "change"],
        "strength": None,
        "n": 4,
        "why_not": "too_few_periods",
    }


def test_changes_disagree_where_only_the_trend_agrees(tmp_path):
    """Both rise, by steps of 1 and 9 in turn, each large step of one against a small one of the other."""
    coal, air = [5], [5]
    for number in range(10):
        coal.append(coal[-1] + (9 if number % 2 else 1))
        air.append(air[-1] + (1 if number % 2 else 9))
    rows = rows_of(tmp_path, coal, air)
    assert rows["coal", "energy", "level"]["strength"] == pytest.approx(1)
    assert rows["coal", "energy", "change"]["strength"] == pytest.approx(-1)


def test_a_month_is_compared_with_that_of_the_year_before(tmp_path):
    periods = [f"{year}-{month:02d}" for year in (2010, 2011) for month in range(1, 7)]
    season = [10, 20, 30, 40, 50, 60]
    rises = [1, 2, 3, 4, 5, 6]
    coal = season + [value + rise for value, rise in zip(season, rises, strict=True)]
    air = [5] * 6 + [5 + rise for rise in rises]
    row = rows_of(tmp_path, coal, air, periods=periods)["coal", "energy", "change"]
    assert (row["n"], row["strength"]) == (6, pytest.approx(1))


def test_a_series_that_does_not_vary_has_no_strength(tmp_path):
    row = rows_of(tmp_path, [10, 20, 30, 40, 50], [3] * 5)["coal", "energy", "level"]
    assert (row["strength"], row["p_value"], row["q_value"], row["why_not"]) == (None, None, None, "constant")
