"""Functions that work alike on a float, a NumPy array, a Pint quantity and a Spark Column.

Belongs here: what equations need besides + − × ÷ **. Does not: any equation. PySpark is imported only when a Column comes in.
"""

import math
from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""A float, a NumPy array, a Pint quantity or a Spark Column; no common base exists, so the type is open."""


def exp(value: Value) -> Value:
    """The exponential of a dimensionless value."""
    if _is_column(value):
        return _spark().exp(value)
    return math.exp(value) if _is_number(value) else np.exp(value)


def ln(value: Value) -> Value:
    """The natural logarithm of a dimensionless positive value."""
    if _is_column(value):
        return _spark().ln(value)
    return math.log(value) if _is_number(value) else np.log(value)


def ceiling(value: Value) -> Value:
    """The smallest whole number not below the value."""
    if _is_column(value):
        return _spark().ceil(value)
    return float(math.ceil(value)) if _is_number(value) and math.isfinite(value) else np.ceil(value)


def minimum(first: Value, second: Value) -> Value:
    """The smaller of two values, missing when one is; a plain zero takes the unit of the other."""
    if _is_column(first) or _is_column(second):
        left, right = _spark().lit(first), _spark().lit(second)
        return _spark().when(left <= right, left).when(left > right, right)
    smaller = np.minimum(_with_unit(first, second), _with_unit(second, first))
    return float(smaller) if _is_number(smaller) else smaller


def maximum(first: Value, second: Value) -> Value:
    """The larger of two values, missing when one is; a plain zero takes the unit of the other."""
    if _is_column(first) or _is_column(second):
        left, right = _spark().lit(first), _spark().lit(second)
        return _spark().when(left >= right, left).when(left < right, right)
    larger = np.maximum(_with_unit(first, second), _with_unit(second, first))
    return float(larger) if _is_number(larger) else larger


def clip(value: Value, *, lower: Value, upper: Value) -> Value:
    """The value, moved to the nearer bound where it lies outside."""
    return minimum(maximum(value, lower), upper)


def where(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition holds, else `otherwise`; a plain zero takes the unit of the other."""
    if any(_is_column(part) for part in (condition, then, otherwise)):
        return _spark().when(condition, then).otherwise(otherwise)
    if isinstance(condition, (bool, np.bool_)):
        return _with_unit(then, otherwise) if condition else _with_unit(otherwise, then)
    return np.where(condition, _with_unit(then, otherwise), _with_unit(otherwise, then))


def _with_unit(value: Value, other: Value) -> Value:
    """A plain zero beside a quantity means zero of its unit."""
    if _is_number(value) and value == 0 and hasattr(other, "dimensionality"):
        return 0.0 * other.units
    return value


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_column(value: Value) -> bool:
    return type(value).__module__.partition(".")[0] == "pyspark"


def _spark() -> Any:
    from pyspark.sql import functions

    return functions
