"""Tasks of the DAGs: an `emis` command as a task, the stages of the flow as tasks, and the check of the alert form.

Belongs here: wiring between Airflow and the command. Does not: any work on emissions; a task does what the command does
by hand.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast

from airflow.sdk import Asset, BaseOperator, CronPartitionTimetable, PartitionedAtRuntime, TaskGroup, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from bigdata_emis.airflow import published_day, run_checks
from bigdata_emis.airflow.process.emis_process import EmisProcess
from bigdata_emis.airflow.region_dags import region_titles as region_titles
from bigdata_emis.airflow.region_dags import regions as regions
from bigdata_emis.airflow.region_dags import title as title
from bigdata_emis.errors import EmisError
from bigdata_emis.flow import SCHEDULES, Stage, active, edges
from bigdata_emis.region import Region, load_region
from bigdata_emis.settings import settings
from bigdata_emis.window import parse_day

BAD_INPUT, REFUSED = 2, 3
# How long a task, and a whole run, may take before Airflow ends it. The next collection starts an hour later.
LONGEST_TASK, LONGEST_RUN = timedelta(hours=3), timedelta(hours=12)
LONGEST_COLLECTION, LONGEST_COLLECTION_RUN = timedelta(minutes=20), timedelta(minutes=55)
LONGEST_TRAINING, LONGEST_TRAINING_RUN = timedelta(hours=12), timedelta(hours=24)
VERBS = {
    "collect": "采集 collect",
    "clean": "清洗 clean",
    "relate": "关联 relate",
    "inventory": "清单 inventory",
    "control": "管控 control",
    "publish": "发布 publish",
    "report": "报告 report",
}
OWNER = "emis"
TASK_DEFAULTS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
}
COLLECTION_DEFAULTS = {**TASK_DEFAULTS, "retries": 1, "retry_exponential_backoff": False}
"""Of hourly tasks: the command itself asks a provider five times, and the next hour asks for what this one missed."""

# The hours that a run covers, as template expressions. A run by hand has no schedule interval: it covers the last
# whole hour.
LAST_HOUR = "dag_run.run_after.replace(minute=0, second=0, microsecond=0)"
RUN_START = f"(data_interval_start | default({LAST_HOUR} - macros.timedelta(hours=1), true))"
RUN_END = f"(data_interval_end | default({LAST_HOUR}, true))"

AFTER_FEEDS = "all_done_min_one_success"
"""The trigger rule of tasks that run also when a feed is down, but not when the check failed."""


class EmisOperator(BaseOperator):
    """Runs `emis ARGUMENTS`, logs its messages, and returns the document that it prints with --json.

    An exit status in `lasting_statuses` cannot be cured by a retry and is not tried again. A command that takes longer
    than `execution_timeout`, by default LONGEST_TASK, is ended.
    """

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#d9ead3"

    def __init__(
        self, *, arguments: Any, lasting_statuses: Collection[int] = (BAD_INPUT, REFUSED), **kwargs: Any
    ) -> None:
        super().__init__(**{"execution_timeout": LONGEST_TASK, **kwargs})
        self.arguments = arguments
        self.lasting_statuses = tuple(lasting_statuses)
        self.process: EmisProcess | None = None

    def execute(self, context: Any) -> Any:
        """Run the command to its end.

        Raises:
            AirflowFailException: the command failed with a lasting status; the message is its last line.
            AirflowException: the command failed otherwise, and a retry may help.
        """
        self.log.info("%s", " ".join(self.arguments))
        self.process = EmisProcess(self.arguments, lambda line: self.log.info("%s", line))
        ended = self.process.run()
        if ended.status:
            problem = AirflowFailException if ended.status in self.lasting_statuses else AirflowException
            raise problem(ended.last_line or f"emis ended with status {ended.status}")
        self.log.info("%s", ended.printed)
        return json.loads(ended.printed) if "--json" in self.arguments else None

    def on_kill(self) -> None:
        """End the command with the task."""
        if self.process is not None:
            self.process.terminate()


class PublishOperator(EmisOperator):
    """Publishes the day of the run's partition; the asset event says where its manifest lies and how whole it is."""

    def __init__(self, *, region_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.region_id = region_id

    def execute(self, context: Any) -> Any:
        """Run the command, then describe what was published in the event of each outlet."""
        receipt = super().execute(context)
        day = parse_day(context["dag_run"].partition_key)
        facts = published_day.published_day(load_region(self.region_id), day)
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = facts
        return receipt


def failing_at_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with each error that a person can act on as a failure of one line that is not tried again."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except EmisError as problem:
            raise AirflowFailException(" ".join(str(problem).split())) from None

    return wrapped


def schedule_for(region: Region, schedule: Any, *, otherwise: Any = None) -> Any:
    """The schedule, or `otherwise` for a region whose data end on a `last_day` and which is run by hand."""
    return otherwise if "last_day" in region.options else schedule


def schedule_of_days(region: Region, cron: str) -> CronPartitionTimetable | PartitionedAtRuntime:
    """One run for each local day, whose partition key is that day; by hand for a region whose data have ended."""
    daily = CronPartitionTimetable(cron, timezone=region.time_zone, run_offset=-1, key_format="%Y-%m-%d")
    return cast("CronPartitionTimetable", schedule_for(region, daily, otherwise=PartitionedAtRuntime()))


def day_after(partition_key: str | None) -> str:
    """The day after the partition key of a run. Raises AirflowFailException when the key is not a day."""
    return str(run_checks.next_day(failing_at_once(parse_day)(str(partition_key))))


@task(task_id="check", task_display_name="检查 check")
@failing_at_once
def check_day(region_id: str, dag_run: Any = None) -> str:
    """The first task of an inventory: its partition key is a local day that has begun."""
    region = load_region(region_id)
    return str(run_checks.require_day(region, dag_run.partition_key, now=datetime.now(UTC)))


@task(task_id="check", task_display_name="检查 check")
@failing_at_once
def check_window(region_id: str, from_: str, to: str) -> list[str]:
    """The first task of a collection: its window is one."""
    window = run_checks.require_window(load_region(region_id), from_, to)
    return [window.from_utc.isoformat(), window.to_utc.isoformat()]


@task(task_id="check", task_display_name="检查 check")
@failing_at_once
def check_training(region_id: str, from_: str, to: str) -> list[str]:
    """The first task of a training: its window is one, and has days to learn from."""
    from bigdata_emis.storage.lake import open_lake

    region = load_region(region_id)
    window = run_checks.require_window(region, from_, to)
    run_checks.require_training_data(region, window, open_lake(region), region_stages(region, "week"))
    return [window.from_utc.isoformat(), window.to_utc.isoformat()]


@task(task_id="completeness", task_display_name="完整性 completeness")
@failing_at_once
def check_completeness(region_id: str, dag_run: Any = None) -> dict[str, Any]:
    """The last task of an inventory: it fails, and so does the run, when the day was published as partial."""
    return published_day.require_whole_day(load_region(region_id), parse_day(dag_run.partition_key))


def region_stages(region: Region, *schedules: str) -> list[Stage]:
    """The stages that are active in the region and belong to these schedules."""
    return [s for s in active(frozenset(region.feeds)) if s.schedule in (schedules or SCHEDULES)]


def published_asset(region: Region) -> Asset:
    """What the inventory of a region updates: its published tables."""
    return Asset(name=f"published_{region.region_id}", uri=f"emis://published/{region.region_id}")


def stage_tasks(
    stages: Iterable[Stage],
    region: Region,
    *,
    from_: str,
    to: str,
    check: Any,
    longest: timedelta = LONGEST_TASK,
    outlets: Mapping[str, Asset] | None = None,
) -> dict[str, EmisOperator]:
    """One task for each stage over a window, after the check, with the edges that follow from the tables.

    They are grouped by verb. A stage that reads a feed runs also when that feed is down, but not when the check failed.
    """
    stages = tuple(stages)
    waits = edges(stages)
    fed = {name for upstream, name in waits if upstream in {s.name for s in stages if s.feed}}
    groups = {verb: _group(verb) for verb in dict.fromkeys(stage.verb for stage in stages)}
    tasks = {
        stage.name: _stage_operator(
            stage,
            region,
            outlet=(outlets or {}).get(stage.name),
            arguments=["run", stage.name, "--region", region.region_id, "--from", from_, "--to", to]
            + (["--empty-if-down"] if stage.feed and any(up == stage.name for up, _ in waits) else [])
            + ["--json"],
            trigger_rule=AFTER_FEEDS if stage.name in fed else "all_success",
            task_group=groups[stage.verb],
            execution_timeout=LONGEST_COLLECTION if stage.feed else longest,
        )
        for stage in stages
    }
    for upstream, downstream in sorted(waits):
        tasks[upstream].set_downstream(tasks[downstream])
    check >> [tasks[name] for name in tasks if name in fed or not tasks[name].upstream_task_ids]
    return tasks


def inventory_tasks(region: Region, *, from_: str, to: str, check: Any) -> dict[str, EmisOperator]:
    """The stages of a day; when it is published, its page, and whether it is partial. Nothing waits for these two.

    Between collecting and what looks back, the days before are computed again that late rows have changed; the day
    goes on if that fails. A region that lacks the feeds of an inventory has no `publish`, and its day ends earlier.
    """
    stages, outlets = region_stages(region, "setup", "day"), {"publish": published_asset(region)}
    tasks = stage_tasks(stages, region, from_=from_, to=to, check=check, outlets=outlets)
    if "publish" in tasks:
        tasks["publish"] >> [_day_page(region), check_completeness(region.region_id)]
        fed = [task for task in tasks.values() if task.trigger_rule == AFTER_FEEDS]
        [check, *(tasks[stage.name] for stage in stages if stage.feed)] >> _late_days(region) >> fed
    return tasks


def _late_days(region: Region) -> EmisOperator:
    """The published days of the week before, at most three of them, that late rows have changed."""
    first, last = (f"{{{{ macros.ds_add(dag_run.partition_key, -{back}) }}}}" for back in (7, 1))
    arguments = ["backfill", "--region", region.region_id, "--from", first, "--to", last, "--late", "--at-most", "3"]
    return EmisOperator(
        task_id="late_days",
        arguments=[*arguments, "--json"],
        trigger_rule=AFTER_FEEDS,
        task_display_name="迟到数据 late days",
    )


def _day_page(region: Region) -> EmisOperator:
    arguments = ["report", "--region", region.region_id, "--date", "{{ dag_run.partition_key }}", "--json"]
    return EmisOperator(task_id="report", arguments=arguments, task_display_name="日报页面 report")


def _group(verb: str) -> TaskGroup:
    """The tasks of a verb, folded into one box; their names stay those of the stages."""
    return TaskGroup(f"{verb}_stages", group_display_name=VERBS[verb], prefix_group_id=False)


def _stage_operator(stage: Stage, region: Region, *, outlet: Asset | None, **options: Any) -> EmisOperator:
    # A feed that is down may come back. If it does not, the day runs without it, as in `emis day`.
    lasting = (REFUSED,) if stage.feed else (BAD_INPUT, REFUSED)
    if outlet is None:
        return EmisOperator(task_id=stage.name, lasting_statuses=lasting, **options)
    return PublishOperator(
        task_id=stage.name, region_id=region.region_id, outlets=[outlet], lasting_statuses=lasting, **options
    )


def check_alert_form(params: Mapping[str, Any] | None = None, dag_run: Any = None) -> list[str]:
    """The arguments of the recalculation in a filled form. Raises AirflowFailException, one line, when it is wrong."""
    from bigdata_emis.airflow.alert_form import check_form

    form = {**(params or {}), **(dag_run.conf or {})}
    arguments: list[str] = failing_at_once(check_form)(
        form,
        measures_folder=settings().home / "measures",
        actor=getattr(dag_run, "triggering_user_name", None) or "",
        known_utc=datetime.now(UTC),
    )
    return arguments
