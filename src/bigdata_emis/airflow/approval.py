"""The question put to a person before a scenario is published.

Belongs here: what Airflow's own approval lacks. Does not: what follows from the answer (publish/approve.py).
"""

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator

DECIDED_BY = "decided_by"


class RecordedApproval(ApprovalOperator):
    """An approval that tells the tasks after it who answered, whatever the answer was.

    Airflow's own ends a rejection by skipping what follows, and what it would have returned is lost.
    """

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Keep who answered, then go on as Airflow does."""
        if "error" not in event:
            context["ti"].xcom_push(key=DECIDED_BY, value=event["responded_by_user"]["name"])
        return super().execute_complete(context, event)
