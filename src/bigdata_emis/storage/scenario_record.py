"""The rows of scenarios in the registry: drafts, and decisions with their audit and versions in one transaction.

Belongs here: reading and writing these rows. Does not: the recalculation (control.recalculate), what a decision
changes (publish).
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bigdata_emis import schema
from bigdata_emis.codes import Authentication, ScenarioStatus
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.schema.sql import REGION, sql_table
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected, hold_database, insert_rows
from bigdata_emis.window import Window

AUDIT_COUNTER = "audit"
ALERT_EVENT_COUNTER = "alert_event"


@dataclass(frozen=True)
class ScenarioTransaction:
    """Rows of one region in a transaction that no other decision can come between."""

    connection: sa.Connection
    region_id: str

    def scenarios(self) -> list[dict[str, Any]]:
        """Every scenario of the region, in order of its name."""
        table = sql_table("scenario")
        statement = sa.select(table).where(table.c[REGION] == self.region_id).order_by(table.c.scenario_id)
        return [_without_region(row) for row in self.connection.execute(statement).mappings()]

    def has_scenario(self, scenario_id: str) -> bool:
        """Whether the region has a scenario of this name."""
        table = sql_table("scenario")
        is_it = sa.and_(table.c[REGION] == self.region_id, table.c.scenario_id == scenario_id)
        return self.connection.execute(sa.select(table.c.scenario_id).where(is_it)).first() is not None

    def save(self, row: dict[str, Any]) -> None:
        """Write the row of a scenario."""
        self._insert("scenario", _frame("scenario", row), update=True)

    def cases(self) -> list[dict[str, Any]]:
        """Every compliance case of the region, in order of its name."""
        table = sql_table("compliance_case")
        statement = sa.select(table).where(table.c[REGION] == self.region_id).order_by(table.c.case_id)
        return [_without_region(row) for row in self.connection.execute(statement).mappings()]

    def save_case(self, row: dict[str, Any]) -> None:
        """Write the row of a compliance case."""
        self._insert("compliance_case", _frame("compliance_case", row), update=True)

    def drop_cases(self, case_ids: Iterable[str]) -> None:
        """Delete the rows of these cases."""
        table = sql_table("compliance_case")
        for case_id in case_ids:
            self.connection.execute(
                sa.delete(table).where(table.c[REGION] == self.region_id, table.c.case_id == case_id)
            )

    def add_versions(self, published_version: pa.Table) -> None:
        """List versions as published; one that is listed already stays as it is."""
        self._insert("published_version", conform(published_version, schema.table("published_version")), update=True)

    def rows(self, table_name: str) -> list[dict[str, Any]]:
        """The rows of the region in a table of the registry, in order of their key."""
        frame = database.read_with(self.connection, schema.table(table_name), self.region_id)
        return [dict(row) for row in frame.to_pylist()]

    def write_rows(self, table_name: str, rows: list[dict[str, Any]], *, update: bool) -> None:
        """Add rows to a table of the registry; with `update` a row replaces the one of its key."""
        declared = schema.table(table_name)
        frame = pa.Table.from_pylist(rows, arrow_schema(declared))
        self._insert(table_name, conform(frame, declared), update=update)

    def add_act(
        self, *, actor: str, event: str, note: str, authentication_code: str | None, known_utc: datetime
    ) -> None:
        """Add an act to the audit trail, under the next number."""
        act = {
            "record_number": self._next_number(AUDIT_COUNTER),
            "known_utc": known_utc,
            "actor": actor,
            "event": event,
            "note": note,
            "authentication_code": authentication_code,
        }
        self._insert("audit", _frame("audit", act), update=False)

    def add_alert_event(self, event: dict[str, Any]) -> None:
        """Add an act about a standing alert under the next number; no event is ever changed."""
        numbered = {**event, "record_number": self._next_number(ALERT_EVENT_COUNTER)}
        self._insert("alert_event", _frame("alert_event", numbered), update=False)

    def _next_number(self, counter_name: str) -> int:
        """The next number of a counter; its row stays locked until the transaction ends: no number is given twice."""
        counter = sql_table("record_counter")
        insert = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        counted = (
            insert(counter)
            .values({REGION: self.region_id, "counter_name": counter_name, "last_number": 1})
            .on_conflict_do_update(
                index_elements=[REGION, "counter_name"], set_={"last_number": counter.c.last_number + 1}
            )
            .returning(counter.c.last_number)
        )
        return int(self.connection.execute(counted).scalar_one())

    def _insert(self, table_name: str, frame: pa.Table, *, update: bool) -> None:
        insert_rows(self.connection, sql_table(table_name), frame, self.region_id, update=update)


@contextmanager
def scenario_transaction(region_id: str) -> Iterator[ScenarioTransaction]:
    """One transaction about the scenarios of a region; other processes that call this wait until it ends."""
    with connected(write=True) as connection:
        hold_database(connection)
        yield ScenarioTransaction(connection, region_id)


def record_draft(
    *,
    region_id: str,
    scenario_id: str,
    name: str | None,
    level: str,
    window: Window,
    parameters: dict[str, Any],
    run_id: str,
    known_utc: datetime,
    is_draft_inventory: bool = False,
    actor: str = "",
    note: str = "",
) -> bool:
    """Record a scenario as a draft, and the act in the audit trail; whether the scenario is new.

    The row of a scenario that exists already stays, as its bytes are the same.

    is_draft_inventory: it was computed from an inventory that was not published. actor: who asked for it; without one
    the audit trail has no act.
    """
    database.migrate()
    row = {
        "scenario_id": scenario_id,
        "name_en": name or scenario_id,
        "alert_level_code": level,
        "from_utc": window.from_utc,
        "to_utc": window.to_utc,
        "parameters_json": json.dumps(parameters, sort_keys=True),
        "run_id": run_id,
        "known_utc": known_utc,
        "status": ScenarioStatus.DRAFT.value,
        "is_draft_inventory": is_draft_inventory,
    }
    with scenario_transaction(region_id) as registry:
        is_new = not registry.has_scenario(scenario_id)
        if is_new:
            registry.save(row)
        if actor:
            registry.add_act(
                actor=actor,
                event="scenario recalculated" if is_new else "scenario recalculated again",
                note=f"{scenario_id}: {note}" if note else scenario_id,
                authentication_code=Authentication.COMMAND,
                known_utc=known_utc,
            )
    return is_new


def _without_region(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != REGION}


def _frame(table_name: str, row: dict[str, Any]) -> pa.Table:
    declared = schema.table(table_name)
    return conform(pa.Table.from_pylist([row], arrow_schema(declared)), declared)
