"""A scenario is a draft until one person decides; who decided, how, and what was published is recorded."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.codes import Authentication
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.manifest import published
from bigdata_emis.publish.scenario_decision import check_person, decide_scenario
from bigdata_emis.region import load_region
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from tests.publish.scenarios.drafts import (
    DECIDED,
    HOUR,
    acts,
    hours,
    open_case,
    publish_inventory,
    record_draft_of,
    scenario_of,
    status_of_case,
    write_draft,
)

NAME = "orange-1"


@pytest.fixture
def draft(home: Path) -> Path:
    publish_inventory()
    write_draft(NAME)
    return home


def decide(decision: str = "approved", scenario: str = NAME, by: str = "wang", **more: Any) -> dict[str, Any]:
    return decide_scenario(load_region("nys"), scenario, decision=decision, actor=by, known_utc=DECIDED, **more)


def published_of_scenarios() -> list[tuple[str, str]]:
    return [(v["table"], v["scenario"]) for v in published("nys")["versions"] if v["scenario"]]


def test_an_approved_scenario_is_in_force_and_published_with_its_manifest(draft: Path) -> None:
    document = decide()
    assert (document["status"], document["scenario_status"]) == ("approved", "in_force")
    assert [step["en"].split(":")[0] for step in document["next"]] == ["No alert is issued for its hours"]
    assert document["warnings"] == []
    assert scenario_of(NAME)["status"] == "in_force"
    manifest = json.loads(Path(document["manifest"]).read_text("utf-8"))
    assert (manifest["approved_by"], manifest["level"], manifest["simulated"]) == ("wang", "orange", False)
    assert (manifest["status"], manifest["is_in_force"]) == ("in_force", True)
    assert [file["table"] for file in manifest["files"]] == ["control_hourly", "control_ledger"]
    lake = Path(settings().lake)
    rows = [pq.read_table(lake / file["path"], partitioning=None).num_rows for file in manifest["files"]]
    assert rows == [1, 1]
    assert published_of_scenarios() == [("control_hourly", NAME), ("control_ledger", NAME)]


def test_the_same_decision_by_the_same_person_again_changes_nothing_and_is_recorded(draft: Path) -> None:
    assert decide()["already"] is None
    assert decide()["already"] == f"already approved by wang at {DECIDED.isoformat()}"
    assert acts() == [
        (1, "wang", "scenario approved", NAME, "command"),
        (2, "wang", "scenario approved again", NAME, "command"),
    ]


def test_a_person_of_another_role_cannot_decide(draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", "li:yellow, zhao")
    for person in ("wang", "li"):
        with pytest.raises(InputError, match=f"{person} may not decide on an alert of level orange"):
            decide(by=person)
    with pytest.raises(InputError, match="may not decide"):
        decide(by="no answer within 6 h", authentication=Authentication.TIME_OUT)
    assert (scenario_of(NAME)["status"], acts()) == ("draft", [])
    assert decide("rejected", by="no answer within 6 h", authentication=Authentication.TIME_OUT)["status"] == "rejected"


def test_the_same_decision_by_another_person_is_refused_with_who_decided(draft: Path) -> None:
    decide()
    with pytest.raises(RefusedError, match=f"scenario '{NAME}' is already approved by wang at 2019-07-14T21:00:00"):
        decide(by="li")
    assert len(acts()) == 1


def test_how_the_person_was_authenticated_is_recorded(draft: Path) -> None:
    decide(authentication=Authentication.AIRFLOW)
    assert acts() == [(1, "wang", "scenario approved", NAME, "airflow")]
    assert scenario_of(NAME)["authentication_code"] == "airflow"


def test_a_rejected_scenario_is_not_published(draft: Path) -> None:
    assert decide("rejected")["files"] == []
    assert scenario_of(NAME)["status"] == "rejected"
    assert published_of_scenarios() == []
    assert not (Path(settings().lake) / "published" / "nys" / "scenario").exists()


@pytest.mark.parametrize(("first", "second"), [("rejected", "approved"), ("approved", "rejected")])
def test_a_decision_is_not_reversed(draft: Path, first: str, second: str) -> None:
    decide(first)
    with pytest.raises(RefusedError, match=f"is already {first} by wang"):
        decide(second)


def test_a_later_approval_supersedes_from_its_own_start_and_the_audit_says_so(draft: Path) -> None:
    write_draft("red-1", window=hours(6, 12), level="red")
    decide()
    (superseded,) = decide(scenario="red-1", by="li")["supersedes"]
    assert superseded == {
        "scenario": NAME,
        "level": "orange",
        "until_utc": "2019-07-15T11:00:00+00:00",
        "uncovered_from_utc": "2019-07-15T17:00:00+00:00",
        "uncovered_to_utc": "2019-07-16T05:00:00+00:00",
    }
    assert (scenario_of(NAME)["status"], scenario_of("red-1")["status"]) == ("superseded", "in_force")
    note = f"{NAME} is superseded from 2019-07-15T11:00:00+00:00 by red-1; no scenario is in force from"
    assert acts()[1] == (2, "li", "scenario approved", "red-1", "command")
    assert acts()[2][3].startswith(note)  # type: ignore[attr-defined]


def test_open_cases_of_an_order_that_is_replaced_in_all_its_hours_are_closed_with_the_reason(draft: Path) -> None:
    write_draft("red-1", level="red")
    decide()
    open_case(NAME, hours(2, 8))
    decide(scenario="red-1", by="li")
    status, by, note = status_of_case()
    assert (status, by) == ("superseded", "li")
    assert note == f"{NAME} is superseded from {HOUR.isoformat()} by red-1"
    assert acts()[-1][1:3] == ("li", "case superseded")


def test_a_case_with_hours_before_the_replacement_stays_open(draft: Path) -> None:
    write_draft("red-1", window=hours(6, 12), level="red")
    decide()
    open_case(NAME, hours(2, 8))
    decide(scenario="red-1", by="li")
    assert status_of_case() == ("open", None, None)


def test_the_manifest_of_a_superseded_scenario_says_until_when_it_was_in_force(draft: Path) -> None:
    write_draft("red-1", window=hours(6, 24), level="red")
    path = Path(decide()["manifest"])
    decide(scenario="red-1")
    manifest = json.loads(path.read_text("utf-8"))
    assert (manifest["status"], manifest["in_force_to_utc"]) == ("superseded", "2019-07-15T11:00:00+00:00")


def test_both_of_two_approved_scenarios_stay_published(draft: Path) -> None:
    write_draft("red-1")
    decide()
    decide(scenario="red-1")
    assert published_of_scenarios() == [(t, n) for t in ("control_hourly", "control_ledger") for n in (NAME, "red-1")]


def test_the_same_scenario_computed_again_keeps_its_decision(draft: Path) -> None:
    decide()
    record_draft_of(NAME)
    assert scenario_of(NAME)["status"] == "in_force"


def test_an_unknown_scenario_is_refused_with_those_that_are_known(draft: Path) -> None:
    with pytest.raises(InputError, match=r"'red-9' is unknown in nys \(known: orange-1\)"):
        decide(scenario="red-9")


def test_a_scenario_without_files_is_not_approved(home: Path) -> None:
    publish_inventory()
    record_draft_of(NAME)
    with pytest.raises(InputError, match="has no files in the lake"):
        decide()
    assert (scenario_of(NAME)["status"], acts()) == ("draft", [])


def test_a_scenario_of_a_draft_inventory_is_not_approved(home: Path) -> None:
    publish_inventory()
    write_draft(NAME, is_draft_inventory=True)
    with pytest.raises(RefusedError, match="was computed from a draft inventory"):
        decide()
    assert decide("rejected")["status"] == "rejected"


def test_a_scenario_of_an_inventory_that_was_never_published_is_not_approved(home: Path) -> None:
    database.migrate()
    write_draft(NAME)
    with pytest.raises(RefusedError, match="rests on an inventory of 2019-07-15 that was never published"):
        decide()
    assert (scenario_of(NAME)["status"], published_of_scenarios()) == ("draft", [])


@pytest.mark.parametrize("parameters", ["{", "[]", "1"])
def test_a_scenario_whose_parameters_cannot_be_read_is_refused_before_anything_is_published(
    draft: Path, parameters: str
) -> None:
    rows = database.read("scenario", "nys")
    broken = rows.set_column(rows.column_names.index("parameters_json"), "parameters_json", pa.array([parameters]))
    database.upsert("scenario", "nys", broken)
    with pytest.raises(InputError, match=f"scenario '{NAME}': parameters_json is not a JSON object; recalculate it"):
        decide()
    assert (published_of_scenarios(), scenario_of(NAME)["status"]) == ([], "draft")


def test_a_scenario_that_does_not_state_its_inventory_is_not_approved(draft: Path) -> None:
    rows = database.read("scenario", "nys")
    silent = rows.set_column(rows.column_names.index("parameters_json"), "parameters_json", pa.array(["{}"]))
    database.upsert("scenario", "nys", silent)
    with pytest.raises(RefusedError, match="does not state its inventory"):
        decide()


@pytest.mark.parametrize("name", ["", "  ", "None", "null", "a\nb", "\u200b", "a\u202eb", "-", "x" * 81, "\x00"])
def test_a_name_that_names_nobody_is_refused_and_nothing_is_decided(draft: Path, name: str) -> None:
    with pytest.raises(InputError, match="expected"):
        decide(by=name)
    assert (scenario_of(NAME)["status"], acts()) == ("draft", [])


@pytest.mark.parametrize("name", ["王芳", " li ", "O'Neil (duty)", "a@b.cn"])
def test_names_of_people_are_accepted(name: str) -> None:
    assert check_person(name) == name.strip()


def test_files_that_a_killed_approval_did_not_publish_are_published_by_the_next(draft: Path) -> None:
    manifest = Path(decide()["manifest"])
    manifest.unlink()
    assert decide()["manifest"] == str(manifest)
    assert manifest.is_file()
