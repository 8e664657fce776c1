"""What the DAG files share: an `emis` command as a task, the flow's stages as tasks, and the check of the alert form.

Belongs here: wiring between Airflow and the command. Does not: any work on emissions; a task does what the command does by hand.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, BaseOperator, PartitionedAtRuntime
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from bigdata_emis.errors import InputError
from bigdata_emis.flow import SCHEDULES, Stage, active, edges
from bigdata_emis.region import Region, load_region
from bigdata_emis.settings import settings
from bigdata_emis.window import parse_day

BAD_INPUT, REFUSED = 2, 3
OWNER = "emis"
TASK_DEFAULTS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
}

# The hours that a run is about, as template expressions; a run started by hand has no interval of a schedule: its last whole hour.
LAST_HOUR = "dag_run.run_after.replace(minute=0, second=0, microsecond=0)"
RUN_START = f"(data_interval_start | default({LAST_HOUR} - macros.timedelta(hours=1), true))"
RUN_END = f"(data_interval_end | default({LAST_HOUR}, true))"

# What the person who approves is shown, as Markdown.
LEDGER = """{% set made = ti.xcom_pull('recalculate') %}**{{ titles[params.region] }}** · {{ params.level }}
· {{ made.from_utc }} → {{ made.to_utc }}{% if made.is_partial %} · **partial: {{ '%.0f' % (100 * made.complete_share) }} %**{% endif %}

| pollutant | baseline kg | cut kg | share | target | met |
|---|--:|--:|--:|--:|---|
{% for row in made.ledger -%}
| {{ row.pollutant }} | {{ '{:,.0f}'.format(row.baseline_kg) }} | {{ '{:,.0f}'.format(row.cut_kg) }} | {{ '%.1f %%' % (100 * row.cut_share) }} | \
{{ '-' if row.target_share is none else '%.0f %%' % (100 * row.target_share) }} | {{ {true: 'yes', false: 'NO'}.get(row.met, '-') }} |
{% endfor %}"""


class EmisOperator(BaseOperator):
    """Runs `emis ARGUMENTS`, logs what it says, and keeps the document that it prints with --json.

    A status in `lasting_statuses` will not get better by itself and is not tried again.
    """

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#d9ead3"

    def __init__(
        self, *, arguments: Any, lasting_statuses: Collection[int] = (BAD_INPUT, REFUSED), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.arguments = arguments
        self.lasting_statuses = tuple(lasting_statuses)
        self.process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> Any:
        """Run the command to its end. Raises AirflowFailException or AirflowException with the command's own last line."""
        command = [str(Path(sys.executable).with_name("emis")), *self.arguments]
        self.log.info("%s", " ".join(command[1:]))
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
            )
            said = self._follow(self.process)
            status = self.process.wait()
            out.seek(0)
            printed = out.read()
        if status:
            problem = AirflowFailException if status in self.lasting_statuses else AirflowException
            raise problem(said or f"emis ended with status {status}")
        self.log.info("%s", printed)
        return json.loads(printed) if "--json" in self.arguments else None

    def on_kill(self) -> None:
        """End the command with the task; what it had not finished never becomes visible."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def _follow(self, process: "subprocess.Popen[str]") -> str:
        last = ""
        for line in process.stderr or ():
            if line.strip():
                last = line.strip()
                self.log.info("%s", last)
        return last


def regions() -> list[Region]:
    """Every region whose folder there is, in order of name."""
    names = {path.parent.name for root in settings().regions for path in root.glob("*/region.toml")}
    return [load_region(name) for name in sorted(names)]


def region_titles() -> dict[str, str]:
    """Each region with its names, and whether its data are simulated."""
    return {
        r.region_id: f"{r.name_zh} {r.name_en}{' · 模拟数据 simulated' if r.is_simulated else ''}" for r in regions()
    }


def schedule_of(region: Region, schedule: Any, *, otherwise: Any = None) -> Any:
    """The schedule, but for a region whose data end on a `last_day` (an archive, a demonstration): such a one is run by hand."""
    return otherwise if "last_day" in region.options else schedule


def by_hand_per_day() -> PartitionedAtRuntime:
    """No schedule, but a local day as partition key when a run is asked for."""
    return PartitionedAtRuntime()


def day_after(partition_key: str | None) -> str:
    """The day after the one that a run is for. Raises AirflowFailException when the run names no day."""
    try:
        return (parse_day(str(partition_key)) + timedelta(days=1)).isoformat()
    except InputError:
        raise AirflowFailException(
            f"partition key '{partition_key}' is not a day; trigger again with one such as 2015-12-20"
        ) from None


def stages_of(region: Region, *schedules: str) -> list[Stage]:
    """The stages that are active in the region and belong to these schedules."""
    return [s for s in active(frozenset(region.feeds)) if s.schedule in (schedules or SCHEDULES)]


def stage_tasks(
    stages: Iterable[Stage], region: Region, *, from_: str, to: str, outlets: Mapping[str, Asset] | None = None
) -> dict[str, EmisOperator]:
    """One task a stage over a window, with the edges that follow from the tables."""
    stages = tuple(stages)
    feeds = {s.name for s in stages if s.feed}
    waits = edges(stages)
    tasks = {
        s.name: EmisOperator(
            task_id=s.name,
            arguments=["run", s.name, "--region", region.region_id, "--from", from_, "--to", to, "--json"],
            # A feed that is down may come back; and when it does not, the rest of the day is made without it, as `emis day` does.
            lasting_statuses=(REFUSED,) if s.feed else (BAD_INPUT, REFUSED),
            trigger_rule="all_done" if any((feed, s.name) in waits for feed in feeds) else "all_success",
            outlets=[outlets[s.name]] if outlets and s.name in outlets else [],
        )
        for s in stages
    }
    for upstream, downstream in sorted(waits):
        tasks[upstream].set_downstream(tasks[downstream])
    return tasks


def check_alert_form(params: Mapping[str, Any] | None = None, dag_run: Any = None) -> list[str]:
    """The arguments of the recalculation that the form asks for. Raises AirflowFailException with one line when it is wrong."""
    from bigdata_emis.airflow.alert_form import recalculation_arguments

    try:
        form = {**(params or {}), **(dag_run.conf or {})}
        return recalculation_arguments(form, measures_folder=settings().home / "measures")
    except InputError as problem:
        raise AirflowFailException(" ".join(str(problem).split())) from None


def approvers() -> list[dict[str, str]]:
    """Who may approve: the users named by EMIS_APPROVERS (comma separated), else the operator of `make airflow`."""
    names = [name.strip() for name in os.environ.get("EMIS_APPROVERS", "operator").split(",")]
    return [{"id": name, "name": name} for name in names if name]
