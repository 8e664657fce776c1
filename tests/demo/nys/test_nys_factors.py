"""Emission rates from a small AVERT data set that can be computed on paper."""

import pandas as pd
import pytest

from bigdata_emis.demo.nys.nys_factors import G_PER_LB, fuel_class, make_unit_factors
from bigdata_emis.validate.nys.data import GJ_PER_MMBTU

POUND_PER_MMBTU = G_PER_LB / GJ_PER_MMBTU


def avert_rows(unit: str, so2_lb: float, nox_lb: tuple[float, float] = (10.0, 20.0)) -> list[dict[str, object]]:
    """One EPA unit in two bins of load: heat 10 mmBtu an hour in the low bin and 20 in the high one."""
    return [
        {
            "region": "NY",
            "orispl_code": 1,
            "unit_code": unit,
            "fuel_type": "Gas",
            "load_bin_mw": load,
            **{f"heat_mmbtu_{season}": heat for season in ("oz", "non")},
            **{f"so2_lb_{season}": so2_lb for season in ("oz", "non")},
            **{f"nox_lb_{season}": nox for season in ("oz", "non")},
            **{f"co2_ton_{season}": heat * 0.06 for season in ("oz", "non")},
        }
        for load, heat, nox in ((100.0, 10.0, nox_lb[0]), (200.0, 20.0, nox_lb[1]))
    ]


@pytest.fixture
def factors(tmp_path) -> pd.DataFrame:
    """Four gas units (D is not in AVERT, A has no SO2); three hours in the low bin, one in the high bin."""
    names = ["A", "B", "C"]
    rows = [row for name in names for row in avert_rows(name, 0.0 if name == "A" else 1.0, nox_lb=(10.0, 40.0))]
    pd.DataFrame(rows + avert_rows("X", 3.0)).to_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    load = {"region": "NY", "month": [1, 1, 7, 7], "regional_load_mw": [90.0, 100.0, 110.0, 210.0]}
    pd.DataFrame(load).to_parquet(tmp_path / "regional_load_hourly_2021.parquet")
    units = pd.DataFrame({"name_en": [*names, "D"], "UnitType": "Steam", "FuelType": "Natural Gas"})
    units["production_line_id"] = "ny-" + units["name_en"].str.lower()
    matches = pd.DataFrame({"NYISO Name": names, "Facility ID": 1, "Unit ID": names})
    return make_unit_factors(units, matches, tmp_path).set_index(["production_line_id", "pollutant_code"])


def test_a_rate_is_mass_over_heat_with_the_hours_of_each_bin(factors):
    row = factors.loc[("ny-a", "NOx")]
    heat, mass = 3 * 10 + 1 * 20, 3 * 10 + 1 * 40
    assert row["emission_factor_g_per_unit"] == pytest.approx(mass / heat * POUND_PER_MMBTU, rel=1e-4)
    assert (row["source"], row["confidence"]) == ("AVERT 2021, this unit", 0.8)


def test_the_spread_of_a_rate_is_that_over_the_bins_weighted_by_heat(factors):
    mean = 70 / 50
    variance = (30 * (1 - mean) ** 2 + 20 * (2 - mean) ** 2) / 50
    assert factors.loc[("ny-a", "NOx"), "relative_sd_share"] == pytest.approx(variance**0.5 / mean, abs=1e-3)
    assert factors.loc[("ny-a", "CO2"), "relative_sd_share"] == 0.05


def test_a_unit_that_is_not_in_avert_gets_the_median_of_its_type_and_fuel(factors):
    row = factors.loc[("ny-d", "NOx")]
    assert row["emission_factor_g_per_unit"] == factors.loc[("ny-a", "NOx"), "emission_factor_g_per_unit"]
    assert row["confidence"] == 0.4
    assert row["source"] == "AVERT 2021, median of New York units of its type and fuel (unit not in AVERT)"


def test_a_class_of_two_rates_is_too_small_so_that_the_fuel_is_used(factors):
    row = factors.loc[("ny-a", "SO2")]
    assert row["source"] == "AVERT 2021, median of New York units of its fuel (reported as zero)"
    assert row["emission_factor_g_per_unit"] > 0


def test_fuels_that_are_neither_gas_nor_coal_are_oil():
    assert [fuel_class(name) for name in ("Natural Gas", "Coal", "Kerosene")] == ["Gas", "Coal", "Oil"]
