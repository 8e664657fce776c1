"""Declared registry tables as SQL: keys, references, bounds, and values that come back as they went in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bigdata_emis import schema
from bigdata_emis.errors import SchemaError
from bigdata_emis.schema.sql import StringsAsJson, UtcInstant, references, schema_sql, sql_table, sql_types

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2015, 12, 20, 12, tzinfo=BEIJING)


def test_the_region_comes_first_in_every_key() -> None:
    assert [column.name for column in sql_table("meter").primary_key] == ["region_id", "meter_id"]


def test_a_column_that_is_the_key_of_another_table_refers_to_it() -> None:
    assert references(schema.table("production_line"))["enterprise_id"] == "enterprise"
    assert "run_id" not in references(schema.table("published_version"))


def test_a_bound_is_a_named_check() -> None:
    checks = {c.name: str(c.sqltext) for c in sql_table("enterprise").constraints if isinstance(c, sa.CheckConstraint)}
    assert checks["ck_enterprise_longitude_deg_maximum"] == "longitude_deg <= 180"


def test_a_lake_table_is_no_registry_table() -> None:
    with pytest.raises(SchemaError, match="'emission_hourly' is not a table of the registry; use one of"):
        sql_table("emission_hourly")


@pytest.mark.parametrize(("dialect", "stored"), [(sqlite, datetime(2015, 12, 20, 4)), (postgresql, NOON)])  # noqa: DTZ001
def test_an_instant_is_stored_in_utc(dialect, stored: datetime) -> None:
    assert UtcInstant().process_bind_param(NOON, dialect.dialect()) == stored


def test_an_instant_without_time_zone_is_refused_on_writing_and_gets_utc_on_reading() -> None:
    naive = datetime(2015, 12, 20, 4)  # noqa: DTZ001
    with pytest.raises(SchemaError, match="has no time zone"):
        UtcInstant().process_bind_param(naive, sqlite.dialect())
    assert UtcInstant().process_result_value(naive, sqlite.dialect()) == naive.replace(tzinfo=UTC)


def test_a_list_of_texts_comes_back_from_its_json() -> None:
    text = StringsAsJson().process_bind_param(["隔离", 'a "b"'], sqlite.dialect())
    assert text == '["隔离", "a \\"b\\""]'
    assert StringsAsJson().process_result_value(text, sqlite.dialect()) == ["隔离", 'a "b"']


def test_only_declared_names_get_a_type() -> None:
    assert {name: type(kind) for name, kind in sql_types(["energy_kwh", "smoke"]).items()} == {"energy_kwh": sa.Double}


def test_the_text_of_the_schema_has_every_registry_table() -> None:
    text = schema_sql()
    names = [table.name for table in schema.tables().values() if table.layer == "registry"]
    assert [name for name in names if f"CREATE TABLE {name} (" not in text] == []
