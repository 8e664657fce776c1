"""The question put to a person before a scenario is published: what is shown, who may answer, what follows.

Belongs here: what Airflow's own approval lacks. Does not: what follows from a decision (publish/scenario_decision.py).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException

from bigdata_emis.airflow.process.emis_process import EmisProcess, EndedCommand
from bigdata_emis.codes import Authentication, ScenarioStatus
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.publish.scenarios.approval_roles import approver_levels

LASTING_STATUSES = (2, 3)
TRIES, PAUSE_S = 3, 20
RETRY_DELAY = timedelta(seconds=10)
"""A try that the scheduler lost is soon made up for, since a person waits."""
DEFAULT_TIMEOUT_H, LONGEST_TIMEOUT_H = 6.0, 168.0

# What the form adds to the alert of an approved scenario.
OF_FORM = ["--cities", "{{ params.cities or '' }}", "--prompt", "{{ params.regional_level or 'none' }}", "--json"]

# The ledger of the recalculation as Markdown, rendered by Airflow.
LEDGER = """{% set result = ti.xcom_pull('recalculate') %}**{{ titles[params.region] }}** · {{ params.level }}
· {{ result.from_utc }} → {{ result.to_utc }}
{%- if result.is_partial %} · **不完整 partial: {{ result.hours_present }} / {{ result.hours_expected }} h**{% endif %}
{% for one in result.supersedes %}
批准后将替代 **{{ one.scenario }}**（{{ one.level }}）· approval supersedes it from {{ one.until_utc }}
{%- if one.uncovered_from_utc %}; **其后无生效情景 then none is in force: {{ one.uncovered_from_utc }} →
{{ one.uncovered_to_utc }}**{% endif %}
{% endfor %}
| pollutant | baseline kg | cut kg | share | target | met |
|---|--:|--:|--:|--:|---|
{% for row in result.ledger -%}
| {{ row.pollutant }} | {{ '{:,.0f}'.format(row.baseline_kg) }} | {{ '{:,.0f}'.format(row.cut_kg) }}\
{% if row.get('cut_p05_kg') is not none %} ({{ '{:,.0f}'.format(row.cut_p05_kg) }} – \
{{ '{:,.0f}'.format(row.cut_p95_kg) }}){% endif %} \
| {{ '%.1f %%' % (100 * row.cut_share) }} \
| {{ '-' if row.target_share is none else '%.0f %%' % (100 * row.target_share) }} \
| {{ '-' if row.target_share is none else {true: 'yes', false: 'NO'}.get(row.met, 'not known 无法判定') }} |
{% endfor %}
{% for row in result.get('moved', []) %}
{{ {'rebound': '反弹 rebound', 'detour': '绕行 detour'}[row.kind] }} · {{ row.outcome }} · \
{{ row.pollutant }} {{ '{:,.1f}'.format(row.moved_kg) }} kg
{% endfor %}"""


class RecordedApproval(ApprovalOperator):
    """An approval that decides on the scenario as the person whom Airflow authenticated, whatever the answer was.

    The decision is taken here, with the record of the answer that Airflow resumes the task with. A task that somebody
    marked as successful has no such record and never comes to this point, so nothing is decided.

    The scheduler may lose a try after the answer was taken, and start another one: a scenario that is decided is not
    asked about again. A question that nobody answers in time is a rejection.

    decision: the command that decides, without the person.
    """

    template_fields = (*ApprovalOperator.template_fields, "decision")

    def __init__(self, *, decision: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**{"defaults": self.REJECT, "response_timeout": response_timeout(), **kwargs})
        self.decision = list(decision)
        self.retry_delay = RETRY_DELAY

    def execute(self, context: Any) -> Any:
        """Ask, unless the scenario is decided already."""
        found = self._scenario()
        if found["status"] == ScenarioStatus.DRAFT:
            return super().execute(context)
        return self._continue_as_decided(found, context)

    def _scenario(self) -> Any:
        return ask_command(["scenario", "show", *self.decision[1:], "--json"], pause_s=PAUSE_S)

    def _continue_as_decided(self, found: Mapping[str, Any], context: Any) -> Any:
        self.log.info("%s is %s, decided by %s", found["scenario"], found["status"], found["decided_by"])
        is_rejected = found["status"] in (ScenarioStatus.REJECTED, ScenarioStatus.RETIRED)
        taken = {
            "chosen_options": [self.REJECT if is_rejected else self.APPROVE],
            "params_input": {},
            "responded_at": datetime.fromisoformat(found["decided_utc"]),
            "responded_by_user": None,
        }
        return super().execute_complete(context, taken)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Decide with the recorded answer, then continue as Airflow does.

        Where somebody decided by other means while the question was open, that decision counts.
        Raises AirflowFailException when the record names no person, or the decision is refused.
        """
        if "error" not in event:
            arguments = [*self.decision, *answer_arguments(event, approve=self.APPROVE, timeout=self.response_timeout)]
            try:
                decided = run_command(arguments, pause_s=PAUSE_S, say=lambda line: self.log.info("%s", line))
            except AirflowFailException:
                found = self._scenario()
                if found["status"] == ScenarioStatus.DRAFT:
                    raise
                return self._continue_as_decided(found, context)
            self.log.info("%s", json.dumps(decided, ensure_ascii=False))
        return super().execute_complete(context, event)


def answer_arguments(event: Mapping[str, Any], *, approve: str, timeout: timedelta | None) -> list[str]:
    """The arguments of `emis approve` that say who answered and what.

    Raises AirflowFailException when Airflow recorded an answer without a person.
    """
    person, is_approved = event["responded_by_user"], list(event["chosen_options"]) == [approve]
    if person and person["name"]:
        who, how = str(person["name"]), Authentication.AIRFLOW
    elif event.get("timedout") and not is_approved:
        hours = (timeout or timedelta()).total_seconds() / 3600
        who, how = f"no answer within {hours:g} h", Authentication.TIME_OUT
    else:
        raise AirflowFailException("Airflow's record of the answer names nobody; nothing is decided; clear the task")
    return ["--by", who, "--authenticated", how.value, *([] if is_approved else ["--reject"]), "--json"]


def run_command(arguments: Sequence[str], *, pause_s: float, say: Callable[[str], None]) -> Any:
    """Run `emis ARGUMENTS` as an act that is listed among the runs, and return the document that it prints.

    A retry of the task would ask the question anew and lose the answer, so it is tried again here, after a pause.

    Raises AirflowFailException with the last line of the command.
    """
    return _document_of(lambda: EmisProcess(arguments, say).run(), pause_s)


def ask_command(arguments: Sequence[str], *, pause_s: float) -> Any:
    """Run `emis ARGUMENTS` that only reads, and return the document that it prints; errors as run_command."""
    command = [str(Path(sys.executable).with_name("emis")), *arguments]

    def ask() -> EndedCommand:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
        return EndedCommand(done.returncode, done.stdout, (done.stderr.strip().splitlines() or [""])[-1])

    return _document_of(ask, pause_s)


def _document_of(run: Callable[[], EndedCommand], pause_s: float) -> Any:
    for attempt in range(1, TRIES + 1):
        ended = run()
        if ended.status == 0:
            return json.loads(ended.printed)
        if ended.status in LASTING_STATUSES or attempt == TRIES:
            break
        time.sleep(pause_s)
    raise AirflowFailException(ended.last_line or f"emis ended with status {ended.status}")


def response_timeout() -> timedelta:
    """How long a question waits: EMIS_APPROVAL_TIMEOUT_H, by default six hours.

    Raises InputError when the setting is no such time.
    """
    text = os.environ.get("EMIS_APPROVAL_TIMEOUT_H") or str(DEFAULT_TIMEOUT_H)
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= LONGEST_TIMEOUT_H:
        raise InputError(
            f"EMIS_APPROVAL_TIMEOUT_H '{shorten(text)}': expected hours above 0 and at most {LONGEST_TIMEOUT_H:g}",
            f"set it to a number such as {DEFAULT_TIMEOUT_H:g}",
        )
    return timedelta(hours=hours)


def approvers() -> list[dict[str, str]]:
    """Who may approve: the users in EMIS_APPROVERS (`name` or `name:highest level`), else that of `make airflow`.

    Whether a user may sign for the level of a scenario is checked with the decision.

    Raises InputError when the setting names nobody: Airflow would then accept an answer of anybody.
    """
    return [{"id": name, "name": name} for name in approver_levels() or ("operator",)]
