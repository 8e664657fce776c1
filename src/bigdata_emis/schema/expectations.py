"""A declared table as a Great Expectations suite, in the form in which suites are stored: type and arguments.

Belongs here: what can be derived from the declarations. Does not: Great Expectations itself (quality.py), which is slow to import.
"""

from dataclasses import dataclass, field
from typing import Any

from bigdata_emis.schema.model import Field, Table, codes


@dataclass(frozen=True)
class Expectation:
    """One expectation by its Great Expectations name, with its arguments."""

    type: str
    kwargs: dict[str, Any] = field(default_factory=dict)


def suite(table: Table, *, rows_at_least: int = 0) -> list[Expectation]:
    """Exactly the declared columns, so many rows, and what each column promises."""
    expected = [
        Expectation("expect_table_columns_to_match_set", {"column_set": list(table.names), "exact_match": True}),
        Expectation("expect_table_row_count_to_be_between", {"min_value": rows_at_least}),
    ]
    for declared in table.fields:
        expected += _of_field(declared, table)
    return expected + _ordered_percentiles(table)


def zero(column: str, tolerance: float = 0.0) -> Expectation:
    """The column may not differ from zero by more than the tolerance."""
    return Expectation(
        "expect_column_values_to_be_between", {"column": column, "min_value": -tolerance, "max_value": tolerance}
    )


def percentile_pairs(table: Table) -> list[tuple[str, str]]:
    """The columns that hold a 95th and a 5th percentile of the same thing."""
    pairs = [(name, name.removesuffix("_p95") + "_p05") for name in table.names if name.endswith("_p95")]
    return [(high, low) for high, low in pairs if low in table.names]


def _of_field(declared: Field, table: Table) -> list[Expectation]:
    found = []
    if declared.name in {*table.key, *table.required}:
        found.append(Expectation("expect_column_values_to_not_be_null", {"column": declared.name}))
    if declared.minimum is not None or declared.maximum is not None:
        limits = {"column": declared.name, "min_value": declared.minimum, "max_value": declared.maximum}
        found.append(Expectation("expect_column_values_to_be_between", limits))
    # The codes of a list column are checked by conform(): a set expectation looks at whole cells.
    if declared.code_list and declared.kind != "strings":
        known = sorted(codes().get(declared.code_list, {}))
        found.append(Expectation("expect_column_values_to_be_in_set", {"column": declared.name, "value_set": known}))
    return found


def _ordered_percentiles(table: Table) -> list[Expectation]:
    name = "expect_column_pair_values_a_to_be_greater_than_b"
    return [
        Expectation(name, {"column_A": high, "column_B": low, "or_equal": True})
        for high, low in percentile_pairs(table)
    ]
