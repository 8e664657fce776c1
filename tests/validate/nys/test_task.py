"""Models judged on hours that they have not seen, through the engine."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import validate
from bigdata_emis.validate.metrics import series_metrics, summary


def write_year(folder: Path, year: int, *, noise_mmbtu: float = 1.0, drop: str = "") -> None:
    rng = np.random.default_rng(year)
    hours = pd.date_range(f"{year}-03-01", periods=240, freq="h")
    load = np.where(hours.hour < 6, 0.0, 100.0 + 20 * rng.integers(0, 5, len(hours)))
    heat = np.where(load > 0, 200 + 8 * load + rng.normal(0, noise_mmbtu, len(hours)), 0.0)
    unit = pd.DataFrame(
        {"ts_local": hours, "unit_name": "One", "ptid": 7, "gross_load_mw": load, "heat_input_mmbtu": heat}
    )
    idle = unit.assign(unit_name="Idle", gross_load_mw=0.0, heat_input_mmbtu=0.0)
    untimed = unit.head(1).assign(ts_local=pd.NaT)
    table = pd.concat([unit, idle, untimed, unit.tail(2)]).drop(columns=drop or [])
    table.to_parquet(folder / f"thermal_hourly_{year}.parquet", index=False)


def test_nothing_but_running_hours_is_scored_and_what_was_left_out_is_told(spark, tmp_path):
    for year in (2001, 2002):
        write_year(tmp_path, year)
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,))
    (unit,) = document["units"]
    assert (unit["id"], unit["n"]) == ("One", 180)
    assert unit["r2"] > 0.999
    assert document["other_hours"]["running hour"]["frozen"]["selected"]["median_r2"] > 0.999
    assert document["models"]["selected"]["median_nmae"] < document["models"]["proportional"]["median_nmae"]
    assert [row["id"] for row in document["not_scored"]] == ["Idle"]
    assert document["rows_unusable"] == {
        "no_time_or_name": 2,
        "not_on_the_hour": 0,
        "no_number": 0,
        "no_heat_input": 0,
        "repeated": 4,
    }


def test_hours_without_heat_are_not_scored_and_a_unit_without_any_is_told(spark, tmp_path):
    for year in (2001, 2002):
        write_year(tmp_path, year)
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


def test_every_form_is_scored_and_those_that_the_training_stage_gives_up_are_told(spark, tmp_path):
    for year in (2001, 2002):
        write_year(tmp_path, year)
    document = validate("nys", tmp_path, fit=(2001,), score=(2002,))
    scored = {name for name, of_model in document["models"].items() if of_model["n"]}
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


def test_a_walk_stands_beside_the_frozen_models_and_units_that_stopped_are_told(spark, tmp_path):
    for year in (2001, 2002):
        write_year(tmp_path, year)
    gone = pd.read_parquet(tmp_path / "thermal_hourly_2001.parquet").assign(unit_name="Gone")
    pd.concat([pd.read_parquet(tmp_path / "thermal_hourly_2001.parquet"), gone]).to_parquet(
        tmp_path / "thermal_hourly_2001.parquet", index=False
    )
    document = validate(
        "nys", tmp_path, fit=(2001,), score=(2002,), options={"mode": "walk-forward", "truth_late_days": 1}
    )
    assert list(document["modes"]) == ["frozen", "walk-forward"]
    assert document["models"]["selected"] == document["modes"]["walk-forward"]["selected"]
    assert [row["id"] for row in document["not_scored"]] == ["Gone", "Idle"]


def test_a_walk_into_the_past_is_refused(tmp_path):
    with pytest.raises(InputError, match="go backwards"):
        validate("nys", tmp_path, fit=(2002,), score=(2001,), options={"mode": "walk-forward"})


def test_truth_known_before_its_hour_is_over_is_refused(tmp_path):
    with pytest.raises(InputError, match="before its hour is over"):
        validate("nys", tmp_path, fit=(2001,), score=(2002,), options={"mode": "walk-forward", "truth_late_days": 0})


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


def test_an_unknown_task_is_refused(tmp_path):
    with pytest.raises(InputError, match="moon"):
        validate("moon", tmp_path, fit=(2001,), score=(2002,))


def test_metrics_of_three_hours_by_hand():
    metrics = series_metrics(
        np.array([1.0, 2, 6]), np.array([1.0, 3, 5]), p05=np.array([0.0, 0, 6]), p95=np.array([2.0, 4, 7])
    )
    assert metrics == pytest.approx({"r2": 1 - 2 / 8, "nmb": 0, "mae": 2 / 3, "nmae": 2 / 9, "coverage_90": 2 / 3})


def test_a_summary_of_no_units_is_empty_rather_than_wrong():
    assert summary([])["median_r2"] is None
