"""Hidden detectors of a simulated ring: what the models must not see, and what they must beat."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import TrafficDocument
from bigdata_emis.validate.tasks import validate
from bigdata_emis.validate.traffic.speed import CHAMPION, MODES
from tests.validate.document_check import wrong_keys
from tests.validate.traffic.detector_files import DAYS, STEPS, detector_speeds, write_detectors

HIDDEN = ["703", "712"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = write_detectors(tmp_path_factory.mktemp("ring"), detector_speeds())
    (path / "hidden.csv").write_text("sensor_id\n" + "\n".join(HIDDEN) + "\n", "utf-8")
    return path


def judge(folder, mode, data=None):
    out = folder / f"{mode}.csv"
    options = {"what": "speed", "mode": mode, "hidden": folder / "hidden.csv", "predictions": out}
    return validate("traffic", data or folder, options=options), pd.read_csv(out, dtype={"id": str})


@pytest.fixture(scope="module")
def judged(folder):
    return {mode: judge(folder, mode) for mode in MODES}


@pytest.mark.parametrize("mode", MODES)
def test_the_document_has_its_declared_shape(judged, mode):
    assert wrong_keys(judged[mode][0], TrafficDocument) == []
    assert [unit["id"] for unit in judged[mode][0]["units"]] == HIDDEN


def test_a_silent_detector_follows_its_neighbours_rather_than_its_profile(judged):
    models = judged["silent"][0]["models"]
    assert models[CHAMPION]["pooled_mae"] < 0.5 * models["own_weekday_profile"]["pooled_mae"]
    assert models[CHAMPION]["hourly_mae"] < models[CHAMPION]["pooled_mae"]


def test_a_detector_never_seen_is_better_than_the_profile_of_the_others(judged):
    models = judged["never-seen"][0]["models"]
    assert models[CHAMPION]["pooled_mae"] < 0.6 * models["profile_of_visible"]["pooled_mae"]
    assert models[CHAMPION]["coverage_90"] > 0.75


@pytest.mark.parametrize(("mode", "days"), [("silent", 1), ("never-seen", DAYS)])
def test_each_hidden_value_is_predicted_once(judged, mode, days):
    rows = judged[mode][1]
    assert rows.groupby("id").size().to_dict() == dict.fromkeys(HIDDEN, days * STEPS)
    assert not rows.duplicated(["time", "id"]).any()
    assert rows["time"].iloc[-1] == "2012-03-04 23:55:00"


@pytest.mark.parametrize(("mode", "first"), [("silent", 3 * STEPS), ("never-seen", 0)])
def test_predictions_do_not_depend_on_hidden_speeds(judged, folder, tmp_path, mode, first):
    speeds = detector_speeds()
    shuffled = speeds.loc[first:, HIDDEN].sample(frac=1, random_state=2).to_numpy()
    shuffled[::2] = np.nan
    speeds.loc[first:, HIDDEN] = shuffled
    rows = judge(folder, mode, write_detectors(tmp_path, speeds))[1]
    pd.testing.assert_frame_equal(rows, judged[mode][1])


def test_a_placed_detector_without_speeds_is_predicted_and_not_scored(folder, tmp_path):
    speeds = detector_speeds().drop(columns="703")
    document, rows = judge(folder, "never-seen", write_detectors(tmp_path, speeds))
    assert set(rows["id"]) == set(HIDDEN)
    assert [unit["id"] for unit in document["units"]] == ["712"]


@pytest.mark.parametrize(
    ("drop", "listed", "message"),
    [
        ([], ["999"], "detector 999 has no place"),
        (["703"], ["703"], "less than one past day"),
        ([], [str(700 + number) for number in range(10)], "14 detectors are left to fit"),
    ],
    ids=["unknown", "no past", "nothing left"],
)
def test_a_list_that_cannot_be_hidden_is_refused(tmp_path, drop, listed, message):
    write_detectors(tmp_path, detector_speeds().drop(columns=drop))
    (tmp_path / "hidden.csv").write_text("\n".join(listed), "utf-8")
    with pytest.raises(InputError, match=message):
        validate("traffic", tmp_path, options={"what": "speed", "mode": "silent", "hidden": tmp_path / "hidden.csv"})
