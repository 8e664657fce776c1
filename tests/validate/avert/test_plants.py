"""Factors of plants left out of the fit, and the calibration of their intervals."""

import numpy as np
import pandas as pd

from bigdata_emis.validate.avert.data import read_year
from bigdata_emis.validate.avert.plants import BY_REGION, FactorEstimate, calibrate_bounds, leave_plants_out
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
    tasks = leave_plants_out([read_year(tmp_path, 2021)], lambda what, _done, _all: steps.append(what))
    assert {(task.fuel, task.pollutant) for task in tasks} == {("Coal", "NOx"), ("Coal", "SO2")}
    assert len(steps) == 8
    for task in tasks:
        assert all(len(set(task.fold[task.plant == plant])) == 1 for plant in task.plant)


def coal_nox(folder, years):
    read = [read_year(folder, year) for year in years]
    return next(t for t in leave_plants_out(read, lambda *_: None) if (t.pollutant, t.driver) == ("NOx", "per_kwh"))


def test_earlier_years_of_other_plants_count_at_the_level_of_the_last_year(tmp_path):
    """All factors doubled from year to year: moved to the level of the last, they change no class mean."""
    write_year(tmp_path, 2020, factor=0.5)
    write_year(tmp_path, 2021)
    alone, pooled = coal_nox(tmp_path, [2021]), coal_nox(tmp_path, [2020, 2021])
    assert np.allclose(pooled.raw["class_mean"].middle, alone.raw["class_mean"].middle)
    assert pooled.measured.tolist() == alone.measured.tolist()


def test_no_year_of_a_plant_that_is_left_out_is_seen(tmp_path):
    """The earlier year of one plant is a thousand times dirtier: its own estimate does not change."""
    write_year(tmp_path, 2020)
    write_year(tmp_path, 2021)
    clean = coal_nox(tmp_path, [2020, 2021])
    rows = pd.read_parquet(tmp_path / "unit_by_load_bin_2020.parquet")
    rows.loc[rows["orispl_code"] == 1000, ["nox_lb_oz", "nox_lb_non"]] *= 1000
    rows.to_parquet(tmp_path / "unit_by_load_bin_2020.parquet")
    dirty = coal_nox(tmp_path, [2020, 2021])
    own = clean.plant == 1000
    for name, model in clean.raw.items():
        assert np.allclose(model.middle[own], dirty.raw[name].middle[own])


def test_the_estimate_of_a_plant_does_not_use_its_own_measurement(tmp_path):
    write_year(tmp_path, 2021)
    clean = coal_nox(tmp_path, [2021])
    rows = pd.read_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    rows.loc[rows["orispl_code"] == 1000, ["nox_lb_oz", "nox_lb_non"]] *= 1000
    rows.to_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    dirty = coal_nox(tmp_path, [2021])
    own = clean.plant == 1000
    assert np.allclose(clean.raw["forest"].middle[own], dirty.raw["forest"].middle[own])


EIGHT_REGIONS = tuple(f"R{number}" for number in range(8))


def coal_nox_by_region(folder, years):
    read = [read_year(folder, year) for year in years]
    tasks = leave_plants_out(read, lambda *_: None, group_by=BY_REGION)
    return next(task for task in tasks if (task.pollutant, task.driver) == ("NOx", "per_kwh"))


def test_the_plants_of_a_region_are_left_out_together(tmp_path):
    """Plants 1000 and 1008 are the two of the first of eight regions; with seven regions no class can be split."""
    write_year(tmp_path, 2021, regions=EIGHT_REGIONS)
    task = coal_nox_by_region(tmp_path, [2021])
    assert set(task.plant[task.fold == 0].tolist()) == {1000, 1008}
    write_year(tmp_path, 2021, regions=EIGHT_REGIONS[:7])
    assert leave_plants_out([read_year(tmp_path, 2021)], lambda *_: None, group_by=BY_REGION) == []


def test_no_plant_and_no_year_of_a_region_that_is_left_out_is_seen(tmp_path):
    """Plant 1008 is a thousand times dirtier in both years: the estimate of its neighbour 1000 does not change."""
    folders = [tmp_path / name for name in ("clean", "dirty")]
    for folder in folders:
        folder.mkdir()
        write_year(folder, 2020, regions=EIGHT_REGIONS)
        write_year(folder, 2021, regions=EIGHT_REGIONS)
    for path in folders[1].glob("unit_by_load_bin_*.parquet"):
        rows = pd.read_parquet(path)
        rows.loc[rows["orispl_code"] == 1008, ["nox_lb_oz", "nox_lb_non"]] *= 1000
        rows.to_parquet(path)
    clean, dirty = (coal_nox_by_region(folder, [2020, 2021]) for folder in folders)
    own = clean.plant == 1000
    for name, model in clean.raw.items():
        assert np.allclose(model.middle[own], dirty.raw[name].middle[own])


def test_bounds_hold_for_units_and_for_plants(tmp_path):
    """Bounds are never narrower than those by plants alone, or by units alone."""
    write_year(tmp_path, 2021)
    rows = pd.read_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    twins = [rows[rows["orispl_code"] == 1000].assign(unit_code=f"9{n}", nox_lb_oz=50.0 * n) for n in range(5)]
    pd.concat([rows, *twins]).to_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    task = coal_nox(tmp_path, [2021])
    bounds = task.estimates["forest"]
    for weight in (task.weight, np.ones_like(task.weight)):
        alone = calibrate_bounds(task.raw["forest"], task.measured, weight=weight, fold=task.fold)
        assert (bounds.lower <= alone.lower).all()
        assert (bounds.upper >= alone.upper).all()
    widths = [
        calibrate_bounds(task.raw["forest"], task.measured, weight=weight, fold=task.fold).upper
        for weight in (task.weight, np.ones_like(task.weight))
    ]
    assert not np.allclose(widths[0], widths[1])
