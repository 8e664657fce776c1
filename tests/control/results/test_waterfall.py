"""What each measure adds when it is applied after those before it."""

from math import fsum
from pathlib import Path

import pytest

from bigdata_emis.control.moved.moved_options import MovedOptions
from bigdata_emis.control.results.scenario_replay import open_replay
from bigdata_emis.control.results.waterfall import (
    LINE_MEASURES,
    MOST_STEPS,
    WaterfallDocument,
    join_steps,
    waterfall_document,
    waterfall_rows,
)
from bigdata_emis.control.scenario.measures import Measure, default_measures
from bigdata_emis.errors import InputError, RefusedError
from tests.control.moved.moved_town import detour, rebound, recalculate_moved, town
from tests.control.optimise.published_region import region_of
from tests.control.results.recalculated_town import recalculated_town, row_of


def waterfall_of(folder: Path, **request: str) -> WaterfallDocument:
    region, store, result = recalculated_town(folder)
    return waterfall_document(open_replay(region, row_of(result), result.parameters, store), **request)


def added(document: WaterfallDocument, pollutant: str) -> dict[str, float]:
    return {row["measure"]: row["added_kg"] for row in document["rows"] if row["pollutant"] == pollutant}


def test_the_most_specific_measure_replaces_and_an_exemption_takes_back(tmp_path: Path) -> None:
    """NOx: half of 240 from the foundry, then a fifth instead; half of the trucks, then all old ones (half of 480)."""
    document = waterfall_of(tmp_path)
    nox = {"a-industry": 120.0, "b-foundry": -72.0, "c-mill": 0.0, "d-trucks": 180.0, "e-old-trucks": 120.0}
    pm10 = {"a-industry": 72.0, "b-foundry": -14.4, "c-mill": -48.0, "d-trucks": 0.0, "e-old-trucks": 0.0}
    assert added(document, "NOx") == pytest.approx(nox, abs=1e-9)
    assert added(document, "PM10") == pytest.approx(pm10, abs=1e-9)
    assert list(added(document, "NOx")) == list(nox)


def test_additions_and_shares_add_up_to_the_cut_of_the_ledger(tmp_path: Path) -> None:
    document = waterfall_of(tmp_path, pollutant="NOx")
    rows = document["rows"]
    assert {row["pollutant"] for row in rows} == {"NOx"}
    assert document["cut_kg"]["NOx"] == pytest.approx(348.0)
    assert rows[-1]["cumulative_kg"] == document["cut_kg"]["NOx"]
    assert fsum(row["added_kg"] for row in rows) == pytest.approx(document["cut_kg"]["NOx"], rel=1e-13)
    assert fsum(row["share_of_cut"] or 0.0 for row in rows) == pytest.approx(1.0, rel=1e-13)
    assert rows[0]["added_share"] == pytest.approx(120 / 1920)


def test_the_cut_of_what_a_measure_applies_to_is_in_no_order_and_adds_up_to_the_cut(tmp_path: Path) -> None:
    """The foundry is cut by its own measure alone, and half of the industry's measure applies to nothing."""
    listed = waterfall_of(tmp_path, pollutant="NOx")
    own = {row["measure"]: row["own_kg"] for row in listed["rows"]}
    assert (own["a-industry"], own["b-foundry"], own["c-mill"]) == pytest.approx((0.0, 48.0, 0.0))
    assert own["d-trucks"] + own["e-old-trucks"] == pytest.approx(300.0)
    assert fsum(own.values()) == pytest.approx(listed["cut_kg"]["NOx"], rel=1e-12)


def test_the_order_of_the_steps_does_not_change_what_a_measure_applies_to(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    replay = open_replay(region, row_of(result), result.parameters, store)
    documents = [waterfall_document(replay, pollutant="NOx", order=order) for order in ("list", "cut")]
    by_list, by_cut = ({row["measure"]: row["own_kg"] for row in one["rows"]} for one in documents)
    assert by_list == by_cut


def test_what_a_detour_and_a_rebound_add_are_the_last_steps_with_a_negative_cut(tmp_path: Path) -> None:
    """348 kg are cut; 90 kg of trucks drive elsewhere, 24 kg of the foundry are made up."""
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    options = MovedOptions(rebound(0.5, 24).rebound, detour(0.3, {"link-a": 1.0}).detour)
    result = recalculate_moved(region, store, options)
    document = waterfall_document(open_replay(region, row_of(result), result.parameters, store), pollutant="NOx")
    *measures, driven, made_up = document["rows"]
    assert document["cut_kg"]["NOx"] == measures[-1]["cumulative_kg"] == pytest.approx(348.0)
    assert (driven["measure"], driven["step"], driven["added_kg"]) == ("(detour)", 6, pytest.approx(-90.0))
    assert (made_up["measure"], made_up["step"], made_up["added_kg"]) == ("(rebound)", 7, pytest.approx(-24.0))
    assert made_up["cumulative_kg"] == pytest.approx(234.0)
    assert made_up["share_of_cut"] == pytest.approx(-24 / 348)


def test_the_order_of_the_cut_begins_with_the_measure_that_cuts_most(tmp_path: Path) -> None:
    document = waterfall_of(tmp_path, pollutant="NOx", order="cut")
    expected = {"d-trucks": 180.0, "e-old-trucks": 120.0, "b-foundry": 48.0, "a-industry": 0.0, "c-mill": 0.0}
    assert list(added(document, "NOx")) == list(expected)
    (tmp_path / "listed").mkdir()
    listed = waterfall_of(tmp_path / "listed", pollutant="NOx")
    assert document["without_effect"]["NOx"] == ["a-industry", "c-mill"] == listed["without_effect"]["NOx"]
    assert added(document, "NOx") == pytest.approx(expected, abs=1e-9)


def test_a_wrong_request_is_refused_in_one_line(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    replay = open_replay(region, row_of(result), result.parameters, store)
    with pytest.raises(InputError, match="--order 'size' is unknown"):
        waterfall_document(replay, order="size")
    with pytest.raises(InputError, match="--order cut needs the pollutant"):
        waterfall_document(replay, order="cut")
    with pytest.raises(InputError, match="pollutant 'XYZ' is not in the ledger"):
        waterfall_document(replay, pollutant="XYZ")


def test_measures_of_single_lines_are_one_step_of_a_long_list() -> None:
    lines = [Measure(f"l{n}", "red", production_line_id=f"line-{n}", cut_share=0.5) for n in range(MOST_STEPS)]
    broad = [Measure("broad", level, grade_code="D", cut_share=0.5) for level in ("yellow", "red")]
    steps = join_steps([*lines, *broad], "red")
    assert [(step.name, len(step.measure_ids)) for step in steps] == [("broad", 1), (LINE_MEASURES, MOST_STEPS)]
    assert [len(step.measures) for step in join_steps([*lines[:2], *broad], "yellow")] == [1]


def test_the_list_that_ships_with_the_project_has_a_step_for_each_measure(tmp_path: Path) -> None:
    measures = default_measures(region_of(tmp_path))
    steps = join_steps(measures, "red")
    assert {step.name for step in steps} == {measure.measure_id for measure in measures}


def test_too_many_broad_measures_are_refused() -> None:
    broad = [Measure(f"m{n}", "red", grade_code="D", cut_share=0.5) for n in range(MOST_STEPS + 1)]
    with pytest.raises(RefusedError, match="201 measures that name no line"):
        join_steps(broad, "red")


def test_without_a_cut_there_is_no_share_of_it() -> None:
    (step,) = join_steps([Measure("m", "red")], "red")
    (row,) = waterfall_rows("SO2", [step], [{}, {"SO2": 0.0}], 10.0, {})
    assert (row["added_kg"], row["share_of_cut"]) == (0.0, None)
