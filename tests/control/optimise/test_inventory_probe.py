"""What a list of measures would cut of a published day, by source, without writing anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from bigdata_emis.control.inventory_versions import newest_versions
from bigdata_emis.control.optimise.inventory_probe import InventoryProbe, total_kg
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario_days import OrderInForce, make_event
from bigdata_emis.errors import RefusedError
from tests.control.optimise.published_region import DAY, WINDOW, probe_of, region_of, write_day


def test_the_baseline_is_the_emission_of_the_window(tmp_path: Path) -> None:
    baseline = probe_of(tmp_path).baseline_kg()
    assert baseline["foundry-1"] == {"NOx": pytest.approx(240.0), "PM10": pytest.approx(48.0)}
    assert total_kg(baseline) == {"NOx": pytest.approx(80 * 24), "PM10": pytest.approx(14 * 24)}


def test_only_the_hours_of_the_window_count(tmp_path: Path) -> None:
    probe = probe_of(tmp_path, hours=6)
    assert probe.baseline_kg()["power-1"] == {"NOx": pytest.approx(300.0)}
    stop = Measure("m", "orange", production_line_id="power-1", cut_share=1.0)
    assert probe.cut_kg([stop]) == {"power-1": {"NOx": pytest.approx(300.0)}}


def test_a_vehicle_ban_cuts_the_share_of_the_banned_factors(tmp_path: Path) -> None:
    trucks = Measure("m", "orange", vehicle_class_code="HeavyT", stage_threshold_code="III", cut_share=1.0)
    assert probe_of(tmp_path).cut_kg([trucks]) == {"link-1": {"NOx": pytest.approx(20 * 24 * 2 / 4)}}


def test_the_base_of_hours_of_an_order_in_force_is_without_it(tmp_path: Path) -> None:
    """The foundry emits 10 kg/h under an order that halves it: 20 without; judged, it emits what it would have, 10."""
    probe = probe_of(tmp_path)
    event = make_event(probe.region, WINDOW, "orange", [Measure("m", "orange", industry_code="foundry", cut_share=0.5)])
    ordered = replace(probe, orders=(OrderInForce("before", event),))
    assert ordered.baseline_kg()["foundry-1"] == {"NOx": pytest.approx(480.0), "PM10": pytest.approx(96.0)}
    assert ordered.baseline_kg()["power-1"] == probe.baseline_kg()["power-1"]
    stop = Measure("m", "orange", production_line_id="foundry-1", cut_share=1.0)
    assert ordered.cut_kg([stop]) == {"foundry-1": {"NOx": pytest.approx(480.0), "PM10": pytest.approx(96.0)}}
    assert (probe.base_source, ordered.base_source) == ("inventory", "reconstructed")
    assert (probe.unjudged_pollutants(), ordered.unjudged_pollutants()) == ([], ["NOx", "PM10"])


def test_asking_writes_nothing(tmp_path: Path) -> None:
    probe = probe_of(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    probe.cut_kg([Measure("m", "orange", production_line_id="mill-1", cut_share=0.5)])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_day_without_control_basis_is_refused(tmp_path: Path) -> None:
    store = write_day(tmp_path)
    inventory = newest_versions(store, [DAY])
    inventory.by_table["control_source"].clear()
    with pytest.raises(RefusedError, match="2015-12-20: the inventory has no control basis"):
        InventoryProbe(region_of(tmp_path), "orange", WINDOW, inventory, store).sources()
