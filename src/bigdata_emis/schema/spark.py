"""A declared table in the words in which Spark takes a schema: columns with type, and unit and title as comment.

Belongs here: the schema text for createDataFrame, applyInArrow and mapInArrow. Does not: sessions (engine.py) or pyspark itself.
"""

from collections.abc import Iterable

from bigdata_emis.schema.model import Field, Table, field

TYPES = {
    "string": "STRING",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "strings": "ARRAY<STRING>",
}


def spark_schema(table: Table) -> str:
    """The schema of a table: key and required columns are not null."""
    firm = {*table.key, *table.required}
    return ", ".join(_column(f, firm=f.name in firm) for f in table.fields)


def spark_columns(names: Iterable[str]) -> str:
    """The schema of a frame inside a stage that holds these declared fields."""
    return ", ".join(_column(field(name), firm=False) for name in names)


def _column(declared: Field, *, firm: bool) -> str:
    unit = f" ({declared.unit})" if declared.unit else ""
    comment = (declared.title_en + unit).replace("'", "\\'")
    return f"{declared.name} {TYPES[declared.kind]}{' NOT NULL' if firm else ''} COMMENT '{comment}'"
