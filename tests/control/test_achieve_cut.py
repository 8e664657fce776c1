"""Achieved cuts: sums on paper, intervals with shared errors, days and the whole window."""

import pytest

from bigdata_emis import reference, schema
from bigdata_emis.control.achieve_cut import achieve_cut
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window
from tests.control.outcome.outcome_frames import (
    NORMAL_DAYS,
    context_of,
    emission,
    hour,
    lines,
    make_table,
    order_window,
    planned,
)

DAY = NORMAL_DAYS * 24


def expected(name, grams, *, spread=0.0, activity_sd=0.0, hours=range(DAY, DAY + 24)):
    key = {"source_id": name, "pollutant_code": "NOx", "counterfactual_method_code": "flat"}
    low, high = grams * (1 - spread), grams * (1 + spread)
    bounds = {"counterfactual_emission_g_p05": low, "counterfactual_emission_g_p95": high}
    row = {**key, **bounds, "counterfactual_emission_g": grams, "activity_relative_sd_share": activity_sd}
    return [{**row, "hour_utc": hour(n)} for n in hours]


def achieve(emissions, counterfactuals, cuts, *, names=("a", "b"), window=None):
    frame = achieve_cut(
        make_table("emission_hourly", emissions),
        make_table("counterfactual_hourly", counterfactuals),
        make_table("control_hourly", cuts),
        lines(*names),
        make_table("activity_area", []),
        reference.read("error_correlation"),
        context=context_of(window),
    )
    return conform(frame, schema.table("achieved_cut")).to_pylist()


def ordered(name, grams, base=100.0):
    """A planned cut whose base is stated, as of a projected day."""
    return [{**row, "baseline_emission_g": base} for row in planned(name, lambda n: grams)]


def of_all(rows):
    return next(row for row in rows if row["sector_code"] == "all")


def test_the_achieved_cut_is_what_would_have_been_less_what_was():
    """Two lines of 100 g an hour: one halves, one goes on; half of both was planned."""
    emissions = emission("a", lambda n: 50.0, DAY, DAY + 24) + emission("b", lambda n: 100.0, DAY, DAY + 24)
    cuts = ordered("a", 50.0) + ordered("b", 50.0)
    row = of_all(achieve(emissions, expected("a", 100.0) + expected("b", 100.0), cuts))
    assert row["counterfactual_emission_g"] == pytest.approx(4800)
    assert row["achieved_emission_g"] == pytest.approx(1200)
    assert row["achieved_share"] == pytest.approx(0.25)
    assert row["execution_share"] == pytest.approx(0.5)
    assert row["achieved_emission_g_p05"] == row["achieved_emission_g_p95"] == pytest.approx(1200)


def test_an_order_that_the_base_of_the_plan_contains_is_executed_in_full_and_not_twice():
    """The line obeys an order of 60 %: its inventory of 40 g was the base of the plan, which said 24 g, not 60 g."""
    obeyed = emission("a", lambda n: 40.0, DAY, DAY + 24)
    row = of_all(achieve(obeyed, expected("a", 100.0), planned("a", lambda n: 24.0)))
    assert row["cut_emission_g"] == pytest.approx(24 * 60)
    assert row["execution_share"] == pytest.approx(1.0)


def test_a_line_that_stopped_is_still_ordered_to_stop():
    emissions = emission("a", lambda n: 100.0 if n == DAY else 0.0, DAY, DAY + 24)
    row = of_all(achieve(emissions, expected("a", 100.0), planned("a", lambda n: 100.0 if n == DAY else 0.0)))
    assert row["cut_emission_g"] == pytest.approx(2400)
    assert row["execution_share"] == pytest.approx(23 / 24)


def test_sectors_sum_to_the_whole():
    emissions = emission("a", lambda n: 50.0, DAY, DAY + 24)
    emissions += emission("road", lambda n: 20.0, DAY, DAY + 24, sector="mobile")
    rows = achieve(emissions, expected("a", 100.0) + expected("road", 30.0), planned("a", lambda n: 50.0))
    by_sector = {row["sector_code"]: row["achieved_emission_g"] for row in rows}
    assert by_sector["mobile"] == pytest.approx(240)
    assert by_sector["mobile"] + by_sector["industrial_process"] == pytest.approx(by_sector["all"])


def test_an_order_that_no_reading_shows_is_within_the_upper_bound_and_not_credited():
    """A line cuts 50 of 100 g an hour; machines that follow the calendar were ordered to stop 30 g."""
    emissions = emission("a", lambda n: 50.0, DAY, DAY + 24)
    emissions += emission("site", lambda n: 100.0, DAY, DAY + 24, sector="mobile", method="profile")
    cuts = ordered("a", 50.0) + ordered("site", 30.0)
    row = of_all(achieve(emissions, expected("a", 100.0) + expected("site", 100.0), cuts))
    assert row["unseen_cut_emission_g"] == pytest.approx(24 * 30)
    assert (row["achieved_emission_g"], row["achieved_share"]) == (pytest.approx(24 * 50), pytest.approx(0.25))
    assert row["achieved_emission_g_p05"] == pytest.approx(24 * 50)
    assert row["achieved_emission_g_p95"] == pytest.approx(24 * 80)
    assert row["achieved_share_p95"] == pytest.approx(0.4)


def test_a_source_that_emitted_more_counts_against_the_cut():
    row = of_all(
        achieve(emission("a", lambda n: 120.0, DAY, DAY + 24), expected("a", 100.0), planned("a", lambda n: 50.0))
    )
    assert row["achieved_share"] == pytest.approx(-0.2)


def test_an_error_of_the_factor_moves_the_mass_and_not_the_share_where_all_cut_alike():
    emissions = emission("a", lambda n: 50.0, DAY, DAY + 24) + emission("b", lambda n: 50.0, DAY, DAY + 24)
    both = expected("a", 100.0, spread=0.5) + expected("b", 100.0, spread=0.5)
    row = of_all(achieve(emissions, both, planned("a", lambda n: 50.0)))
    assert row["achieved_share_p95"] - row["achieved_share_p05"] == pytest.approx(0, abs=1e-9)
    assert row["achieved_emission_g_p05"] < 0.8 * row["achieved_emission_g"]


def test_an_error_of_the_activity_moves_the_share():
    wide = expected("a", 100.0, activity_sd=0.2, spread=0.33)
    row = of_all(achieve(emission("a", lambda n: 50.0, DAY, DAY + 24), wide, planned("a", lambda n: 50.0)))
    assert row["achieved_share_p05"] < 0.45 < 0.55 < row["achieved_share_p95"]


def test_days_and_the_whole_window_have_rows_of_their_own():
    window = Window(hour(DAY - 24), hour(DAY + 24))
    emissions = emission("a", lambda n: 50.0, DAY - 24, DAY + 24)
    counterfactual = expected("a", 100.0, hours=range(DAY - 24, DAY + 24))
    rows = achieve(emissions, counterfactual, planned("a", lambda n: 50.0, DAY - 24), window=window)
    spans = {(r["from_utc"], r["to_utc"]): r["achieved_emission_g"] for r in rows if r["sector_code"] == "all"}
    assert spans == {
        (hour(DAY - 24), hour(DAY)): pytest.approx(1200),
        (hour(DAY), hour(DAY + 24)): pytest.approx(1200),
        (hour(DAY - 24), hour(DAY + 24)): pytest.approx(2400),
    }


def test_hours_outside_the_window_are_in_no_sum():
    emissions = emission("a", lambda n: 50.0, DAY, DAY + 24)
    rows = achieve(emissions, expected("a", 100.0), planned("a", lambda n: 50.0), window=order_window(0, 12))
    assert of_all(rows)["achieved_emission_g"] == pytest.approx(600)


def test_a_row_says_how_many_hours_are_in_its_sums():
    """Two hours of the day have no inventory: the plan of the other 22 is compared with what was achieved in them."""
    cuts = ordered("a", 50.0)
    row = of_all(achieve(emission("a", lambda n: 75.0, DAY + 2, DAY + 24), expected("a", 100.0), cuts))
    assert (row["judged_hour_count"], row["cut_emission_g"], row["achieved_emission_g"]) == (22, 1100.0, 550.0)


def test_a_window_without_an_inventory_achieved_nothing_that_is_known():
    assert achieve([], [], planned("a", lambda n: 50.0)) == []
