"""Emission factors of power units: the whole task."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import AvertDocument
from bigdata_emis.validate.tasks import validate
from tests.validate.avert.unit_files import write_year
from tests.validate.document_check import wrong_keys


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("avert")
    write_year(folder, 2021)
    write_year(folder, 2022, factor=1.2)
    return validate("avert", folder)


def test_the_document_has_its_declared_shape(document):
    assert wrong_keys(document, AvertDocument) == []


def test_without_years_the_last_one_is_scored(document):
    assert (document["fit"], document["score"], document["champion"]) == ([2021], [2022], "selected")


def test_plants_left_out_are_estimated_better_than_by_their_class_mean(document):
    scores = document["leave_plant_out"]["classes"]["Coal NOx per_kwh"]
    assert (scores["units"], scores["plants"]) == (32, 16)
    assert scores["models"]["selected"]["median_error"] < scores["models"]["class_mean"]["median_error"]
    assert 0.8 <= scores["models"]["selected"]["coverage_90_plants"] <= 1.0


def test_a_factor_that_is_the_same_everywhere_is_estimated_exactly(document):
    so2 = document["leave_plant_out"]["classes"]["Coal SO2 per_kwh"]["models"]
    assert so2["class_mean"]["median_error"] == pytest.approx(0, abs=1e-6)


def test_every_unit_and_baseline_is_in_the_document(document):
    assert {"class_mean", "class_median", "pooled", "selected"} <= set(document["models"])
    assert document["models"]["selected"]["n"] == len(document["units"]) == 64
    assert all(plot["series"] for plot in document["plots"])


def test_a_single_year_reports_why_there_is_no_transfer_between_years(tmp_path):
    write_year(tmp_path, 2021, plants=2)
    document = validate("avert", tmp_path)
    assert "only one year" in document["year_to_year"]["why_not"]
    assert document["season_to_season"]


@pytest.mark.parametrize(
    ("fit", "score", "message"),
    [
        ((2021,), (2030,), "unit_by_load_bin_2030.parquet is missing"),
        ((2021,), (2021,), "each once"),
        ((2022,), (2021,), "the fit years first"),
        ((), (2021,), "without years to fit"),
        ((2023,), (), "column 'nox_lb_oz' is missing"),
        ((2024,), (), "2024.parquet"),
    ],
    ids=["no file", "overlap", "backwards", "no fit", "no column", "no parquet"],
)
def test_bad_input_is_one_line_that_names_the_file(tmp_path, fit, score, message):
    for year in (2021, 2022):
        write_year(tmp_path, year, plants=1)
    write_year(tmp_path, 2023, plants=1, drop="nox_lb_oz")
    (tmp_path / "unit_by_load_bin_2024.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match=message) as refusal:
        validate("avert", tmp_path, fit=fit, score=score)
    assert "\n" not in str(refusal.value)
