"""Deweathering of simulated stations whose truth is known."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.beijing.data import read_stations
from bigdata_emis.validate.beijing.task import bound_estimate, estimate_champion, estimate_climatology
from bigdata_emis.validate.document import BeijingDocument
from bigdata_emis.validate.tasks import validate
from tests.validate.beijing.station_files import station_table, write_stations
from tests.validate.document_check import wrong_keys


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("beijing")
    write_stations(path, station_table("a", 1), station_table("b", 2))
    return path


@pytest.fixture(scope="module")
def document(folder):
    return validate("beijing", folder, fit=(2014,), score=(2015,), page=folder / "page.html")


def test_the_document_has_its_declared_shape(document):
    assert wrong_keys(document, BeijingDocument) == []


def test_trees_beat_climatology_and_the_day_before_where_weather_decides(document):
    models = document["by_pollutant"]["PM2.5"]
    assert models["boosting"]["median_r2"] > 0.8
    assert models["forest"]["median_r2"] > 0.8
    assert models["forest"]["median_r2"] > max(models[name]["median_r2"] for name in ("climatology", "day_before"))
    assert models["forest_in_blocks"]["median_r2"] > 0.8
    assert 0.8 < models["forest"]["coverage_90"] < 0.97


def test_climatology_is_enough_where_only_the_hour_counts(document):
    assert document["by_pollutant"]["O3"]["climatology"]["median_r2"] > 0.9


def test_units_are_stations_and_pollutants_that_were_measured(document):
    assert [unit["id"] for unit in document["units"]] == ["a PM2.5", "a O3", "b PM2.5", "b O3"]
    assert document["champion"] == "boosting"


def test_an_alert_without_effect_has_zero_inside_its_interval(document):
    rows = {(row["alert"], row["pollutant"]): row for row in document["alerts"]}
    row = rows["2015-12-08", "PM2.5"]
    assert row["unexplained_change_share_p05"] - 0.03 < 0 < row["unexplained_change_share_p95"] + 0.03
    assert abs(row["unexplained_change_share"]) < 0.1
    assert row["verdict"] == "unknown"


def test_the_page_is_written(document, folder):
    assert "2015-12-08" in (folder / "page.html").read_text("utf-8")
    assert {plot["kind"] for plot in document["plots"]} == {"ecdf", "bar", "line"}


@pytest.mark.parametrize(
    ("fit", "score", "message"),
    [((2014,), (2014,), "each once"), ((2014,), (2019,), "no hours of 2019"), ((2015,), (2014,), "go backwards")],
    ids=["same year", "year without hours", "backwards"],
)
def test_years_that_cannot_be_scored_are_refused(folder, fit, score, message):
    with pytest.raises(InputError, match=message):
        validate("beijing", folder, fit=fit, score=score)


def test_calibration_hours_are_estimated_without_their_measurements_and_score_hours_with_them(folder):
    """Measurements of the calibration hours are doubled: their own estimates stay, those of the score year rise."""
    stations = read_stations(folder)
    measured, weather = stations.measured[0, 0], stations.weather[0]
    number = np.arange(len(measured))
    is_scored = stations.years == 2015
    calibrated, fitted = (~is_scored & (number % 2 == part) for part in (0, 1))
    plain, doubled = (
        estimate_champion(stations, values, weather, fitted=fitted, calibrated=calibrated, has_trend=False).value
        for values in (measured, np.where(calibrated, 2 * measured, measured))
    )
    assert np.array_equal(plain[calibrated], doubled[calibrated])
    assert doubled[is_scored].mean() > 1.3 * plain[is_scored].mean()


def test_an_interval_covers_nine_tenths_of_its_calibration_hours():
    rng = np.random.default_rng(0)
    estimate = rng.uniform(10, 200, 3000)
    measured = estimate * rng.lognormal(0, 0.3, 3000)
    low, high = bound_estimate(estimate, measured, np.ones(3000, bool))
    assert ((low <= measured) & (measured <= high)).mean() == pytest.approx(0.9, abs=0.01)


def test_an_uncertain_level_widens_an_interval_in_quadrature_of_the_logarithm():
    """Ratios 0.5 and 2 of (estimate + 1) = 10, and a level known to ln 2 ÷ 1.645: √2 × ln 2 to both sides."""
    estimate = np.repeat([9.0, 19.0, 29.0], 40)
    measured = (estimate + 1) * np.where(np.arange(120) % 2, 0.5, 2.0) - 1
    low, high = bound_estimate(estimate, measured, np.ones(120, bool), level_sd=np.full(120, np.log(2) / 1.6448536))
    assert (low[0], high[0]) == pytest.approx((10 * 2 ** -(2**0.5) - 1, 10 * 2 ** (2**0.5) - 1), rel=1e-6)


def test_climatology_is_the_mean_of_hour_and_month_and_of_the_hour_in_other_months(tmp_path):
    write_stations(tmp_path, station_table("a", 1, 24 * 40))
    stations = read_stations(tmp_path)
    series = np.array([at.hour + 100.0 * at.month for at in stations.local])
    fitted = np.array([at.month == 7 for at in stations.local])
    estimate = estimate_climatology(stations, series, fitted)
    assert estimate[:24].tolist() == pytest.approx([700.0 + hour for hour in range(24)])
    assert estimate[-1] == pytest.approx(723.0)
