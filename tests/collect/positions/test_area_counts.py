"""Positions counted in areas: fires of a day, and hours of ships at berth, on paper."""

from datetime import UTC, date, datetime

import pytest

from bigdata_emis.collect.positions.area_counts import COLUMNS, AreaCounts, count_day, write_counts
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import region
from tests.collect.registry_files import write

DAY = date(2015, 6, 12)
MIDNIGHT = datetime(2015, 6, 11, 16, tzinfo=UTC)
AREAS = (
    "activity_area_id,sector_code,industry_code,geometry_wkt\n"
    'east,biomass_burning,open_burning,"POLYGON ((116.5 39.5, 117 39.5, 117 40, 116.5 40, 116.5 39.5))"\n'
    'west,biomass_burning,open_burning,"POLYGON ((116 39.5, 116.5 39.5, 116.5 40, 116 40, 116 39.5))"\n'
    'quay,mobile,port,"POLYGON ((116.1 39.6, 116.2 39.6, 116.2 39.7, 116.1 39.7, 116.1 39.6))"\n'
)
COUNTED = (
    "activity_area_id,activity_unit_code,annual_activity,auxiliary_fuel_kg_per_h,boiler_fuel_kg_per_h,"
    "shore_power_share,source\neast,fire,60,,,,x\nwest,fire,60,,,,x\nquay,berth_h,10000,500,100,0,x\n"
)
FIRES = "latitude,longitude,acq_date,acq_time\n"
SHIPS = "ship_id,time_utc,longitude_deg,latitude_deg\n"
AT_QUAY, AT_SEA = "116.15,39.65", "116.3,39.65"


@pytest.fixture
def city(tmp_path):
    write(tmp_path, activity_area=AREAS, counted_area=COUNTED)
    return region(tmp_path)


def counted(city, unit, text):
    path = city.folder / "positions.csv"
    path.write_text(text, "utf-8")
    return count_day(city, unit, [path], day=DAY)


def by_local_hour(counts):
    return {(hour - MIDNIGHT).seconds // 3600: number for _, hour, number in counts.rows if number}


def ship(*reports, name="a"):
    return "".join(f"{name},{time},{place}\n" for time, place in reports)


def test_fires_of_the_local_day_are_counted_by_area_and_none_is_a_count(city):
    """23:59 of the day before and 00:01 of the day after are of other days; one fire is beyond both areas."""
    fires = [
        "39.6,116.6,2015-06-11,1601",
        "39.7,116.6,2015-06-12,0530",
        "39.7,116.6,2015-06-11,1559",
        "39.7,116.6,2015-06-12,1601",
        "38.0,116.6,2015-06-12,0530",
        "39.7,116.6,2015-06-12,0530",
    ]
    counts = counted(city, "fire", FIRES + "\n".join(fires) + "\n")
    assert counts.rows == [("east", MIDNIGHT, 2.0), ("west", MIDNIGHT, 0.0)]
    assert (counts.outside, counts.other_days, counts.repeated) == (1, 2, 1)


def test_a_fire_on_the_border_of_two_areas_is_counted_once(city):
    counts = counted(city, "fire", FIRES + "39.7,116.5,2015-06-12,0530\n")
    assert [number for _, _, number in counts.rows] == [1.0, 0.0]


def test_a_stay_is_the_time_between_reports_in_the_area_in_the_hours_in_which_it_lies(city):
    """From 00:10 to 01:20 of local time: 50 minutes of the first hour, 20 of the second."""
    reports = ship(("2015-06-11T16:10Z", AT_QUAY), ("2015-06-11T16:40Z", AT_QUAY), ("2015-06-11T17:20Z", AT_QUAY))
    counts = counted(city, "berth_h", SHIPS + reports)
    assert len(counts.rows) == 24
    assert by_local_hour(counts) == {0: pytest.approx(5 / 6, abs=1e-6), 1: pytest.approx(1 / 3, abs=1e-6)}


def test_two_ships_for_an_hour_are_two_berth_hours(city):
    hour = (("2015-06-11T17:00Z", AT_QUAY), ("2015-06-11T18:00Z", AT_QUAY))
    counts = counted(city, "berth_h", SHIPS + ship(*hour) + ship(*hour, name="b"))
    assert by_local_hour(counts) == {1: 2.0}


def test_a_stay_over_midnight_has_its_part_in_the_day(city):
    """Reports of the neighbouring days count: 30 minutes after the first midnight, 15 before the last."""
    reports = ship(
        ("2015-06-11T15:30Z", AT_QUAY),
        ("2015-06-11T16:30Z", AT_QUAY),
        ("2015-06-12T15:45Z", AT_QUAY),
        ("2015-06-12T16:05Z", AT_QUAY),
    )
    assert by_local_hour(counted(city, "berth_h", SHIPS + reports)) == {0: 0.5, 23: 0.25}


def test_a_ship_that_left_or_was_silent_for_long_did_not_stay(city):
    reports = ship(
        ("2015-06-11T17:00Z", AT_QUAY),
        ("2015-06-11T17:30Z", AT_SEA),
        ("2015-06-11T18:00Z", AT_QUAY),
        ("2015-06-11T19:01Z", AT_QUAY),
    )
    assert by_local_hour(counted(city, "berth_h", SHIPS + reports)) == {}


def test_counts_of_other_areas_stay_in_the_file_and_a_second_run_gives_the_same_bytes(city):
    out = city.folder / "2015-06-12.csv"
    assert write_counts(out, counted(city, "fire", FIRES + "39.7,116.6,2015-06-12,0530\n")) == 2
    ships = counted(city, "berth_h", SHIPS + ship(("2015-06-11T17:00Z", AT_QUAY), ("2015-06-11T18:00Z", AT_QUAY)))
    assert write_counts(out, ships) == 26
    first = out.read_bytes()
    assert write_counts(out, ships) == 26
    assert out.read_bytes() == first
    lines = first.decode().splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1:3] == ["east,2015-06-11T16:00:00+00:00,1", "quay,2015-06-11T16:00:00+00:00,0"]
    assert "quay,2015-06-11T17:00:00+00:00,1" in lines


def test_large_and_small_counts_are_written_in_full(city):
    out = city.folder / "counts.csv"
    write_counts(out, AreaCounts([("a", MIDNIGHT, 1234567.0), ("b,c", MIDNIGHT, 0.000123)], 0, 0, 0))
    assert [line.split("+00:00,")[1] for line in out.read_text("utf-8").splitlines()[1:]] == ["1234567", "0.000123"]
    assert '"b,c",' in out.read_text("utf-8")


def test_a_file_that_holds_something_else_is_not_overwritten(city):
    out = city.folder / "mine.csv"
    out.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match="column 'activity_area_id' is missing"):
        write_counts(out, counted(city, "fire", FIRES))
    assert out.read_text("utf-8") == "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("unit", "areas", "registered", "message"),
    [
        ("lto", AREAS, COUNTED, "--unit lto cannot be counted from positions; use one of berth_h, fire"),
        ("fire", AREAS, COUNTED.replace(",fire,", ",t,"), "region .* has no area that is counted in fire"),
        (
            "berth_h",
            AREAS.replace(AREAS.splitlines()[3], "quay,mobile,port,POINT (116.1 39.6)"),
            COUNTED,
            "activity_area quay: its geometry has no extent",
        ),
    ],
)
def test_what_positions_cannot_count_is_refused(tmp_path, unit, areas, registered, message):
    write(tmp_path, activity_area=areas, counted_area=registered)
    with pytest.raises(InputError, match=message):
        counted(region(tmp_path), unit, FIRES if unit == "fire" else SHIPS)
