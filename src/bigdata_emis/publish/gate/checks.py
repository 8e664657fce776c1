"""One check of the gate: facts of one kind as a small table, and what is expected of each column.

Belongs here: the declaration of a check and its findings. Does not: computing facts (the other modules of this room),
Great Expectations itself (great_expectations_run.py).
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import pyarrow as pa


class Severity(StrEnum):
    """What an unmet expectation means for the day."""

    CRITICAL = "critical"
    """The day is refused."""
    WARNING = "warning"
    """The day is published, and the finding is an alarm in the manifest and on the page."""


@dataclass(frozen=True)
class Expectation:
    """What is expected of one column of the facts.

    type, kwargs: the expectation of Great Expectations. meaning: the expectation as a sentence for a person.
    """

    type: str
    kwargs: dict[str, Any]
    meaning: str
    severity: Severity = Severity.CRITICAL


@dataclass(frozen=True)
class Check:
    """Facts of one kind, one row each, named by the columns of `key`, with what is expected of them.

    day: the day that the facts are about; None for facts of a window, or of the registry.
    """

    name: str
    facts: pa.Table
    key: tuple[str, ...]
    expectations: tuple[Expectation, ...] = field(default=())
    day: date | None = None


@dataclass(frozen=True)
class Finding:
    """An expectation that some facts do not meet; of one day, or of all that were judged together."""

    check: str
    meaning: str
    severity: Severity
    examples: tuple[str, ...]
    day: date | None = None

    def __str__(self) -> str:
        """One line: the check, what was expected, and the first facts that differ."""
        shown = f" - {'; '.join(self.examples)}" if self.examples else ""
        return f"{self.check}: {self.meaning}{shown}"


def expect_between(
    column: str, low: float | None, high: float | None, meaning: str, severity: Severity = Severity.CRITICAL
) -> Expectation:
    """Expect each value of a column to lie between two limits, limits included; nulls are not judged."""
    limits = {"column": column, "min_value": low, "max_value": high}
    return Expectation("expect_column_values_to_be_between", limits, meaning, severity)


def expect_zero(
    column: str, meaning: str, *, tolerance: float = 0.0, severity: Severity = Severity.CRITICAL
) -> Expectation:
    """Expect each value of a column to be zero within a tolerance; nulls are not judged."""
    return expect_between(column, -tolerance, tolerance, meaning, severity)
