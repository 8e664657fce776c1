"""An operator runs DAGs and answers, and only an administrator deletes."""

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

from bigdata_emis.airflow.auth_manager import GuardedAuthManager
from bigdata_emis.devstack.environment import AUTH_MANAGER

OPERATOR = SimpleAuthManagerUser(username="operator", role="user")
ADMIN = SimpleAuthManagerUser(username="admin", role="admin")


@pytest.mark.parametrize(
    ("user", "method", "is_allowed"),
    [
        (OPERATOR, "DELETE", False),
        (ADMIN, "DELETE", True),
        (OPERATOR, "GET", True),
        (OPERATOR, "POST", True),
        (OPERATOR, "PUT", True),
        (SimpleAuthManagerUser(username="guest", role="viewer"), "POST", False),
    ],
)
@pytest.mark.parametrize("entity", [None, DagAccessEntity.RUN])
def test_who_may_do_what_with_a_dag(user, method, entity, is_allowed) -> None:
    manager = GuardedAuthManager()
    assert manager.is_authorized_dag(method=method, user=user, access_entity=entity) is is_allowed


def test_the_services_use_it() -> None:
    module, _, name = AUTH_MANAGER.rpartition(".")
    assert (module, name) == (GuardedAuthManager.__module__, GuardedAuthManager.__name__)
