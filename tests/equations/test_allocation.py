"""Allocation of emission to grid cells conserves mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.equations import allocation


def test_each_cell_has_its_share():
    assert allocation.emission_g(80.0, np.array([0.25, 0.75])).tolist() == [20.0, 60.0]


@given(st.floats(0, 1e12), st.lists(st.floats(0.01, 1), min_size=1, max_size=30))
def test_weights_that_sum_to_one_conserve_the_mass(emission: float, raw: list[float]):
    weights = np.array(raw) / np.sum(raw)
    assert allocation.emission_g(emission, weights).sum() == pytest.approx(emission, rel=1e-12)
