"""The form of DAG `alert` and the commands give the same run: the same scenario, ledger, decision and bytes."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from bigdata_emis import schema
from bigdata_emis.airflow.approval import RecordedApproval
from bigdata_emis.airflow.dag_tasks import EmisOperator, check_alert_form
from bigdata_emis.airflow.scenario_tasks import scenario_task
from bigdata_emis.cli.app import app
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from tests.control.optimise.published_region import DAY, KNOWN
from tests.control.results.recalculated_town import LISTED, write_town

REGION_TOML = """name_en = "Town"
name_zh = "镇"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 0
y_origin_m = 0
columns = 1
rows = 1
"""
WINDOW = {"from": "2015-12-20T08:00", "to": "2015-12-20T20:00"}
SET_NAME = re.compile(r"(/\.sets/[^/]+/)[0-9a-f]{16}/")
NAME, NOTE = "list-a", "forecast of the morning"


@pytest.fixture
def homes(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two installations with the same published day, of which the next one is entered each time."""

    def enter() -> Iterator[Path]:
        for kind in ("form", "command"):
            monkeypatch.setenv("EMIS_HOME", str(home / kind))
            (home / kind / "regions" / "town").mkdir(parents=True)
            (home / kind / "regions" / "town" / "region.toml").write_text(REGION_TOML, "utf-8")
            _publish_town(home / kind)
            yield home / kind

    return enter()


def _publish_town(home: Path) -> None:
    prepare_registry()
    store = open_lake(load_region("town"))
    write_town(store, home)
    (version,) = store.versions("emission_hourly", [DAY])
    row = {"table_name": "emission_hourly", "day": DAY, "version": version.version, "known_utc": KNOWN}
    row["path"] = "as written"
    frame = pa.Table.from_pylist([row], arrow_schema(schema.table("published_version")))
    database.upsert("published_version", "town", frame)


def alert_by_form() -> dict[str, Any]:
    """What the tasks of the DAG do when user wang fills the form and approves."""
    form = {"region": "town", "level": "orange", "name": NAME, "note": NOTE, "measures": LISTED, **WINDOW}
    arguments = check_alert_form(form, SimpleNamespace(conf={}, triggering_user_name="wang"))
    recalculated: dict[str, Any] = EmisOperator(task_id="recalculate", arguments=arguments).execute({})
    of_scenario = ["--region", "town", "--scenario", recalculated["scenario"]]
    approval = RecordedApproval(task_id="approve", subject="?", decision=["approve", *of_scenario])
    answer = {"chosen_options": ["Approve"], "params_input": {}, "responded_by_user": {"id": "wang", "name": "wang"}}
    approval.execute_complete(
        {"ti": SimpleNamespace(), "task": approval}, answer | {"responded_at": datetime(2026, 1, 1, tzinfo=UTC)}
    )
    scenario_task("publish", ["scenario", "publish"], of_scenario).execute({})
    return recalculated


def alert_by_command(home: Path) -> dict[str, Any]:
    """The same by hand."""
    window = [f"--{name}={value}" for name, value in WINDOW.items()]
    asked = ["--level", "orange", "--measures", str(home / "town.csv"), "--name", NAME, "--note", NOTE, "--by", "wang"]
    recalculated = call("recalc", "--region", "town", *window, *asked)
    call("approve", "--region", "town", "--scenario", recalculated["scenario"], "--by", "wang")
    return recalculated


def call(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def digests(home: Path) -> dict[str, str]:
    """Every table of the lake by its place, with the checksum of its bytes.

    The folder of a published set is named after its manifest, which says when and how the person was authenticated.
    """
    files = sorted((home / "lake").rglob("*.parquet"))
    places = (SET_NAME.sub(r"\1", str(path.relative_to(home))) for path in files)
    return {place: hashlib.sha256(path.read_bytes()).hexdigest() for place, path in zip(places, files, strict=True)}


def decisions() -> list[tuple[Any, ...]]:
    rows = database.read("audit", "town").to_pylist()
    return [(row["actor"], row["event"], row["note"]) for row in rows]


def test_form_and_command_with_the_same_inputs_give_the_same_run(homes: Iterator[Path]) -> None:
    by_form = alert_by_form_in(next(homes))
    home = next(homes)
    by_command = (alert_by_command(home), digests(home), decisions())
    assert by_form[0]["scenario"] == by_command[0]["scenario"]
    assert by_form[0]["ledger"] == by_command[0]["ledger"]
    assert by_form[1] == by_command[1]
    assert any("control_ledger" in name and "published" in name for name in by_form[1])
    assert by_form[2] == by_command[2]
    assert [event for _, event, _ in by_form[2]] == ["scenario recalculated", "scenario approved"]


def alert_by_form_in(home: Path) -> tuple[dict[str, Any], dict[str, str], list[tuple[Any, ...]]]:
    return alert_by_form(), digests(home), decisions()
