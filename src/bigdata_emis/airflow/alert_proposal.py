"""The task that proposes a level when a new forecast has arrived; a person decides what follows.

Belongs here: where in a DAG the proposal is. Does not: the level (control.current_alert), alerts (publish.alerts).
"""

from collections.abc import Mapping

from bigdata_emis.airflow.dag_tasks import EmisOperator
from bigdata_emis.region import Region

FORECAST_TASK = "collect_forecast"


def add_proposal(tasks: Mapping[str, EmisOperator], region: Region, *, at: str) -> EmisOperator | None:
    """A task after the collection of the forecast, or None for a region without one.

    It records what a new issue calls for (`emis alert propose --if-new`) at the end of the hour that was collected,
    which may be long past. It publishes, orders and issues nothing.
    """
    if FORECAST_TASK not in tasks:
        return None
    proposal = EmisOperator(
        task_id="propose_alert",
        task_display_name="预警建议 propose_alert",
        arguments=["alert", "propose", "--region", region.region_id, "--at", at, "--if-new", "--json"],
    )
    tasks[FORECAST_TASK].set_downstream(proposal)
    return proposal
