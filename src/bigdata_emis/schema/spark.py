"""Declared fields as the text of a Spark schema: columns with type, and title and unit as comment.

Belongs here: the schema text for createDataFrame, applyInArrow and mapInArrow. Does not: sessions
(engine/spark_session.py) or pyspark itself.
"""

from collections.abc import Iterable

from bigdata_emis.schema.model import Field, field

TYPES = {
    "string": "STRING",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "strings": "ARRAY<STRING>",
}


def spark_columns(names: Iterable[str]) -> str:
    """The schema of a frame inside a stage that holds these declared fields."""
    return ", ".join(_column(field(name)) for name in names)


def _column(declared: Field) -> str:
    unit = f" ({declared.unit})" if declared.unit else ""
    comment = (declared.title_en + unit).replace("'", "\\'")
    return f"{declared.name} {TYPES[declared.kind]} COMMENT '{comment}'"
