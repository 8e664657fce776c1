"""A scenario is a draft until somebody decides; who decided and what was published is kept."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.control.scenario.ledger import keep_draft
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.manifest import published
from bigdata_emis.publish.scenario_decision import decide_scenario, first_day
from bigdata_emis.region import load_region
from bigdata_emis.run.stage import lake
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

HOUR = datetime(2019, 7, 15, 5, tzinfo=UTC)
WINDOW = Window(HOUR, datetime(2019, 7, 16, 5, tzinfo=UTC))
MADE = datetime(2019, 7, 14, 20, tzinfo=UTC)
DECIDED = datetime(2019, 7, 14, 21, tzinfo=UTC)
NAME = "orange-1"


@pytest.fixture
def draft(home: Path) -> Path:
    """A scenario that cuts 30 of 100 g in one hour."""
    _draft(NAME)
    return home


def _draft(name: str) -> None:
    region = load_region("nys")
    store = ScenarioStore.of(lake(region), name)
    hour = {
        "scenario_id": name,
        "source_id": "unit-1",
        "pollutant_code": "NOx",
        "hour_utc": HOUR,
        "cut_emission_g": 30.0,
    }
    ledger = {
        "scenario_id": name,
        "pollutant_code": "NOx",
        "alert_level_code": "orange",
        "from_utc": WINDOW.from_utc,
        "to_utc": WINDOW.to_utc,
        "baseline_emission_g": 100.0,
        "cut_emission_g": 30.0,
        "cut_share": 0.3,
        "target_share": 0.2,
        "gap_share": -0.1,
        "is_met": True,
        "complete_share": 1.0,
    }
    for table, row in (("control_hourly", hour), ("control_ledger", ledger)):
        frame = pa.Table.from_pylist([row], arrow_schema(schema.table(table)))
        store.write(table, frame, [date(2019, 7, 15)], known_utc=MADE, run_id="run-1")
    _keep(name)


def _keep(scenario: str = NAME) -> None:
    keep_draft(
        region_id="nys",
        scenario_id=scenario,
        name=None,
        level="orange",
        window=WINDOW,
        parameters={"a": 1},
        run_id="run-1",
        known_utc=MADE,
    )


def _decide(decision: str = "approved", scenario: str = NAME) -> dict[str, object]:
    return decide_scenario(load_region("nys"), scenario, decision=decision, actor="wang", known_utc=DECIDED)


def _status() -> str:
    return str(database.read("scenario", "nys").to_pylist()[0]["status"])


def test_an_approved_scenario_is_published_with_its_manifest(draft: Path) -> None:
    document = _decide()
    assert _status() == "approved"
    manifest = json.loads(Path(str(document["manifest"])).read_text("utf-8"))
    assert (manifest["approved_by"], manifest["level"], manifest["simulated"]) == ("wang", "orange", False)
    assert [file["table"] for file in manifest["files"]] == ["control_hourly", "control_ledger"]
    rows = [pq.read_table(file["path"], partitioning=None).num_rows for file in manifest["files"]]
    assert rows == [1, 1]
    assert {version["table"] for version in published("nys")["versions"]} == {"control_hourly", "control_ledger"}


def test_the_decision_names_who_made_it_once(draft: Path) -> None:
    _decide()
    _decide()
    acts = database.read("audit", "nys").to_pylist()
    assert [(act["actor"], act["event"], act["note"], act["known_utc"]) for act in acts] == [
        ("wang", "scenario approved", NAME, DECIDED)
    ]


def test_a_rejected_scenario_is_not_published(draft: Path) -> None:
    assert _decide("rejected")["files"] == []
    assert _status() == "rejected"
    assert published("nys")["versions"] == []


def test_two_approved_scenarios_of_a_day_are_both_published(draft: Path) -> None:
    _draft("red-1")
    _decide()
    _decide(scenario="red-1")
    listed = [(version["table"], version["scenario"]) for version in published("nys")["versions"]]
    assert listed == [(table, name) for table in ("control_hourly", "control_ledger") for name in (NAME, "red-1")]


def test_a_decision_is_not_turned_round(draft: Path) -> None:
    _decide("rejected")
    with pytest.raises(RefusedError, match="is rejected already"):
        _decide("approved")


def test_the_same_scenario_made_again_keeps_its_decision(draft: Path) -> None:
    _decide()
    _keep()
    assert _status() == "approved"


def test_an_unknown_scenario_is_refused_with_those_that_are_known(draft: Path) -> None:
    with pytest.raises(InputError, match=r"'red-9' is unknown in nys \(known: orange-1\)"):
        _decide(scenario="red-9")


def test_a_scenario_without_files_is_not_approved(home: Path) -> None:
    _keep()
    with pytest.raises(InputError, match="has no files in the lake"):
        _decide()
    assert _status() == "draft"


def test_a_scenario_begins_on_its_local_day(draft: Path) -> None:
    assert first_day(load_region("nys"), NAME) == date(2019, 7, 15)


def test_a_scenario_whose_parameters_cannot_be_read_is_refused_before_anything_is_published(draft: Path) -> None:
    rows = database.read("scenario", "nys")
    broken = rows.set_column(rows.column_names.index("parameters_json"), "parameters_json", pa.array(["{"]))
    database.upsert("scenario", "nys", broken)
    with pytest.raises(InputError, match=f"scenario '{NAME}': parameters_json is not JSON; recalculate it"):
        _decide()
    assert (published("nys"), _status()) == ({"versions": []}, "draft")
