"""Tasks about one scenario, which are skipped, with a sentence, when the scenario is no longer in force.

Belongs here: which end of a scenario is no fault of a run. Does not: what ended it (publish.scenarios), or the command.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from bigdata_emis.airflow.approval import PAUSE_S, ask_command
from bigdata_emis.airflow.dag_tasks import EmisOperator
from bigdata_emis.codes import ScenarioStatus

ENDED = {
    ScenarioStatus.SUPERSEDED: "已被替代 is superseded",
    ScenarioStatus.REJECTED: "已驳回 is rejected",
    ScenarioStatus.LIFTED: "已解除 is lifted",
    ScenarioStatus.RETIRED: "已撤销 is retired",
}


class ScenarioOperator(EmisOperator):
    """An `emis` command about a scenario. Of a scenario that is in force in no hour it is skipped, not failed.

    of_scenario: the options that name the scenario. A command that is refused for another reason fails.
    """

    template_fields = (*EmisOperator.template_fields, "of_scenario")

    def __init__(self, *, of_scenario: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of_scenario = list(of_scenario)

    def execute(self, context: Any) -> Any:
        """Run the command.

        Raises:
            AirflowSkipException: the scenario has ended, before or while the command ran.
            AirflowFailException, AirflowException: the command failed (EmisOperator).
        """
        self._skip_if_ended()
        try:
            return super().execute(context)
        except AirflowFailException:
            self._skip_if_ended()
            raise

    def _skip_if_ended(self) -> None:
        found = ask_command(["scenario", "show", *self.of_scenario, "--json"], pause_s=PAUSE_S)
        if why := why_ended(found):
            raise AirflowSkipException(f"{self.task_id}: {why}")


def scenario_task(
    task_id: str, command: Sequence[str], of_scenario: Sequence[str], options: Sequence[str] = ("--json",)
) -> ScenarioOperator:
    """The task of a command about a scenario."""
    return ScenarioOperator(task_id=task_id, of_scenario=of_scenario, arguments=[*command, *of_scenario, *options])


def why_ended(scenario: Mapping[str, Any]) -> str:
    """Why a scenario, as `emis scenario show` prints it, is in force in no hour; empty when it is, or may yet be.

    The reason is the last act about it: the name of the scenario that replaced it, or who rejected it and why.
    """
    if scenario["is_in_force"] or scenario["status"] not in ENDED:
        return ""
    words = f"scenario {scenario['scenario']} {ENDED[ScenarioStatus(scenario['status'])]}"
    if not scenario["acts"]:
        return words
    last = scenario["acts"][-1]
    return f"{words}: {last['note']} ({last['event']}, {last['actor']}, {last['known_utc']})"
