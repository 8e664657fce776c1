"""Declared registry tables as SQLAlchemy Core tables, and as the text of sql/schema.sql.

Belongs here: column types, keys, bounds and references, the same for SQLite and PostgreSQL. Does not: connections
(storage/database.py).
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from bigdata_emis.errors import SchemaError
from bigdata_emis.schema.model import Field, Table, fields, tables

REGION = "region_id"
# The row of a run is written when the run ends, after the rows that name it: a reference would refuse them.
NOT_REFERENCED = frozenset({"run_id"})
NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_1_name)s",
    "ix": "ix_%(table_name)s_%(column_1_name)s",
}


class UtcInstant(sa.TypeDecorator[datetime]):
    """An instant in UTC. SQLite stores no time zone, so it is removed on writing and restored on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant as the database stores it. Raises SchemaError when it has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise SchemaError(f"instant {value} has no time zone", "give it in UTC")
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant with its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StringsAsJson(sa.TypeDecorator[list[str]]):
    """A list of texts as JSON, which both databases can search."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """The list as JSON text."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """The list from its JSON text."""
        return None if value is None else [str(word) for word in json.loads(value)]


TYPES: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "string": sa.Text,
    "integer": sa.BigInteger,
    "number": sa.Double,
    "boolean": sa.Boolean,
    "instant": UtcInstant,
    "date": sa.Date,
    "strings": StringsAsJson,
}


def column_type(declared: Field) -> sa.types.TypeEngine[Any]:
    """The SQL type of a field, the same in both databases."""
    return TYPES[declared.kind]()


@cache
def metadata() -> sa.MetaData:
    """Every registry table, each with region_id as its first key column."""
    registry = sa.MetaData(naming_convention=NAMING)
    for declared in tables().values():
        if declared.layer == "registry":
            _add(registry, declared)
    return registry


def sql_table(name: str) -> sa.Table:
    """The registry table of that name. Raises SchemaError when the table is not of the registry."""
    try:
        return metadata().tables[name]
    except KeyError:
        raise SchemaError(
            f"'{name}' is not a table of the registry", f"use one of {', '.join(sorted(metadata().tables))}"
        ) from None


def schema_sql() -> str:
    """The text of sql/schema.sql: the result of the migrations, in SQL that PostgreSQL and SQLite both accept."""
    parts = [
        "-- Generated from src/bigdata_emis/schema by `python -m bigdata_emis.docgen.generated_files`;\n"
        "-- a new database is created with these tables, and an older one is changed by the migrations."
    ]
    for table in metadata().sorted_tables:
        declared = tables()[table.name]
        parts.append(f"-- {declared.title_en} ({declared.title_zh}): {declared.grain}")
        parts.append(_statement(CreateTable(table)))
        parts += [_statement(CreateIndex(index)) for index in sorted(table.indexes, key=lambda i: str(i.name))]
    return "\n\n".join(parts) + "\n"


def references(declared: Table) -> dict[str, str]:
    """The columns that refer to another registry table: `x_id` where it alone is the key of table `x`."""
    parents: dict[str, str] = {}
    for name in declared.names:
        parent = tables().get(name.removesuffix("_id"))
        if parent is None or not name.endswith("_id") or name in NOT_REFERENCED or parent.name == declared.name:
            continue
        if parent.layer == "registry" and parent.key == (name,):
            parents[name] = parent.name
    return parents


def _add(target: sa.MetaData, declared: Table) -> None:
    required = {*declared.key, *declared.required}
    columns = [sa.Column(f.name, column_type(f), nullable=f.name not in required) for f in declared.fields]
    table = sa.Table(
        declared.name,
        target,
        sa.Column(REGION, sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(REGION, *declared.key),
        *_bounds(declared),
        *_foreign_keys(declared),
    )
    for name in references(declared):
        # Without an index, deleting a parent scans the whole child table; a key that starts with the column serves too.
        if declared.key[0] != name:
            sa.Index(f"ix_{declared.name}_{name}", table.c[REGION], table.c[name])


def _bounds(declared: Table) -> list[sa.CheckConstraint]:
    constraints = []
    for f in declared.fields:
        column: sa.ColumnClause[float] = sa.column(f.name)
        for side, bound in (("minimum", f.minimum), ("maximum", f.maximum)):
            if bound is not None:
                # Written as a database prints it, so that migrations compare equal.
                text = f"{bound:.0f}" if bound.is_integer() else f"{bound:g}"
                limit: sa.ColumnClause[float] = sa.literal_column(text)
                claim = column >= limit if side == "minimum" else column <= limit
                constraints.append(sa.CheckConstraint(claim, name=f"ck_{declared.name}_{f.name}_{side}"))
    return constraints


def _foreign_keys(declared: Table) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            (REGION, name),
            (f"{parent}.{REGION}", f"{parent}.{name}"),
            name=f"fk_{declared.name}_{name}",
            deferrable=True,
            initially="DEFERRED",
        )
        for name, parent in references(declared).items()
    ]


def _statement(element: sa.schema.DDLElement) -> str:
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    text = str(element.compile(dialect=dialect)).strip()
    return "\n".join(line.rstrip() for line in text.expandtabs(4).splitlines()) + ";"


def sql_types(names: list[str]) -> dict[str, sa.types.TypeEngine[Any]]:
    """The SQL types of those names that are declared fields, for the parameters and columns of a query."""
    return {name: column_type(fields()[name]) for name in names if name in fields()}
