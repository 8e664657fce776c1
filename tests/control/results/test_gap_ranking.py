"""Which plants would close the gap to a target, and what is missing where they do not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.optimise.optimise_region import OptimisationFiles, optimise_region
from bigdata_emis.control.results.gap_ranking import (
    GapDocument,
    NotRanked,
    RemainingEmission,
    gap_document,
    rank_until_closed,
    remaining_emission,
)
from bigdata_emis.control.results.scenario_replay import ScenarioReplay, open_replay
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.process_limits import ProcessLimit
from bigdata_emis.errors import InputError
from tests.control.optimise.published_region import WINDOW
from tests.control.results.recalculated_town import recalculate_town, recalculated_town, row_of
from tests.control.scenario.day_frames import emission, planned, sources, traffic


def gap_of(folder: Path, pollutant: str, target: float | None) -> GapDocument:
    region, store, result = recalculated_town(folder)
    replay = open_replay(region, row_of(result), result.parameters, store)
    return gap_document(replay, pollutant=pollutant, target_share=target)


def test_a_gap_is_closed_by_the_plant_that_still_emits(tmp_path: Path) -> None:
    """A quarter of 1,920 kg is 480; 348 are cut; the foundry has 192 of its 240 left."""
    document = gap_of(tmp_path, "NOx", 0.25)
    assert (document["gap_kg"], document["missing_kg"]) == pytest.approx((132.0, 0.0))
    assert document["is_closed"]
    (row,) = document["rows"]
    assert (row["source"], row["industry"], row["grade"]) == ("foundry-1", "foundry", "C")
    assert (row["left_kg"], row["more_kg"], row["cumulative_kg"]) == pytest.approx((192.0, 192.0, 192.0))


def test_a_gap_that_cannot_be_closed_says_what_is_missing_and_where_the_rest_is(tmp_path: Path) -> None:
    document = gap_of(tmp_path, "NOx", 0.3)
    assert not document["is_closed"]
    assert (document["gap_kg"], document["possible_kg"], document["missing_kg"]) == pytest.approx((228.0, 192.0, 36.0))
    assert document["reachable_share"] == pytest.approx(540 / 1920)
    left = document["not_ranked_kg"]
    assert (left["guaranteed_supply"], left["traffic"]) == pytest.approx((1200.0, 180.0))


def test_exempt_plants_and_areas_are_not_ranked(tmp_path: Path) -> None:
    document = gap_of(tmp_path, "PM10", 1.0)
    assert [(row["source"], row["more_kg"]) for row in document["rows"]] == [("foundry-1", pytest.approx(38.4))]
    left = document["not_ranked_kg"]
    assert (left["exempt"], left["area"]) == pytest.approx((96.0, 192.0))
    assert document["cut_kg"] + document["possible_kg"] + sum(left.values()) == pytest.approx(336.0)


def test_a_target_that_is_reached_has_no_gap(tmp_path: Path) -> None:
    document = gap_of(tmp_path, "NOx", 0.1)
    assert (document["gap_kg"], document["rows"], document["is_closed"]) == (0.0, [], True)


def test_the_target_of_the_ledger_is_the_default(tmp_path: Path) -> None:
    assert gap_of(tmp_path, "NOx", None)["target_share"] == 0.2


def changed_town(folder: Path) -> ScenarioReplay:
    """Orange for six hours, then red."""
    region, store, _ = recalculated_town(folder)
    change = LevelOrder(WINDOW.from_utc + timedelta(hours=6), "red")
    result = recalculate_town(region, store, "changed", [change])
    return open_replay(region, row_of(result), result.parameters, store)


def test_an_event_that_changes_has_the_target_of_the_level_in_force_by_hour(tmp_path: Path) -> None:
    """Orange for 6 h: 20 % of 480 kg are 96, 87 are cut. Red for 18 h: 30 % of 1,440 kg are 432, 405 are cut.

    In red hours the foundry stops (180 kg) and nothing more of it can be cut; trucks and power are not ranked. In
    orange hours it has 48 kg left.
    """
    document = gap_document(changed_town(tmp_path), pollutant="NOx")
    orange, red = document["orders"]
    assert [(one["level"], one["target_share"]) for one in (orange, red)] == [("orange", 0.2), ("red", 0.3)]
    assert (orange["gap_kg"], orange["missing_kg"]) == pytest.approx((9.0, 0.0))
    assert (red["gap_kg"], red["missing_kg"]) == pytest.approx((27.0, 27.0))
    assert (document["gap_kg"], document["missing_kg"]) == pytest.approx((36.0, 27.0))
    assert not document["is_closed"]
    assert document["target_share"] == pytest.approx((96 + 432) / 1920)
    assert [(row["source"], row["more_kg"]) for row in document["rows"]] == [("foundry-1", pytest.approx(48.0))]


def test_a_given_target_of_an_event_that_changes_is_of_all_hours(tmp_path: Path) -> None:
    document = gap_document(changed_town(tmp_path), pollutant="NOx", target_share=0.25)
    assert (document["orders"], document["gap_kg"]) == ([], 0.0)
    assert document["cut_kg"] == pytest.approx(87 + 405)


def test_what_a_detour_adds_is_taken_off_the_cut(tmp_path: Path) -> None:
    """Without a detour 348 of the wanted 384 kg are cut; a detour of 10 kg makes the gap of 36 kg one of 46."""
    region, store, result = recalculated_town(tmp_path)
    replay = open_replay(region, row_of(result), result.parameters, store)
    ledger = {"NOx": {**replay.ledger["NOx"], "added_emission_g": 10_000.0}}
    assert gap_document(replay, pollutant="NOx")["gap_kg"] == pytest.approx(36.0)
    detoured = replace(replay, ledger={**replay.ledger, **ledger})
    assert gap_document(detoured, pollutant="NOx")["gap_kg"] == pytest.approx(46.0)


def test_a_pollutant_without_a_target_at_any_level_is_refused_with_the_levels(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CO2 has no target at level orange, red"):
        gap_document(replace(changed_town(tmp_path), ledger={"CO2": {}}), pollutant="CO2")


def test_a_target_that_is_no_share_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--target 30: expected a share between 0 and 1"):
        gap_of(tmp_path, "NOx", 30)


def remaining_of(
    measures: list[Measure],
    limits: dict[str, ProcessLimit],
    grams: float = 10.0,
    steps: dict[str, dict[float, float]] | None = None,
) -> RemainingEmission:
    table = sources(("oven", "industrial_process", "coking", "D", None), ("mill", "other", "milling", "B", None))
    cuts = MeasureCuts(measures, limits)
    plan = planned(measures=cuts, sources=table, traffic_hourly=traffic(range(0)))
    pieces = [emission(name, "NOx", dict.fromkeys(range(24), grams)) for name in ("oven", "mill")]
    for _ in cut_pieces(plan, pieces):
        pass
    return remaining_emission([plan], cuts, "NOx", steps=steps)


def test_a_process_can_be_cut_down_to_its_least_load() -> None:
    """240 g: ordered 20 %, least load 50 %, so 30 % more; the least load itself stays."""
    half = {"coking": ProcessLimit(min_load_share=0.5)}
    remaining = remaining_of([Measure("m", "red", industry_code="coking", cut_share=0.2)], half)
    assert remaining.more_g == pytest.approx({"oven": 72.0, "mill": 240.0})
    assert remaining.not_ranked_g[NotRanked.LEAST_LOAD] == pytest.approx(120.0)


def test_grades_and_the_list_limit_what_an_optimisation_may_order() -> None:
    """Of 240 g each, 20 % of the oven are ordered: D may be stopped down to half its load, B by 30 % at most."""
    half = {"coking": ProcessLimit(min_load_share=0.5)}
    steps = {"D": {0.3: 1.0, 0.5: 1.0, 1.0: 1.0}, "B": {0.3: 3.0}}
    remaining = remaining_of([Measure("m", "red", industry_code="coking", cut_share=0.2)], half, steps=steps)
    assert remaining.in_grades_g == pytest.approx(72.0 + 72.0)
    listed = [Measure("m", "red", industry_code="milling", cut_share=0.6)]
    assert remaining_of(listed, half, steps=steps).in_grades_g == pytest.approx(120.0)


def test_the_share_within_grades_is_that_of_an_optimisation(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    replay = open_replay(region, row_of(result), result.parameters, store)
    targets = tmp_path / "targets.csv"
    targets.write_text("pollutant_code,target_share\nNOx,0.1\nPM10,0.1\n", "utf-8")
    files = OptimisationFiles(measures=tmp_path / "town.csv", targets=targets)
    asked = optimise_region(region=region, level="orange", window=WINDOW, files=files, store=store)
    largest = {row["pollutant"]: row["largest_share"] for row in asked["targets"]}
    for pollutant in ("NOx", "PM10"):
        document = gap_document(replay, pollutant=pollutant, target_share=0.9)
        assert document["reachable_in_grades_share"] == pytest.approx(largest[pollutant])


def test_a_process_at_its_least_load_is_no_candidate_also_while_it_ramps() -> None:
    slow = {"coking": ProcessLimit(min_load_share=0.5, ramp_down_h=10.0)}
    remaining = remaining_of([Measure("m", "red", industry_code="coking", cut_share=1.0)], slow)
    assert list(remaining.more_g) == ["mill"]


def test_a_plant_is_a_candidate_in_the_hours_without_an_exemption() -> None:
    free = Measure("m", "red", industry_code="milling", from_local_hour=0, to_local_hour=6)
    remaining = remaining_of([free], {})
    assert remaining.more_g["mill"] == pytest.approx(180.0)
    assert remaining.not_ranked_g[NotRanked.EXEMPT] == pytest.approx(60.0)


def test_days_add_up_and_the_largest_possible_cut_is_first_until_the_gap_closes() -> None:
    names = ("sector_code", "industry_code", "grade_code", "county_id")
    traits = {source: dict.fromkeys(names, "") for source in "abc"}
    grams = {"a": 1000.0, "b": 3000.0, "c": 3000.0}
    remaining = RemainingEmission(traits=traits, left_g=grams, more_g=grams)
    assert [(r["rank"], r["source"], r["cumulative_kg"]) for r in rank_until_closed([(remaining, 4.0)])] == [
        (1, "b", 3.0),
        (2, "c", 6.0),
    ]
    assert len(rank_until_closed([(remaining, 100.0)])) == 3
