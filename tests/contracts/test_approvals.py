"""Several approvals at once, on SQLite and on PostgreSQL: one wins, the others hear who did, and the audit is whole."""

import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bigdata_emis.errors import EmisError
from bigdata_emis.publish.manifest import published
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.region import load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected
from bigdata_emis.storage.scenario_record import scenario_transaction
from tests.publish.scenarios.drafts import DECIDED, publish_inventory, scenario_of, write_draft

OLD_SCENARIO = (
    "INSERT INTO scenario (region_id, scenario_id, from_utc, to_utc, status)"
    " VALUES ('nys', :name, :start, :end, 'approved')"
)
OLD_AUDIT = (
    "INSERT INTO audit (region_id, record_number, known_utc, actor, event, note)"
    " VALUES ('nys', :number, :decided, 'wang', 'scenario approved', :name)"
)
INSTANTS = (
    sa.bindparam("start", type_=sa.DateTime(timezone=True)),
    sa.bindparam("end", type_=sa.DateTime(timezone=True)),
    sa.bindparam("decided", datetime(2015, 12, 19, 9, tzinfo=UTC), sa.DateTime(timezone=True)),
)
PEOPLE = ("wang", "li", "zhao", "chen", "wang", "li")


@pytest.fixture
def draft(home: Path, database_url: str) -> None:
    """Two drafts in a database of either kind; it is set after the home, whose fixture takes its address away."""
    publish_inventory()
    write_draft("orange-1")
    write_draft("red-1")


def decide(scenario: str, person: str, environment: dict[str, str], together: Any, answers: Any) -> None:
    os.environ.update(environment)
    together.wait(timeout=60)
    try:
        document = decide_scenario(load_region("nys"), scenario, decision="approved", actor=person, known_utc=DECIDED)
        answers.put((person, document["already"] or "approved"))
    except EmisError as refusal:
        answers.put((person, refusal.what))


def at_once(decisions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Decide in a process for each; returns person and answer in the order in which they ended."""
    # One process imports everything, and those that decide are forked from it.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    environment = {name: os.environ[name] for name in ("EMIS_HOME", "EMIS_DATABASE")}
    together, answers = context.Barrier(len(decisions)), context.Queue()
    workers = [context.Process(target=decide, args=(*one, environment, together, answers)) for one in decisions]
    for worker in workers:
        worker.start()
    given = [answers.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * len(workers)
    return given


def acts() -> list[tuple[int, str, str]]:
    rows = database.read("audit", "nys").to_pylist()
    return [(row["record_number"], row["event"], row["actor"]) for row in rows]


def test_of_six_approvals_at_once_one_wins_and_the_others_hear_who(draft: None) -> None:
    given = at_once([("orange-1", person) for person in PEOPLE])
    winner = str(scenario_of("orange-1")["decided_by"])
    assert [person for person, answer in given if answer == "approved"] == [winner]
    heard = f"already approved by {winner} at {DECIDED.isoformat()}"
    assert all(answer.endswith(heard) for _, answer in given if answer != "approved")
    refused = {person for person, answer in given if answer.startswith("scenario")}
    assert refused == set(PEOPLE) - {winner}
    again = PEOPLE.count(winner) - 1
    assert acts() == [
        (1, "scenario approved", winner),
        *((number, "scenario approved again", winner) for number in range(2, 2 + again)),
    ]
    listed = [(v["table"], v["scenario"]) for v in published("nys")["versions"] if v["scenario"]]
    assert listed == [("control_hourly", "orange-1"), ("control_ledger", "orange-1")]


def test_several_rows_are_saved_in_one_transaction(draft: None) -> None:
    with scenario_transaction("nys") as registry:
        for row in registry.scenarios():
            registry.save({**row, "decided_utc": DECIDED + timedelta(hours=1)})
    assert {row["decided_utc"] for row in database.read("scenario", "nys").to_pylist()} == {
        DECIDED + timedelta(hours=1)
    }


def test_two_scenarios_approved_at_once_leave_one_in_force_and_every_act_numbered(draft: None) -> None:
    at_once([("orange-1", "wang"), ("red-1", "li")])
    assert sorted(str(scenario_of(name)["status"]) for name in ("orange-1", "red-1")) == ["in_force", "superseded"]
    rows = acts()
    assert [number for number, _, _ in rows] == [1, 2, 3]
    assert sorted(event for _, event, _ in rows) == ["scenario approved", "scenario approved", "scenario superseded"]


def test_approvals_of_an_older_registry_are_taken_over_in_the_order_of_their_decision(database_url: str) -> None:
    """Before migration 0004 an approved scenario had no hours in force; who decided was in the audit trail only."""
    upgrade_to("0003")
    days = [datetime(2015, 12, day, tzinfo=UTC) for day in (20, 21, 22, 23)]
    spans = {"orange-1": (days[0], days[2]), "red-1": (days[1], days[3])}
    with connected(write=True) as connection:
        for number, (name, (start, end)) in enumerate(spans.items(), start=1):
            connection.execute(
                sa.text(OLD_SCENARIO).bindparams(*INSTANTS[:2]), {"name": name, "start": start, "end": end}
            )
            connection.execute(sa.text(OLD_AUDIT).bindparams(INSTANTS[2]), {"name": name, "number": number})
    database.migrate()
    rows = {row["scenario_id"]: row for row in database.read("scenario", "nys").to_pylist()}
    assert [rows[name]["status"] for name in spans] == ["superseded", "in_force"]
    assert rows["orange-1"]["in_force_to_utc"] == rows["red-1"]["in_force_from_utc"] == rows["red-1"]["from_utc"]
    assert (rows["red-1"]["decided_by"], rows["red-1"]["decided_utc"].hour) == ("wang", 9)
    with scenario_transaction("nys") as registry:
        registry.add_act(actor="li", event="e", note="n", authentication_code=None, known_utc=DECIDED)
    assert [number for number, _, _ in acts()] == [1, 2, 3]


def upgrade_to(revision: str) -> None:
    """The registry as it was at an earlier revision."""
    with connected(write=True, migrate=True) as connection:
        config = Config(attributes={"connection": connection, "version_table": database.VERSION_TABLE})
        config.set_main_option("script_location", str(database.sql_folder() / "migrations"))
        command.upgrade(config, revision)
