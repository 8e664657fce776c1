"""Hidden weeks of a simulated counter: what the model must not see, and what it must explain."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import TrafficDocument
from bigdata_emis.validate.tasks import validate
from bigdata_emis.validate.traffic.counter_data import read_counter
from bigdata_emis.validate.traffic.volume import CHAMPION, estimate_baselines
from tests.validate.document_check import wrong_keys
from tests.validate.traffic.traffic_files import counter_table, write_counter

WEEKS = 15
HIDDEN = ("2015-W06", "2015-W11")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = write_counter(tmp_path_factory.mktemp("counter"), counter_table(WEEKS))
    (path / "weeks.txt").write_text("iso_week\n" + "\n".join(HIDDEN) + "\n", "utf-8")
    return path


def judge(folder, mode="blocks", data=None):
    out = folder / f"{mode}.csv"
    options = {"what": "volume", "mode": mode, "hidden": folder / "weeks.txt", "predictions": out}
    document = validate("traffic", data or folder, options=options, page=folder / "page.html")
    return document, pd.read_csv(out)


@pytest.fixture(scope="module")
def blocks(folder):
    return judge(folder)


def test_the_document_has_its_declared_shape(blocks):
    assert wrong_keys(blocks[0], TrafficDocument) == []
    assert blocks[0]["hidden"] == list(HIDDEN)


def test_the_model_explains_rain_which_the_hour_of_the_week_does_not(blocks):
    models = blocks[0]["models"]
    assert models[CHAMPION]["pooled_r2"] > 0.95
    assert models[CHAMPION]["pooled_nmae"] < 0.6 * models["hour_of_week"]["pooled_nmae"]
    assert 0.8 < models[CHAMPION]["coverage_90"] < 0.98


def test_each_hidden_hour_is_predicted_once_with_an_interval(blocks):
    rows = blocks[1]
    assert list(rows.columns) == ["time", "id", "value", "p05", "p95"]
    assert len(rows) == rows["time"].nunique() == 2 * 168
    assert (rows["p05"] <= rows["value"]).all()
    assert (rows["value"] <= rows["p95"]).all()
    assert rows["time"].iloc[0] == "2015-02-02 00:00:00"


def test_predictions_do_not_depend_on_the_hidden_counts(blocks, folder, tmp_path):
    table = counter_table(WEEKS)
    week = pd.to_datetime(table["date_time"]).dt.isocalendar().week.isin([6, 11])
    shuffled = table.loc[week, "traffic_volume"].sample(frac=1, random_state=3).to_numpy()
    table["traffic_volume"] = table["traffic_volume"].astype(float)
    table.loc[week, "traffic_volume"] = np.where(np.arange(len(shuffled)) % 2, np.nan, shuffled)
    _document, rows = judge(folder, data=write_counter(tmp_path, table))
    pd.testing.assert_frame_equal(rows, blocks[1])


def test_forward_looks_at_no_count_after_the_first_hidden_week(folder, tmp_path):
    (folder / "weeks.txt").write_text("2015-W14\n", "utf-8")
    table = counter_table(WEEKS)
    later = pd.to_datetime(table["date_time"]).dt.isocalendar().week > 14
    table.loc[later, "traffic_volume"] = 17
    rows, changed = judge(folder, "forward")[1], judge(folder, "forward", write_counter(tmp_path, table))[1]
    (folder / "weeks.txt").write_text("\n".join(HIDDEN), "utf-8")
    pd.testing.assert_frame_equal(rows, changed)


def test_the_hour_of_the_week_is_the_mean_of_visible_weeks(tmp_path):
    counter = read_counter(write_counter(tmp_path, counter_table(9)))
    visible = np.where(np.arange(9 * 168) < 2 * 168, np.arange(9 * 168, dtype=float), np.nan)
    assert estimate_baselines(counter, visible)["hour_of_week"].value[-168:].tolist() == [
        84.0 + hour for hour in range(168)
    ]


@pytest.mark.parametrize(
    ("listed", "message"),
    [("2031-W01", "2031-W01 is not in the file"), ("week six", "write a week as 2016-W05"), ("#", "lists nothing")],
    ids=["week of another time", "words", "nothing"],
)
def test_a_list_that_cannot_be_hidden_is_refused(folder, tmp_path, listed, message):
    (tmp_path / "weeks.txt").write_text(listed + "\n", "utf-8")
    with pytest.raises(InputError, match=message):
        validate("traffic", folder, options={"what": "volume", "hidden": tmp_path / "weeks.txt"})


def test_too_little_left_to_fit_is_refused(folder, tmp_path):
    (tmp_path / "weeks.txt").write_text("2015-W03\n", "utf-8")
    with pytest.raises(InputError, match="168 counted hours are left to fit"):
        validate("traffic", folder, options={"what": "volume", "mode": "forward", "hidden": tmp_path / "weeks.txt"})
