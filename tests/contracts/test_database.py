"""The registry database on SQLite and on PostgreSQL: the same code, the same answers."""

import multiprocessing
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bigdata_emis import schema
from bigdata_emis.errors import InputError, SchemaError
from bigdata_emis.run.run_record import list_runs
from bigdata_emis.schema.arrow import arrow_schema, empty
from bigdata_emis.schema.sql import metadata, sql_table
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected

NOON = datetime(2015, 12, 20, 12, tzinfo=UTC)


@pytest.fixture
def registry(database_url: str) -> str:
    database.migrate()
    return database_url


def rows(table_name: str, *given: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(given), arrow_schema(schema.table(table_name)))


def works(*names: str) -> pa.Table:
    return rows(
        "enterprise",
        *({"enterprise_id": n, "industry_code": "cement", "longitude_deg": 116.0, "latitude_deg": 39.0} for n in names),
    )


def lines(**enterprise_of: str) -> pa.Table:
    plain = {"sector_code": "industrial_process", "industry_code": "cement", "activity_unit_code": "t"}
    return rows(
        "production_line", *({"production_line_id": k, "enterprise_id": v, **plain} for k, v in enterprise_of.items())
    )


def published(version: str, known_utc: datetime) -> pa.Table:
    row = {
        "table_name": "emission_hourly",
        "day": date(2015, 12, 20),
        "version": version,
        "known_utc": known_utc,
        "row_count": 3,
    }
    return rows("published_version", row)


def ids(table_name: str, region_id: str = "a") -> list[str]:
    return database.read(table_name, region_id)[f"{table_name}_id"].to_pylist()


def test_what_is_written_is_read_back_equal_and_in_order_of_key(registry: str) -> None:
    row = {
        "longitude_deg": 0.1,
        "latitude_deg": -0.30000000000000004,
        "name_zh": '首钢 "一", 厂',
        "name_en": "",
        "city_name": None,
    }
    frame = rows("enterprise", *({"enterprise_id": n, "industry_code": "cement", **row} for n in ("b", "a")))
    database.replace({"enterprise": frame}, "a")
    assert database.read("enterprise", "a").to_pylist() == sorted(frame.to_pylist(), key=lambda r: r["enterprise_id"])
    assert database.read("enterprise", "a").schema.equals(arrow_schema(schema.table("enterprise")), check_metadata=True)


def test_an_instant_keeps_its_zone_and_its_microseconds_and_a_day_stays_a_day(registry: str) -> None:
    instant = datetime(2015, 12, 20, 12, 0, 0, 1, tzinfo=UTC)
    database.append("published_version", "a", published("v1", instant))
    read = database.read("published_version", "a").to_pylist()[0]
    assert (read["known_utc"], read["day"]) == (instant, date(2015, 12, 20))


def test_a_run_reads_no_model_that_was_out_of_use_before_what_it_knows(registry: str) -> None:
    plain = {
        "source_id": "line",
        "target": "activity",
        "status_code": "retired",
        "parameters_json": "{}",
        "known_utc": NOON,
    }
    ends = {"ended": NOON, "ends later": NOON.replace(hour=13), "in use": None}
    database.append(
        "model_version",
        "a",
        rows("model_version", *({**plain, "model_version_id": k, "champion_to_utc": v} for k, v in ends.items())),
    )
    assert database.read("model_version", "a", known_utc=NOON)["model_version_id"].to_pylist() == [
        "ends later",
        "in use",
    ]
    assert database.read("model_version", "a").num_rows == 3


def test_a_boolean_stays_a_boolean(registry: str) -> None:
    database.upsert("region", "a", rows("region", {"name_en": "A", "name_zh": "甲", "is_simulated": False}))
    assert database.read("region", "a")["is_simulated"].to_pylist() == [False]


def test_replace_removes_what_is_gone_and_leaves_other_regions_alone(registry: str) -> None:
    database.replace({"enterprise": works("one", "two")}, "a")
    database.replace({"enterprise": works("one")}, "b")
    database.replace({"enterprise": works("two", "three")}, "a")
    assert (ids("enterprise", "a"), ids("enterprise", "b")) == (["three", "two"], ["one"])


def test_parent_and_children_are_replaced_together_in_any_order(registry: str) -> None:
    database.replace({"production_line": lines(p="one"), "enterprise": works("one")}, "a")
    database.replace({"production_line": lines(q="two"), "enterprise": works("two")}, "a")
    assert (ids("enterprise"), ids("production_line")) == (["two"], ["q"])


def test_a_dangling_id_is_named_and_nothing_of_the_replacement_stays(registry: str) -> None:
    database.replace({"enterprise": works("one"), "production_line": lines(p="one")}, "a")
    with pytest.raises(
        InputError, match="production_line, column enterprise_id: lost is not in table enterprise of region a"
    ):
        database.replace({"enterprise": works("two"), "production_line": lines(q="two", r="lost")}, "a")
    assert (ids("enterprise"), ids("production_line")) == (["one"], ["p"])


def test_a_parent_that_is_still_named_cannot_go(registry: str) -> None:
    database.replace({"enterprise": works("one"), "production_line": lines(p="one")}, "a")
    with pytest.raises(InputError, match="one is not in table enterprise"):
        database.replace({"enterprise": works("two")}, "a")
    assert ids("enterprise") == ["one"]


def test_a_parent_of_another_region_does_not_count(registry: str) -> None:
    database.replace({"enterprise": works("one")}, "b")
    with pytest.raises(InputError, match="region a"):
        database.append("production_line", "a", lines(p="one"))


def test_upsert_renews_the_row_of_a_key_and_append_refuses_it(registry: str) -> None:
    database.upsert("feed_cursor", "a", rows("feed_cursor", {"feed_id": "power", "cursor": "1", "row_count": 1}))
    later = rows("feed_cursor", {"feed_id": "power", "cursor": "2", "row_count": 2})
    database.upsert("feed_cursor", "a", later)
    with pytest.raises(InputError, match="exists already"):
        database.append("feed_cursor", "a", later)
    assert database.read("feed_cursor", "a")["cursor"].to_pylist() == ["2"]


def test_replacing_a_history_adds_to_it(registry: str) -> None:
    database.replace({"published_version": published("v1", NOON)}, "a")
    database.replace({"published_version": published("v2", NOON.replace(hour=13))}, "a")
    database.replace({"published_version": published("v2", NOON.replace(hour=13))}, "a")
    assert database.read("published_version", "a")["version"].to_pylist() == ["v1", "v2"]


def test_a_frame_that_does_not_fit_is_refused_before_the_database_is_touched(registry: str) -> None:
    database.replace({"enterprise": works("one")}, "a")
    two = works("two")
    with pytest.raises(SchemaError, match="longitude_deg"):
        database.replace(
            {"enterprise": two.set_column(two.column_names.index("longitude_deg"), "longitude_deg", pa.array([200.0]))},
            "a",
        )
    assert ids("enterprise") == ["one"]


def test_the_database_itself_holds_the_bounds(registry: str) -> None:
    enterprise = sql_table("enterprise")
    row = {
        "region_id": "a",
        "enterprise_id": "x",
        "industry_code": "cement",
        "longitude_deg": 200.0,
        "latitude_deg": 39.0,
    }
    with pytest.raises(InputError, match="ck_enterprise_longitude_deg_maximum"), connected(write=True) as connection:
        connection.execute(sa.insert(enterprise), [row])


def test_an_empty_frame_empties_the_table(registry: str) -> None:
    database.replace({"enterprise": works("one")}, "a")
    database.replace({"enterprise": empty(schema.table("enterprise"))}, "a")
    assert database.read("enterprise", "a").num_rows == 0


def test_a_query_answers_what_was_known_at_a_time(registry: str) -> None:
    database.append("published_version", "a", published("v1", NOON))
    database.append("published_version", "a", published("v2", NOON.replace(hour=14)))
    then = database.query("published_as_of", region_id="a", known_utc=NOON.replace(hour=13))
    now = database.query("published_as_of", region_id="", known_utc=NOON.replace(hour=15))
    assert (then["version"].to_pylist(), now["version"].to_pylist()) == (["v1"], ["v2"])
    assert then["known_utc"].to_pylist() == [NOON]


@pytest.fixture
def migrated(database_url: str) -> str:
    """An empty database to which every migration was applied in turn, as a registry of the first release was."""
    with connected(write=True, migrate=True) as connection:
        database.run_migrations(connection)
    return database_url


def test_the_migrations_amount_to_the_declared_schema(migrated: str) -> None:
    """Also the bounds, which Alembic does not compare."""
    with connected() as connection:
        options = {"version_table": database.VERSION_TABLE, "compare_type": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata())
        inspector = sa.inspect(connection)
        stored = {
            (t, c["name"], plain(c["sqltext"])) for t in metadata().tables for c in inspector.get_check_constraints(t)
        }
    declared = {
        (table.name, c.name, plain(str(c.sqltext)))
        for table in metadata().tables.values()
        for c in table.constraints
        if isinstance(c, sa.CheckConstraint)
    }
    assert (differences, stored ^ declared) == ([], set()), (
        "run python -m bigdata_emis.docgen.generated_files --migration WORDS"
    )


def test_a_new_registry_is_what_the_migrations_amount_to(migrated: str) -> None:
    by_migrations = described()
    with connected(write=True, migrate=True) as connection:
        metadata().drop_all(connection)
        connection.execute(sa.text(f"DROP TABLE {database.VERSION_TABLE}"))
    database.migrate()
    assert len(by_migrations) == len(metadata().tables) + 1
    assert described() == by_migrations


def described() -> dict[str, Any]:
    """Every table of the database: its columns, keys, references, bounds and indexes with their names, in no order."""
    with connected() as connection:
        inspector = sa.inspect(connection)
        version = connection.execute(sa.text(f"SELECT version_num FROM {database.VERSION_TABLE}")).scalars().all()
        tables = {
            table: [
                {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)},
                inspector.get_pk_constraint(table),
                {str(key["name"]): key for key in inspector.get_foreign_keys(table)},
                {str(key["name"]): key for key in inspector.get_unique_constraints(table)},
                {str(bound["name"]): plain(bound["sqltext"]) for bound in inspector.get_check_constraints(table)},
                {str(index["name"]): index for index in inspector.get_indexes(table)},
            ]
            for table in inspector.get_table_names()
        }
    return {**tables, database.VERSION_TABLE: [tables[database.VERSION_TABLE], version]}


def test_a_database_with_tables_of_others_gets_its_own_beside_them(database_url: str) -> None:
    with connected(write=True, migrate=True) as connection:
        connection.execute(sa.text("CREATE TABLE of_others (name TEXT)"))
    database.migrate()
    with connected() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {
            "of_others",
            database.VERSION_TABLE,
            *metadata().tables,
        }


def plain(condition: str) -> str:
    """A condition without the casts and brackets that PostgreSQL adds."""
    return re.sub(r"::\w+( \w+)?|[()' \"]", "", condition)


def test_migrating_twice_changes_nothing(registry: str) -> None:
    database.replace({"enterprise": works("one")}, "a")
    database.migrate()
    assert ids("enterprise") == ["one"]


def open_each(together: Any, folder: Path) -> None:
    """Open forty new files, each at the moment when the other processes do."""
    for number in range(40):
        os.environ["EMIS_DATABASE"] = f"sqlite:///{folder / str(number)}/new.sqlite"
        together.wait(30)
        with connected(write=True) as connection:
            connection.execute(sa.select(1))


def test_a_new_file_can_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """SQLite switches a new file to its write-ahead log without waiting for its lock: one opening in twenty failed."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(4)
    workers = [context.Process(target=open_each, args=(together, tmp_path)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4


def test_processes_that_migrate_at_the_same_time_do_not_disturb_each_other(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=database.migrate) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert database.read("enterprise", "a").num_rows == 0


def test_a_row_is_replaced_only_when_the_existing_one_may_be(registry: str) -> None:
    def cursor(text: str) -> dict[str, Any]:
        return {"feed_id": "power", "cursor": text, "received_utc": NOON, "row_count": None}

    seen: list[dict[str, Any]] = []

    def may_replace(existing: dict[str, Any]) -> bool:
        seen.append(existing)
        return bool(existing["cursor"] == "1")

    written = [database.upsert_row("feed_cursor", "a", cursor(text), may_replace=may_replace) for text in "123"]
    assert written == [True, True, False]
    assert [(row["cursor"], row["received_utc"]) for row in seen] == [("1", NOON), ("2", NOON)]
    assert database.read("feed_cursor", "a")["cursor"].to_pylist() == ["2"]


def test_runs_are_listed_newest_first_and_the_failed_ones_alone(registry: str) -> None:
    plain = {"stage_name": "combine", "from_utc": NOON, "to_utc": NOON, "process_tag": "another-host-1"}
    statuses = ("done", "failed", "partial", "running", "refused")
    rows_of_runs = [
        {**plain, "run_id": f"r{hour}", "started_utc": NOON.replace(hour=hour), "status": status}
        for hour, status in enumerate(statuses)
    ]
    database.upsert("run", "a", rows("run", *rows_of_runs))
    assert [run["run"] for run in list_runs("a", limit=2)] == ["r4", "r3"]
    assert [run["run"] for run in list_runs(is_failed_only=True, clock=lambda: NOON)] == ["r4", "r1"]
    assert [run["run"] for run in list_runs(since_utc=NOON.replace(hour=3))] == ["r4", "r3"]
    assert list_runs("b") == []
