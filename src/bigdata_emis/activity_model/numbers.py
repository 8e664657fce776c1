"""Numbers of a stored text: what is one, and of what size.

Belongs here: single numbers and lists of them. Does not: which numbers a model holds (model_structure).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats

LARGEST = 1e100
"""No number of a model is beyond this: a product of three stays a number, so that no load makes an estimate endless."""


def number_at(value: Any, name: str) -> float:
    """The value as a number. Raises ValueError when it is none, not finite, or beyond any size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is no number")
    if not abs(value) <= LARGEST:
        raise ValueError(f"{name} is not finite, or too large")
    return float(value)


def numbers_at(value: Any, name: str, count: int | None = None) -> Floats:
    """The value as a list of numbers, so many if told. Raises ValueError when it is none, or a number is not finite or beyond any size."""
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list")
    if count is not None and len(value) != count:
        raise ValueError(f"{name} holds {len(value)} numbers where {count} are needed")
    # Exact kinds, and not what can be made one: numpy takes a text for the number in it.
    if not set(map(type, value)) <= {int, float}:
        raise ValueError(f"{name} holds what is no number")
    try:
        found = np.array(value, dtype=np.float64)
    except OverflowError:
        found = np.array([np.inf])
    if not (np.abs(found) <= LARGEST).all():
        raise ValueError(f"{name} holds what is not finite, or too large")
    return found
