"""Who may do what in Airflow: as its simple users, but only an administrator deletes.

Belongs here: the one rule in which we differ from Airflow. Does not: users and passwords (devstack, docker).
"""

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class GuardedAuthManager(SimpleAuthManager):
    """Airflow's simple users, of whom an operator may run and mark, but not delete a DAG, its runs or their history."""

    def is_authorized_dag(self, *, method: Any, user: Any, **entity: Any) -> bool:
        """Refuse DELETE to everybody but an administrator."""
        if method == "DELETE" and not self._is_admin(user):
            return False
        return super().is_authorized_dag(method=method, user=user, **entity)
