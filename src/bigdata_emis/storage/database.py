"""The registry database, SQLite or PostgreSQL: read, replace, append, upsert, query and migrate, Arrow in and Arrow out.

Belongs here: what the rest may ask of the database. Does not: table definitions (schema/sql.py), drivers (database_link.py).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import TYPES, arrow_schema, conform
from bigdata_emis.schema.sql import REGION, metadata, sql_table, typed
from bigdata_emis.settings import PACKAGE
from bigdata_emis.storage.database_connection import connected, insert, lock

VERSION_TABLE = "emis_version"
SHOWN = 3

Parameter = str | int | float | bool | datetime | date | None


def read(table_name: str, region_id: str, *, known_utc: datetime | None = None) -> pa.Table:
    """The rows of a region in order of their key; at a given time without those that had ended before, where the table says when they do."""
    declared, made = schema.table(table_name), sql_table(table_name)
    wanted = sa.select(*(made.c[name] for name in declared.names)).where(made.c[REGION] == region_id)
    if known_utc is not None and declared.ended:
        wanted = wanted.where(made.c[declared.ended].is_(None) | (made.c[declared.ended] > known_utc))
    with connected() as connection:
        rows = connection.execute(wanted).all()
    frame = _frame(rows, arrow_schema(declared))
    return frame.sort_by([(name, "ascending") for name in declared.key])


def replace(frames: dict[str, pa.Table], region_id: str) -> None:
    """Put these tables in place of what the region had, all of them or none.

    A table whose key holds known_utc is a history: its rows are added or renewed, never removed.
    Raises InputError when a row names a parent that is not there, SchemaError when a frame does not fit its table.
    """
    kept = {name: conform(frame, schema.table(name)) for name, frame in frames.items()}
    ordered = [made for made in metadata().sorted_tables if made.name in _checked(kept)]
    with connected(write=True) as connection:
        for made in reversed(ordered):
            if not _is_history(made.name):
                connection.execute(sa.delete(made).where(made.c[REGION] == region_id))
        for made in ordered:
            insert(connection, made, kept[made.name], region_id, renew=_is_history(made.name))
        _refuse_dangling(connection, set(kept), region_id)


def append(table_name: str, region_id: str, frame: pa.Table) -> None:
    """Add rows. Raises InputError when a key is there already or a parent is not."""
    _add(table_name, region_id, frame, renew=False)


def upsert(table_name: str, region_id: str, frame: pa.Table) -> None:
    """Add rows, and renew those whose key is there already. Raises InputError when a parent is not there."""
    _add(table_name, region_id, frame, renew=True)


def query(name: str, **parameters: Parameter) -> pa.Table:
    """The answer to sql/queries/<name>.sql. Declared names keep their types, as parameters and as columns."""
    path = sql_folder() / "queries" / f"{name}.sql"
    if not path.is_file():
        raise InputError(
            f"query '{name}' is unknown", f"known: {', '.join(sorted(p.stem for p in path.parent.glob('*.sql')))}"
        )
    bound = [sa.bindparam(key, value, kind) for key, value in parameters.items() if (kind := typed([key]).get(key))]
    plain = {key: value for key, value in parameters.items() if key not in {b.key for b in bound}}
    statement = sa.text(path.read_text("utf-8")).bindparams(*bound, **plain)
    with connected() as connection:
        result = connection.execute(statement.columns(**typed(list(schema.fields()))))
        names, rows = list(result.keys()), result.all()
    known = {f.name: TYPES[f.kind] for f in schema.fields().values()}
    columns = zip(names, _columns(rows, len(names)), strict=True)
    return pa.table([pa.array(values, known.get(name)) for name, values in columns], names=names)


def migrate() -> None:
    """Bring the database to the newest schema. Cheap when it is there already; safe when several processes call it."""
    with connected() as connection:
        if _revision(connection) == newest_revision():
            return
    with connected(write=True, migrate=True) as connection:
        lock(connection)
        if _revision(connection) != newest_revision():
            _upgrade(connection)


def newest_revision() -> str:
    """The last migration by its file name, which begins with its number."""
    numbers = [path.name.split("_", 1)[0] for path in (sql_folder() / "migrations" / "versions").glob("[0-9]*.py")]
    return max(numbers, default="")


@cache
def sql_folder() -> Path:
    """Where migrations and queries lie: in the package when it was installed from a wheel, else beside src/."""
    packed = PACKAGE / "sql"
    return packed if packed.is_dir() else PACKAGE.parents[1] / "sql"


def _upgrade(connection: sa.Connection) -> None:
    """Alembic takes half a second to import, so it is met only when there is something to do."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(sql_folder() / "migrations").replace("%", "%%"))
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return ""
    return str(
        connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))).scalar() or ""
    )


def _add(table_name: str, region_id: str, frame: pa.Table, *, renew: bool) -> None:
    kept = conform(frame, schema.table(table_name))
    with connected(write=True) as connection:
        insert(connection, sql_table(table_name), kept, region_id, renew=renew)
        _refuse_dangling(connection, {table_name}, region_id)


def _checked(names: Collection[str]) -> set[str]:
    return {sql_table(name).name for name in names}


def _is_history(table_name: str) -> bool:
    return "known_utc" in schema.table(table_name).key


def _frame(rows: Sequence[sa.Row[Any]], wanted: pa.Schema) -> pa.Table:
    columns = _columns(rows, len(wanted))
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, wanted, strict=True)], schema=wanted)


def _columns(rows: Sequence[sa.Row[Any]], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _refuse_dangling(connection: sa.Connection, touched: set[str], region_id: str) -> None:
    """References are checked at commit; asked here first, the answer can name the values."""
    for child in metadata().sorted_tables:
        for reference in child.foreign_key_constraints:
            parent = reference.referred_table
            if not touched & {child.name, parent.name}:
                continue
            name = next(c.name for c in reference.columns if c.name != REGION)
            there = sa.exists().where(parent.c[REGION] == region_id, parent.c[name] == child.c[name])
            lost = sa.select(child.c[name]).where(child.c[REGION] == region_id, child.c[name].is_not(None), ~there)
            values = connection.execute(lost.distinct().order_by(child.c[name]).limit(SHOWN)).scalars().all()
            if values:
                raise InputError(
                    f"table {child.name}, column {name}: {', '.join(map(str, values))} not in table {parent.name} of region {region_id}",
                    f"add it to {parent.name} or mend the row",
                )
