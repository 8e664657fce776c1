"""Aliases of array types name the element types that NumPy uses for them."""

from typing import get_args

import numpy as np
import pytest

from bigdata_emis import arrays


@pytest.mark.parametrize(
    ("alias", "example"),
    [
        (arrays.Floats, np.array([1.5])),
        (arrays.Integers, np.array([1], dtype=np.int64)),
        (arrays.Positions, np.flatnonzero([True])),
        (arrays.Flags, np.array([1]) > 0),
        (arrays.Texts, np.array(["a"])),
        (arrays.Ranks, np.array([1], dtype=np.int8)),
    ],
)
def test_an_alias_names_the_element_type_of_its_arrays(alias, example):
    element = get_args(get_args(alias)[1])[0]
    assert example.dtype.type is element
