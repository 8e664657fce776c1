"""The files of the detectors: places, times, unknown speeds, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.traffic.detector_data import read_detectors
from tests.validate.traffic.detector_files import DETECTORS, detector_speeds, write_detectors


def test_rows_begin_on_a_thursday_and_the_third_day_is_a_weekend(tmp_path):
    detectors = read_detectors(write_detectors(tmp_path, detector_speeds()))
    assert detectors.times[0] == pd.Timestamp("2012-03-01")
    assert detectors.is_weekend[::288].tolist() == [False, False, True, True]
    assert detectors.step_of_day[[287, 288]].tolist() == [287, 0]


def test_zero_and_blank_speeds_and_detectors_without_a_column_are_unknown(tmp_path):
    speeds = detector_speeds().drop(columns="705")
    speeds.loc[4, "700"], speeds.loc[5, "700"] = 0.0, np.nan
    speed = read_detectors(write_detectors(tmp_path, speeds)).speed
    assert speed.shape == (DETECTORS, len(speeds))
    assert np.isnan(speed[0, [4, 5]]).all()
    assert np.isnan(speed[5]).all()


def test_places_are_kilometres_apart(tmp_path):
    network = read_detectors(write_detectors(tmp_path, detector_speeds())).network
    # Opposite on the ring: 0.2 degrees of latitude.
    assert network.apart_km[6, 18] == pytest.approx(0.2 * 111.2)


@pytest.mark.parametrize("value", [400.0, -3.0, "fast", np.inf], ids=["400 mph", "negative", "words", "infinite"])
def test_an_impossible_speed_is_refused(tmp_path, value):
    speeds = detector_speeds().astype(object)
    speeds.loc[3, "700"] = value
    with pytest.raises(InputError, match="los_speed_sample"):
        read_detectors(write_detectors(tmp_path, speeds))


def test_part_of_a_day_and_an_unplaced_detector_are_refused(tmp_path):
    with pytest.raises(InputError, match="whole days of 288"):
        read_detectors(write_detectors(tmp_path, detector_speeds().iloc[:-1]))
    with pytest.raises(InputError, match="detector 999 has no place"):
        read_detectors(write_detectors(tmp_path, detector_speeds().rename(columns={"700": "999"})))


def test_missing_files_and_an_adjacency_of_another_size_are_refused(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_detectors(tmp_path)
    write_detectors(tmp_path, detector_speeds())
    (tmp_path / "road_metr_la_week" / "los_adj.csv.gz").unlink()
    with pytest.raises(InputError, match=r"los_adj\.csv\.gz is missing"):
        read_detectors(tmp_path)
    pd.DataFrame(np.eye(3)).to_csv(tmp_path / "road_metr_la_week" / "los_adj.csv.gz", header=False, index=False)
    with pytest.raises(InputError, match="24 × 24 weights"):
        read_detectors(tmp_path)
