"""Look-ups in the tables of the guide."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.inventory.roads.guide_tables import group_rows, has_reached, step_factor

STEPS = [(25.0, 1.3), (10.0, 1.0), (-100.0, 1.2)]


def test_the_rows_of_a_key_are_ascending() -> None:
    table = pa.table({"fuel_code": ["gas", "gas", "diesel"], "edge": [20.0, 10.0, 5.0], "factor": [2.0, 1.0, 3.0]})
    groups = group_rows(table, ("fuel_code",), ("edge", "factor"))
    assert groups == {("gas",): [(10.0, 1.0), (20.0, 2.0)], ("diesel",): [(5.0, 3.0)]}


@pytest.mark.parametrize(
    ("value", "factor"), [(9.9, 1.2), (10.0, 1.0), (25.0, 1.0), (25.1, 1.3), (np.nan, 1.0), (-200.0, 1.0)]
)
def test_a_value_has_the_factor_of_its_bin_and_an_edge_is_nearer_the_reference(value: float, factor: float) -> None:
    assert step_factor(STEPS, np.array([value]), 15.0) == [factor]


def test_an_edge_above_the_reference_is_not_reached_by_its_own_value() -> None:
    assert has_reached(1500.0, np.array([1500.0, 1501.0]), 0.0).tolist() == [False, True]
