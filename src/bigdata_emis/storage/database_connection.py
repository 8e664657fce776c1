"""Connections to SQLite and PostgreSQL, and the fast way to insert rows into each.

Belongs here: what differs between the two databases, and the text of their errors. Does not: which table is meant.
"""

import io
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.csv as pacsv
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings
from bigdata_emis.storage.files import FILE_MODE, make_folder
from bigdata_emis.storage.locks import brief_lock

if TYPE_CHECKING:
    import psycopg
    import psycopg.sql

BUSY_MS = 30_000
CONNECT_S = 10
ADVISORY_LOCK = 4_207_849
KINDS = ("sqlite", "postgresql")
OTHERS = 0o007
"""The bits of a mode that let in whoever is neither owner nor of the group."""
MIGRATE = "run emis registry migrate, which migrates it and does nothing else"
NO_REGISTRY = "run an emis command of the flow (emis day, emis run …), which creates it, or check EMIS_DATABASE"
REMEDY_OF_FILE = "check its permissions and free disk space, or set EMIS_DATABASE to another database"


@contextmanager
def connected(*, write: bool = False, migrate: bool = False, address: str | None = None) -> Iterator[sa.Connection]:
    """A connection in one transaction, which is committed at the end of the block or rolled back.

    Without `write` nothing is created or changed, so that a read-only SQLite file can be read, too.
    address: by default EMIS_DATABASE.
    Raises InputError when the database cannot be reached or refuses a row.
    """
    engine = _engine(address or settings().database, is_written=write)
    try:
        with engine.connect() as connection:
            configured = connection.execution_options(emis_write=write, emis_migrate=migrate)
            with configured.begin():
                yield configured
    except _database_errors() as problem:
        cause = problem.orig if isinstance(problem, DBAPIError) else problem
        first_line = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise InputError(f"database {_without_password(engine.url)}: {first_line}", _remedy(first_line)) from None


def insert_rows(connection: sa.Connection, table: sa.Table, frame: pa.Table, region_id: str, *, update: bool) -> None:
    """Insert a conformed frame, by COPY on PostgreSQL and by executemany on SQLite.

    With `update` a row replaces the row of the same key; without it such a row is an error.
    """
    if frame.num_rows == 0:
        return
    columns = [pa.repeat(region_id, frame.num_rows), *map(_to_stored_type, frame.columns)]
    stored = pa.table(columns, names=[c.name for c in table.columns])
    if connection.dialect.name == "postgresql":
        _copy(connection, table, stored, update=update)
    else:
        _execute_many(connection, table, stored, update=update)


def hold_database(connection: sa.Connection) -> None:
    """Let other processes that call this wait until the transaction ends; on SQLite BEGIN IMMEDIATE has the effect."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))


def is_there(address: str | None = None) -> bool:
    """Whether there is a database to read: a SQLite file may not have been created yet."""
    engine = _engine(address or settings().database, is_written=False)
    return engine.dialect.name != "sqlite" or Path(engine.url.database or "").is_file()


def may_be_written(address: str) -> bool:
    """Whether the permissions let this process write; of a server True, which decides by itself."""
    engine = _engine(address, is_written=False)
    if engine.dialect.name != "sqlite":
        return True
    path = Path(engine.url.database or "")
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    return os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def shown_address(address: str | None = None) -> str:
    """The address of a database without its password, for messages."""
    return _without_password(_engine(address or settings().database, is_written=False).url)


@cache
def _engine(address: str, *, is_written: bool) -> sa.Engine:
    """No pool: connecting is cheap here, and a pool does not survive the forks of a scheduler."""
    try:
        url = sa.make_url(address)
        if url.get_backend_name() not in KINDS:
            raise ArgumentError(url.get_backend_name())
        if "@" in (url.host or ""):
            raise InputError("EMIS_DATABASE has two @ before its host", "write @ and / of a password as %40 and %2F")
        if url.get_backend_name() == "postgresql":
            arguments = {"connect_timeout": CONNECT_S, "options": "-c timezone=UTC"}
            return sa.create_engine(url, poolclass=NullPool, connect_args=arguments)
        engine = sa.create_engine(url, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise InputError(
            "EMIS_DATABASE is not an address of a database", "give sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from None
    if not url.database or url.database == ":memory:":
        raise InputError("EMIS_DATABASE names no file", "give sqlite:///PATH") from None
    _prepare_sqlite(engine, Path(url.database), is_written=is_written)
    return engine


def _prepare_sqlite(engine: sa.Engine, path: Path, *, is_written: bool) -> None:
    """Switch off Python's transaction handling: it begins too late and commits before a change of schema."""

    def on_connect(raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None
        if is_written:
            # When two processes switch a new file to WAL at once, SQLite fails with "locked" instead of waiting.
            with brief_lock(path.parent):
                raw.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    def on_begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get("emis_migrate"):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        # A reader that becomes a writer fails at once if another wrote meanwhile; a writer from the start waits.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("emis_write") else "BEGIN")

    def on_do_connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        options["timeout"] = BUSY_MS / 1000
        if is_written:
            _create_private(path)
        else:
            arguments[0], options["uri"] = _address_for_reading(path), True

    sa.event.listen(engine, "do_connect", on_do_connect)
    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)


def _create_private(path: Path) -> None:
    """Create the file of a database for owner and group; SQLite gives its other files the same mode."""
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
        if path.stat().st_mode & OTHERS:
            path.chmod(FILE_MODE)
    except OSError as problem:
        raise InputError(f"database {path} cannot be written: {problem.strerror}", REMEDY_OF_FILE) from None


def _address_for_reading(path: Path) -> str:
    """How SQLite opens a file that it must not create; in a folder that cannot be written, without its other files."""
    if not path.is_file():
        raise InputError(f"database {path}: there is no registry yet", NO_REGISTRY)
    address = f"file:{quote(str(path.absolute()))}"
    if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
        return f"{address}?mode=rw"
    log_of_others = path.with_name(f"{path.name}-wal")
    has_log = log_of_others.is_file() and log_of_others.stat().st_size > 0
    return f"{address}?mode=ro" if has_log else f"{address}?mode=ro&immutable=1"


def _to_stored_type(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column as both databases take it: instants and days as text, lists as JSON."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us")).cast(pa.string())
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_list(column.type):
        return pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False) for v in column.to_pylist()], pa.string()
        )
    return column


def _execute_many(connection: sa.Connection, table: sa.Table, stored: pa.Table, *, update: bool) -> None:
    statement = sqlite.insert(table)
    if update:
        statement = _with_update(statement, table)
    text = str(statement.compile(dialect=connection.dialect, column_keys=stored.column_names))
    connection.exec_driver_sql(text, list(zip(*(column.to_pylist() for column in stored.columns), strict=True)))


def _database_errors() -> tuple[type[Exception], ...]:
    """What a database raises; also the driver of PostgreSQL, which is loaded where it is used only."""
    of_driver = [sys.modules["psycopg"].Error] if "psycopg" in sys.modules else []
    return (DBAPIError, *of_driver)


def _copy(connection: sa.Connection, table: sa.Table, stored: pa.Table, *, update: bool) -> None:
    """COPY cannot resolve conflicts, so rows to update pass through a temporary table."""
    import psycopg
    import psycopg.sql

    target = f"updated_{table.name}" if update else table.name
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise InputError("EMIS_DATABASE names a driver that has no COPY", "write postgresql:// without a driver")
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, stored.column_names))
    into = psycopg.sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(psycopg.sql.Identifier(target), names)
    if update:
        like = psycopg.sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP")
        raw.execute(like.format(psycopg.sql.Identifier(target), psycopg.sql.Identifier(table.name)))
    _send(raw, into, stored)
    if update:
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in stored.column_names]
        source = sa.select(*columns).select_from(sa.table(target))
        connection.execute(_with_update(postgresql.insert(table).from_select(stored.column_names, source), table))
        raw.execute(psycopg.sql.SQL("DROP TABLE {}").format(psycopg.sql.Identifier(target)))


def _send(raw: "psycopg.Connection[Any]", into: "psycopg.sql.Composed", stored: pa.Table) -> None:
    sink = io.BytesIO()
    pacsv.write_csv(stored, sink, pacsv.WriteOptions(include_header=False))
    with raw.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(sink.getbuffer())


def _with_update(statement: Any, table: sa.Table) -> Any:
    key = [column.name for column in table.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
    return (
        statement.on_conflict_do_update(index_elements=key, set_=rest) if rest else statement.on_conflict_do_nothing()
    )


def _without_password(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)


def _remedy(problem: str) -> str:
    lower = problem.lower()
    if any(words in lower for words in ("disk is full", "no space left", "quota exceeded")):
        return "free disk space where the database lies, then run the command again"
    if "not a database" in lower or "malformed" in lower:
        return "restore the registry from a backup (docs/operation.md), or set EMIS_DATABASE to another database"
    if "no such column" in lower:
        return MIGRATE
    if "no such table" in lower or "does not exist" in lower:
        return "run an emis command of the flow, which creates the tables, or call database.migrate()"
    if "unique" in lower or "duplicate key" in lower:
        return "the row exists already; update it instead"
    return "check that EMIS_DATABASE names a database that runs and can be written"
