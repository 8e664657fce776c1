"""Driving factors of annual emission: terms on paper, exact sums, zeros, months added to years."""

import numpy as np
import pytest

from bigdata_emis.relate.annual.annual_drivers import decompose_years, sum_years
from bigdata_emis.relate.annual.annual_tables import read_annual_tables
from tests.relate.annual.statistics_files import write_statistics


def changes(folder, **rows):
    return decompose_years(sum_years(read_annual_tables(write_statistics(folder, **rows))))


def test_twice_the_energy_with_half_the_coal_cancel(tmp_path):
    """Coal stays at 100 TJ and 10 t while gas adds 100 TJ without SO2: energy + 10 ln 2, mix − 10 ln 2."""
    (change,) = changes(
        tmp_path,
        energy=["2010,power,coal,100", "2015,power,coal,100", "2015,power,gas,100"],
        emission=["2010,power,coal,SO2,10", "2015,power,coal,SO2,10", "2015,power,gas,SO2,0"],
    )
    assert change["terms_t"] == {
        "energy": pytest.approx(10 * np.log(2)),
        "structure": pytest.approx(0),
        "energy_mix": pytest.approx(-10 * np.log(2)),
        "emission_factor": pytest.approx(0),
    }
    assert change["ratio_factors"]["energy"] == pytest.approx(2)
    assert change["ratio_factors"]["energy_mix"] == pytest.approx(0.5)
    assert (change["change_t"], change["ratio"]) == (0, 1)
    assert change["by_fuel"]["gas"]["energy_mix"] == 0


def test_activity_intensity_and_factor_have_terms_of_their_own_with_activity(tmp_path):
    """Activity doubles, energy stays (intensity halves), emission doubles: L = 10 ÷ ln 2, terms +10, −10, +10 t."""
    (change,) = changes(
        tmp_path,
        energy=["2010,steel,coal,100", "2015,steel,coal,100"],
        emission=["2010,steel,coal,NOx,10", "2015,steel,coal,NOx,20"],
        activity=["2010,steel,50", "2015,steel,100"],
    )
    assert [change["terms_t"][name] for name in ("activity", "intensity", "emission_factor")] == [
        pytest.approx(10),
        pytest.approx(-10),
        pytest.approx(10),
    ]
    assert [change["ratio_factors"][name] for name in ("activity", "intensity")] == [
        pytest.approx(2),
        pytest.approx(0.5),
    ]


def test_a_fuel_that_appears_counts_as_energy_mix(tmp_path):
    """Gas comes with 5 t: the limit of a share that rises from nothing is the whole 5 t."""
    (change,) = changes(
        tmp_path,
        energy=["2010,power,coal,100", "2010,power,gas,0", "2015,power,coal,100", "2015,power,gas,100"],
        emission=["2010,power,coal,SO2,10", "2015,power,coal,SO2,10", "2015,power,gas,SO2,5"],
    )
    assert change["by_fuel"]["gas"]["energy_mix"] == 5
    assert change["residual_t"] == pytest.approx(0, abs=1e-12)


def test_terms_of_sectors_and_of_fuels_add_up_exactly_for_every_step(tmp_path):
    random = np.random.default_rng(1)
    cells = [(y, s, f) for y in (2010, 2011, 2012) for s in ("steel", "power") for f in ("coal", "gas")]
    energy = [f"{y},{s},{f},{random.uniform(1, 9):.3f}" for y, s, f in cells]
    emission = [f"{y},{s},{f},SO2,{random.choice([0, random.uniform(1, 9)]):.3f}" for y, s, f in cells]
    activity = [f"{y},{s},{random.uniform(1, 9):.3f}" for y in (2010, 2011, 2012) for s in ("steel", "power")]
    result = changes(tmp_path, energy=energy, emission=emission, activity=activity)
    assert [(c["from"], c["to"]) for c in result] == [("2010", "2011"), ("2011", "2012"), ("2010", "2012")]
    for change in result:
        for part in ("by_sector", "by_fuel"):
            total = sum(sum(terms.values()) for terms in change[part].values())
            assert total == pytest.approx(change["change_t"], abs=1e-12)
        assert change["residual_t"] == pytest.approx(0, abs=1e-12)
        assert np.prod(list(change["ratio_factors"].values())) == pytest.approx(change["ratio"])


def test_months_add_up_to_years_and_a_year_without_all_of_them_is_listed(tmp_path):
    months = [f"{year}-{month:02d}" for year in (2010, 2011) for month in range(1, 13)] + ["2012-01"]
    rows = {
        "energy": [f"{month},power,coal,1" for month in months],
        "emission": [f"{month},power,coal,SO2,{2 if month > '2011' else 1}" for month in months],
    }
    sums = sum_years(read_annual_tables(write_statistics(tmp_path, **rows)))
    assert (sums.years, sums.incomplete_years) == (("2010", "2011"), ("2012",))
    (change,) = decompose_years(sums)
    assert (change["from_t"], change["to_t"]) == (12, 24)
    assert change["terms_t"]["emission_factor"] == pytest.approx(12)


def test_one_year_has_nothing_to_compare(tmp_path):
    assert changes(tmp_path, energy=["2010,power,coal,1"], emission=["2010,power,coal,SO2,1"]) == []
