"""Observed city means read from the two layouts of shared data."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.alert_history.observed_air import read_observed
from tests.validate.alert_history.observed_files import write_city, write_stations


def test_the_mean_of_the_stations_is_hourly_and_in_utc(tmp_path: Path) -> None:
    write_stations(tmp_path, {"A": [100.0, 200.0], "B": [200.0, float("nan")]}, start=datetime(2015, 12, 1, tzinfo=UTC))
    (one,) = read_observed(tmp_path)
    assert (one.city_name, one.hours[0]) == ("Beijing", datetime(2015, 11, 30, 16, tzinfo=UTC))
    assert one.air.particles["PM2.5"].tolist() == [150.0, 200.0]


def test_a_city_file_has_the_mean_of_its_columns(tmp_path: Path) -> None:
    write_city(tmp_path, "Beijing", [(10.0, 30.0), (20.0, None), (None, None), (-5.0, 40.0)])
    (one,) = read_observed(tmp_path)
    assert one.city_name == "Beijing"
    values = one.air.particles["PM2.5"]
    assert values[[0, 1, 3]].tolist() == [20, 20, 40]
    assert np.isnan(values[2])


def test_hours_that_a_file_lacks_are_missing(tmp_path: Path) -> None:
    path = write_city(tmp_path, "Beijing", [(10.0, 10.0)] * 5)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    path.write_bytes(gzip.compress("\n".join([*lines[:3], *lines[4:]]).encode()))
    (one,) = read_observed(tmp_path)
    assert np.flatnonzero(np.isnan(one.air.particles["PM2.5"])).tolist() == [2]


def test_dust_counts_as_clean(tmp_path: Path) -> None:
    write_stations(tmp_path, {"A": [80.0] * 3}, start=datetime(2015, 4, 1, tzinfo=UTC), pm10=[1500.0, 1500.0, 90.0])
    (one,) = read_observed(tmp_path)
    assert one.is_dust.tolist() == [True, True, False]
    assert one.air.particles["PM2.5"].tolist() == [0, 0, 80]


@pytest.mark.parametrize(
    "payload", [b"no gzip", gzip.compress(b"year,month\n2015,12\n", mtime=0), gzip.compress(b"", mtime=0)]
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, payload: bytes) -> None:
    path = write_city(tmp_path, "Beijing", [(10.0, 10.0)])
    path.write_bytes(payload)
    with pytest.raises(InputError, match=r"BeijingPM_2013_2015\.csv\.gz"):
        read_observed(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds neither"):
        read_observed(tmp_path)
