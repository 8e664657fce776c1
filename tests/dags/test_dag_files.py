"""The DAG files hold wiring only, and each DAG says who owns it and what it does."""

import ast
import itertools
import re
from datetime import timedelta
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
    assert [Path(file).name for file in bag.import_errors] == ["regions_broken.py"]
    assert {
        s.file: s.duration.total_seconds() for s in bag.dagbag_stats if s.duration.total_seconds() >= PARSED_IN_S
    } == {}


def test_each_region_has_its_dags_and_the_alert_is_one_for_all(bag: Any) -> None:
    expected = {
        f"{kind}_{region}"
        for kind in ("backfill", "collect", "inventory", "restate", "train")
        for region in ("town", "once", "nys", "bare", "城市")
    }
    assert set(bag.dags) == expected | {"alert"}
    assert bag.dags["alert"].params.get_param("region").schema["enum"] == ["bare", "nys", "once", "town", "城市"]


def test_a_broken_region_is_one_error_with_file_and_line_and_takes_no_other_away(bag: Any) -> None:
    (error,) = bag.import_errors.values()
    assert "regions/broken/region.toml" in error
    assert "line 14" in error


def test_each_dag_says_in_both_languages_what_it_is_and_ends_in_a_bounded_time(bag: Any) -> None:
    for dag_id, dag in bag.dags.items():
        if dag_id != "alert":
            assert re.search("[\u4e00-\u9fff].*[a-z]", dag.dag_display_name)
            assert dag.dagrun_timeout is not None
            assert all(task.execution_timeout for task in dag.tasks if task.task_id not in ("check", "completeness"))


def test_the_tasks_are_grouped_by_verb_and_keep_their_names(bag: Any) -> None:
    groups = bag.dags["inventory_town"].task_group_dict
    assert {"collect_stages", "clean_stages", "inventory_stages", "publish_stages"} <= set(groups)
    assert groups["publish_stages"].label == "发布 publish"
    assert "collect_power" in groups["collect_stages"].children


def test_each_dag_says_who_owns_it_what_it_does_and_retries(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md.strip().startswith("###")
        assert "emis" in dag.tags
        assert all(task.owner == "emis" for task in dag.tasks)
        retries = {task.retries for task in dag.tasks}  # also of a check: its worker may be killed
        assert retries <= ({1} if dag.dag_id.startswith("collect_") else {2})


def test_the_edges_of_the_inventory_are_those_of_the_flow(bag: Any) -> None:
    stages = [s for s in flow.active(frozenset(load_region("town").feeds)) if s.schedule in ("setup", "day")]
    dag = bag.dags["inventory_town"]
    assert set(dag.task_ids) == {s.name for s in stages} | {"check", "late_days", "report", "completeness"}
    after_publishing = {("publish", "report"), ("publish", "completeness")}
    feeds = {s.name for s in stages if s.feed}
    around_late_days = {(name, "late_days") for name in feeds}
    around_late_days |= {("late_days", down) for up, down in flow.edges(tuple(stages)) if up in feeds}
    assert edges_between_stages(dag) == flow.edges(tuple(stages)) | after_publishing | around_late_days


def test_late_days_of_the_week_before_are_computed_first_and_stop_no_day(bag: Any) -> None:
    dag = bag.dags["inventory_town"]
    arguments = [_rendered(text) for text in dag.get_task("late_days").arguments]
    expected = "backfill --region town --from 2015-12-13 --to 2015-12-19 --late --at-most 3 --json"
    assert " ".join(arguments) == expected
    assert _parsed(arguments)["late"] is True
    assert dag.get_task("late_days").trigger_rule == "all_done_min_one_success"
    after = [dag.get_task(name) for name in dag.get_task("late_days").downstream_task_ids]
    assert {task.trigger_rule for task in after} == {"all_done_min_one_success"}
    assert "late_days" not in bag.dags["inventory_bare"].task_ids


def test_the_edges_of_the_training_are_those_of_the_flow(bag: Any) -> None:
    stages = [s for s in flow.active(frozenset(load_region("town").feeds)) if s.schedule == "week"]
    dag = bag.dags["train_town"]
    assert set(dag.task_ids) == {s.name for s in stages} | {"check"} >= {"train_activity"}
    assert edges_between_stages(dag) == flow.edges(tuple(stages))


def edges_between_stages(dag: Any) -> set[tuple[str, str]]:
    return {(t.task_id, d) for t in dag.tasks for d in t.downstream_task_ids if t.task_id != "check"}


@pytest.mark.parametrize("dag_id", ["inventory_town", "collect_town", "train_town"])
def test_no_task_runs_when_the_check_of_the_run_has_failed(bag: Any, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    check = dag.get_task("check")
    assert check.upstream_task_ids == set()
    first = {task.task_id for task in dag.tasks if task.upstream_task_ids <= {"check"}} - {"check"}
    although_feeds_are_down = {t.task_id for t in dag.tasks if t.trigger_rule == "all_done_min_one_success"}
    assert check.downstream_task_ids == first | although_feeds_are_down


def test_the_inventory_ends_with_the_page_of_the_day_and_whether_it_is_partial(bag: Any) -> None:
    dag = bag.dags["inventory_town"]
    assert dag.get_task("publish").downstream_task_ids == {"report", "completeness"}
    arguments = [_rendered(text) for text in dag.get_task("report").arguments]
    assert _parsed(arguments)["date"] == "2015-12-20"


def test_a_region_that_cannot_publish_has_an_inventory_without_its_last_tasks(bag: Any) -> None:
    assert {"publish", "report", "completeness"}.isdisjoint(bag.dags["inventory_bare"].task_ids)
    assert {"publish", "report", "completeness"}.isdisjoint(bag.dags["inventory_城市"].task_ids)
    assert bag.dags["collect_bare"].task_ids == ["check"]


def test_the_daily_watch_of_a_model_precedes_its_estimate(bag: Any) -> None:
    assert "estimate_activity" in bag.dags["inventory_town"].get_task("watch_models").downstream_task_ids


def test_every_stage_of_the_flow_is_in_a_dag(bag: Any) -> None:
    tasks = {task_id for kind in ("collect", "inventory", "train") for task_id in bag.dags[f"{kind}_town"].task_ids}
    tasks -= {"check", "late_days", "report", "completeness", "propose_alert"}
    by_command = {stage.name for stage in flow.STAGES if stage.schedule in ("month", "alert")}
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
    assert dag.get_task("clean_power").trigger_rule == "all_done_min_one_success"
    assert "check" in dag.get_task("clean_power").upstream_task_ids
    assert dag.get_task("combine").trigger_rule == "all_success"


def test_a_day_of_which_a_feed_brings_nothing_is_computed_from_an_empty_version(bag: Any) -> None:
    """The stages of the day need a version of each feed; the hourly collection leaves none."""
    assert "--empty-if-down" in bag.dags["inventory_town"].get_task("collect_power").arguments
    assert "--empty-if-down" not in bag.dags["inventory_town"].get_task("clean_power").arguments
    assert "--empty-if-down" not in bag.dags["collect_town"].get_task("collect_power").arguments


def test_no_analysis_is_upstream_of_publish(bag: Any) -> None:
    upstream = bag.dags["inventory_town"].get_task("publish").get_flat_relative_ids(upstream=True)
    assert upstream.isdisjoint({"associate", "decompose", "control_basis", "clean_air_quality"})


def test_every_dag_survives_being_stored(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        assert set(stored.task_ids) == set(dag.task_ids)


@pytest.mark.parametrize(
    ("dag_id", "filled"),
    [("inventory_town", {"dag_run.partition_key": "2015-12-20"}), ("collect_town", {}), ("train_town", {})],
)
def test_each_task_is_a_command_that_emis_accepts(bag: Any, dag_id: str, filled: dict[str, str]) -> None:
    for task in bag.dags[dag_id].tasks:
        if task.task_id in ("check", "late_days", "report", "completeness", "propose_alert"):
            continue
        arguments = [_rendered(text) for text in task.arguments]
        assert arguments[:2] == ["run", task.task_id]
        assert _parsed(arguments)["region"] == "town"


def test_the_inventory_asks_for_the_day_of_its_partition_and_no_more(bag: Any) -> None:
    arguments = [_rendered(text) for text in bag.dags["inventory_town"].get_task("combine").arguments]
    assert arguments == ["run", "combine", "--region", "town", "--from", "2015-12-20", "--to", "2015-12-21", "--json"]


def test_the_collection_asks_for_the_hour_of_its_schedule_unless_the_form_names_another(bag: Any) -> None:
    arguments = bag.dags["collect_town"].get_task("collect_power").arguments
    assert _rendered(arguments[5]) == "2015-12-20T08:00:00+00:00"
    assert _rendered(arguments[5], {"from": "2015-12-19"}) == "2015-12-19"


def test_the_training_looks_back_a_year(bag: Any) -> None:
    arguments = [_rendered(text) for text in bag.dags["train_town"].get_task("train_activity").arguments]
    assert arguments[4:8] == ["--from", "2014-12-20", "--to", "2015-12-20"]


def test_a_run_by_hand_covers_the_last_whole_hour_or_the_year_before_it(bag: Any) -> None:
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
    chain = itertools.pairwise(["check", "recalculate", "approve", "publish", "report"])
    after_alert = itertools.pairwise(["approve", "issue", "over", "outcome", "review"])
    assert edges == {*chain, *after_alert, ("over", "review")}
    assert dag.get_task("approve").assigned_users == [{"id": "operator", "name": "operator"}]


def test_questions_that_nobody_answers_do_not_block_the_next_alert(bag: Any) -> None:
    dag = bag.dags["alert"]
    assert dag.max_active_runs >= 32
    assert (dag.get_task("approve").response_timeout, dag.get_task("approve").defaults) == (
        timedelta(hours=6),
        ["Reject"],
    )


@pytest.mark.parametrize("task_id", ["issue", "publish", "report"])
def test_what_follows_an_approval_is_a_command_that_emis_accepts(bag: Any, task_id: str) -> None:
    arguments = [_rendered(text) for text in bag.dags["alert"].get_task(task_id).arguments]
    parsed = _parsed(arguments)
    assert (parsed["region"], parsed["scenario"]) == ("town", "orange-1")


def test_the_decision_is_a_command_that_emis_accepts_with_the_person(bag: Any) -> None:
    decision = [_rendered(text) for text in bag.dags["alert"].get_task("approve").decision]
    answered = ["--by", "wang", "--authenticated", "airflow", "--reject", "--json"]
    parsed = _parsed([*decision, *answered])
    assert (parsed["scenario"], parsed["by"], parsed["authenticated"]) == ("orange-1", "wang", "airflow")


def test_who_approves_sees_the_ledger_and_whether_it_is_simulated(bag: Any) -> None:
    body = bag.dags["alert"].get_task("approve").body
    result = {
        "from_utc": "2015-12-20T00:00:00+00:00",
        "to_utc": "2015-12-21T00:00:00+00:00",
        "is_partial": True,
        "hours_present": 12,
        "hours_expected": 24,
        "supersedes": [
            {
                "scenario": "yellow-1",
                "level": "yellow",
                "until_utc": "2015-12-20T06:00:00+00:00",
                "uncovered_from_utc": "2015-12-21T00:00:00+00:00",
                "uncovered_to_utc": "2015-12-22T00:00:00+00:00",
            }
        ],
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
    result["ledger"].append({**result["ledger"][0], "pollutant": "SO2", "met": None})
    shown = _rendered(body, result=result)
    assert "| SO2 | 1,234,567 | 246,913 | 20.0 % | 20 % | not known 无法判定 |" in shown
    assert "**城 Town · 模拟数据 simulated** · orange" in shown
    assert "partial: 12 / 24 h**" in shown
    assert "**yellow-1**（yellow）· approval supersedes it from 2015-12-20T06:00:00+00:00; **" in shown
    assert "none is in force: 2015-12-21T00:00:00+00:00" in shown
    assert "| NOx | 1,234,567 | 246,913 | 20.0 % | 20 % | yes |" in shown
    assert "| CO | 10 | 1 | 10.0 % | - | - |" in shown


def _rendered(
    text: str, form: dict[str, str] | None = None, result: dict[str, Any] | None = None, *, is_scheduled: bool = True
) -> str:
    """As Airflow renders it for a run of 20 December 2015; a run by hand has no interval and starts within the hour."""
    from datetime import datetime, timedelta
    from types import SimpleNamespace

    from airflow.sdk.definitions._internal.templater import SandboxedEnvironment
    from airflow.sdk.execution_time import macros

    from bigdata_emis.airflow.dag_tasks import day_after, region_titles

    start = datetime.fromisoformat(CONTEXT["hour"])
    xcoms: dict[Any, Any] = {"recalculate": result or {"scenario": "orange-1"}}
    return (
        SandboxedEnvironment()
        .from_string(text)
        .render(
            dag_run=SimpleNamespace(partition_key=CONTEXT["day"], run_after=start + timedelta(minutes=30)),
            macros=macros,
            **({"data_interval_start": start, "data_interval_end": start} if is_scheduled else {}),
            params={"from": None, "to": None, "region": "town", "level": "orange", **(form or {})},
            ti=SimpleNamespace(xcom_pull=lambda task_id, key=None: xcoms[(task_id, key) if key else task_id]),
            titles=region_titles(),
            day_after=day_after,
        )
    )


def _parsed(arguments: list[str]) -> dict[str, Any]:
    """The command line as `emis` understands it; raises UsageError when it does not."""
    from bigdata_emis.cli.app import app

    group = typer.main.get_command(app)
    command, rest = group.get_command(None, arguments[0]), list(arguments[1:])  # type: ignore[attr-defined]
    if hasattr(command, "get_command"):
        command = command.get_command(None, rest.pop(0))
    return dict(command.make_context(arguments[0], rest).params)
