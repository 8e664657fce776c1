"""Standing alerts folded from their events."""

from datetime import UTC, datetime, timedelta

from bigdata_emis.storage.registries.alert_record import alerts_in_force, fold_alerts, read_alert_events

START = datetime(2025, 12, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def event(
    number: int, kind: str, *, known_h: float, level: str | None = None, to_h: float | None = None, cities="", id_="a"
):
    return {
        "record_number": number,
        "standing_alert_id": id_,
        "alert_event_code": kind,
        "alert_level_code": level,
        "city_names": cities,
        "from_utc": START if kind not in ("change", "lift") else None,
        "to_utc": None if to_h is None else START + to_h * HOUR,
        "actor": f"person {number}",
        "known_utc": START + known_h * HOUR,
    }


EVENTS = [
    event(1, "issue", known_h=-12, level="yellow", to_h=48, cities="A;B"),
    event(2, "change", known_h=5, level="orange", to_h=72),
    event(3, "lift", known_h=40, to_h=41),
]


def at(hours: float):
    (alert,) = fold_alerts(EVENTS, at_utc=START + hours * HOUR)
    return alert


def test_an_alert_is_as_its_events_known_at_the_time_have_it() -> None:
    assert (at(0).level, at(0).to_utc) == ("yellow", START + 48 * HOUR)
    assert (at(6).level, at(6).to_utc) == ("orange", START + 72 * HOUR)
    assert (at(40).to_utc, at(40).is_lifted) == (START + 41 * HOUR, True)
    assert at(40).is_in_force(START + 40 * HOUR)
    assert not at(41).is_in_force(START + 41 * HOUR)
    assert not fold_alerts(EVENTS, at_utc=START - 13 * HOUR)


def test_an_alert_has_its_cities_and_its_lead_time() -> None:
    assert (at(0).cities, at(0).lead_h) == (("A", "B"), 12)
    assert at(0).is_for("A")
    assert not at(0).is_for("C")
    (everywhere,) = fold_alerts([event(1, "issue", known_h=0, level="red")])
    assert everywhere.is_for("C")
    assert everywhere.is_in_force(START + 1000 * HOUR)


def test_without_a_registry_nothing_is_in_force(home) -> None:
    assert read_alert_events("nys") == []
    assert alerts_in_force("nys", at_utc=START) == []
