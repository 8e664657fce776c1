"""The bars of a scenario: from the base down to what is left, and no dozens of zeros."""

import pytest

from bigdata_emis.report.scenario_waterfall import SHOWN_BARS, scenario_waterfall
from bigdata_emis.report.sheet.report_sheet import words

LEDGER = [
    {"pollutant_code": "NOx", "baseline_emission_g": 200e3, "cut_emission_g": 60e3},
    {"pollutant_code": "BC", "baseline_emission_g": 9e3, "cut_emission_g": 0.0},
]


def row(measure: str, cut_g: float, county: str = ""):
    return {"measure_id": measure, "county_id": county, "pollutant_code": "NOx", "cut_emission_g": cut_g}


def test_bars_go_from_the_base_to_what_is_left_and_add_up_to_the_cut() -> None:
    account = [row("mill", 10e3), row("kiln", 30e3), row("kiln", 20e3, "110101"), row("", 0.0), row("idle", 0.0)]
    names = {name: words(name) for name in ("kiln", "mill", "idle", "never")}
    document = scenario_waterfall(account, LEDGER, {**names, "kiln": words("cement", "水泥")})
    assert list(document) == ["NOx"]
    nox = document["NOx"]
    assert [(bar["zh"], bar["cut_kg"], bar["left_kg"]) for bar in nox["bars"]] == [
        ("水泥", 50.0, 150.0),
        ("mill", 10.0, 140.0),
    ]
    assert sum(bar["cut_kg"] for bar in nox["bars"]) == nox["cut_kg"] == nox["baseline_kg"] - nox["bars"][-1]["left_kg"]
    assert (nox["idle"], nox["others"]) == (2, 0)


def test_small_cuts_are_one_bar_that_keeps_the_sum() -> None:
    account = [row(f"m{number:02}", 100.0 * (number + 1)) for number in range(SHOWN_BARS + 3)]
    nox = scenario_waterfall(account, LEDGER, {})["NOx"]
    assert (len(nox["bars"]), nox["others"]) == (SHOWN_BARS, 3)
    assert nox["others_kg"] == pytest.approx(0.1 + 0.2 + 0.3)


def test_a_detour_and_then_a_rebound_add_to_what_is_left() -> None:
    def moved(kind: str, outcome: str, grams: float):
        codes = {"moved_kind_code": kind, "moved_outcome_code": outcome, "pollutant_code": "NOx"}
        return {**codes, "moved_emission_g": grams}

    rows = [moved("rebound", "added", 5e3), moved("rebound", "over_capacity", 9e3), moved("detour", "added", 2e3)]
    nox = scenario_waterfall([row("kiln", 60e3)], LEDGER, {}, rows)["NOx"]
    bars = [(bar["en"], bar["zh"], bar["cut_kg"], bar["left_kg"]) for bar in nox["moved"]]
    assert bars == [("detour", "绕行", -2.0, 142.0), ("rebound", "反弹", -5.0, 147.0)]
