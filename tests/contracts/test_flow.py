"""The flow matches the code: stages exist, take the tables that they read, and each table has one writer."""

import importlib
import inspect
from collections import Counter
from collections.abc import Callable
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

import pytest

from bigdata_emis import flow, schema
from bigdata_emis.flow import Stage
from bigdata_emis.settings import PACKAGE

REFERENCE = {path.stem for path in (PACKAGE / "reference").glob("*.csv")}


def function(stage: Stage) -> Callable[..., Any]:
    module = importlib.import_module(stage.module)
    collect = partial(module.collect_feed, stage.feed, stage.writes[0]) if stage.feed else None
    return collect or getattr(module, stage.name)


@pytest.mark.parametrize("stage", flow.STAGES, ids=lambda s: s.name)
def test_a_stage_takes_the_tables_that_it_reads_and_nothing_else_but_its_context(stage: Stage) -> None:
    parameters = inspect.signature(function(stage)).parameters.values()
    positional = tuple(p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY)
    named = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert positional == stage.reads
    assert named <= {"context"}


@pytest.mark.parametrize("stage", flow.STAGES, ids=lambda s: s.name)
def test_a_stage_names_declared_tables_and_reference_files(stage: Stage) -> None:
    assert set(stage.writes) <= set(schema.tables())
    assert set(stage.reads) <= set(schema.tables()) | REFERENCE
    assert set(stage.optional) <= set(stage.reads)


@pytest.mark.parametrize("stage", [s for s in flow.STAGES if s.frame == "arrow"], ids=lambda s: s.name)
def test_a_stage_without_an_engine_does_not_import_one(stage: Stage) -> None:
    module = importlib.import_module(stage.module)
    assert not {"pyspark", "SparkSession", "DataFrame", "Column"} & set(vars(module))


def test_a_stage_has_a_name_of_its_own_and_a_known_schedule() -> None:
    assert not [name for name, times in Counter(s.name for s in flow.STAGES).items() if times > 1]
    assert {s.schedule for s in flow.STAGES} <= set(flow.SCHEDULES)
    assert {s.frame for s in flow.STAGES} <= {"spark", "arrow"}


def test_a_table_has_one_writer() -> None:
    assert not [name for name, times in Counter(t for s in flow.STAGES for t in s.writes).items() if times > 1]


def test_a_stage_that_looks_back_or_balances_writes_the_lake() -> None:
    for stage in flow.STAGES:
        if stage.lookback_days or stage.rows_balance or stage.mass_balance:
            assert schema.table(stage.writes[0]).layer == "lake", stage.name


def test_no_stage_waits_for_itself() -> None:
    waits: dict[str, set[str]] = {s.name: set() for s in flow.STAGES}
    for upstream, downstream in flow.edges():
        waits[downstream].add(upstream)
    order = {name: number for number, name in enumerate(TopologicalSorter(waits).static_order())}
    assert len(order) == len(flow.STAGES)


def test_the_flow_is_listed_in_an_order_in_which_it_can_run() -> None:
    order = {s.name: number for number, s in enumerate(flow.STAGES)}
    assert not [edge for edge in flow.edges() if order[edge[0]] >= order[edge[1]]]


def test_a_lake_table_has_a_time_and_a_registry_table_has_none() -> None:
    for table in schema.tables().values():
        assert bool(table.time) == (table.layer in ("lake", "edge")), table.name


@pytest.mark.parametrize(
    "feeds", [{"power"}, {"power", "cems"}, {"power", "traffic", "weather", "area_activity"}], ids=sorted
)
def test_a_region_with_few_feeds_still_publishes(feeds: set[str]) -> None:
    assert "publish" in {s.name for s in flow.active(frozenset(feeds))}
