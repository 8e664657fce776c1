"""Factors of power units: whole plants left out, and carried from period to period."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import validate
from bigdata_emis.validate.avert.data import G_PER_LB, read_year, years_present
from bigdata_emis.validate.avert.forest import forest_quantiles
from bigdata_emis.validate.avert.plants import Told, calibrated
from bigdata_emis.validate.avert.traits import traits
from bigdata_emis.validate.avert.transfer import Sample, transfer

BINS = 10


def write_year(folder: Path, year: int, *, plants: int = 16, factor: float = 1.0, drop: str = "") -> None:
    """Two units a plant; NOx per MWh falls with size and differs by state, SO2 by plant; May to September emits a tenth more NOx."""
    rng = np.random.default_rng(5)
    rows = []
    for plant in range(plants):
        size, dirt = float(rng.uniform(50, 500)), float(np.exp(rng.normal(0, 0.3)))
        state, rate = ("NY", 4.0) if plant % 2 else ("PA", 8.0)
        for unit in ("1", "2"):
            for number in range(BINS):
                generation = size * (number + 1) / BINS
                nox = rate * dirt * generation * factor
                rows.append(
                    {
                        "year": year,
                        "region": "NY",
                        "state": state,
                        "county": "x",
                        "lat": 40.0 + plant / 10,
                        "lon": -75.0,
                        "fuel_type": "Coal",
                        "orispl_code": 1000 + plant,
                        "unit_code": unit,
                        "full_name": f"Plant {plant} {unit}",
                        "load_bin_mw": 1000.0 * (number + 1),
                        "gen_mw": generation,
                        "nox_lb_oz": 1.1 * nox,
                        "nox_lb_non": nox,
                        "so2_lb_oz": 3 * generation,
                        "so2_lb_non": 3 * generation,
                        "co2_ton_oz": generation,
                        "co2_ton_non": generation,
                        "heat_mmbtu_oz": 10 * generation,
                        "heat_mmbtu_non": 10 * generation,
                    }
                )
    pd.DataFrame(rows).drop(columns=[drop] if drop else []).to_parquet(folder / f"unit_by_load_bin_{year}.parquet")
    loads = [1000.0 * (number + 1) for number in range(BINS)]
    hours = pd.DataFrame(
        {"region": "NY", "month": [1] * BINS + [7] * (BINS + 1), "regional_load_mw": [*loads, *loads, 99999.0]}
    )
    hours.to_parquet(folder / f"regional_load_hourly_{year}.parquet")


def sample(factor: float, *, units: int = 4, base: float = 0.0) -> Sample:
    driver = np.tile(np.arange(1.0, 11), (units, 1))
    return Sample(np.array(["Coal"] * units), np.arange(units), driver, base + factor * driver, np.ones_like(driver))


def test_each_hour_of_regional_load_falls_to_the_nearest_bin_of_its_season(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    year = read_year(tmp_path, 2021)
    assert year.hours["non"][0].tolist() == [1] * BINS
    assert year.hours["oz"][0].tolist() == [1] * (BINS - 1) + [2]
    first = float(year.emission_g["SO2", "non"][0, 0])
    assert first == pytest.approx(3 * year.energy_kwh[0, 0] / 1000 * G_PER_LB)


def test_without_regional_load_all_bins_count_alike(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    (tmp_path / "regional_load_hourly_2021.parquet").unlink()
    year = read_year(tmp_path, 2021)
    assert not year.has_regional_load
    assert np.ptp(year.weight_h) == 0


def test_traits_hold_nothing_that_a_monitor_says(tmp_path):
    write_year(tmp_path, 2021, plants=3)
    write_year(tmp_path, 2022, plants=3, factor=7.0)
    first, second = (traits(read_year(tmp_path, year)) for year in (2021, 2022))
    assert (first.known == second.known).all()
    assert (first.heat == second.heat).all()


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("avert")
    write_year(folder, 2021)
    write_year(folder, 2022, factor=1.2)
    return validate("avert", folder)


def test_the_last_year_is_scored_where_none_is_named(document):
    assert (document["fit"], document["score"], document["champion"]) == ([2021], [2022], "selected")


def test_plants_left_out_are_told_better_than_by_their_class_mean(document):
    scores = document["leave_plant_out"]["classes"]["Coal NOx per_kwh"]
    assert (scores["units"], scores["plants"]) == (32, 16)
    assert scores["models"]["selected"]["median_error"] < scores["models"]["class_mean"]["median_error"]
    assert 0.8 <= scores["models"]["selected"]["coverage_90_plants"] <= 1.0


def test_a_factor_that_is_the_same_everywhere_is_told_exactly(document):
    so2 = document["leave_plant_out"]["classes"]["Coal SO2 per_kwh"]["models"]
    assert so2["class_mean"]["median_error"] == pytest.approx(0, abs=1e-6)


def test_last_years_factor_shows_the_drift_of_the_next_year(document):
    carried = document["year_to_year"]["NOx per_kwh"]
    assert carried["models"]["last_period_proportional"]["median_abs_nmb"] == pytest.approx(1 - 1 / 1.2, abs=0.02)
    assert carried["units_new"] == 0


def test_every_unit_and_baseline_is_in_the_document(document):
    assert {"class_mean", "class_median", "pooled", "selected"} <= set(document["models"])
    assert document["models"]["selected"]["n"] == len(document["units"]) == 64
    assert all(plot["series"] for plot in document["plots"])


def test_one_year_alone_says_so(tmp_path):
    write_year(tmp_path, 2021, plants=2)
    alone = validate("avert", tmp_path)
    assert "only one year" in alone["year_to_year"]["why_not"]
    assert alone["season_to_season"]["NOx per_gj"]["models"]["last_period_proportional"][
        "median_abs_nmb"
    ] == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("fit", "score", "message"),
    [
        ((2021,), (2030,), "unit_by_load_bin_2030.parquet is missing"),
        ((2021,), (2021,), "each once"),
        ((2022,), (2021,), "the fitted first"),
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


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="unit_by_load_bin"):
        years_present(tmp_path)


def test_by_load_finds_emission_at_no_load_where_a_factor_alone_cannot():
    rows, _ = transfer(
        (sample(2.0, base=5.0), sample(2.0, base=5.0)), (sample(2.0, base=5.0), sample(2.0, base=5.0)), ids=list("abcd")
    )
    errors = {row["model"]: row["nmae"] for row in rows if row["id"] == "a"}
    assert errors["by_load"] == pytest.approx(0, abs=1e-9)
    assert errors["last_period_proportional"] > 0.1


def test_a_unit_that_is_new_goes_by_its_class():
    fit, score = sample(2.0), sample(2.0)
    fit.weight_h[3] = 0.0
    rows, _ = transfer((fit, score), (sample(2.0), sample(2.0)), ids=list("abcd"))
    assert [
        row["nmb"] for row in rows if row["id"] == "d" and row["model"] == "last_period_proportional"
    ] == pytest.approx([0])


def test_the_forest_answers_with_what_was_seen_in_its_leaves():
    known = np.repeat([[0.0], [1.0]], 10, axis=0)
    value = np.concatenate([np.arange(10.0), np.arange(100.0, 110)])
    found = forest_quantiles(known, value, np.array([[0.0], [1.0]]), weight=np.ones(20), ranks=(0.05, 0.5, 0.95))
    assert found.tolist() == [[0, 4, 9], [100, 104, 109]]


def test_bounds_move_until_other_plants_lie_inside():
    truth = np.linspace(-1, 1, 40)
    told = calibrated(Told(np.zeros(40), np.zeros(40), np.zeros(40)), truth, weight=np.ones(40), fold=np.arange(40) % 8)
    assert 0.85 <= float(((truth >= told.lower) & (truth <= told.upper)).mean()) <= 0.95
