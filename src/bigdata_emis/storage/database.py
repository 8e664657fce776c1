"""The registry database, SQLite or PostgreSQL: read, replace, append, upsert, query and migrate, with Arrow tables.

Belongs here: what the rest may ask of the database. Does not: table definitions (schema.sql), drivers
(database_connection).
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema import Table
from bigdata_emis.schema.arrow import TYPES, arrow_schema, conform
from bigdata_emis.schema.sql import REGION, metadata, sql_table, sql_types
from bigdata_emis.settings import PACKAGE, settings
from bigdata_emis.storage.database_connection import (
    MIGRATE,
    NO_REGISTRY,
    connected,
    hold_database,
    insert_rows,
    is_there,
    may_be_written,
    shown_address,
)

VERSION_TABLE = "emis_version"
SHOWN_VALUES = 3

Parameter = str | int | float | bool | datetime | date | None


def read(table_name: str, region_id: str, *, known_utc: datetime | None = None) -> pa.Table:
    """The rows of a region in order of their key; with `known_utc` without rows that had ended by then.

    Only a table that declares when its rows end (`ended`) can leave rows out.
    """
    with connected() as connection:
        return read_with(connection, schema.table(table_name), region_id, known_utc=known_utc)


def read_with(
    connection: sa.Connection, declared: Table, region_id: str, *, known_utc: datetime | None = None
) -> pa.Table:
    """The same within a transaction that has begun."""
    table = sql_table(declared.name)
    statement = sa.select(*(table.c[name] for name in declared.names)).where(table.c[REGION] == region_id)
    if known_utc is not None and declared.ended:
        statement = statement.where(table.c[declared.ended].is_(None) | (table.c[declared.ended] > known_utc))
    frame = _frame(connection.execute(statement).all(), arrow_schema(declared))
    return frame.sort_by([(name, "ascending") for name in declared.key])


def replace(frames: dict[str, pa.Table], region_id: str) -> None:
    """Replace all rows of the region in these tables, in one transaction.

    A table whose key contains known_utc is a history: its rows are added or updated, never deleted.
    Raises InputError when a row refers to a missing parent, SchemaError when a frame does not fit its table.
    """
    conformed = {name: conform(frame, schema.table(name)) for name, frame in frames.items()}
    ordered = [table for table in metadata().sorted_tables if table.name in _known_names(conformed)]
    with connected(write=True) as connection:
        for table in reversed(ordered):
            if not _is_history(table.name):
                connection.execute(sa.delete(table).where(table.c[REGION] == region_id))
        for table in ordered:
            insert_rows(connection, table, conformed[table.name], region_id, update=_is_history(table.name))
        _refuse_dangling(connection, set(conformed), region_id)


def append(table_name: str, region_id: str, frame: pa.Table) -> None:
    """Add rows. Raises InputError when a key exists already or a parent is missing."""
    _add(table_name, region_id, frame, update=False)


def upsert(table_name: str, region_id: str, frame: pa.Table) -> None:
    """Add rows, and update those whose key exists already. Raises InputError when a parent is missing."""
    _add(table_name, region_id, frame, update=True)


def upsert_row(
    table_name: str, region_id: str, row: dict[str, Any], *, may_replace: Callable[[dict[str, Any]], bool]
) -> bool:
    """Add one row, or replace the row of the same key if `may_replace` says so of it; whether the row was written.

    Reading and writing are one transaction that no other process can come between.
    """
    declared, table = schema.table(table_name), sql_table(table_name)
    frame = conform(pa.Table.from_pylist([row], arrow_schema(declared)), declared)
    is_same_key = sa.and_(table.c[REGION] == region_id, *(table.c[name] == row[name] for name in declared.key))
    with connected(write=True) as connection:
        hold_database(connection)
        existing = connection.execute(sa.select(table).where(is_same_key)).mappings().first()
        if existing is not None and not may_replace(dict(existing)):
            return False
        insert_rows(connection, table, frame, region_id, update=True)
        return True


def query(name: str, **parameters: Parameter) -> pa.Table:
    """The answer to sql/queries/<name>.sql. Parameters and columns with the name of a field have its type."""
    path = sql_folder() / "queries" / f"{name}.sql"
    if not path.is_file():
        raise InputError(
            f"query '{name}' is unknown", f"known: {', '.join(sorted(p.stem for p in path.parent.glob('*.sql')))}"
        )
    bound = [sa.bindparam(key, value, kind) for key, value in parameters.items() if (kind := sql_types([key]).get(key))]
    plain = {key: value for key, value in parameters.items() if key not in {b.key for b in bound}}
    statement = sa.text(path.read_text("utf-8")).bindparams(*bound, **plain)
    with connected() as connection:
        result = connection.execute(statement.columns(**sql_types(list(schema.fields()))))
        names, rows = list(result.keys()), result.all()
    declared_types = {f.name: TYPES[f.kind] for f in schema.fields().values()}
    columns = zip(names, _columns(rows, len(names)), strict=True)
    return pa.table([pa.array(values, declared_types.get(name)) for name, values in columns], names=names)


def migrate(address: str | None = None) -> None:
    """Bring the database to the newest schema. Cheap when it is current; safe when several processes call it.

    address: by default EMIS_DATABASE.
    """
    if is_there(address):
        with connected(address=address) as connection:
            if _revision(connection) == newest_revision():
                return
    with connected(write=True, migrate=True, address=address) as connection:
        hold_database(connection)
        if _revision(connection) != newest_revision():
            _create_or_upgrade(connection)


def migrate_older(address: str | None = None) -> str:
    """Migrate a registry of an older release; returns the schema that it had, empty when there was nothing to do.

    Raises InputError when it is of a newer release.
    """
    if not is_there(address):
        return ""
    with connected(address=address) as connection:
        revision = _revision(connection)
    if revision and revision < newest_revision():
        migrate(address)
        return revision
    can_be_read(address)
    return ""


def can_be_read(address: str | None = None) -> bool:
    """Whether there is a registry; nothing is created or migrated for the answer.

    Raises InputError when the registry has the schema of another release.
    """
    if not is_there(address):
        return False
    with connected(address=address) as connection:
        revision = _revision(connection)
    if revision in ("", newest_revision()):
        return bool(revision)
    remedy = MIGRATE if revision < newest_revision() else "use the release that wrote it, or a newer one"
    raise InputError(
        f"database {shown_address(address)} has the schema {revision}, expected {newest_revision()}", remedy
    )


def can_be_written() -> bool:
    """Whether the file of the database, or its folder, may be written; a server decides by itself."""
    return may_be_written(settings().database)


def require_readable() -> None:
    """Raise InputError when there is no registry, or one of another release."""
    if not can_be_read():
        raise InputError(f"database {shown_address()}: there is no registry yet", NO_REGISTRY)


def newest_revision() -> str:
    """The number of the last migration, with which its file name begins."""
    numbers = [path.name.split("_", 1)[0] for path in (sql_folder() / "migrations" / "versions").glob("[0-9]*.py")]
    return max(numbers, default="")


@cache
def sql_folder() -> Path:
    """The folder of migrations and queries: in the package when installed from a wheel, else next to src/."""
    installed = PACKAGE / "sql"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "sql"


def run_migrations(connection: sa.Connection) -> None:
    """Run every migration that the database lacks, within a transaction opened with `migrate=True`.

    Alembic takes half a second to import, so it is imported only when there is work for it.
    """
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(sql_folder() / "migrations").replace("%", "%%"))
    command.upgrade(config, "head")


def _create_or_upgrade(connection: sa.Connection) -> None:
    """Create a new registry in one step from its declaration, which the migrations amount to; migrate an older one.

    Source: Alembic's cookbook, "Building an Up to Date Database from Scratch".
    """
    if {VERSION_TABLE, *metadata().tables} & set(sa.inspect(connection).get_table_names()):
        run_migrations(connection)
        return
    metadata().create_all(connection)
    # As Alembic defines it.
    key = sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc")
    version = sa.Table(VERSION_TABLE, sa.MetaData(), sa.Column("version_num", sa.String(32), nullable=False), key)
    version.create(connection)
    connection.execute(version.insert().values(version_num=newest_revision()))


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return ""
    return str(
        connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))).scalar() or ""
    )


def _add(table_name: str, region_id: str, frame: pa.Table, *, update: bool) -> None:
    conformed = conform(frame, schema.table(table_name))
    with connected(write=True) as connection:
        insert_rows(connection, sql_table(table_name), conformed, region_id, update=update)
        _refuse_dangling(connection, {table_name}, region_id)


def _known_names(names: Collection[str]) -> set[str]:
    return {sql_table(name).name for name in names}


def _is_history(table_name: str) -> bool:
    return "known_utc" in schema.table(table_name).key


def _frame(rows: Sequence[sa.Row[Any]], wanted: pa.Schema) -> pa.Table:
    columns = _columns(rows, len(wanted))
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, wanted, strict=True)], schema=wanted)


def _columns(rows: Sequence[sa.Row[Any]], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _refuse_dangling(connection: sa.Connection, touched: set[str], region_id: str) -> None:
    """Refuse rows that refer to a missing parent. The database checks at commit, too, but cannot name the values."""
    for child in metadata().sorted_tables:
        for reference in child.foreign_key_constraints:
            parent = reference.referred_table
            if not touched & {child.name, parent.name}:
                continue
            name = next(c.name for c in reference.columns if c.name != REGION)
            has_parent = sa.exists().where(parent.c[REGION] == region_id, parent.c[name] == child.c[name])
            in_region = (child.c[REGION] == region_id, child.c[name].is_not(None))
            orphans = sa.select(child.c[name]).where(*in_region, ~has_parent)
            values = connection.execute(orphans.distinct().order_by(child.c[name]).limit(SHOWN_VALUES)).scalars().all()
            if values:
                raise InputError(
                    f"table {child.name}, column {name}: {', '.join(map(str, values))} is not in table {parent.name}"
                    f" of region {region_id}",
                    f"add it to {parent.name} or correct the row",
                )
