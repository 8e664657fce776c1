"""The class of a line: industry, process, control, age and size, from what the register says of it.

Belongs here: which lines are alike. Does not: what their factors are (class_factor, emission_factor).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

LEVELS = ("industry", "process", "control", "age", "size")
UNKNOWN = "-"
SEPARATOR = "|"
LINE_MARK = "line:"
AGE_LIMITS = (5, 15)
"""Years since commissioning that bound new, middle-aged and old (own judgement: a life of bags or catalysts, and of a
major overhaul)."""
AGE_NAMES = ("new", "middle", "old")
SMALL, LARGE = "small", "large"
MEMBERS_TO_SPLIT = 4
"""With fewer lines of known capacity an industry is not split by size."""
Row = Mapping[str, Any]


class LineClasses:
    """The classes of the lines of a register in one year."""

    def __init__(self, lines: Iterable[Row], devices: Iterable[Row], year: int) -> None:
        self.year = year
        self.devices: dict[str, list[str]] = defaultdict(list)
        for row in devices:
            self.devices[row["production_line_id"]].append(row["device_name"])
        capacities: dict[tuple[str, str], list[float]] = defaultdict(list)
        for row in lines:
            if row["capacity_per_h"]:
                capacities[row["industry_code"], row["activity_unit_code"]].append(row["capacity_per_h"])
        self.middle_capacity = {
            key: float(np.median(values)) for key, values in capacities.items() if len(values) >= MEMBERS_TO_SPLIT
        }

    def traits(self, line: Row) -> tuple[str, ...]:
        """Industry, process, control, age and size of a line; UNKNOWN where the register does not say."""
        return (
            line["industry_code"],
            line.get("process") or UNKNOWN,
            "+".join(sorted(self.devices.get(line["production_line_id"], ()))) or UNKNOWN,
            self._age(line.get("commissioned_year")),
            self._size(line),
        )

    def codes(self, line: Row) -> tuple[str, ...]:
        """Codes under which the factor of a line may be listed, the most specific first."""
        traits = self.traits(line)
        return (f"{LINE_MARK}{line['production_line_id']}", class_code(traits), traits[0])

    def _age(self, commissioned_year: int | None) -> str:
        if commissioned_year is None:
            return UNKNOWN
        return AGE_NAMES[int(np.searchsorted(AGE_LIMITS, self.year - commissioned_year, side="right"))]

    def _size(self, line: Row) -> str:
        middle = self.middle_capacity.get((line["industry_code"], line["activity_unit_code"]))
        if middle is None or not line["capacity_per_h"]:
            return UNKNOWN
        return LARGE if line["capacity_per_h"] > middle else SMALL


def class_code(traits: tuple[str, ...]) -> str:
    """One text for a class: its traits in the order of LEVELS."""
    return SEPARATOR.join(traits)


def level_codes(traits: tuple[str, ...]) -> dict[int, str]:
    """The class of each level that contains a line, by number of the level from 1 (industry); nested.

    A level of which the register says nothing is left out.
    """
    known = [number for number, trait in enumerate(traits, start=1) if trait != UNKNOWN]
    return {number: SEPARATOR.join(traits[:number]) for number in known}
