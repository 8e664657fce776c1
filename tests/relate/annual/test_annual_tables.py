"""Tables of annual statistics: what is read, and one clear line for what is wrong."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.relate.annual.annual_tables import read_annual_tables
from tests.relate.annual.statistics_files import write_statistics

ENERGY, EMISSION = ["2010,power,coal,100"], ["2010,power,coal,SO2,10"]


def test_values_are_read_by_their_key_and_absent_files_are_empty(tmp_path):
    tables = read_annual_tables(write_statistics(tmp_path, energy=ENERGY, emission=EMISSION, air=["2010,PM2.5,80.5"]))
    assert tables.energy_tj == {("2010", "power", "coal"): 100.0}
    assert tables.emission_t == {("2010", "power", "coal", "SO2"): 10.0}
    assert (tables.activity, tables.air) == ({}, {("2010", "PM2.5"): 80.5})


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"energy": ENERGY}, "emission.csv is missing"),
        ({"energy": [], "emission": EMISSION}, "energy.csv has no rows"),
        ({"energy": ["2010,power,coal,-1"], "emission": EMISSION}, "row 2, energy_tj = -1: expected a number of 0"),
        ({"energy": ["2010,power,coal,n/a"], "emission": EMISSION}, "row 2, energy_tj = n/a: expected a number of 0"),
        ({"energy": ["2010,power,coal,1_0"], "emission": EMISSION}, "row 2, energy_tj = 1_0: expected a number of 0"),
        ({"energy": ["2010,power,coal,1e-320"], "emission": EMISSION}, "energy_tj = 1e-320: expected 0, or a number"),
        ({"energy": ["2010,power,coal,1e308"], "emission": EMISSION}, "energy_tj = 1e308: expected 0, or a number"),
        ({"energy": ["10,power,coal,1"], "emission": EMISSION}, "row 2, period = 10: expected a year or a month"),
        ({"energy": ["2010-13,power,coal,1"], "emission": EMISSION}, "period = 2010-13: expected a year or a month"),
        ({"energy": ["2010,,coal,1"], "emission": EMISSION}, "row 2: sector is empty"),
        ({"energy": ENERGY * 2, "emission": EMISSION}, "row 3: 2010 power coal occurs twice"),
        ({"energy": [*ENERGY, "2011-01,power,coal,1"], "emission": EMISSION}, "use either years or months"),
        ({"energy": ENERGY, "emission": [*EMISSION, "2010,power,gas,SO2,1"]}, "energy.csv has no energy for it"),
        ({"energy": [*ENERGY, "2010,power,gas,1"], "emission": EMISSION}, "power gas has no SO2 in emission.csv"),
        (
            {"energy": ENERGY, "emission": EMISSION, "activity": ["2010,steel,1"]},
            "power uses energy but has no activity",
        ),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        read_annual_tables(write_statistics(tmp_path, **files))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "period,sector,fuel,tj",
            "column 'energy_tj' is missing and column 'tj' is unknown; rename it if it is the same",
        ),
        ("period,sector,energy_tj", "column 'fuel' is missing; add it; expected period, sector, fuel, energy_tj"),
        ("period,sector,fuel,energy_tj,unit", "column 'unit' is unknown; remove it; expected period, sector"),
    ],
)
def test_a_renamed_missing_or_surplus_column_is_named_whatever_the_rows(tmp_path, header, message):
    (tmp_path / "energy.csv").write_text(f"{header}\n2010,power,coal,10\n", "utf-8")
    with pytest.raises(InputError, match=message):
        read_annual_tables(tmp_path)


def test_columns_in_another_order_are_read_and_a_missing_folder_is_refused(tmp_path):
    write_statistics(tmp_path, energy=ENERGY, emission=EMISSION)
    (tmp_path / "energy.csv").write_text("energy_tj,fuel,sector,period\n7,coal,power,2010\n", "utf-8")
    assert read_annual_tables(tmp_path).energy_tj == {("2010", "power", "coal"): 7.0}
    with pytest.raises(InputError, match="nowhere is not a folder"):
        read_annual_tables(tmp_path / "nowhere")
