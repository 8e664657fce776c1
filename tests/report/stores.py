"""Lakes with the rows that a test gives, for tests of pages."""

from datetime import UTC, date, datetime

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

ZONE = "Asia/Shanghai"
DAY = date(2015, 12, 21)
START = datetime(2015, 12, 20, 16, tzinfo=UTC)
"""Local midnight of the day."""


def empty_store(tmp_path) -> Store:
    return Store(str(tmp_path), "city", ZONE)


def declared_table(name, rows) -> pa.Table:
    """Rows of a declared table; columns that a row lacks are null."""
    declared = arrow_schema(schema.table(name))
    plain = pa.schema([(field.name, field.type) for field in declared])
    filled = [{column: row.get(column) for column in declared.names} for row in rows]
    return conform(pa.Table.from_pylist(filled, plain), schema.table(name))


def write_rows(store, name, rows, *, day=DAY, known_utc=START, run_id="r") -> None:
    store.write(name, declared_table(name, rows), [day], known_utc=known_utc, run_id=run_id)
