"""Acts of people about alerts: signed, recorded once, never changed afterwards."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from bigdata_emis.codes import AlertEvent
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.alerts.alert_acts import (
    Signature,
    begin_alert,
    change_alert,
    describe_alert,
    issue_for_scenario,
    lift_alert,
    list_alerts,
)
from bigdata_emis.region import load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.alert_record import fold_alerts, read_alert_events
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import record_draft, scenario_transaction
from bigdata_emis.window import Window

START = datetime(2025, 12, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(START, START + 48 * HOUR)
LI = Signature("Li", START - 12 * HOUR, "forecast of the morning")


@pytest.fixture
def region(home):
    return load_region("nys")


def issue(region, *, level="orange", signature=LI, kind=AlertEvent.ISSUE, cities=(), window=WINDOW):
    return begin_alert(region, kind=kind, level=level, window=window, signature=signature, cities=cities)


def test_an_issued_alert_has_signer_lead_time_and_cities(region) -> None:
    document = issue(region, cities=("B", " A ", ""))
    assert (document["level"], document["by"], document["lead_h"], document["is_new"]) == ("orange", "Li", 12, True)
    assert document["cities"] == ["A", "B"]
    (act,) = database.read("audit", "nys").to_pylist()
    assert (act["event"], act["actor"], act["authentication_code"]) == ("alert issue", "Li", "command")
    assert act["note"].endswith("; forecast of the morning")


def test_an_alert_that_is_stored_when_it_is_over_is_replayed_and_has_no_lead_time(region) -> None:
    last = issue(region, signature=Signature("Li", WINDOW.to_utc - HOUR))
    assert (last["lead_h"], last["is_replayed"]) == (-47, False)
    later = issue(region, cities=("A",), signature=Signature("Li", WINDOW.to_utc))
    assert (later["lead_h"], later["is_replayed"]) == (None, True)


def test_an_alert_is_named_by_its_local_hour(region) -> None:
    """Midnight in UTC is seven in the evening before in New York (at the fixed offset of the region)."""
    assert issue(region)["alert"].startswith("nys-issue-2025-12-17T19-")


def test_an_alert_that_was_named_by_the_hour_in_utc_keeps_its_name(region) -> None:
    name = f"nys-issue-20251218T00-{hashlib.sha256(b'').hexdigest()[:8]}"
    event = {"standing_alert_id": name, "alert_event_code": "issue", "alert_level_code": "orange", "city_names": ""}
    event |= {"from_utc": WINDOW.from_utc, "to_utc": WINDOW.to_utc, "actor": "Li", "known_utc": LI.known_utc}
    prepare_registry()
    with scenario_transaction("nys") as registry:
        registry.add_alert_event({**event, "scenario_id": None, "note": "", "authentication_code": "command"})
    again = issue(region)
    assert (again["alert"], again["is_new"]) == (name, False)


def test_the_same_twice_is_as_once_and_another_of_the_same_hour_is_refused(region) -> None:
    first = issue(region)
    assert issue(region)["is_new"] is False
    assert len(read_alert_events("nys")) == 1
    with pytest.raises(RefusedError, match="exists: orange by Li"):
        issue(region, level="red")
    assert issue(region, cities=("A",))["alert"] != first["alert"]


def test_after_a_lift_an_alert_of_the_same_hour_is_a_new_one(region) -> None:
    first = issue(region)["alert"]
    lift_alert(region, first, signature=LI, at_utc=START)
    second = issue(region, level="red")
    assert (second["alert"], second["is_new"], second["level"]) == (f"{first}-2", True, "red")
    assert issue(region, level="red")["is_new"] is False
    lift_alert(region, second["alert"], signature=LI, at_utc=START)
    assert issue(region)["alert"] == f"{first}-3"
    assert [alert.is_lifted for alert in fold_alerts(read_alert_events("nys"))] == [True, True, False]


def test_an_alert_is_changed_and_lifted_and_its_events_stay(region) -> None:
    name = issue(region)["alert"]
    changed = change_alert(region, name, signature=Signature("Wang", START), level="red", to_utc=START + 72 * HOUR)
    assert (changed["level"], changed["to_utc"]) == ("red", (START + 72 * HOUR).isoformat())
    lifted = lift_alert(region, name, signature=Signature("Wang", START + 50 * HOUR), at_utc=START + 51 * HOUR)
    assert (lifted["is_lifted"], lifted["to_utc"]) == (True, (START + 51 * HOUR).isoformat())
    (listed,) = list_alerts(region)
    assert [event["event"] for event in listed["events"]] == ["issue", "change", "lift"]
    assert [event["by"] for event in listed["events"]] == ["Li", "Wang", "Wang"]
    assert database.read("audit", "nys").num_rows == 3
    assert not list_alerts(region, at_utc=START + 60 * HOUR)
    assert list_alerts(region, at_utc=START + 10 * HOUR)[0]["level"] == "red"
    with pytest.raises(RefusedError, match="was lifted by Wang"):
        change_alert(region, name, signature=LI, level="yellow")


def test_an_alert_that_is_withdrawn_before_its_start_is_in_force_in_no_hour(region) -> None:
    name = issue(region)["alert"]
    lift_alert(region, name, signature=LI, at_utc=START - 2 * HOUR)
    assert not list_alerts(region, at_utc=START + HOUR)


def test_an_act_that_is_repeated_adds_no_event(region) -> None:
    name = issue(region)["alert"]
    for _ in range(2):
        changed = change_alert(region, name, signature=LI, level="red", to_utc=START + 72 * HOUR)
    assert changed["is_new"] is False
    for hours in (51, 51, 60):
        lifted = lift_alert(region, name, signature=LI, at_utc=START + hours * HOUR)
    assert (lifted["is_new"], lifted["to_utc"]) == (False, (START + 51 * HOUR).isoformat())
    events = list_alerts(region)[0]["events"]
    assert [event["event"] for event in events] == ["issue", "change", "lift"]
    with pytest.raises(RefusedError, match="was lifted by Li"):
        lift_alert(region, name, signature=LI, at_utc=START + 50 * HOUR)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": "none"}, "level 'none' is no level of an alert"),
        ({"level": "purple"}, "level 'purple' is no level of an alert"),
        ({"kind": AlertEvent.TEMPORARY}, "temporary control has no level"),
        ({"cities": ("A;B",)}, "city 'A;B' is no name"),
        ({"cities": ("A\nB",)}, "is no name"),
        ({"cities": ("x" * 50,)}, "is no name"),
        ({"cities": tuple(map(str, range(300)))}, "300 cities are too many"),
        ({"signature": Signature("", START)}, "names nobody"),
        ({"signature": Signature("Li", START, "two\nlines")}, "not one line"),
    ],
)
def test_what_cannot_be_recorded_is_refused(region, options, words) -> None:
    with pytest.raises(InputError, match=words):
        issue(region, **options)
    assert read_alert_events("nys") == []


def test_a_prompt_and_a_temporary_control_are_kinds_of_their_own(region) -> None:
    issue(region, kind=AlertEvent.REGIONAL_PROMPT)
    issue(region, kind=AlertEvent.TEMPORARY, level="none")
    kinds = {alert.kind: alert.level for alert in fold_alerts(read_alert_events("nys"))}
    assert kinds == {"regional_prompt": "orange", "temporary": "none"}


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda region, name: change_alert(region, name, signature=LI), "neither a level nor an end"),
        (lambda region, name: change_alert(region, name, signature=LI, to_utc=START), "is not after the start"),
        (
            lambda region, name: lift_alert(region, name, signature=LI, at_utc=START + 99 * HOUR),
            "after the planned end",
        ),
        (lambda region, _: lift_alert(region, "other", signature=LI, at_utc=START), "has no alert 'other'"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(region, act, words) -> None:
    name = issue(region)["alert"]
    with pytest.raises(InputError, match=words):
        act(region, name)


def test_the_alert_of_a_scenario_is_signed_by_the_person_who_approved_it(region) -> None:
    about = {"level": "orange", "window": WINDOW, "parameters": {}, "run_id": "r", "known_utc": START}
    record_draft(region_id="nys", scenario_id="s", name=None, **about)
    with pytest.raises(RefusedError, match="approve it first"):
        issue_for_scenario(region, "s", cities=(), known_utc=START)
    with scenario_transaction("nys") as registry:
        (row,) = registry.scenarios()
        hours = {"in_force_from_utc": WINDOW.from_utc, "in_force_to_utc": WINDOW.to_utc}
        decided = {"decided_by": "Zhao", "decided_utc": START, "authentication_code": "airflow"}
        registry.save({**row, **hours, **decided, "scenario_status_code": "in_force"})
    with pytest.raises(InputError, match="level 'purple' is no level"):
        issue_for_scenario(region, "s", cities=("A",), known_utc=START, regional_level="purple")
    assert not read_alert_events("nys")
    document = issue_for_scenario(region, "s", cities=("A",), known_utc=START)
    assert (document["by"], document["level"], document["cities"]) == ("Zhao", "orange", ["A"])
    (event,) = read_alert_events("nys")
    assert (event["authentication_code"], event["scenario_id"]) == ("airflow", "s")
    again = issue_for_scenario(region, "s", cities=("A",), known_utc=START, regional_level="red")
    assert again["is_new"] is False
    kinds = [(alert.kind, alert.level, alert.actor) for alert in fold_alerts(read_alert_events("nys"))]
    assert kinds == [("issue", "orange", "Zhao"), ("regional_prompt", "red", "Zhao")]
    with scenario_transaction("nys") as registry:
        (row,) = registry.scenarios()
        registry.save({**row, "alert_level_code": "red"})
    assert issue_for_scenario(region, "s", cities=("A",), known_utc=START)["level"] == "red"


def test_an_approved_scenario_whose_hours_another_one_took_has_no_alert_to_issue(region) -> None:
    about = {"level": "orange", "window": WINDOW, "parameters": {}, "run_id": "r", "known_utc": START}
    record_draft(region_id="nys", scenario_id="s", name=None, **about)
    with scenario_transaction("nys") as registry:
        (row,) = registry.scenarios()
        none = {"in_force_from_utc": START, "in_force_to_utc": START}
        registry.save({**row, **none, "decided_by": "Zhao", "decided_utc": START, "status": "superseded"})
    with pytest.raises(RefusedError, match="in no hour: it is superseded; issue the alert of the one that is in force"):
        issue_for_scenario(region, "s", cities=(), known_utc=START)


def test_an_alert_is_described_with_its_end_open() -> None:
    event = {
        "standing_alert_id": "a",
        "alert_event_code": "issue",
        "alert_level_code": "red",
        "city_names": "",
        "from_utc": START,
        "to_utc": None,
        "actor": "Li",
        "known_utc": START,
    }
    (alert,) = fold_alerts([event])
    assert describe_alert(alert)["to_utc"] is None
