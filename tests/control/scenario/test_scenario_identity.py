"""The name of a scenario: the same inputs give the same name, and every input counts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from bigdata_emis.control.inventory_versions import INPUTS, InventoryVersions, ProjectionBasis
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.scenario_identity import scenario_id, scenario_parameters
from bigdata_emis.control.scenario_days import OrderInForce, make_event
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.storage.lake import Version
from bigdata_emis.window import Window

REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
START = datetime(2015, 12, 20, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=24))
MEASURES = [Measure("kiln", "orange", cut_share=0.5)]
EMPTY = InventoryVersions({table: {} for table in INPUTS}, is_draft=False)


def named(
    inventory: InventoryVersions = EMPTY,
    *,
    name: str | None = None,
    in_force: tuple[str, ...] = (),
    outcome: Mapping[str, Version] = MappingProxyType({}),
) -> str:
    event = make_event(REGION, WINDOW, "orange", MEASURES)
    orders = {name: OrderInForce(name, event, outcome) for name in in_force}
    parameters = scenario_parameters("orange", WINDOW, MEASURES, inventory, ScenariosInForce(orders, []))
    return scenario_id(REGION, "orange", name, parameters)


def test_the_same_inputs_give_the_same_name_and_it_begins_with_level_or_name() -> None:
    assert named() == named()
    assert named().startswith("orange-")
    assert named(name="mine").startswith("mine-")


def test_draft_projection_and_scenarios_in_force_each_give_another_name() -> None:
    draft = InventoryVersions(EMPTY.by_table, is_draft=True)
    basis = ProjectionBasis([date(2015, 12, 20)], EMPTY.by_table, [])
    projected = InventoryVersions(EMPTY.by_table, is_draft=False, projection=basis)
    judged = {"2015-12-20": Version("counterfactual_hourly", "2015-12-20", "v1", "", "", 0, "", "t", None)}
    in_force = [named(in_force=("s",)), named(in_force=("s",), outcome=judged)]
    assert len({named(), named(draft), named(projected), *in_force}) == 5


def test_parameters_name_what_is_projected_only_where_something_is() -> None:
    assert "projected" not in scenario_parameters("orange", WINDOW, MEASURES, EMPTY, ScenariosInForce({}, []))


@pytest.mark.parametrize("name", ["../up", "a b", "x" * 41])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="use 1 to 40 letters"):
        named(name=name)
