"""A scenario in force is lifted or retired by a person, and the list and the published folder follow."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.publish.scenarios.scenario_changes import (
    check_reason,
    lift_scenario,
    list_scenarios,
    publish_approved,
    retire_scenario,
    show_scenario,
)
from bigdata_emis.region import load_region
from bigdata_emis.settings import settings
from tests.publish.scenarios.drafts import (
    DECIDED,
    HOUR,
    acts,
    hours,
    open_case,
    publish_inventory,
    scenario_of,
    status_of_case,
    write_draft,
)

NAME = "orange-1"
NOON = HOUR + timedelta(hours=12)


@pytest.fixture
def draft(home: Path) -> Path:
    publish_inventory()
    write_draft(NAME)
    return home


@pytest.fixture
def in_force(draft: Path) -> Path:
    decide_scenario(load_region("nys"), NAME, decision="approved", actor="wang", known_utc=DECIDED)
    return Path(settings().lake) / "published" / "nys" / "scenario"


def lift(at_utc: datetime | None = NOON, *, known_utc: datetime = DECIDED, **more: Any) -> dict[str, Any]:
    return lift_scenario(load_region("nys"), NAME, at_utc=at_utc, actor="li", known_utc=known_utc, **more)


def retire(**more: Any) -> dict[str, Any]:
    return retire_scenario(load_region("nys"), NAME, actor="li", known_utc=DECIDED, **more)


def test_a_lifted_scenario_is_in_force_until_then_and_the_folder_says_so(in_force: Path) -> None:
    document = lift(reason="air is clean")
    assert (document["status"], document["in_force_to_utc"], document["by"]) == ("lifted", NOON.isoformat(), "li")
    (row,) = json.loads((in_force / "in_force.json").read_text("utf-8"))
    assert (row["status"], row["to_utc"]) == ("lifted", NOON.isoformat())
    assert json.loads((in_force / f"{NAME}.json").read_text("utf-8"))["status"] == "lifted"
    assert acts()[1][1:4] == ("li", "scenario lifted", f"{NAME} is lifted from {NOON.isoformat()}; air is clean")


def test_lifting_twice_is_one_act(in_force: Path) -> None:
    assert lift() == lift()
    assert len(acts()) == 2


def test_without_a_time_it_is_lifted_from_the_next_whole_hour(in_force: Path) -> None:
    assert lift(None, known_utc=HOUR + timedelta(minutes=150))["in_force_to_utc"] == "2019-07-15T08:00:00+00:00"


@pytest.mark.parametrize(
    ("at_utc", "words"),
    [
        (HOUR - timedelta(hours=1), "is not in the hours"),
        (HOUR + timedelta(hours=24), "is not in the hours"),
        (NOON + timedelta(minutes=30), "is not a whole hour"),
    ],
)
def test_a_time_outside_the_hours_in_force_is_refused(in_force: Path, at_utc: datetime, words: str) -> None:
    with pytest.raises(InputError, match=words):
        lift(at_utc)
    assert scenario_of(NAME)["status"] == "in_force"


def test_a_draft_cannot_be_lifted(draft: Path) -> None:
    with pytest.raises(RefusedError, match="is in force in no hour: it is draft"):
        lift()


def test_a_retired_scenario_is_in_force_in_no_hour_and_its_files_are_marked(in_force: Path) -> None:
    document = retire(reason="wrong list")
    assert (document["status"], document["is_in_force"]) == ("retired", False)
    assert json.loads((in_force / "in_force.json").read_text("utf-8")) == []
    manifest = json.loads((in_force / f"{NAME}.json").read_text("utf-8"))
    assert (manifest["status"], manifest["is_in_force"]) == ("retired", False)
    assert acts()[1][3] == f"{NAME} is retired; wrong list"
    with pytest.raises(RefusedError, match="already approved by wang at .*, and retired since"):
        lift()


def test_a_retired_draft_cannot_be_approved(draft: Path) -> None:
    retire()
    retire()
    with pytest.raises(RefusedError, match="is already retired by li at 2019-07-14"):
        decide_scenario(load_region("nys"), NAME, decision="approved", actor="wang", known_utc=DECIDED)
    assert [act[2] for act in acts()] == ["scenario retired"]


def test_a_lift_closes_the_open_cases_of_later_hours_and_a_retirement_all(in_force: Path) -> None:
    open_case(NAME, hours(10, 14))
    lift()
    assert status_of_case() == ("open", None, None)
    retire(reason="wrong list")
    assert status_of_case() == ("superseded", "li", f"{NAME} is retired; wrong list")
    acts_about = show_scenario(load_region("nys"), NAME)["acts"]
    assert [act["event"] for act in acts_about] == ["scenario approved", "scenario lifted", "scenario retired"]


def test_the_list_has_every_scenario_or_those_of_a_status(in_force: Path) -> None:
    write_draft("red-1")
    region = load_region("nys")
    assert [(s["scenario"], s["status"]) for s in list_scenarios(region)] == [(NAME, "in_force"), ("red-1", "draft")]
    assert [s["scenario"] for s in list_scenarios(region, status="draft")] == ["red-1"]
    with pytest.raises(InputError, match="status 'open' is unknown; use one of draft, in_force"):
        list_scenarios(region, status="open")


def test_a_scenario_is_shown_with_every_act_about_it(in_force: Path) -> None:
    lift()
    document = show_scenario(load_region("nys"), NAME)
    assert [act["event"] for act in document["acts"]] == ["scenario approved", "scenario lifted"]
    assert (document["decided_by"], document["authentication"]) == ("wang", "command")
    assert document["parameters"]["inputs"]


def test_publishing_again_is_refused_when_nobody_approved(draft: Path) -> None:
    with pytest.raises(RefusedError, match="is a draft: nobody approved it, and nothing is published"):
        publish_approved(load_region("nys"), NAME)


def test_publishing_again_restores_lost_files(in_force: Path) -> None:
    (in_force / f"{NAME}.json").unlink()
    assert publish_approved(load_region("nys"), NAME)["manifest"] == str(in_force / f"{NAME}.json")
    assert (in_force / f"{NAME}.json").is_file()


@pytest.mark.parametrize("reason", ["two\nlines", "\x1b[0m", "x" * 501])
def test_a_reason_is_one_printable_line(in_force: Path, reason: str) -> None:
    with pytest.raises(InputError, match="the reason is not one line"):
        lift(reason=reason)
    assert check_reason("  ") == ""
