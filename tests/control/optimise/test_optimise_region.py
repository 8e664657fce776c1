"""From a published day to a list of measures, whose ledger is the cut of the optimisation."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.control.optimise.optimise_region import OptimisationFiles, name_districts, optimise_region
from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
from bigdata_emis.control.recalculate import recalculate
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window
from tests.control.optimise.published_region import KNOWN, WINDOW, region_of, write_day

TARGETS = "pollutant_code,target_share\nNOx,0.15\nPM10,0.2\n"


def optimise(folder: Path, store: Store | None = None, *, window: Window = WINDOW, **files: Any) -> Any:
    lake = store or write_day(folder)
    (folder / "targets.csv").write_text(TARGETS, "utf-8")
    given = {"measures": folder / "listed.csv", "targets": folder / "targets.csv", **files}
    return optimise_region(
        region=region_of(folder), level="orange", window=window, files=OptimisationFiles(**given), store=lake
    )


def test_the_ledger_of_the_written_measures_is_the_cut_of_the_set(tmp_path: Path) -> None:
    store, out = write_day(tmp_path), tmp_path / "out.csv"
    document = optimise(tmp_path, store, out=out)
    scenario = recalculate(
        region=region_of(tmp_path),
        level="orange",
        window=WINDOW,
        measures_file=out,
        name=None,
        known_utc=KNOWN,
        store=store,
        run_id="test",
    )
    ledger = {row["pollutant"]: row["cut_kg"] for row in scenario.document()["ledger"]}
    assert ledger == {row["pollutant"]: pytest.approx(row["cut_kg"], rel=1e-12) for row in document["targets"]}
    assert all(row["met"] for row in document["targets"])
    assert document["out"] == str(out)


def test_the_same_inputs_give_the_same_document_and_bytes(tmp_path: Path) -> None:
    store = write_day(tmp_path)
    first, second = (optimise(tmp_path, store, out=tmp_path / f"{n}.csv") for n in (1, 2))
    unlike = {"seconds": 0, "out": ""}
    assert {**first, **unlike} == {**second, **unlike}
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_the_document_says_where_costs_are_from_and_what_it_rests_on(tmp_path: Path) -> None:
    document = optimise(tmp_path)
    assert (document["cost_source_code"], document["cost_unit"]) == ("emission_proxy", "index")
    assert (document["candidate_sources"], document["sources_without_cost"]) == (5, [])
    assert list(document["inputs"]["emission_hourly"]) == ["2015-12-20"]
    costs = tmp_path / "costs.csv"
    costs.write_text("sector_code,cost_cny_per_d\nindustrial_process,10\ndust,1\n", "utf-8")
    priced = optimise(tmp_path, costs=costs)
    assert (priced["cost_source_code"], priced["cost_unit"], priced["status"]) == ("user_table", "CNY", "infeasible")
    assert priced["sources_without_cost"] == ["vehicles:car", "vehicles:truck+truck-old"]


def test_what_is_required_is_ordered_and_what_is_forbidden_is_not(tmp_path: Path) -> None:
    store = write_day(tmp_path)
    (tmp_path / "require.csv").write_text("source_id\nvehicles:car\n", "utf-8")
    (tmp_path / "forbid.csv").write_text("source_id,cut_share\nfoundry-1,0.5\n", "utf-8")
    document = optimise(tmp_path, store, required=tmp_path / "require.csv", forbidden=tmp_path / "forbid.csv")
    steps = {row["source"]: row["step_share"] for row in document["steps"]}
    assert steps["vehicles:car"] == 1.0
    assert steps.get("foundry-1", 0.0) < 0.5


def test_an_infeasible_problem_writes_no_file(tmp_path: Path) -> None:
    out, high = tmp_path / "out.csv", tmp_path / "high.csv"
    high.write_text("pollutant_code,target_share\nNOx,0.9\n", "utf-8")
    document = optimise(tmp_path, targets=high, out=out)
    assert (document["status"], document["out"], document["measure_rows"]) == ("infeasible", None, 0)
    assert not out.exists()
    # Of 1,920 kg: the foundry 240, all trucks and cars 300 + 60.
    assert document["targets"][0]["largest_share"] == pytest.approx(600 / 1920)


def test_a_target_of_a_pollutant_without_emission_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="SO2 has a target of 0.2 and no emission in the window"):
        optimise(tmp_path, targets=None)


def test_days_to_come_are_projected_as_by_a_recalculation(tmp_path: Path) -> None:
    """The one published day is steady, so the next day is projected as it was: the same base and the same set."""
    store, out = write_day(tmp_path), tmp_path / "out.csv"
    later = Window(WINDOW.to_utc, WINDOW.to_utc + timedelta(hours=WINDOW.hours))
    present, projected = optimise(tmp_path, store), optimise(tmp_path, store, window=later, out=out)
    assert (projected["projected_days"], projected["base_source"]) == (["2015-12-21"], "projected")
    assert (projected["days_without_inventory"], projected["unjudged"]) == ([], [])
    assert list(projected["inputs"]["emission_hourly"]) == ["2015-12-20"]
    assert [row["base_kg"] for row in projected["targets"]] == pytest.approx([r["base_kg"] for r in present["targets"]])
    assert [row["source"] for row in projected["steps"]] == [row["source"] for row in present["steps"]]
    scenario = recalculate(
        region=region_of(tmp_path),
        level="orange",
        window=later,
        measures_file=out,
        name=None,
        known_utc=KNOWN,
        store=store,
        run_id="test",
        choose_versions=published_or_projected_versions,
    )
    cut_kg = {row["pollutant"]: row["cut_kg"] for row in scenario.document()["ledger"]}
    assert cut_kg == {row["pollutant"]: pytest.approx(row["cut_kg"], rel=1e-12) for row in projected["targets"]}


def test_a_window_that_cannot_be_projected_is_refused(tmp_path: Path) -> None:
    later = Window(WINDOW.from_utc + timedelta(days=11), WINDOW.to_utc + timedelta(days=11))
    with pytest.raises(InputError, match="inventories are published to 2015-12-20 and projected to 2015-12-30"):
        optimise(tmp_path, write_day(tmp_path), window=later)


def test_a_gap_between_published_days_is_refused(tmp_path: Path) -> None:
    earlier = Window(WINDOW.from_utc - timedelta(days=1), WINDOW.from_utc)
    with pytest.raises(RefusedError, match="no published inventory from .*; run emis day"):
        optimise(tmp_path, write_day(tmp_path), window=earlier)


def test_a_required_source_that_is_unknown_is_refused(tmp_path: Path) -> None:
    (tmp_path / "require.csv").write_text("source_id\nghost\n", "utf-8")
    with pytest.raises(InputError, match="source ghost is required or forbidden"):
        optimise(tmp_path, required=tmp_path / "require.csv")


def test_districts_are_counties_or_with_many_of_them_cities() -> None:
    plants = [{"enterprise_id": f"e{n}", "county_id": f"county-{n}", "city_name": f"city-{n % 2}"} for n in range(30)]
    lines = [{"production_line_id": f"l{n}", "enterprise_id": f"e{n}"} for n in range(30)]
    areas = [{"activity_area_id": "site", "county_id": None, "city_name": None}]
    few = name_districts(["l0", "l1", "site"], plants, lines, areas)
    assert few == {"l0": "county-0", "l1": "county-1", "site": "unknown"}
    assert set(name_districts([f"l{n}" for n in range(30)], plants, lines, areas).values()) == {"city-0", "city-1"}
    with pytest.raises(InputError, match="the sources lie in 1 counties and 1 cities: expected 2 to 20"):
        name_districts(["site"], plants, lines, areas)


def test_a_cost_of_an_unknown_line_is_refused_not_passed_over(tmp_path: Path) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("production_line_id,cost_cny_per_d\nmill-01,5\n", "utf-8")
    with pytest.raises(InputError, match="row 2, column production_line_id: 'mill-01' is unknown"):
        optimise(tmp_path, costs=costs)
