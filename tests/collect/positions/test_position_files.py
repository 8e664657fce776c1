"""Files of fires and ships, with the columns that NASA FIRMS and a receiver of AIS give."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.collect.positions.position_files import read_fires, read_ships
from bigdata_emis.errors import InputError

FIRES = "latitude,longitude,bright_ti4,acq_date,acq_time,satellite,instrument,confidence,frp\n"
SHIPS = "ship_id,time_utc,longitude_deg,latitude_deg\n"


def file_of(folder, text, name="f.csv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_fire_has_the_centre_of_its_pixel_and_the_overpass_in_utc(tmp_path):
    """Times are hours and minutes without a leading zero in older files."""
    text = FIRES + "39.9,116.4,330.1,2015-06-12,512,N,VIIRS,n,4.2\n40.0,116.5,331,2015-06-12,1730,N,VIIRS,h,9\n"
    fires = read_fires([file_of(tmp_path, text)])
    assert fires.time_utc == [datetime(2015, 6, 12, 5, 12, tzinfo=UTC), datetime(2015, 6, 12, 17, 30, tzinfo=UTC)]
    assert (fires.longitude_deg.tolist(), fires.latitude_deg.tolist()) == ([116.4, 116.5], [39.9, 40.0])
    assert (set(fires.mover), fires.repeated) == ({""}, 0)


def test_a_fire_in_two_files_is_one(tmp_path):
    row = "39.9,116.4,330.1,2015-06-12,0512,N,VIIRS,n,4.2\n"
    paths = [file_of(tmp_path, FIRES + row, name) for name in ("first.csv", "second.csv")]
    fires = read_fires(paths)
    assert (len(fires.time_utc), fires.repeated) == (1, 1)


def test_column_names_may_be_in_capitals(tmp_path):
    fires = read_fires([file_of(tmp_path, "LATITUDE,LONGITUDE,ACQ_DATE,ACQ_TIME\n39.9,116.4,2015-06-12,05:12\n")])
    assert fires.time_utc == [datetime(2015, 6, 12, 5, 12, tzinfo=UTC)]


def test_ships_have_a_name_a_time_and_a_place(tmp_path):
    ships = read_ships([file_of(tmp_path, SHIPS + "413000001,2015-06-12T08:00+08:00,117.8,38.97\n")])
    assert (ships.mover, ships.time_utc) == (["413000001"], [datetime(2015, 6, 12, 0, tzinfo=UTC)])


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_fires, "latitude,longitude,acq_date\n39.9,116.4,2015-06-12\n", "column 'acq_time' is missing; expected"),
        (
            read_fires,
            FIRES + "39.9,116.4,1,2015-06-12,2460,N,V,n,1\n",
            "f.csv, row 2, column acq_time: '2460'; give hour",
        ),
        (
            read_fires,
            FIRES + "39.9,116.4,1,12.06.15x,0512,N,V,n,1\n",
            "row 2, column acq_date: '12.06.15x'; give a date",
        ),
        (read_fires, FIRES + "116.4,39.9,1,2015-06-12,0512,N,V,n,1\n", "column latitude: '116.4'; give -90 to 90"),
        (
            read_fires,
            FIRES + "39.9,116.4,1,2015-06-12,0512,N,VIIRS,n,1\n39.9,116.4,1,2015-06-12,0512,T,MODIS,50,1\n",
            "fires of MODIS and VIIRS; expected one instrument",
        ),
        (read_ships, SHIPS + ",2015-06-12T08:00Z,117.8,38.97\n", "row 2, column ship_id: it is empty"),
        (read_ships, SHIPS + "a,2015-06-12T08:00Z,x,38.97\n", "column longitude_deg: 'x'; give a number"),
        (read_ships, SHIPS + "a,noon,117.8,38.97\n", "column time_utc: 'noon'; give a time"),
        (read_ships, SHIPS + "a,2015-06-12T08:00Z,117.8\n", "row 2: 3 values for 4 columns"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_in_one_line(tmp_path, read, text, message):
    with pytest.raises(InputError, match=message) as refused:
        read([file_of(tmp_path, text)])
    assert "\n" not in str(refused.value)
