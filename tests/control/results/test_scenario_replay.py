"""A stored scenario is computed again from the versions that it names, or refused."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.results.scenario_replay import ScenarioReplay, cut_by_pollutant, open_replay
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenarios_in_force import scenarios_in_force
from bigdata_emis.errors import RefusedError
from bigdata_emis.storage.layout import PUBLISHED
from tests.control.optimise.published_region import DAY, KNOWN, WINDOW, frame, tables
from tests.control.results.recalculated_town import (
    judge_outcome_of,
    put_in_force,
    recalculate_town,
    recalculated_town,
    row_of,
)


def replay_of(folder: Path) -> ScenarioReplay:
    region, store, result = recalculated_town(folder)
    return open_replay(region, row_of(result), result.parameters, store)


def test_all_measures_give_the_ledger_to_the_last_bit(tmp_path: Path) -> None:
    replay = replay_of(tmp_path)
    plans = replay.plans(replay.event.cuts.measures)
    replay.require_ledger(plans)
    cut = cut_by_pollutant(plans)
    assert {code: cut[code] for code in ("NOx", "PM10")} == {
        code: replay.ledger[code]["cut_emission_g"] for code in ("NOx", "PM10")
    }
    assert cut["NOx"] == pytest.approx(348_000.0)


def test_a_replay_rests_on_the_versions_of_the_scenario_and_writes_nothing(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    doubled = [{**row, "emission_g": 2 * row["emission_g"]} for row in tables()["emission_hourly"]]
    later = KNOWN + timedelta(hours=1)
    store.write("emission_hourly", frame("emission_hourly", doubled), [DAY], known_utc=later, run_id="later")
    before = sorted(tmp_path.rglob("*"))
    replay = open_replay(region, row_of(result), result.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_cut_that_is_not_that_of_the_ledger_is_refused(tmp_path: Path) -> None:
    replay = replay_of(tmp_path)
    with pytest.raises(RefusedError, match="cannot be computed again: its cut of NOx would be 120000 g"):
        replay.require_ledger(replay.plans(replay.event.cuts.measures[:1]))


def test_a_level_that_changed_is_replayed_and_is_the_base_of_what_follows(tmp_path: Path) -> None:
    """Orange for six hours, red for the rest: the replay gives the ledger, and so does the same scenario in force."""
    region, store, _ = recalculated_town(tmp_path)
    change = LevelOrder(WINDOW.from_utc + timedelta(hours=6), "red")
    changed = recalculate_town(region, store, "changed", [change])
    replay = open_replay(region, row_of(changed), changed.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))

    put_in_force(store, changed)
    event = scenarios_in_force(region, WINDOW, store).orders[changed.scenario_id].event
    assert [condition.level for condition in event.conditions()] == ["orange"] * 6 + ["red"] * 18


def test_a_version_that_is_gone_is_refused(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    inputs = {**result.parameters["inputs"], "emission_hourly": {"2015-12-20": "0123"}}
    with pytest.raises(RefusedError, match="emission_hourly of 2015-12-20: version 0123 is no longer in the lake"):
        open_replay(region, row_of(result), {**result.parameters, "inputs": inputs}, store)


def test_a_scenario_without_stored_measures_is_refused(tmp_path: Path) -> None:
    region, store, result = recalculated_town(tmp_path)
    with pytest.raises(RefusedError, match="scenario old has no stored measures"):
        open_replay(region, {**row_of(result), "scenario_id": "old"}, result.parameters, store)


def test_the_base_is_that_of_the_scenarios_in_force_when_it_was_recalculated_not_its_own_approval(
    tmp_path: Path,
) -> None:
    region, store, first = recalculated_town(tmp_path)
    put_in_force(store, first)
    own = open_replay(region, row_of(first), first.parameters, store)
    own.require_ledger(own.plans(own.event.cuts.measures))
    second = recalculate_town(region, store, "second")
    replay = open_replay(region, row_of(second), second.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))
    # A fifth of the foundry was cut, and of the emission before that cut a fifth is cut: 240 ÷ 0.8 × 0.2 = 60 of 300.
    (plan,) = replay.plans([one for one in replay.event.cuts.measures if one.measure_id == "b-foundry"])
    assert cut_by_pollutant([plan])["NOx"] == pytest.approx(60_000.0)


def test_the_base_is_that_of_the_outcome_with_which_it_was_recalculated(tmp_path: Path) -> None:
    """The foundry did not obey: without the order it emits 10 kg/h, as with it. A later outcome says 20 kg/h."""
    region, store, first = recalculated_town(tmp_path)
    put_in_force(store, first)
    judge_outcome_of(store, first, {("foundry-1", "NOx"): 10.0})
    second = recalculate_town(region, store, "second")
    judge_outcome_of(store, first, {("foundry-1", "NOx"): 20.0})
    replay = open_replay(region, row_of(second), second.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))
    (plan,) = replay.plans([one for one in replay.event.cuts.measures if one.measure_id == "b-foundry"])
    assert cut_by_pollutant([plan])["NOx"] == pytest.approx(48_000.0)
    assert recalculate_town(region, store, "second").scenario_id != second.scenario_id


def test_the_order_before_is_known_after_the_approval_that_ended_it(tmp_path: Path) -> None:
    """The scenario that was in force is superseded: its hours are no longer published, and this one names them."""
    region, store, first = recalculated_town(tmp_path)
    put_in_force(store, first)
    second = recalculate_town(region, store, "second")
    put_in_force(store, second)
    replay = open_replay(region, row_of(second), second.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))
    assert [order.scenario_id for order in replay.in_force] == [first.scenario_id]


def test_the_hours_of_the_order_before_decide_the_name_of_a_scenario(tmp_path: Path) -> None:
    region, store, first = recalculated_town(tmp_path)
    put_in_force(store, first)
    second = recalculate_town(region, store, "second")
    listed = json.loads(store.read_document("scenario/in_force.json", tree=PUBLISHED) or b"")
    listed[0]["to_utc"] = (WINDOW.from_utc + timedelta(hours=6)).isoformat()
    store.write_document("scenario/in_force.json", json.dumps(listed).encode(), tree=PUBLISHED)
    assert recalculate_town(region, store, "second").scenario_id != second.scenario_id


def test_a_base_whose_hours_are_not_named_is_refused(tmp_path: Path) -> None:
    """As scenarios of earlier versions of the program, which named the scenario alone."""
    region, store, first = recalculated_town(tmp_path)
    put_in_force(store, first)
    second = recalculate_town(region, store, "second")
    put_in_force(store, second)
    earlier = {name: value for name, value in second.parameters.items() if name != "in_force_hours"}
    with pytest.raises(RefusedError, match=f"{first.scenario_id} was in force when it was recalculated, and its"):
        open_replay(region, row_of(second), earlier, store)
