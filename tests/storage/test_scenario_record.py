"""A recalculated scenario is recorded as a draft, once."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_record import record_draft, scenario_transaction
from bigdata_emis.window import Window

HOUR = datetime(2019, 7, 15, 5, tzinfo=UTC)


def record(name: str | None = "night shift") -> dict[str, object]:
    record_draft(
        region_id="a",
        scenario_id="orange-1",
        name=name,
        level="orange",
        window=Window(HOUR, HOUR.replace(hour=9)),
        parameters={"b": 1, "a": 2},
        run_id="run-1",
        known_utc=HOUR,
    )
    (row,) = database.read("scenario", "a").to_pylist()
    return row


def test_a_draft_says_what_was_recalculated_with_which_parameters(home: Path) -> None:
    row = record()
    assert (row["name_en"], row["alert_level_code"], row["status"]) == ("night shift", "orange", "draft")
    assert (row["from_utc"], row["to_utc"], row["known_utc"]) == (HOUR, HOUR.replace(hour=9), HOUR)
    assert row["parameters_json"] == '{"a": 2, "b": 1}'


def test_a_reader_with_plain_sql_finds_what_became_of_a_scenario_in_column_status(home: Path) -> None:
    record()
    with closing(sqlite3.connect(home / "emis.sqlite")) as connection:
        rows = connection.execute("select scenario_id, status from scenario").fetchall()
    assert rows == [("orange-1", "draft")]


def test_a_draft_without_a_name_is_named_by_its_id(home: Path) -> None:
    assert record(name=None)["name_en"] == "orange-1"


def test_the_same_scenario_again_keeps_the_decision(home: Path) -> None:
    in_force = {**record(), "status": "in_force"}
    database.upsert("scenario", "a", pa.Table.from_pylist([in_force], arrow_schema(schema.table("scenario"))))
    assert record()["status"] == "in_force"


def add_act(note: str, region_id: str = "a") -> None:
    with scenario_transaction(region_id) as registry:
        registry.add_act(actor="wang", event="e", note=note, authentication_code="command", known_utc=HOUR)


def test_acts_are_numbered_in_each_region_by_itself(home: Path) -> None:
    database.migrate()
    add_act("first")
    add_act("second")
    add_act("elsewhere", "b")
    numbers = {row["note"]: row["record_number"] for row in database.read("audit", "a").to_pylist()}
    assert numbers == {"first": 1, "second": 2}
    assert database.read("audit", "b")["record_number"].to_pylist() == [1]


def fail_after_writing(row: dict[str, object]) -> None:
    with scenario_transaction("a") as registry:
        registry.save(row)
        registry.add_act(actor="wang", event="e", note="n", authentication_code=None, known_utc=HOUR)
        raise ValueError("stop")


def test_a_transaction_that_fails_leaves_nothing_behind(home: Path) -> None:
    row = record()
    with pytest.raises(ValueError, match="stop"):
        fail_after_writing({**row, "status": "in_force"})
    assert database.read("scenario", "a")["status"].to_pylist() == ["draft"]
    assert database.read("audit", "a").num_rows == 0
    add_act("n")
    assert database.read("audit", "a")["record_number"].to_pylist() == [1]


def test_a_transaction_reads_the_scenarios_of_its_region(home: Path) -> None:
    record()
    with scenario_transaction("a") as registry:
        assert [row["scenario_id"] for row in registry.scenarios()] == ["orange-1"]
    with scenario_transaction("b") as registry:
        assert registry.scenarios() == []
