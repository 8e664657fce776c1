"""Scenarios in force in a window, as events with their own measures and hours."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis import schema
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenarios_in_force import (
    add_called_days,
    called_level,
    has_scenario_in_force,
    measures_table,
    scenarios_in_force,
)
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import empty
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.report.stores import declared_table

REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
START = datetime(2015, 12, 20, tzinfo=UTC)
DAY = Window(START, START + timedelta(hours=24))
MEASURES = [
    Measure("kiln", "orange", industry_code="cement", cut_share=0.5, from_local_hour=20, to_local_hour=8),
    Measure("#1", "yellow", production_line_id="L1", cut_share=0.25, min_load_share=0.2),
]


def approve(store: Store, name: str, first: int, after: int, *, with_measures: bool = True) -> None:
    """A scenario of the whole day that is in force from one hour to another."""
    if with_measures:
        lake = ScenarioStore(store, name)
        frame = measures_table(name, START, MEASURES)
        lake.write("control_measure", frame, [date(2015, 12, 20)], known_utc=START, run_id="t")
    hours = {key: (START + timedelta(hours=hour)).isoformat() for key, hour in (("from_utc", first), ("to_utc", after))}
    listed = json.dumps([{"scenario_id": name, **hours}]).encode()
    store.write_document("scenario/in_force.json", listed, tree=PUBLISHED)
    manifest = {"level": "orange", "from_utc": DAY.from_utc.isoformat(), "to_utc": DAY.to_utc.isoformat()}
    store.write_document(f"scenario/{name}.json", json.dumps(manifest).encode(), tree=PUBLISHED)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "lake"), "r", "UTC")


def test_a_scenario_in_force_comes_back_with_its_hours_level_and_measures(store: Store) -> None:
    approve(store, "s", 6, 12)
    event = scenarios_in_force(REGION, DAY, store).orders["s"].event
    assert event.window == Window(START + timedelta(hours=6), START + timedelta(hours=12))
    assert event.level == "orange"
    assert sorted(event.cuts.measures, key=lambda m: m.measure_id) == sorted(MEASURES, key=lambda m: m.measure_id)


def test_the_outcome_of_an_order_is_the_newest_of_each_day_of_its_hours(store: Store) -> None:
    approve(store, "s", 6, 12)
    assert scenarios_in_force(REGION, DAY, store).orders["s"].outcome == {}
    days = [date(2015, 12, 20), date(2015, 12, 21)]
    nothing = empty(schema.table("counterfactual_hourly"))
    ScenarioStore(store, "s").write("counterfactual_hourly", nothing, days, known_utc=START, run_id="t")
    ScenarioStore(store, "other").write("counterfactual_hourly", nothing, days, known_utc=START, run_id="t")
    outcome = scenarios_in_force(REGION, DAY, store).orders["s"].outcome
    (version,) = ScenarioStore(store, "s").versions("counterfactual_hourly", days[:1])
    assert outcome == {"2015-12-20": version}


def test_a_scenario_in_force_in_other_hours_does_not_count(store: Store) -> None:
    approve(store, "s", 0, 6)
    later = Window(START + timedelta(hours=6), START + timedelta(hours=12))
    assert scenarios_in_force(REGION, later, store).orders == {}


def test_a_day_has_a_scenario_in_force_if_any_of_its_hours_has(store: Store) -> None:
    approve(store, "s", -6, 1)
    days = {day: has_scenario_in_force(store, date(2015, 12, day)) for day in (18, 19, 20, 21)}
    assert days == {18: False, 19: True, 20: True, 21: False}


def test_a_scenario_that_ends_at_midnight_is_not_in_force_on_the_next_day(store: Store) -> None:
    approve(store, "s", 0, 24)
    assert not has_scenario_in_force(store, date(2015, 12, 21))


def test_without_a_list_of_hours_in_force_there_is_none(store: Store) -> None:
    assert scenarios_in_force(REGION, DAY, store).orders == {}


def test_a_scenario_approved_before_measures_were_stored_is_named(store: Store) -> None:
    approve(store, "s", 0, 6, with_measures=False)
    in_force = scenarios_in_force(REGION, DAY, store)
    assert (in_force.orders, in_force.without_measures) == ({}, ["s"])


def test_a_scenario_in_force_without_a_manifest_is_refused(store: Store) -> None:
    approve(store, "s", 0, 6)
    store.files.delete(store.layout.document_file("scenario/s.json", tree=PUBLISHED))
    with pytest.raises(RefusedError, match="scenario s is in force and has no manifest"):
        scenarios_in_force(REGION, DAY, store)


def test_a_damaged_list_is_refused(store: Store) -> None:
    store.write_document("scenario/in_force.json", b"[", tree=PUBLISHED)
    with pytest.raises(InputError, match=r"scenario/in_force.json of region r is damaged"):
        scenarios_in_force(REGION, DAY, store)


def test_the_level_called_is_that_of_the_newest_evaluation_with_hours_of_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    database.migrate()
    assert called_level(REGION, DAY) is None


def test_recent_days_on_which_a_level_was_called_are_named_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A red evaluation of six hours of 20 December; the projection rests on the 19th and the 20th."""
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    database.migrate()
    alert = {"alert_id": "a", "alert_level_code": "red", "rule_version": "2013", "known_utc": START}
    hours = {"from_utc": START, "to_utc": START + timedelta(hours=6), "issued_utc": START}
    database.upsert("alert", "r", declared_table("alert", [alert | hours]))
    document: Any = {"projection": {"recent_days": ["2015-12-19", "2015-12-20"]}}
    projection = add_called_days(document, REGION)["projection"]
    assert projection is not None
    assert projection["called_days"] == {"2015-12-20": "red"}
    nothing_projected: Any = {"projection": None}
    assert add_called_days(nothing_projected, REGION) == nothing_projected
