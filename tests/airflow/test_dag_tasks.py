"""A task is the command: it returns what the command prints, and fails with the command's own message."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from bigdata_emis import flow
from bigdata_emis.airflow.dag_tasks import (
    LONGEST_TASK,
    EmisOperator,
    PublishOperator,
    check_alert_form,
    check_completeness,
    check_day,
    check_training,
    check_window,
    day_after,
    published_asset,
    region_stages,
    schedule_for,
    schedule_of_days,
)
from bigdata_emis.region import load_region
from bigdata_emis.run.run_record import list_runs
from tests.run.silent_provider import COLLECT, silent_provider

FORM = {"region": "nys", "level": "red", "from": "2019-07-15", "to": "2019-07-16", "name": None, "measures": None}


def test_the_document_of_a_command_is_what_the_task_returns(home: Path) -> None:
    task = EmisOperator(task_id="t", arguments=["published", "--region", "nys", "--json"])
    assert task.execute({}) == {"versions": [], "simulated": False}


def test_bad_input_fails_at_once_with_the_commands_own_message(home: Path) -> None:
    task = EmisOperator(task_id="t", arguments=["approve", "--region", "atlantis", "--scenario", "s", "--by", "me"])
    with pytest.raises(AirflowFailException, match="emis: region 'atlantis' is unknown"):
        task.execute({})


def test_a_feed_that_is_down_fails_so_that_it_is_tried_again(home: Path) -> None:
    arguments = ["run", "collect_power", "--region", "nys", "--from", "1999-01-01", "--to", "1999-01-02"]
    with pytest.raises(AirflowException) as failure:
        EmisOperator(task_id="t", arguments=arguments, lasting_statuses=(3,)).execute({})
    assert not isinstance(failure.value, AirflowFailException)
    assert str(failure.value).startswith("emis: ")


def test_a_command_that_is_killed_is_tried_again_and_listed_among_the_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = EmisOperator(task_id="t", arguments=COLLECT)
    with silent_provider(home, monkeypatch) as provider, ThreadPoolExecutor() as waiting:
        ended = waiting.submit(task.execute, {})
        with provider.accept()[0]:
            task.process.process.kill()  # type: ignore[union-attr]
            problem = ended.exception()
    assert str(problem).startswith("emis run collect_power was killed by signal 9")
    assert type(problem) is AirflowException
    assert [(run["stage"], run["status"]) for run in list_runs()] == [("collect_power", "interrupted")]


def test_a_killed_task_ends_its_command(home: Path) -> None:
    task, signals = EmisOperator(task_id="t", arguments=[]), []
    task.on_kill()
    task.process = SimpleNamespace(terminate=lambda: signals.append("terminate"))  # type: ignore[assignment]
    task.on_kill()
    assert signals == ["terminate"]


def test_a_form_with_an_unknown_key_fails_the_check(home: Path) -> None:
    with pytest.raises(AirflowFailException, match="region nys has no published inventory"):
        check_alert_form(FORM, SimpleNamespace(conf={}))
    with pytest.raises(AirflowFailException, match="field 'levle' is unknown"):
        check_alert_form(FORM, SimpleNamespace(conf={"levle": "red"}))


@pytest.mark.parametrize("key", ["soon", None, "2015-02-30"])
def test_a_partition_key_that_is_no_day_fails_at_once(home: Path, key: str | None) -> None:
    assert day_after("2015-12-31") == "2016-01-01"
    with pytest.raises(AirflowFailException, match=f"'{key}' is not a date"):
        day_after(key)
    with pytest.raises(AirflowFailException, match="partition key"):
        check_day.function("nys", dag_run=SimpleNamespace(partition_key=key))
    assert check_day.function("nys", dag_run=SimpleNamespace(partition_key="2019-07-15")) == "2019-07-15"


def test_a_wrong_window_and_an_empty_training_fail_at_once_with_one_line(home: Path) -> None:
    assert check_window.function("nys", "2019-07-15T00:00", "2019-07-15T01:00")[0] == "2019-07-15T05:00:00+00:00"
    with pytest.raises(AirflowFailException, match="before it starts"):
        check_window.function("nys", "2019-07-16", "2019-07-15")
    with pytest.raises(AirflowFailException, match="no day from 2018-07-15 to 2019-07-14 has rows") as failure:
        check_training.function("nys", "2018-07-15", "2019-07-15")
    assert "\n" not in str(failure.value)


def test_a_day_that_is_not_published_has_no_completeness(home: Path) -> None:
    with pytest.raises(AirflowFailException, match="2019-07-15 of region nys is not published"):
        check_completeness.function("nys", dag_run=SimpleNamespace(partition_key="2019-07-15"))


def test_the_event_of_a_published_day_says_where_its_manifest_is_and_that_it_is_partial(home: Path) -> None:
    manifest = home / "lake" / "published" / "nys" / "manifest" / "day=2019-07-15.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"completeness": {}, "is_partial": true, "partial_reasons": ["no power"]}', "utf-8")
    asset = published_asset(load_region("nys"))
    event = SimpleNamespace(extra=None)
    arguments = ["published", "--region", "nys", "--json"]
    task = PublishOperator(task_id="publish", region_id="nys", arguments=arguments, outlets=[asset])
    task.execute({"dag_run": SimpleNamespace(partition_key="2019-07-15"), "outlet_events": {asset: event}})
    assert event.extra == {
        "day": "2019-07-15",
        "manifest": str(manifest),
        "completeness": {},
        "is_partial": True,
        "partial_reasons": ["no power"],
    }


def test_a_command_that_takes_too_long_is_ended() -> None:
    assert EmisOperator(task_id="t", arguments=[]).execution_timeout == LONGEST_TASK


def test_an_archived_region_has_no_schedule(home: Path) -> None:
    assert schedule_for(load_region("nys"), "0 * * * *", otherwise="by hand") == "by hand"
    assert type(schedule_of_days(load_region("nys"), "30 3 * * *")).__name__ == "PartitionedAtRuntime"


def test_the_stages_of_a_region_are_those_whose_feeds_it_has(home: Path) -> None:
    nys = load_region("nys")
    names = [stage.name for stage in region_stages(nys, "day")]
    assert "clean_power" in names
    assert "clean_signalling" not in names
    assert {stage.schedule for stage in region_stages(nys)} <= set(flow.SCHEDULES)


def test_the_inventory_of_a_region_updates_one_asset(home: Path) -> None:
    asset = published_asset(load_region("nys"))
    assert (asset.name, asset.uri) == ("published_nys", "emis://published/nys")
