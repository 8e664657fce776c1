"""The registry of `make airflow`: migrated after an upgrade, and moved there from SQLite, with which commands began.

Belongs here: when it is migrated or moved, and what is said about it. Does not: the copy itself (storage/registries).
"""

from pathlib import Path

from bigdata_emis.settings import REGISTRY_FILE, settings, sqlite_address
from bigdata_emis.storage import database
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.registries.registry_copy import copy_registry, is_empty
from bigdata_emis.storage.registries.registry_identity import owner_of_lake, registry_id


def upgrade_registry(address: str) -> str:
    """Migrate a registry that an older release left in the services; returns what was done, empty when nothing was.

    Commands that would migrate it cannot reach it before the services run.
    Raises InputError when the registry is of a newer release.
    """
    before = database.migrate_older(address)
    return f"the registry was migrated from schema {before} to {database.newest_revision()}" if before else ""


def move_registry(home: Path, target: str) -> str:
    """Move the registry of a home from SQLite to an empty database; returns what was done, empty when nothing was.

    It is moved once: when the database is empty and the lake belongs to the SQLite registry, or to none yet.
    Raises InputError when the SQLite registry is of a newer release, or the copy fails; then nothing has changed.
    """
    path = home / REGISTRY_FILE
    source = sqlite_address(path)
    if not path.is_file() or not is_empty(target):
        return ""
    database.migrate(source)
    if is_empty(source) or owner_of_lake(Files(settings().lake)) not in (None, registry_id(source)):
        return ""
    row_count = sum(copy_registry(target, source=source, moves_lake=True).values())
    return (
        f"the registry was copied from {path} to PostgreSQL ({row_count:,} rows); the lake belongs to PostgreSQL now,"
        " and commands that would write with the old file are refused"
    )
