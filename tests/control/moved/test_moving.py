"""Rebound and detour of a scenario: mass moved, where it goes, and what may never be loosened."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.moved.moved_options import NOTHING_MOVED, MovedOptions
from bigdata_emis.control.moved.moving import NOT_MOVING, prepare_moving
from bigdata_emis.errors import InputError
from bigdata_emis.storage.lake import Store
from tests.control.moved.moved_town import AFTER, NEXT, detour, hourly, moved_kg, rebound, recalculate_moved, town
from tests.control.optimise.published_region import DAY, KG, WINDOW
from tests.control.results.recalculated_town import put_in_force


def test_half_of_the_cut_is_made_up_evenly_where_every_hour_has_the_same_free_capacity(tmp_path: Path) -> None:
    """48 kg are cut; 24 are made up in 24 hours with 6 t × 2 kg − 10 kg = 2 kg free each: 1 kg an hour."""
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    result = recalculate_moved(region, store, rebound(0.5, 24))
    rows = [row for row in hourly(store) if row["pollutant_code"] == "NOx"]
    assert [row["hour_utc"] for row in rows] == list(AFTER.hour_starts_utc())
    assert {row["source_id"] for row in rows} == {"foundry-1"}
    assert [row["added_emission_g"] for row in rows] == pytest.approx([KG] * 24)
    assert moved_kg(result) == pytest.approx({("rebound", "added"): 24.0})


def test_what_exceeds_the_capacity_is_said_and_no_line_runs_above_it(tmp_path: Path) -> None:
    """48 kg are to be made up in 6 hours with 2 kg free each: 12 fit, 36 do not."""
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    result = recalculate_moved(region, store, rebound(1.0, 6))
    assert moved_kg(result) == pytest.approx({("rebound", "added"): 12.0, ("rebound", "over_capacity"): 36.0})
    added = [row["added_emission_g"] for row in hourly(store)]
    assert added == pytest.approx([2 * KG] * 6)
    assert max(added) <= 2 * KG


def test_a_line_above_its_capacity_makes_up_nothing(tmp_path: Path) -> None:
    region, store = town(tmp_path, after_kg={"foundry-1": 13.0})
    result = recalculate_moved(region, store, rebound(0.5, 24))
    assert moved_kg(result) == pytest.approx({("rebound", "over_capacity"): 24.0})
    assert hourly(store) == []


def test_without_capacity_or_activity_nothing_is_made_up_and_the_mass_is_named(tmp_path: Path) -> None:
    """PM10: the foundry cuts 9.6 kg, of which none is in the inventory of the next day."""
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    result = recalculate_moved(region, store, rebound(0.5, 24, capacity_t_per_h=None))
    assert moved_kg(result) == pytest.approx({("rebound", "capacity_unknown"): 24.0})
    again = recalculate_moved(region, store, rebound(0.5, 24), name="again")
    assert moved_kg(again, "PM10") == pytest.approx({("rebound", "no_free_hour"): 4.8})


def test_hours_in_which_another_order_is_in_force_make_up_nothing(tmp_path: Path) -> None:
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    later = recalculate_moved(region, store, MovedOptions(), name="later")
    put_in_force(store, later, window=AFTER)
    result = recalculate_moved(region, store, rebound(0.5, 24))
    assert moved_kg(result) == pytest.approx({("rebound", "no_free_hour"): 24.0})


def test_hours_after_the_last_published_day_are_projected(tmp_path: Path) -> None:
    """The next day is projected from this one: 10 kg an hour, 2 kg free."""
    from bigdata_emis.control.projection.recent_versions import published_or_projected_versions

    region, store = town(tmp_path)
    result = recalculate_moved(region, store, rebound(0.5, 24), choose_versions=published_or_projected_versions)
    assert moved_kg(result)["rebound", "added"] == pytest.approx(24.0)
    assert result.parameters["moved"]["rebound"]["projected"] == [str(NEXT)]


def test_a_share_of_the_banned_trucks_drives_on_other_links(tmp_path: Path) -> None:
    """Trucks of 300 kg are banned: 30 % drive on, two thirds of them on link-a; 1.25 kg an hour each third."""
    region, store = town(tmp_path)
    result = recalculate_moved(region, store, detour(0.3, {"link-a": 2 / 3, "link-b": 1 / 3}))
    rows = hourly(store)
    assert {row["moved_kind_code"] for row in rows} == {"detour"}
    assert [row["hour_utc"] for row in rows if row["source_id"] == "link-a"] == list(WINDOW.hour_starts_utc())
    assert sum(row["added_emission_g"] for row in rows if row["source_id"] == "link-a") == pytest.approx(60 * KG)
    assert sum(row["added_emission_g"] for row in rows if row["source_id"] == "link-b") == pytest.approx(30 * KG)
    assert moved_kg(result) == pytest.approx({("detour", "added"): 90.0})


def test_targets_are_judged_by_the_cut_less_what_a_detour_adds(tmp_path: Path) -> None:
    """348 of 1,920 kg are cut; with 90 kg on other links 258 remain."""
    region, store = town(tmp_path)
    result = recalculate_moved(region, store, detour(0.3, {"link-a": 1.0}))
    row = next(row for row in result.document()["ledger"] if row["pollutant"] == "NOx")
    assert (row["cut_kg"], row["added_kg"]) == pytest.approx((348.0, 90.0))
    assert row["cut_share"] == pytest.approx(348 / 1920)
    assert row["net_cut_share"] == pytest.approx(258 / 1920)
    stored = next(r for r in result.ledger.to_pylist() if r["pollutant_code"] == "NOx")
    assert stored["gap_share"] == pytest.approx(stored["target_share"] - 258 / 1920)


def test_traffic_that_leaves_the_region_is_stated_and_adds_nothing(tmp_path: Path) -> None:
    region, store = town(tmp_path)
    result = recalculate_moved(region, store, detour(0.3))
    assert moved_kg(result) == pytest.approx({("detour", "outside"): 90.0})
    assert hourly(store) == []
    row = next(row for row in result.document()["ledger"] if row["pollutant"] == "NOx")
    assert (row["added_kg"], row["net_cut_share"]) == (None, None)


def test_a_cut_is_the_same_with_and_without_options(tmp_path: Path) -> None:
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    plain = recalculate_moved(region, store, MovedOptions(), name="plain")
    both = MovedOptions(rebound(0.5, 24).rebound, detour(0.3, {"link-a": 1.0}).detour)
    moved = recalculate_moved(region, store, both, name="moved")
    cuts = {
        name: [
            {key: row[key] for key in row if key != "scenario_id"}
            for row in store.read("control_hourly", [DAY]).to_pylist()
            if row["scenario_id"] == name
        ]
        for name in (plain.scenario_id, moved.scenario_id)
    }
    assert cuts[plain.scenario_id] == cuts[moved.scenario_id] != []


def test_controlled_is_at_most_the_base_and_what_was_moved_there(tmp_path: Path) -> None:
    """Of every source, pollutant and hour, and all that is moved is stated."""
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    both = MovedOptions(rebound(0.7, 12).rebound, detour(0.4, {"link-1": 0.5, "link-b": 0.5}).detour)
    result = recalculate_moved(region, store, both)
    key = ("source_id", "pollutant_code", "hour_utc")
    base, cut, added = (
        {tuple(row[name] for name in key): row[amount] for row in store.read(table, [DAY, NEXT]).to_pylist()}
        for table, amount in (
            ("emission_hourly", "emission_g"),
            ("control_hourly", "cut_emission_g"),
            ("control_moved_hourly", "added_emission_g"),
        )
    )
    assert all(0 <= grams <= base[place] for place, grams in cut.items())
    assert all(grams > 0 for grams in added.values())
    for place in {*base, *added}:
        controlled = base.get(place, 0.0) - cut.get(place, 0.0) + added.get(place, 0.0)
        assert controlled <= base.get(place, 0.0) + added.get(place, 0.0)
    sums = store.read("control_moved", [DAY]).to_pylist()
    assert sum(added.values()) == pytest.approx(
        sum(row["moved_emission_g"] for row in sums if row["moved_outcome_code"] == "added"), rel=1e-12
    )
    moved_nox = {("rebound", 48 * 0.7), ("detour", 300 * 0.4)}
    for kind, kg in moved_nox:
        whole = sum(mass for (name, _), mass in moved_kg(result).items() if name == kind)
        assert whole == pytest.approx(kg, rel=1e-12)


def test_an_option_that_moves_nothing_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    buses = detour(0.3)
    assert buses.detour is not None
    none_banned = MovedOptions(detour=type(buses.detour)(0.3, ["BUS"], "outside"))
    with pytest.raises(InputError, match="--detour moves nothing: no measure in force bans BUS"):
        recalculate_moved(region, store, none_banned)
    with pytest.raises(InputError, match="--rebound moves nothing: no production line is cut"):
        recalculate_moved(region, store, MovedOptions(type(rebound(1, 1).rebound)(0.5, 24, {"power-1": 9.0})))
    assert store.days("control_hourly") == []


def test_a_rebound_without_an_inventory_after_the_event_is_refused(tmp_path: Path) -> None:
    region, store = town(tmp_path)
    with pytest.raises(InputError, match="--rebound: no inventory is published or projected from 2015-12-20T16:00:00"):
        recalculate_moved(region, store, rebound(0.5, 24))
    assert store.days("control_hourly") == []


def test_without_options_nothing_is_read_named_or_moved(tmp_path: Path) -> None:
    region, store = town(tmp_path)
    plain = recalculate_moved(region, store, NOTHING_MOVED)
    moving = prepare_moving(NOTHING_MOVED, WINDOW, store, plain.inventory, lambda *_: plain.inventory)
    assert moving == NOT_MOVING
    assert moving.parameters() == {}
    assert "moved" not in plain.parameters
    assert "moved" not in plain.document()


def test_options_are_remembered_and_decide_the_name(tmp_path: Path) -> None:
    region, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    first, same, more = (recalculate_moved(region, store, rebound(share, 24)) for share in (0.5, 0.5, 0.6))
    assert first.scenario_id == same.scenario_id != more.scenario_id
    asked = first.parameters["moved"]["rebound"]
    assert (asked["share"], asked["hours"]) == (0.5, 24)
    assert asked["inventory"] == {str(NEXT): store.versions("emission_hourly", [NEXT])[-1].version}
    larger = recalculate_moved(region, store, rebound(0.5, 24, capacity_t_per_h=7.0))
    assert larger.scenario_id != first.scenario_id


def test_an_edited_scenario_equals_a_full_rebuild_to_the_last_byte(tmp_path: Path) -> None:
    """The second scenario takes its cut from the record of the first; in another home it is cut anew."""
    both = MovedOptions(rebound(0.5, 24).rebound, detour(0.3, {"link-a": 1.0}).detour)
    digests = []
    for home, before in (("edited", [MovedOptions(), rebound(0.2, 6)]), ("fresh", [])):
        (tmp_path / home).mkdir()
        region, store = town(tmp_path / home, after_kg={"foundry-1": 10.0})
        for number, options in enumerate(before):
            recalculate_moved(region, store, options, name=f"before-{number}")
        result = recalculate_moved(region, store, both)
        assert [one.is_whole for one in result.reused.values()] == ([True] if before else [])
        digests.append(_digests(store, result.scenario_id))
    assert digests[0] == digests[1]
    assert {"control_moved", "control_moved_hourly", "control_ledger"} <= {table for table, _ in digests[0]}


def test_each_order_of_an_event_that_changes_is_judged_by_its_net_share(tmp_path: Path) -> None:
    """From noon on red: both halves ban 150 kg of trucks, 45 of which drive on."""
    from bigdata_emis.control.scenario.level_orders import LevelOrder

    region, store = town(tmp_path)
    noon = WINDOW.from_utc + timedelta(hours=12)
    result = recalculate_moved(region, store, detour(0.3, {"link-a": 1.0}), changes=[LevelOrder(noon, "red")])
    for order in result.orders:
        row = next(row for row in order["ledger"] if row["pollutant"] == "NOx")
        assert row["net_cut_share"] == pytest.approx(row["cut_share"] - 45 / 960)


def _digests(store: Store, scenario_id: str) -> dict[tuple[str, str], str]:
    """The bytes of every file of a scenario, by table and day."""
    from bigdata_emis.storage.scenario_lake import ScenarioStore

    own = ScenarioStore(store, scenario_id)
    tables = ("control_hourly", "control_ledger", "control_account", "control_cut", "control_measure")
    return {
        (table, version.day): hashlib.sha256(Path(version.path).read_bytes()).hexdigest()
        for table in (*tables, "control_moved", "control_moved_hourly")
        for version in own.versions(table, [DAY, NEXT])
    }
