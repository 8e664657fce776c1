"""The builder of the measured region, on two units of one hour."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bigdata_emis.demo.nys import build_nys

UNITS = ["Dunkirk 1", "Dunkirk 2"]


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.setattr(build_nys, "YEARS", (2001,))
    hourly, rates = (tmp_path / "data" / name for name in (build_nys.HOURLY_FOLDER, build_nys.RATES_FOLDER))
    hourly.mkdir(parents=True)
    rates.mkdir()
    hours = {"ts_local": pd.Timestamp("2001-07-01"), "unit_name": UNITS, "ptid": [1, 1]}
    loads = {"gross_load_mw": [2.0, 3.0], "heat_input_mmbtu": [20.0, 30.0]}
    pd.DataFrame({**hours, **loads}).to_parquet(hourly / "thermal_hourly_2001.parquet")
    parameters = {"NYISOName": UNITS, "UnitType": "Steam", "FuelType": "Coal", "Latitude": 42.5, "Longitude": -79.3}
    curve = {"HeatRateLM_1": 10.0, "HeatRateLM_0": 5.0, "maxPower": 100.0}
    pd.DataFrame({**parameters, **curve}).to_csv(hourly / "genParamAll.csv", index=False)
    matches = {"NYISO Name": UNITS[:1], "Facility ID": [2554], "Facility Name": ["Dunkirk Station"], "Unit ID": ["1"]}
    pd.DataFrame(matches).to_csv(hourly / "ptid_to_epa_unit_2019.csv", index=False)
    write_rates(rates)
    return tmp_path / "region", build_nys.build_nys(tmp_path / "data", tmp_path / "region")


def write_rates(folder) -> None:
    """Three coal units of the plant, so that the fuel has a rate of each pollutant."""
    seasons = {
        f"{name}_{season}": 1.0 for name in ("heat_mmbtu", "so2_lb", "nox_lb", "co2_ton") for season in ("oz", "non")
    }
    unit = {"region": "NY", "orispl_code": 2554, "fuel_type": "Coal", "load_bin_mw": 100.0}
    pd.DataFrame([{**unit, "unit_code": code, **seasons} for code in "123"]).to_parquet(
        folder / "unit_by_load_bin_2021.parquet"
    )
    load = pd.DataFrame({"region": ["NY"], "month": [7], "regional_load_mw": [100.0]})
    load.to_parquet(folder / "regional_load_hourly_2021.parquet")


def test_each_file_is_written_with_its_rows(built):
    assert built[1] == {"enterprise": 1, "production_line": 2, "meter": 2, "emission_factor": 6, "thermal_2001": 2}


def test_a_unit_that_is_not_matched_belongs_to_the_plant_at_its_place(built):
    lines = pd.read_csv(built[0] / "registry/production_line.csv")
    assert lines["production_line_id"].tolist() == ["ny-dunkirk-1", "ny-dunkirk-2"]
    assert lines["enterprise_id"].tolist() == ["ny-2554", "ny-2554"]
    assert pd.read_csv(built[0] / "registry/enterprise.csv")["name_en"].tolist() == ["Dunkirk Station"]


def test_capacity_is_the_fuel_heat_at_full_load(built):
    lines = pd.read_csv(built[0] / "registry/production_line.csv")
    assert lines["capacity_per_h"].tolist() == pytest.approx([1005 * 1.055056] * 2, abs=0.05)
    assert lines["reference_energy_kwh"].tolist() == [100_000, 100_000]


def test_hours_keep_the_units_of_the_source_and_get_utc(built):
    hours = pq.read_table(built[0] / "data/thermal_2001.parquet").to_pydict()
    assert hours["meter_id"] == ["ny-dunkirk-1-generation", "ny-dunkirk-2-generation"]
    assert hours["gross_load_mw"] == [2.0, 3.0]
    assert hours["heat_input_mmbtu"] == pytest.approx([20.0, 30.0])
    assert {instant.isoformat() for instant in hours["hour_utc"]} == {"2001-07-01T05:00:00+00:00"}


def test_the_default_folder_is_the_region_of_the_package():
    assert (build_nys.REGION_FOLDER / "region.toml").is_file()
