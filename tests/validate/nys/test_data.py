"""How files of New York units are read: unusable hours, time zones, and plants."""

import math
from datetime import UTC, datetime

import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.nys.data import FOLDER, GJ_PER_MMBTU, PLANTS, read_plants, read_years

NOON = pd.Timestamp("2001-07-01 12:00")
NOON_UTC = datetime(2001, 7, 1, 17, tzinfo=UTC)
FILE = "thermal_hourly_2001.parquet"


def rows(*units: tuple[str, float | None, float | None], time: object = NOON) -> pd.DataFrame:
    named = [
        {"ts_local": time, "unit_name": name, "gross_load_mw": load, "heat_input_mmbtu": heat}
        for name, load, heat in units
    ]
    return pd.DataFrame(named).astype({"gross_load_mw": float, "heat_input_mmbtu": float})


def test_an_hour_without_heat_input_has_a_load_and_is_counted(tmp_path):
    rows(("A", 2.0, 10.0), ("B", 3.0, None), ("C", 4.0, -1.0), ("D", None, 10.0), ("E", None, None)).to_parquet(
        tmp_path / FILE
    )
    read = read_years(tmp_path, (2001,))
    hours = {row["production_line_id"]: (row["energy_kwh"], row["activity"]) for row in read.hours.to_pylist()}
    assert hours == {"A": (2_000.0, 10 * GJ_PER_MMBTU), "B": (3_000.0, None), "C": (4_000.0, None)}
    assert read.unusable == {
        "no_time_or_name": 0,
        "not_on_the_hour": 0,
        "no_number": 2,
        "no_heat_input": 2,
        "repeated": 0,
    }


def test_a_time_stamp_within_an_hour_is_unusable_and_counted(tmp_path):
    parts = [rows(("A", 2.0, 10.0), time=NOON + pd.Timedelta(minutes=minutes)) for minutes in (0, 15, 30)]
    pd.concat(parts).to_parquet(tmp_path / FILE)
    read = read_years(tmp_path, (2001,))
    assert (read.hours.num_rows, read.unusable["not_on_the_hour"]) == (1, 2)


def test_of_a_repeated_hour_the_first_row_with_heat_input_is_used(tmp_path):
    rows(("A", 1.0, None), ("A", 2.0, 10.0), ("A", 3.0, 20.0), ("B", 1.0, None), ("B", 2.0, None)).to_parquet(
        tmp_path / FILE
    )
    read = read_years(tmp_path, (2001,))
    hours = {row["production_line_id"]: (row["energy_kwh"], row["activity"]) for row in read.hours.to_pylist()}
    assert hours == {"A": (2_000.0, 10 * GJ_PER_MMBTU), "B": (1_000.0, None)}
    assert (read.unusable["no_heat_input"], read.unusable["repeated"]) == (1, 3)


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        NOON.tz_localize("-05:00"),
        NOON.tz_localize("-05:00").tz_convert("UTC"),
        NOON.tz_localize("-05:00").tz_convert("America/New_York"),
    ],
    ids=["without zone", "offset", "utc", "summer time"],
)
def test_a_time_stamp_with_a_zone_is_that_instant_in_standard_time(tmp_path, time):
    rows(("A", 2.0, 10.0), time=time).to_parquet(tmp_path / FILE)
    (hour,) = read_years(tmp_path, (2001,)).hours.to_pylist()
    assert hour["hour_utc"] == NOON_UTC


def test_an_hour_with_a_zone_belongs_to_its_year_in_standard_time(tmp_path):
    new_year = pd.Timestamp("2002-01-01 04:00", tz="UTC")
    rows(("A", 2.0, 10.0), time=new_year).to_parquet(tmp_path / FILE)
    assert read_years(tmp_path, (2001,)).hours.num_rows == 1


@pytest.mark.parametrize(
    ("load", "heat", "time", "message"),
    [
        (math.nan, 1.0, NOON, "no row with a load"),
        (1.0, None, NOON, "no row with heat input"),
        (1.0, 1.0, NOON + pd.DateOffset(years=1), "2002"),
    ],
    ids=["no load", "no heat", "other year"],
)
def test_a_file_without_usable_rows_is_refused_with_its_reason(tmp_path, load, heat, time, message):
    rows(("A", load, heat), time=time).to_parquet(tmp_path / FILE)
    with pytest.raises(InputError, match=message):
        read_years(tmp_path, (2001,))


def test_the_plant_of_a_unit_is_found_by_name_and_without_the_list_there_is_none(tmp_path):
    assert read_plants(tmp_path) == {}
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / PLANTS).write_text(
        "NYISO Name,PTID,Facility ID\nAthens 1,1,55405\nAthens 2,2,55405\n", encoding="utf-8"
    )
    assert read_plants(tmp_path) == {"Athens 1": "55405", "Athens 2": "55405"}


def test_a_list_without_plants_is_refused_with_its_path(tmp_path):
    (tmp_path / PLANTS).write_text("NYISO Name,PTID\nAthens 1,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=PLANTS):
        read_plants(tmp_path)
