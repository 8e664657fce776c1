"""Operating states judged on months that were not fitted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import validate
from bigdata_emis.validate.class_metrics import class_rows, in_set, overall, reliability, set_limit, tempered
from bigdata_emis.validate.steel.data import NAME, POWER, read_quarters

LABELS = np.array(["Light_Load", "Medium_Load", "Maximum_Load"])


def write_plant(folder: Path, *, days: int = 59, drop: str = "", label: str = "") -> None:
    """Light by night and on Sundays, medium by day, maximum in the morning; power follows."""
    stamp = pd.date_range("2018-01-01 00:15", periods=days * 96, freq="15min")
    start = stamp - pd.Timedelta(minutes=15)
    works = (start.dayofweek < 6).astype(int)
    state = (
        works
        * ((start.hour >= 8).astype(int) + ((start.hour >= 9) & (start.hour < 12)).astype(int))
        * (start.hour < 22)
    )
    energy = np.array([3.0, 40, 60])[state] * np.exp(np.random.default_rng(1).normal(0, 0.3, len(start)))
    # The file writes the last quarter of a day as 00:00 of that same day.
    rows = pd.DataFrame(
        {"date": [f"{s:%d-%m-%Y} {e:%H:%M}" for s, e in zip(start, stamp, strict=True)], "Load_Type": LABELS[state]}
    )
    rows = rows.assign(**{name: energy for name in POWER}).drop(columns=[drop] if drop else [])
    if label:
        rows.loc[0, "Load_Type"] = label
    rows.to_csv(folder / NAME, index=False)


def test_the_stamp_is_the_end_of_its_quarter_and_midnight_closes_the_day(tmp_path):
    write_plant(tmp_path, days=2)
    quarters = read_quarters(tmp_path)
    assert quarters.day.tolist() == [0] * 96 + [1] * 96
    assert quarters.quarter[[0, 31, 32, 95]].tolist() == [0, 31, 32, 95]
    assert quarters.label[[31, 32, 36]].tolist() == [0, 1, 2]


def test_models_are_judged_by_class_beside_the_baselines(tmp_path):
    write_plant(tmp_path)
    document = validate("steel", tmp_path, fit=(1,), score=(2,))
    models = document["models"]
    assert [unit["id"] for unit in document["units"]] == list(LABELS)
    assert models["boosted"]["accuracy"] > 0.97
    assert models["boosted"]["macro_f1"] > models["power_thresholds"]["macro_f1"]
    assert models["unsupervised_states"]["accuracy"] > 0.6
    assert sum(unit["n"] for unit in document["units"]) == 28 * 96
    assert {"hour_of_week_mode", "boosted_few_labels"} <= set(models)
    assert {plot["kind"] for plot in document["plots"]} <= {"bar", "line"}


@pytest.mark.parametrize(
    ("options", "fit", "score", "message"),
    [
        ({"drop": "Usage_kWh"}, (1,), (2,), "Usage_kWh"),
        ({"label": "Strange"}, (1,), (2,), "Strange"),
        ({}, (1,), (1, 2), "both fitted and scored"),
        ({}, (1,), (7,), "hold 0 rows"),
    ],
    ids=["column", "label", "overlap", "no month"],
)
def test_bad_input_is_one_line_that_says_what_to_mend(tmp_path, options, fit, score, message):
    write_plant(tmp_path, **options)
    with pytest.raises(InputError, match=message) as refusal:
        validate("steel", tmp_path, fit=fit, score=score)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="Steel_industry_data"):
        read_quarters(tmp_path)


def test_metrics_of_four_rows_by_hand():
    probability, label = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.6, 0.4]]), np.array([0, 0, 1, 1])
    first, second = class_rows(probability, label, names=("a", "b"), inside=np.array([True, True, True, False]))
    assert first["nmb"] == pytest.approx((2.3 - 2) / 2)
    assert (first["precision"], first["recall"], second["f1"]) == pytest.approx((2 / 3, 1, 2 / 3))
    assert first["r2"] == pytest.approx(1 - (0.04 + 0.16 + 0.09 + 0.36) / 1)
    assert (first["coverage_90"], second["coverage_90"]) == (1, 0.5)
    assert overall(probability, label, [first, second])["accuracy"] == 0.75


def test_a_prediction_set_holds_the_likeliest_class_and_all_above_its_limit():
    probability, label = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2])
    assert in_set(probability, label, 0.25).tolist() == [True, False]
    assert in_set(probability, np.array([0, 0]), 0.9).tolist() == [True, True]
    assert set_limit(np.array([[0.9, 0.1]] * 9 + [[0.4, 0.6]]), np.zeros(10, dtype=int)) == pytest.approx(0.4)


def test_reliability_says_what_was_said_and_what_came():
    assert reliability(np.array([0.81, 0.83]), np.array([True, False])) == [
        {"said": pytest.approx(0.82), "came": 0.5, "n": 2}
    ]


def test_a_lower_exponent_humbles():
    assert tempered(np.array([[0.8, 0.2]]), 0.5)[0].tolist() == pytest.approx([2 / 3, 1 / 3])
