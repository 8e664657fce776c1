"""The DAG files hold wiring and nothing else, and a person finds on each DAG who owns it and what it does."""

import ast
from pathlib import Path
from typing import Any

import pytest
import typer

from bigdata_emis import flow
from bigdata_emis.region import load_region

DAGS = Path(__file__).parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))
ALLOWED = ("airflow.sdk", "airflow.providers.standard.operators", "bigdata_emis")
PARSED_IN_S = 1.0
CONTEXT = {"day": "2015-12-20", "next": "2015-12-21", "hour": "2015-12-20T08:00:00+00:00"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_dag_file_is_short_and_imports_only_airflow_and_this_package(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 40
    imported = [node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    imported += [
        alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names
    ]
    assert [name for name in imported if not str(name).startswith(ALLOWED)] == []


def test_every_file_is_read_without_error_and_at_once(bag: Any) -> None:
    assert bag.import_errors == {}
    assert {
        s.file: s.duration.total_seconds() for s in bag.dagbag_stats if s.duration.total_seconds() >= PARSED_IN_S
    } == {}


def test_each_region_has_its_dags_and_the_alert_is_one_for_all(bag: Any) -> None:
    expected = {
        f"{kind}_{region}"
        for kind in ("collect", "inventory", "restate", "train")
        for region in ("town", "once", "nys")
    }
    assert set(bag.dags) >= expected | {"alert"}
    assert bag.dags["alert"].params.get_param("region").schema["enum"] == ["nys", "once", "town"]


def test_each_dag_says_who_owns_it_what_it_does_and_retries(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md.strip().startswith("###")
        assert "emis" in dag.tags
        assert all(task.owner == "emis" for task in dag.tasks)
        assert all(task.retries == 2 for task in dag.tasks if task.task_id != "check")


def test_the_edges_of_the_inventory_are_those_of_the_flow(bag: Any) -> None:
    stages = [s for s in flow.active(frozenset(load_region("town").feeds)) if s.schedule in ("setup", "day")]
    dag = bag.dags["inventory_town"]
    assert set(dag.task_ids) == {s.name for s in stages}
    assert {(t.task_id, d) for t in dag.tasks for d in t.downstream_task_ids} == flow.edges(tuple(stages))


def test_the_edges_of_the_training_are_those_of_the_flow(bag: Any) -> None:
    stages = [s for s in flow.active(frozenset(load_region("town").feeds)) if s.schedule == "week"]
    dag = bag.dags["train_town"]
    assert set(dag.task_ids) == {s.name for s in stages} >= {"train_activity"}
    assert {(t.task_id, d) for t in dag.tasks for d in t.downstream_task_ids} == flow.edges(tuple(stages))


def test_no_estimate_is_made_before_the_day_s_verdict_on_its_model(bag: Any) -> None:
    assert "estimate_activity" in bag.dags["inventory_town"].get_task("watch_models").downstream_task_ids


def test_every_stage_of_the_flow_is_in_a_dag(bag: Any) -> None:
    tasks = {task_id for kind in ("collect", "inventory", "train") for task_id in bag.dags[f"{kind}_town"].task_ids}
    by_command = {stage.name for stage in flow.STAGES if stage.schedule == "month"}
    assert tasks == {stage.name for stage in flow.STAGES} - by_command
    assert bag.dags["restate_town"].get_task("restate").arguments[0] == "restate"


def test_a_region_whose_data_ended_is_never_scheduled(bag: Any) -> None:
    live, ended = bag.dags["inventory_town"].timetable, bag.dags["inventory_once"].timetable
    assert type(live).__name__ == "CronPartitionTimetable"
    assert type(ended).__name__ == "PartitionedAtRuntime"
    assert type(bag.dags["collect_once"].timetable).__name__ == "NullTimetable"


def test_a_feed_that_is_down_is_tried_again_and_does_not_stop_the_day(bag: Any) -> None:
    dag = bag.dags["inventory_town"]
    assert dag.get_task("collect_power").lasting_statuses == (3,)
    assert dag.get_task("clean_power").trigger_rule == "all_done"
    assert dag.get_task("combine").trigger_rule == "all_success"


def test_every_dag_survives_being_stored(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        assert set(stored.task_ids) == set(dag.task_ids)


@pytest.mark.parametrize(
    ("dag_id", "filled"),
    [("inventory_town", {"dag_run.partition_key": "2015-12-20"}), ("collect_town", {}), ("train_town", {})],
)
def test_each_task_is_a_command_that_emis_takes(bag: Any, dag_id: str, filled: dict[str, str]) -> None:
    for task in bag.dags[dag_id].tasks:
        arguments = [_rendered(text) for text in task.arguments]
        assert arguments[:2] == ["run", task.task_id]
        assert _taken(arguments)["region"] == "town"


def test_the_inventory_asks_for_the_day_of_its_partition_and_no_more(bag: Any) -> None:
    arguments = [_rendered(text) for text in bag.dags["inventory_town"].get_task("combine").arguments]
    assert arguments == ["run", "combine", "--region", "town", "--from", "2015-12-20", "--to", "2015-12-21", "--json"]


@pytest.mark.parametrize("key", ["soon", None, "2015-02-30"])
def test_a_run_that_names_no_day_fails_at_once(key: str | None) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from bigdata_emis.airflow.tasks import day_after

    assert day_after("2015-12-31") == "2016-01-01"
    with pytest.raises(AirflowFailException, match=f"partition key '{key}' is not a day"):
        day_after(key)


def test_the_collection_asks_for_the_hour_of_its_schedule_unless_told_otherwise(bag: Any) -> None:
    arguments = bag.dags["collect_town"].get_task("collect_power").arguments
    assert _rendered(arguments[5]) == "2015-12-20T08:00:00+00:00"
    assert _rendered(arguments[5], {"from": "2015-12-19"}) == "2015-12-19"


def test_the_training_looks_back_a_year(bag: Any) -> None:
    arguments = [_rendered(text) for text in bag.dags["train_town"].get_task("train_activity").arguments]
    assert arguments[4:8] == ["--from", "2014-12-20", "--to", "2015-12-20"]


def test_a_run_by_hand_is_about_the_last_whole_hour_or_the_year_before_it(bag: Any) -> None:
    collect = [
        _rendered(text, is_scheduled=False) for text in bag.dags["collect_town"].get_task("collect_power").arguments
    ]
    assert collect[4:8] == ["--from", "2015-12-20T07:00:00+00:00", "--to", "2015-12-20T08:00:00+00:00"]
    train = [
        _rendered(text, is_scheduled=False) for text in bag.dags["train_town"].get_task("train_activity").arguments
    ]
    assert train[4:8] == ["--from", "2014-12-20", "--to", "2015-12-20"]


def test_the_alert_goes_from_form_to_report_only_through_an_approval(bag: Any) -> None:
    dag = bag.dags["alert"]
    edges = {(t.task_id, d) for t in dag.tasks for d in t.downstream_task_ids}
    chain = ["check", "recalculate", "approve", "publish"]
    assert edges == {*zip(chain, chain[1:], strict=False), ("publish", "report"), ("publish", "turn_down")}
    assert dag.get_task("approve").assigned_users == [{"id": "operator", "name": "operator"}]


@pytest.mark.parametrize("task_id", ["publish", "report", "turn_down"])
def test_what_follows_an_approval_is_a_command_that_emis_takes(bag: Any, task_id: str) -> None:
    arguments = [_rendered(text) for text in bag.dags["alert"].get_task(task_id).arguments]
    taken = _taken(arguments)
    assert (taken["region"], taken["scenario"]) == ("town", "orange-1")
    assert taken.get("by", "operator") == "operator"


def test_who_approves_sees_the_ledger_and_whether_it_is_simulated(bag: Any) -> None:
    body = bag.dags["alert"].get_task("approve").body
    made = {
        "from_utc": "2015-12-20T00:00:00+00:00",
        "to_utc": "2015-12-21T00:00:00+00:00",
        "is_partial": True,
        "complete_share": 0.5,
        "ledger": [
            {
                "pollutant": "NOx",
                "baseline_kg": 1234567.0,
                "cut_kg": 246913.4,
                "cut_share": 0.2,
                "target_share": 0.2,
                "met": True,
            },
            {
                "pollutant": "CO",
                "baseline_kg": 10.0,
                "cut_kg": 1.0,
                "cut_share": 0.1,
                "target_share": None,
                "met": None,
            },
        ],
    }
    shown = _rendered(body, made=made)
    assert "**城 Town · 模拟数据 simulated** · orange" in shown
    assert "**partial: 50 %**" in shown
    assert "| NOx | 1,234,567 | 246,913 | 20.0 % | 20 % | yes |" in shown
    assert "| CO | 10 | 1 | 10.0 % | - | - |" in shown


def _rendered(
    text: str, form: dict[str, str] | None = None, made: dict[str, Any] | None = None, *, is_scheduled: bool = True
) -> str:
    """As Airflow renders it, for a run of 20 December 2015; one started by hand has no interval, and begins within the hour."""
    from datetime import datetime, timedelta
    from types import SimpleNamespace

    from airflow.sdk.definitions._internal.templater import SandboxedEnvironment
    from airflow.sdk.execution_time import macros

    from bigdata_emis.airflow.tasks import day_after, region_titles

    start = datetime.fromisoformat(CONTEXT["hour"])
    known: dict[Any, Any] = {"recalculate": made or {"scenario": "orange-1"}, ("approve", "decided_by"): "operator"}
    return (
        SandboxedEnvironment()
        .from_string(text)
        .render(
            dag_run=SimpleNamespace(partition_key=CONTEXT["day"], run_after=start + timedelta(minutes=30)),
            macros=macros,
            **({"data_interval_start": start, "data_interval_end": start} if is_scheduled else {}),
            params={"from": None, "to": None, "region": "town", "level": "orange", **(form or {})},
            ti=SimpleNamespace(xcom_pull=lambda task_id, key=None: known[(task_id, key) if key else task_id]),
            titles=region_titles(),
            day_after=day_after,
        )
    )


def _taken(arguments: list[str]) -> dict[str, Any]:
    """The command line as `emis` understands it; raises UsageError when it does not."""
    from bigdata_emis.cli.app import app

    group = typer.main.get_command(app)
    command = group.get_command(None, arguments[0])  # type: ignore[attr-defined]
    return dict(command.make_context(arguments[0], list(arguments[1:])).params)
