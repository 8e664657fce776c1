"""The copy of a whole registry into an empty database, SQLite or PostgreSQL, in one transaction.

Belongs here: every table of every region, and the move of the lake to the copy. Does not: single rows (database).
"""

import sqlalchemy as sa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.sql import REGION, metadata
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected, hold_database, insert_rows, shown_address
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.registries.registry_identity import (
    TABLE,
    draw_identity,
    owner_of_lake,
    registry_id,
    write_owner,
)


def copy_registry(target: str, *, source: str | None = None, moves_lake: bool = False) -> dict[str, int]:
    """Copy every table of all regions into an empty database; returns the number of rows by table.

    source: the address of the registry, by default EMIS_DATABASE.
    moves_lake: the copy gets an identity of its own and the lake belongs to it, so that the source is refused from then
    on. Otherwise the copy is the same registry, as a backup is.

    Raises InputError when there is no registry, the target is not empty, or the lake to move belongs to another one.
    """
    origin = source or settings().database
    if shown_address(origin) == shown_address(target):
        raise InputError(f"{shown_address(target)} is the registry itself", "name an empty database with --to")
    if not database.can_be_read(origin):
        raise InputError(f"{shown_address(origin)} holds no registry", "set EMIS_DATABASE to the registry to copy")
    files = Files(settings().lake)
    if moves_lake and owner_of_lake(files) not in (None, registry_id(origin)):
        raise InputError(
            f"lake {files.address(files.base)} does not belong to {shown_address(origin)}, so it cannot be moved",
            "set EMIS_DATABASE to the registry of the lake, or copy without --move",
        )
    database.migrate(target)
    with connected(address=origin) as reader, connected(write=True, address=target) as writer:
        if reader.dialect.name == "postgresql":
            reader.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        hold_database(writer)
        _require_empty(writer, target)
        counts = {table.name: _copy_table(reader, writer, table) for table in metadata().sorted_tables}
        if moves_lake:
            # Before the commit: after a crash in between no registry owns the lake, and the copy is made again.
            write_owner(files, draw_identity(writer))
    return counts


def is_empty(address: str) -> bool:
    """Whether a database has no row of a registry."""
    if not database.can_be_read(address):
        return True
    with connected(address=address) as connection:
        return not _filled_tables(connection)


def _require_empty(connection: sa.Connection, target: str) -> None:
    filled = _filled_tables(connection)
    if filled:
        raise InputError(
            f"database {shown_address(target)} is not empty: table {filled[0]} has rows", "name an empty database"
        )
    connection.execute(sa.delete(metadata().tables[TABLE]))


def _filled_tables(connection: sa.Connection) -> list[str]:
    """The tables with rows, besides the identity that any registry draws."""
    tables = (table for table in metadata().sorted_tables if table.name != TABLE)
    return [table.name for table in tables if connection.execute(sa.select(table).limit(1)).first() is not None]


def _copy_table(reader: sa.Connection, writer: sa.Connection, table: sa.Table) -> int:
    count = 0
    for region_id in reader.execute(sa.select(table.c[REGION]).distinct().order_by(table.c[REGION])).scalars().all():
        frame = database.read_with(reader, schema.table(table.name), region_id)
        insert_rows(writer, table, frame, region_id, update=False)
        count += frame.num_rows
    return count
