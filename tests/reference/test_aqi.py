"""The air quality index by both standards, against values computed on paper."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import standard, standard_on

VECTORS = Path(__file__).parents[1] / "data" / "aqi_test_vectors.csv"
UG_PER_MG = 1000


def _vectors() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_there_are_124_vectors():
    assert len(_vectors()) == 124


@pytest.mark.parametrize("vector", _vectors(), ids=lambda v: "-".join(v.values()))
def test_sub_index_is_the_one_computed_on_paper(vector: dict[str, str]):
    concentration = float(vector["conc"]) * (UG_PER_MG if vector["pollutant"] == "CO" else 1)
    [computed] = standard(vector["standard"]).iaqi((vector["pollutant"], vector["averaging"]), concentration)
    assert computed == pytest.approx(float(vector["iaqi"] or "nan"), nan_ok=True)


@pytest.mark.parametrize(
    ("day", "version"), [("2015-12-19", "HJ633-2012"), ("2026-02-28", "HJ633-2012"), ("2026-03-01", "HJ633-2026")]
)
def test_standard_changes_on_its_day(day: str, version: str):
    assert standard_on(date.fromisoformat(day)).rule_version == version


@pytest.mark.parametrize(
    ("version", "concentration", "expected"),
    [("HJ633-2026", 35.4, 50), ("HJ633-2026", 35.5, 52), ("HJ633-2026", 36.5, 52), ("HJ633-2012", 35.4, 51)],
    ids=["down to 35", "half to even 36", "half to even 36 again", "2012 rounds only the index"],
)
def test_the_new_standard_rounds_the_concentration_first(version: str, concentration: float, expected: int):
    assert standard(version).iaqi(("PM2.5", "24h"), concentration).tolist() == [expected]


def test_carbon_monoxide_is_rounded_to_a_tenth_of_a_milligram():
    assert standard("HJ633-2026").iaqi(("CO", "24h"), [4040.0, 4060.0]).tolist() == [100, 101]


def test_hourly_particulate_matter_uses_the_daily_breakpoints():
    assert standard("HJ633-2026").iaqi(("PM2.5", "1h"), 60.0).tolist() == [100]


def test_ozone_of_one_hour_leaves_the_daily_index_in_2026():
    assert ("O3", "1h") in standard("HJ633-2012").items(daily=True)
    assert ("O3", "1h") not in standard("HJ633-2026").items(daily=True)
    assert len(standard("HJ633-2012").items(daily=True)) == 7
    assert len(standard("HJ633-2026").items(daily=True)) == 6
    assert len(standard("HJ633-2026").items(daily=False)) == 6


def test_index_is_the_largest_known_sub_index_and_names_ties_jointly():
    rules = standard("HJ633-2012")
    sub_indices = {
        item: rules.iaqi(item, values)
        for item, values in (
            (("PM2.5", "24h"), [75.0, 30.0, np.nan]),
            (("PM10", "24h"), [150.0, 40.0, np.nan]),
            (("O3", "8h"), [900.0, 10.0, np.nan]),
        )
    }
    assert rules.aqi(sub_indices).tolist()[:2] == [100, 43]
    assert np.isnan(rules.aqi(sub_indices)[2])
    assert [rules.primary_pollutants(sub_indices, k) for k in range(3)] == [("PM2.5", "PM10"), (), ()]


def test_a_missing_concentration_has_no_sub_index():
    assert np.isnan(standard("HJ633-2012").iaqi(("PM10", "24h"), np.nan)).all()


def test_a_negative_concentration_is_refused():
    with pytest.raises(InputError, match="negative"):
        standard("HJ633-2012").iaqi(("PM10", "24h"), -1.0)


@pytest.mark.parametrize("item", [("PM2.5", "8h"), ("NH3", "24h")])
def test_an_item_without_a_sub_index_is_refused(item: tuple[str, str]):
    with pytest.raises(InputError, match="no sub-index"):
        standard("HJ633-2026").iaqi(item, 1.0)


def test_an_unknown_standard_is_refused_with_those_known():
    with pytest.raises(InputError, match="HJ633-2012"):
        standard("HJ633-1999")
