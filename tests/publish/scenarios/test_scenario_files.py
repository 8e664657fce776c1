"""The published folder has one scenario for each hour: in_force.json says which rows of control_hourly count."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.publish.scenarios.scenario_files import publish_scenario, refresh_scenarios, scenario_versions
from bigdata_emis.region import load_region
from bigdata_emis.settings import settings
from tests.publish.scenarios.drafts import (
    DECIDED,
    hours,
    publish_inventory,
    record_draft_of,
    scenario_of,
    write_draft,
    write_moved,
)


@pytest.fixture
def folder(home: Path) -> Path:
    publish_inventory()
    for name, window in (("orange-1", hours(0, 24)), ("red-1", hours(0, 12))):
        write_draft(name, window=window, level=name.partition("-")[0])
    return Path(settings().lake) / "published" / "nys"


def approve(name: str) -> None:
    decide_scenario(load_region("nys"), name, decision="approved", actor="wang", known_utc=DECIDED)


def in_force(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((folder / "scenario" / "in_force.json").read_text("utf-8"))
    return rows


def test_the_list_names_each_scenario_with_its_hours_and_who_approved(folder: Path) -> None:
    approve("orange-1")
    assert in_force(folder) == [
        {
            "scenario_id": "orange-1",
            "alert_level_code": "orange",
            "status": "in_force",
            "from_utc": "2019-07-15T05:00:00+00:00",
            "to_utc": "2019-07-16T05:00:00+00:00",
            "approved_by": "wang",
            "approved_utc": DECIDED.isoformat(),
            "simulated": False,
        }
    ]


def test_a_reader_of_the_folder_gets_one_scenario_for_each_hour(folder: Path) -> None:
    approve("orange-1")
    approve("red-1")
    query = f"""
        SELECT c.scenario_id FROM read_parquet('{folder}/control_hourly/*/*.parquet') AS c
        JOIN read_json('{folder}/scenario/in_force.json') AS f
          ON c.scenario_id = f.scenario_id
         AND c.hour_utc >= f.from_utc::TIMESTAMPTZ AND c.hour_utc < f.to_utc::TIMESTAMPTZ
    """
    assert duckdb.sql(query).fetchall() == [("red-1",)]


def test_refreshing_twice_changes_no_byte(folder: Path) -> None:
    approve("orange-1")
    before = {path: path.read_bytes() for path in sorted((folder / "scenario").iterdir())}
    refresh_scenarios(load_region("nys"))
    assert {path: path.read_bytes() for path in sorted((folder / "scenario").iterdir())} == before


def test_publishing_again_changes_no_byte_and_gives_the_same_path(folder: Path) -> None:
    approve("orange-1")
    path = folder / "scenario" / "orange-1.json"
    before = path.read_bytes()
    assert publish_scenario(load_region("nys"), scenario_of("orange-1")) == str(path)
    assert path.read_bytes() == before


def test_a_scenario_without_files_has_no_versions(folder: Path) -> None:
    record_draft_of("lost-1")
    with pytest.raises(InputError, match="scenario 'lost-1' has no files in the lake; recalculate it"):
        scenario_versions(load_region("nys"), scenario_of("lost-1"))


def test_moved_emission_of_the_day_after_is_among_the_versions_of_a_scenario(home: Path) -> None:
    write_draft("first", moved={"rebound": {"share": 0.5, "hours": 24}})
    write_moved("first", hours(24, 25).from_utc)
    versions = scenario_versions(load_region("nys"), scenario_of("first"))
    assert ("control_moved_hourly", "2019-07-16") in {(version.table, version.day) for version in versions}
