"""Functions that work alike on a float, a NumPy array, a Pint quantity and a Spark Column.

Belongs here: what equations need besides + − × ÷ **. Does not: any equation. PySpark is imported only for a Column.
"""

import math
from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""A float, a NumPy array, a Pint quantity or a Spark Column; they have no common base class, so the type is open."""


def exp(value: Value) -> Value:
    """Exponential of a dimensionless value."""
    if _is_column(value):
        return _spark_functions().exp(value)
    return math.exp(value) if _is_number(value) else np.exp(value)


def ln(value: Value) -> Value:
    """Natural logarithm of a dimensionless positive value."""
    if _is_column(value):
        return _spark_functions().ln(value)
    return math.log(value) if _is_number(value) else np.log(value)


def ceiling(value: Value) -> Value:
    """Smallest whole number not below the value."""
    if _is_column(value):
        return _spark_functions().ceil(value)
    return float(math.ceil(value)) if _is_number(value) and math.isfinite(value) else np.ceil(value)


def minimum(first: Value, second: Value) -> Value:
    """Smaller of two values, missing if one is; a plain zero takes the unit of the other."""
    if _is_column(first) or _is_column(second):
        left, right = _spark_functions().lit(first), _spark_functions().lit(second)
        return _spark_functions().when(left <= right, left).when(left > right, right)
    smaller = np.minimum(_with_unit(first, second), _with_unit(second, first))
    return float(smaller) if _is_number(smaller) else smaller


def maximum(first: Value, second: Value) -> Value:
    """Larger of two values, missing if one is; a plain zero takes the unit of the other."""
    if _is_column(first) or _is_column(second):
        left, right = _spark_functions().lit(first), _spark_functions().lit(second)
        return _spark_functions().when(left >= right, left).when(left < right, right)
    larger = np.maximum(_with_unit(first, second), _with_unit(second, first))
    return float(larger) if _is_number(larger) else larger


def clip(value: Value, *, lower: Value, upper: Value) -> Value:
    """The value, or the nearer bound if it lies outside."""
    return minimum(maximum(value, lower), upper)


def where(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition is true, else `otherwise`.

    A plain zero takes the unit of the other value.
    """
    if any(_is_column(part) for part in (condition, then, otherwise)):
        return _spark_functions().when(condition, then).otherwise(otherwise)
    if isinstance(condition, (bool, np.bool_)):
        return _with_unit(then, otherwise) if condition else _with_unit(otherwise, then)
    return np.where(condition, _with_unit(then, otherwise), _with_unit(otherwise, then))


def _with_unit(value: Value, quantity: Value) -> Value:
    """A plain zero next to a quantity is zero of its unit."""
    if _is_number(value) and value == 0 and hasattr(quantity, "dimensionality"):
        return 0.0 * quantity.units
    return value


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_column(value: Value) -> bool:
    return type(value).__module__.partition(".")[0] == "pyspark"


def _spark_functions() -> Any:
    from pyspark.sql import functions

    return functions
