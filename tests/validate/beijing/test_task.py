"""Weather's part in the air, judged on made-up stations whose truth is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import validate
from bigdata_emis.validate.beijing.data import read_stations
from bigdata_emis.validate.beijing.task import climatology, interval

START, HOURS = datetime(2014, 7, 1, tzinfo=UTC), 24 * 550


def station(name, seed, hours=HOURS):
    rng = np.random.default_rng(seed)
    wind = np.abs(np.convolve(rng.standard_normal(hours + 23), np.ones(24) / 5, "valid"))
    held = {
        "station": [name] * hours,
        "ts_beijing": [(START + timedelta(hours=n)).replace(tzinfo=None) for n in range(hours)],
        "PM2.5": 150 - 30 * wind + 5 * rng.standard_normal(hours),
        "O3": 60 + 20 * np.sin(np.arange(hours) * 2 * np.pi / 24) + rng.standard_normal(hours),
        **{name: [None] * hours for name in ("PM10", "SO2", "NO2", "CO")},
        "WSPM": wind,
        "wd": ["NNE", None] * (hours // 2),
        **{name: rng.standard_normal(hours) for name in ("TEMP", "DEWP", "PRES", "RAIN")},
    }
    numbers = {
        key: pa.array(value, pa.float64()) for key, value in held.items() if key not in ("station", "ts_beijing", "wd")
    }
    return pa.table(
        {
            **numbers,
            "station": held["station"],
            "wd": held["wd"],
            "ts_beijing": pa.array(held["ts_beijing"], pa.timestamp("us")),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("beijing")
    pq.write_table(pa.concat_tables([station("a", 1), station("b", 2)]), place / "prsa_12_stations.parquet")
    return place


@pytest.fixture(scope="module")
def document(folder):
    return validate("beijing", folder, fit=(2014,), score=(2015,), page=folder / "page.html")


def test_forest_beats_climatology_and_the_day_before_where_weather_rules(document):
    medians = {name: found["PM2.5"] for found in [document["by_pollutant"]] for name in ["PM2.5"]}["PM2.5"]
    assert medians["forest"]["median_r2"] > 0.8
    assert medians["forest"]["median_r2"] > max(medians[name]["median_r2"] for name in ("climatology", "day_before"))
    assert medians["forest_in_blocks"]["median_r2"] > 0.8
    assert 0.8 < medians["forest"]["coverage_90"] < 0.97


def test_climatology_is_enough_where_only_the_hour_counts(document):
    assert document["by_pollutant"]["O3"]["climatology"]["median_r2"] > 0.9


def test_units_are_stations_and_pollutants_that_were_measured(document):
    assert [unit["id"] for unit in document["units"]] == ["a PM2.5", "a O3", "b PM2.5", "b O3"]
    assert {"id", "model", "r2", "nmb", "mae", "coverage_90", "n"} <= set(document["units"][0])
    assert document["champion"] == "forest"


def test_alert_that_changed_nothing_is_within_its_interval(document):
    found = {(row["alert"], row["pollutant"]): row for row in document["alerts"]}
    assert {alert for alert, _ in found} == {"2015-12-08", "2015-12-19"}
    row = found["2015-12-08", "PM2.5"]
    assert row["unexplained_change_share_p05"] - 0.03 < 0 < row["unexplained_change_share_p95"] + 0.03
    assert abs(row["unexplained_change_share"]) < 0.1
    assert (row["alert_days"], row["days_beside"]) == (3, 24)


def test_wind_stands_out_against_fine_particles_and_random_weather_does_not(document):
    found = {(row["indicator"], row["target"]): row for row in document["associations"]["weather"]}
    assert found["wind_speed", "PM2.5"]["strength"] < -0.9
    assert found["wind_speed", "PM2.5"]["q_value"] < 1e-6 < found["pressure", "PM2.5"]["q_value"]


def test_page_is_written(document, folder):
    assert "2015-12-08" in (folder / "page.html").read_text("utf-8")
    assert {plot["kind"] for plot in document["plots"]} == {"ecdf", "bar", "line"}


@pytest.mark.parametrize(
    ("fit", "score", "words"),
    [((2014,), (2014,), "each once"), ((2014,), (2019,), "no hours of 2019"), ((2015,), (2014,), "go backwards")],
    ids=["same year", "year without hours", "backwards"],
)
def test_years_that_cannot_be_judged_are_refused(folder, fit, score, words):
    with pytest.raises(InputError, match=words):
        validate("beijing", folder, fit=fit, score=score)


def test_files_that_cannot_be_used_are_refused(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_stations(tmp_path)
    path = tmp_path / "prsa_12_stations.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(InputError, match="whole Parquet"):
        read_stations(tmp_path)
    pq.write_table(station("a", 1, 48).drop_columns(["O3"]), path)
    with pytest.raises(InputError, match="'O3' is missing"):
        read_stations(tmp_path)


def test_hours_that_the_file_lacks_are_gaps_and_a_negative_value_is_none(tmp_path):
    rows = station("a", 1, 48)
    low = rows.set_column(rows.column_names.index("PM2.5"), "PM2.5", pa.array([-1.0] + [50.0] * 47))
    pq.write_table(pa.concat_tables([low.slice(0, 10), low.slice(20)]), tmp_path / "prsa_12_stations.parquet")
    held = read_stations(tmp_path)
    assert len(held.local) == 48
    assert np.isnan(held.measured[0, 0, [0, *range(10, 20)]]).all()
    assert np.isfinite(held.measured[0, 0, 20:]).all()
    assert held.local[5].hour == 5


def test_interval_covers_nine_tenths_of_the_hours_it_was_made_from():
    rng = np.random.default_rng(0)
    estimate = rng.uniform(10, 200, 3000)
    measured = estimate * rng.lognormal(0, 0.3, 3000)
    low, high = interval(estimate, measured, np.ones(3000, bool))
    assert ((low <= measured) & (measured <= high)).mean() == pytest.approx(0.9, abs=0.01)


def test_climatology_is_the_mean_of_hour_and_month(tmp_path):
    pq.write_table(station("a", 1, 24 * 40), tmp_path / "prsa_12_stations.parquet")
    held = read_stations(tmp_path)
    series = np.array([at.hour + 100.0 * at.month for at in held.local])
    fitted = np.array([at.month == 7 for at in held.local])
    found = climatology(held, series, fitted)
    assert found[:24].tolist() == pytest.approx([700.0 + hour for hour in range(24)])
    assert found[-1] == pytest.approx(723.0)  # August was not fitted: the hour alone
