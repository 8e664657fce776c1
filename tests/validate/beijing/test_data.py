"""How the file of the Beijing stations is read."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.beijing.data import FILE, mean_over_stations, read_stations
from tests.validate.beijing.station_files import station_table, write_stations


def test_hours_that_the_file_lacks_are_gaps_and_a_negative_value_is_missing(tmp_path):
    rows = station_table("a", 1, 48)
    values = pa.array([-1.0] + [50.0] * 47)
    negative = rows.set_column(rows.column_names.index("PM2.5"), "PM2.5", values)
    write_stations(tmp_path, negative.slice(0, 10), negative.slice(20))
    stations = read_stations(tmp_path)
    assert len(stations.local) == 48
    assert np.isnan(stations.measured[0, 0, [0, *range(10, 20)]]).all()
    assert np.isfinite(stations.measured[0, 0, 20:]).all()
    assert stations.local[5].hour == 5


def test_stations_are_in_alphabetical_order_and_years_are_local(tmp_path):
    write_stations(tmp_path, station_table("b", 1, 48), station_table("a", 2, 48))
    stations = read_stations(tmp_path)
    assert stations.names == ("a", "b")
    assert set(stations.years.tolist()) == {2014}


def test_the_mean_over_stations_ignores_missing_values():
    by_station = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    assert mean_over_stations(by_station).tolist() == pytest.approx([2, 5, np.nan], nan_ok=True)


def test_files_that_cannot_be_used_are_refused(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_stations(tmp_path)
    (tmp_path / FILE).write_bytes(b"no parquet")
    with pytest.raises(InputError, match="complete Parquet"):
        read_stations(tmp_path)
    write_stations(tmp_path, station_table("a", 1, 48).drop_columns(["O3"]))
    with pytest.raises(InputError, match="'O3' is missing"):
        read_stations(tmp_path)
