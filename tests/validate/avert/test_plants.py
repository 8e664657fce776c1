"""Factors of plants left out of the fit, and the calibration of their intervals."""

import numpy as np

from bigdata_emis.validate.avert.data import read_year
from bigdata_emis.validate.avert.plants import FactorEstimate, calibrate_bounds, leave_plants_out
from tests.validate.avert.unit_files import write_year


def test_bounds_move_until_nine_of_ten_units_of_other_plants_are_inside():
    truth, zeros = np.linspace(-1, 1, 40), np.zeros(40)
    calibrated = calibrate_bounds(
        FactorEstimate(zeros, zeros, zeros), truth, weight=np.ones(40), fold=np.arange(40) % 8
    )
    inside = (truth >= calibrated.lower) & (truth <= calibrated.upper)
    assert 0.85 <= inside.mean() <= 0.95


def test_bounds_that_are_too_wide_become_narrower_but_never_pass_the_middle():
    truth, middle = np.linspace(-1, 1, 40), np.zeros(40)
    wide = FactorEstimate(middle, middle - 50, middle + 50)
    calibrated = calibrate_bounds(wide, truth, weight=np.ones(40), fold=np.arange(40) % 8)
    assert calibrated.upper.max() < 2
    assert (calibrated.lower <= 0).all()
    assert (calibrated.upper >= 0).all()


def test_units_of_one_plant_are_left_out_together_and_small_classes_are_omitted(tmp_path):
    write_year(tmp_path, 2021)
    steps = []
    tasks = leave_plants_out(read_year(tmp_path, 2021), lambda what, _done, _all: steps.append(what))
    assert {(task.fuel, task.pollutant) for task in tasks} == {("Coal", "NOx"), ("Coal", "SO2")}
    assert len(steps) == 8
    for task in tasks:
        assert all(len(set(task.fold[task.plant == plant])) == 1 for plant in task.plant)
