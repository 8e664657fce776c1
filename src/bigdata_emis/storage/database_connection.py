"""Connections to SQLite and PostgreSQL, and the fast way into each.

Belongs here: what differs between the two databases, and how their errors are told. Does not: which table is meant.
"""

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql
import pyarrow as pa
import pyarrow.csv as pacsv
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings
from bigdata_emis.storage.locks import one_after_another

BUSY_MS = 30_000
CONNECT_S = 10
MIGRATION_LOCK = 4_207_849
KINDS = ("sqlite", "postgresql")


@contextmanager
def connected(*, write: bool = False, migrate: bool = False) -> Iterator[sa.Connection]:
    """A connection in one transaction, committed at the end or rolled back.

    Raises InputError when the database cannot be reached or refuses a row.
    """
    engine = _engine(settings().database)
    try:
        with engine.connect() as connection:
            told = connection.execution_options(emis_write=write, emis_migrate=migrate)
            with told.begin():
                yield told
    except (DBAPIError, psycopg.Error) as problem:
        told_by = problem.orig if isinstance(problem, DBAPIError) else problem
        first = (str(told_by).strip() or type(told_by).__name__).splitlines()[0]
        raise InputError(f"database {_shown(engine.url)}: {first}", _mend(first.lower())) from None


def insert(connection: sa.Connection, made: sa.Table, frame: pa.Table, region_id: str, *, renew: bool) -> None:
    """Add the rows of a conformed frame: by COPY on PostgreSQL, by executemany on SQLite."""
    if frame.num_rows == 0:
        return
    stored = pa.table(
        [pa.repeat(region_id, frame.num_rows), *map(_stored, frame.columns)], names=[c.name for c in made.columns]
    )
    if connection.dialect.name == "postgresql":
        _copy(connection, made, stored, renew=renew)
    else:
        _execute_many(connection, made, stored, renew=renew)


def lock(connection: sa.Connection) -> None:
    """Hold other migrating processes off until this transaction ends; on SQLite BEGIN IMMEDIATE has done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))


@cache
def _engine(address: str) -> sa.Engine:
    """No pool: connecting is cheap here, and a pool does not survive the forks of a scheduler."""
    try:
        url = sa.make_url(address)
        if url.get_backend_name() not in KINDS:
            raise ArgumentError(url.get_backend_name())
        if url.get_backend_name() == "postgresql":
            told = {"connect_timeout": CONNECT_S, "options": "-c timezone=UTC"}
            return sa.create_engine(url, poolclass=NullPool, connect_args=told)
        engine = sa.create_engine(url, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise InputError(
            "EMIS_DATABASE is not an address of a database", "give sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from None
    if not url.database or url.database == ":memory:":
        raise InputError("EMIS_DATABASE names no file", "give sqlite:///PATH") from None
    _prepare_sqlite(engine, Path(url.database))
    return engine


def _prepare_sqlite(engine: sa.Engine, path: Path) -> None:
    """Python's own transaction handling is switched off: it begins too late and commits before a change of schema."""

    def on_connect(raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None
        # Two that turn a new file to WAL at once get "locked" from SQLite without its waiting: one after the other.
        with one_after_another(path.parent):
            raw.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    def on_begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get("emis_migrate"):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        # A reader that turns writer would fail at once when another wrote meanwhile; a writer from the start waits its turn.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("emis_write") else "BEGIN")

    def on_do_connect(*given: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        given[3]["timeout"] = BUSY_MS / 1000

    sa.event.listen(engine, "do_connect", on_do_connect)
    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column in the words of both databases: instants and days as text, lists as JSON."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us")).cast(pa.string())
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_list(column.type):
        return pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False) for v in column.to_pylist()], pa.string()
        )
    return column


def _execute_many(connection: sa.Connection, made: sa.Table, stored: pa.Table, *, renew: bool) -> None:
    statement = sqlite.insert(made)
    if renew:
        statement = _renewing(statement, made)
    text = str(statement.compile(dialect=connection.dialect, column_keys=stored.column_names))
    connection.exec_driver_sql(text, list(zip(*(column.to_pylist() for column in stored.columns), strict=True)))


def _copy(connection: sa.Connection, made: sa.Table, stored: pa.Table, *, renew: bool) -> None:
    """COPY knows no conflict, so renewed rows pass through a table that ends with the transaction."""
    target = f"renewed_{made.name}" if renew else made.name
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise InputError("EMIS_DATABASE names a driver that has no COPY", "write postgresql:// without a driver")
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, stored.column_names))
    into = psycopg.sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(psycopg.sql.Identifier(target), names)
    if renew:
        like = psycopg.sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP")
        raw.execute(like.format(psycopg.sql.Identifier(target), psycopg.sql.Identifier(made.name)))
    _send(raw, into, stored)
    if renew:
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in stored.column_names]
        source = sa.select(*columns).select_from(sa.table(target))
        connection.execute(_renewing(postgresql.insert(made).from_select(stored.column_names, source), made))


def _send(raw: "psycopg.Connection[Any]", into: psycopg.sql.Composed, stored: pa.Table) -> None:
    sink = io.BytesIO()
    pacsv.write_csv(stored, sink, pacsv.WriteOptions(include_header=False))
    with raw.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(sink.getbuffer())


def _renewing(statement: Any, made: sa.Table) -> Any:
    key = [column.name for column in made.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in made.columns if c.name not in key}
    return (
        statement.on_conflict_do_update(index_elements=key, set_=rest) if rest else statement.on_conflict_do_nothing()
    )


def _shown(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)


def _mend(problem: str) -> str:
    if "no such table" in problem or "does not exist" in problem:
        return "let any emis command that runs the flow make the tables, or call database.migrate()"
    if "unique" in problem or "duplicate key" in problem:
        return "the row is there already; renew it instead"
    return "see that EMIS_DATABASE names a database that runs and can be written"
