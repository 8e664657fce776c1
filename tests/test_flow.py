"""Which stages are active in a region, and which stage waits for which, from their tables alone."""

import pytest

from bigdata_emis import flow
from bigdata_emis.errors import InputError


def names(*feeds: str) -> set[str]:
    return {stage.name for stage in flow.active(frozenset(feeds))}


def test_a_stage_is_found_by_its_name_and_lies_in_the_module_of_that_name() -> None:
    assert flow.stage("emit_traffic").module == "bigdata_emis.inventory.emit_traffic"


def test_all_stages_that_collect_lie_in_one_module() -> None:
    modules = {stage.module for stage in flow.STAGES if stage.verb == "collect" and stage.feed}
    assert modules == {"bigdata_emis.collect.collect_feeds"}


def test_an_unknown_stage_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(InputError, match="stage 'bake' is unknown; use one of register, grid, collect_power"):
        flow.stage("bake")


def test_a_stage_is_active_only_when_a_feed_brings_what_it_requires() -> None:
    assert {"clean_power", "reconcile_energy", "emit_industry"} <= names("power")
    assert not {"collect_traffic", "clean_traffic", "emit_traffic"} & names("power")
    assert {"collect_traffic", "clean_traffic"} <= names("traffic")


def test_an_optional_table_is_not_required() -> None:
    assert "fuse_monitors" in names("power")
    assert "clean_cems" not in names("power")


def test_the_setup_is_active_without_any_feed() -> None:
    assert {"register", "grid"} <= names()


def test_the_analysis_of_a_day_runs_after_publish_and_is_not_upstream_of_it():
    order = [stage.name for stage in flow.STAGES if stage.schedule == "day"]
    assert order[order.index("publish") + 1 :] == ["associate", "decompose"]
    assert all(flow.is_analysis(flow.stage(name)) for name in ("control_basis", "associate", "decompose"))
    assert flow.needed_for("publish").isdisjoint({"control_basis", "associate", "decompose"})


def test_the_inventory_needs_every_stage_behind_its_tables_required_or_optional():
    needed = flow.needed_for("combine")
    assert {"collect_power", "train_activity", "emit_traffic", "collect_weather", "register", "combine"} <= needed
    assert needed.isdisjoint({"publish", "collect_air_quality"})


def test_readings_that_only_an_analysis_uses_are_cleaned_before_publish_and_do_not_stop_it():
    names = {stage.name for stage in flow.STAGES if flow.is_analysis(stage) and stage.verb == "clean"}
    assert names == {"clean_air_quality", "clean_gate", "substitute_cems"}


def test_a_stage_waits_for_the_writers_of_its_tables_but_not_for_itself() -> None:
    first = flow.Stage("clean", "first", ("raw",), ("a",))
    second = flow.Stage("relate", "second", ("a", "b"), ("b",))
    assert flow.edges((first, second)) == {("first", "second")}
