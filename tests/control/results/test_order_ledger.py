"""The ledger of each order: kilograms on paper, with the target of its own level."""

from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.results.order_ledger import describe_orders
from bigdata_emis.control.scenario.level_orders import LevelOrder
from tests.control.optimise.published_region import DAY, WINDOW
from tests.control.results.recalculated_town import recalculate_town, recalculated_town


def test_each_order_has_the_cut_of_its_hours_and_the_target_of_its_level(tmp_path: Path) -> None:
    """NOx an hour: foundry 10 kg, cut by a fifth under orange and all under red; link 20 kg, cut by 12.5 kg."""
    region, store, _ = recalculated_town(tmp_path)
    at = WINDOW.from_utc + timedelta(hours=6)
    result = recalculate_town(region, store, "changed", [LevelOrder(at, "red")])
    table = store.read("control_order", [DAY])
    rows = {r["event_order_number"]: r for r in table.to_pylist() if r["pollutant_code"] == "NOx"}
    assert rows[1]["cut_emission_g"] == pytest.approx(6 * (2 + 12.5) * 1e3)
    assert rows[2]["cut_emission_g"] == pytest.approx(18 * (10 + 12.5) * 1e3)
    assert rows[1]["baseline_emission_g"] == pytest.approx(6 * (10 + 50 + 20) * 1e3)
    assert (rows[1]["target_share"], rows[2]["target_share"]) == (0.2, 0.3)
    assert (rows[1]["order_to_utc"], rows[2]["order_from_utc"]) == (at, at)
    documents = describe_orders(table, result.parameters["orders"])
    assert documents == result.orders
    assert [(one["order"], one["level"]) for one in documents] == [(1, "orange"), (2, "red")]
