"""The identity of a registry, and the registry that a lake belongs to: `registry.json` at the root of the lake.

Belongs here: drawing, comparing and moving the identity. Does not: copying a registry (registry_copy).

Every row of published_version names files of one lake. A second registry on the same lake would list half of what is
published, so a command that writes is refused when the two do not belong together.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import sqlalchemy as sa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.schema.sql import sql_table
from bigdata_emis.settings import settings
from bigdata_emis.storage import database, locks
from bigdata_emis.storage.database_connection import connected, hold_database, insert_rows, shown_address
from bigdata_emis.storage.files import Files

OWNER_FILE = "registry.json"
TABLE = "registry_identity"
NO_REGION = ""
START_SERVICES = "python -m bigdata_emis.devstack.services --detach"


def prepare_registry() -> None:
    """Migrate the registry and see that the lake belongs to it: what every command that writes calls first.

    A lake that belongs to nobody yet belongs to this registry from then on.
    Raises InputError when the lake belongs to another registry.
    """
    database.migrate()
    require_own_lake()


def require_own_lake() -> None:
    """Raise InputError when the lake belongs to another registry than EMIS_DATABASE."""
    files, own_id = Files(settings().lake), registry_id()
    owner = owner_of_lake(files)
    if owner is None:
        with locks.brief_lock(_lock_file(files)):
            owner = owner_of_lake(files)
            if owner is None:
                write_owner(files, own_id)
                return
    if owner != own_id:
        raise InputError(
            f"lake {files.address(files.base)} belongs to registry {owner}, but EMIS_DATABASE {shown_address()} is"
            f" registry {own_id}",
            _where_its_registry_is(settings().home / "airflow"),
        )


def _where_its_registry_is(services: Path) -> str:
    """What to do: the services of `make airflow`, when this home has them, hold the registry of its lake."""
    shell_file = services / "emis.env"
    if not shell_file.is_file():
        return "set EMIS_DATABASE to the registry of this lake, or EMIS_LAKE to another lake"
    if (services / "running.json").is_file():
        return f"run first: . {shell_file}"
    return f"start the services that hold its registry: {START_SERVICES}; then run again, by hand after . {shell_file}"


def registry_id(address: str | None = None) -> str:
    """The identity of a registry, drawn when it is first asked for. address: by default EMIS_DATABASE."""
    table = sql_table(TABLE)
    with connected(address=address) as connection:
        found = connection.execute(sa.select(table.c.registry_id)).scalars().first()
    if found is not None:
        return str(found)
    with connected(write=True, address=address) as connection:
        hold_database(connection)
        found = connection.execute(sa.select(table.c.registry_id)).scalars().first()
        return str(found) if found is not None else draw_identity(connection)


def draw_identity(connection: sa.Connection) -> str:
    """Give a registry a new identity in place of any that it has."""
    row = {"registry_id": uuid4().hex, "created_utc": datetime.now(UTC)}
    connection.execute(sa.delete(sql_table(TABLE)))
    frame = pa.Table.from_pylist([row], arrow_schema(schema.table(TABLE)))
    insert_rows(connection, sql_table(TABLE), frame, NO_REGION, update=False)
    return str(row["registry_id"])


def owner_of_lake(files: Files) -> str | None:
    """The identity of the registry that a lake belongs to; None of a new lake. Raises InputError when it is damaged."""
    path = f"{files.base}/{OWNER_FILE}"
    if not files.exists(path):
        return None
    try:
        return str(json.loads(files.read_bytes(path))["registry_id"])
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{files.address(path)} is damaged: expected a JSON object with registry_id",
            "restore it from a backup, or delete it: then the lake belongs to the next registry that writes",
        ) from None


def write_owner(files: Files, owner_id: str) -> None:
    """Let a lake belong to a registry."""
    record = {"registry_id": owner_id, "created_utc": datetime.now(UTC).isoformat(timespec="seconds")}
    files.write(f"{files.base}/{OWNER_FILE}", json.dumps(record).encode() + b"\n")


def _lock_file(files: Files) -> Path:
    root = Path(files.base) if files.is_local else settings().home
    return root / "lock" / "registry.lock"
