"""New York units scored on years not fitted, through the engine."""

import json

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import NysDocument
from bigdata_emis.validate.tasks import validate
from tests.validate.document_check import wrong_keys
from tests.validate.nys.year_files import write_year


def write_two_years(folder):
    for year in (2001, 2002):
        write_year(folder, year)


def test_only_running_hours_are_scored_and_what_was_excluded_is_counted(spark, tmp_path):
    write_two_years(tmp_path)
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,))
    assert wrong_keys(document, NysDocument) == []
    (unit,) = document["units"]
    assert (unit["id"], unit["n"]) == ("One", 180)
    assert unit["r2"] > 0.999
    assert document["other_hours"]["running hour"]["frozen"]["selected"]["median_r2"] > 0.999
    assert document["models"]["selected"]["median_nmae"] < document["models"]["proportional"]["median_nmae"]
    assert not any("is_research" in summary for summary in document["models"].values())
    assert [row["id"] for row in document["not_scored"]] == ["Idle"]
    assert document["rows_unusable"] == {
        "no_time_or_name": 2,
        "not_on_the_hour": 0,
        "no_number": 0,
        "no_heat_input": 0,
        "repeated": 4,
    }


def test_hours_without_heat_are_not_scored_and_a_unit_without_any_is_reported(spark, tmp_path):
    write_two_years(tmp_path)
    path = tmp_path / "thermal_hourly_2002.parquet"
    table = pd.read_parquet(path)
    table.loc[(table["unit_name"] == "One") & table["ts_local"].dt.hour.eq(12), "heat_input_mmbtu"] = np.nan
    blind = table.query("unit_name == 'Idle'").assign(unit_name="Blind", gross_load_mw=5.0, heat_input_mmbtu=np.nan)
    pd.concat([table, blind]).to_parquet(path, index=False)
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,))
    (unit,) = document["units"]
    assert unit["n"] == 180 - 10
    assert document["rows_unusable"]["no_heat_input"] == 10 + 240
    assert [row["id"] for row in document["not_scored"]] == ["Blind", "Idle"]
    assert "NaN" not in json.dumps(document)


def test_every_form_is_scored_and_dominated_candidates_are_reported_and_not_chosen(spark, tmp_path):
    write_two_years(tmp_path)
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,))
    scored = {name for name, summary in document["models"].items() if summary["n"]}
    assert set(document["given_up"]["units"]) <= scored
    assert document["units"][0]["model"] not in document["given_up"]["units"]


def test_the_truth_of_the_score_years_does_not_reach_the_models(spark, tmp_path):
    for name, noise in (("calm", 1.0), ("wild", 300.0)):
        (tmp_path / name).mkdir()
        write_year(tmp_path / name, 2001)
        write_year(tmp_path / name, 2002, noise_mmbtu=noise)
    calm, wild = (validate("nys", tmp_path / name, fit=(2001,), score=(2002,)) for name in ("calm", "wild"))
    assert calm["chosen_forms"] == wild["chosen_forms"]
    assert wild["models"]["selected"]["coverage_90"] < 0.2


def test_the_replay_of_the_day_is_the_headline_in_walk_forward_mode(spark, tmp_path):
    write_two_years(tmp_path)
    path = tmp_path / "thermal_hourly_2001.parquet"
    gone = pd.read_parquet(path).assign(unit_name="Gone")
    pd.concat([pd.read_parquet(path), gone]).to_parquet(path, index=False)
    options = {"mode": "walk-forward", "truth_late_days": 1}
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,), options=options)
    assert wrong_keys(document, NysDocument) == []
    assert list(document["modes"]) == ["frozen", "walk-forward"]
    assert document["models"]["selected"] == document["modes"]["walk-forward"]["selected"]
    assert "is_research" not in document["models"]["selected"]
    assert [row["id"] for row in document["not_scored"]] == ["Gone", "Idle"]


@pytest.mark.parametrize(
    ("years", "options", "message"),
    [
        ({}, {"truth_late_days": 5}, "truth 5 days late has no meaning in mode frozen; add --mode walk-forward"),
        ({}, {"mode": "walk-forward", "truth_late_days": 0}, "before its hour is over"),
        ({}, {"mode": "sideways"}, "mode 'sideways' is unknown"),
        ({"fit": (2019,), "score": (2017,)}, {}, "go backwards"),
        ({"fit": (2017, 2019), "score": (2018,)}, {"mode": "walk-forward"}, "go backwards"),
    ],
    ids=["late truth of a frozen model", "truth before its hour", "mode", "frozen backwards", "walk backwards"],
)
def test_what_a_model_could_not_know_is_refused_before_the_data_are_read(tmp_path, years, options, message):
    with pytest.raises(InputError, match=message):
        validate("nys", tmp_path / "nowhere", **years, options=options)


@pytest.mark.parametrize(
    ("fit", "score", "message"),
    [
        ((2001,), (2001,), "each once"),
        ((2001,), (2009,), "thermal_hourly_2009.parquet is missing"),
        ((2001,), (2003,), "column 'heat_input_mmbtu' is missing"),
        ((2001,), (2004,), "2004.parquet"),
        ((2001,), (2005,), "hours of other years"),
    ],
    ids=["overlap", "no file", "no column", "no parquet", "other year"],
)
def test_bad_input_is_one_line_that_names_the_file(tmp_path, fit, score, message):
    write_year(tmp_path, 2001)
    write_year(tmp_path, 2003, drop="heat_input_mmbtu")
    (tmp_path / "thermal_hourly_2004.parquet").write_bytes(b"not parquet")
    write_year(tmp_path, 2006)
    (tmp_path / "thermal_hourly_2006.parquet").rename(tmp_path / "thermal_hourly_2005.parquet")
    with pytest.raises(InputError, match=message) as refusal:
        validate("nys", tmp_path, fit=fit, score=score)
    assert "\n" not in str(refusal.value)
