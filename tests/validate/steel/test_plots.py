"""Charts of the steel plant."""

import numpy as np
import pytest

from bigdata_emis.validate.steel.data import read_quarters
from bigdata_emis.validate.steel.plots import steel_charts
from tests.validate.steel.plant_file import write_plant


@pytest.fixture
def quarters(tmp_path):
    write_plant(tmp_path, days=3)
    return read_quarters(tmp_path)


def test_the_share_of_correct_quarters_is_shown_by_month(quarters):
    right = np.eye(3)[quarters.label]
    month, reliability, *days = steel_charts({"perfect": right}, quarters, champion="perfect")
    assert month["series"] == [{"name": "perfect", "x": ["1"], "y": [1.0]}]
    assert reliability["series"][1]["y"] == [1.0]
    assert days == []


def test_the_day_with_the_most_wrong_quarters_is_first(quarters):
    label = quarters.label.copy()
    label[96 : 96 + 5] = 2
    label[:2] = 2
    *_, worst, second = steel_charts({"model": np.eye(3)[label]}, quarters, champion="model")
    assert worst["title_en"] == "A worst day: day 2 of the file, 5 of its quarters misclassified"
    assert "day 1 of the file, 2" in second["title_en"]
