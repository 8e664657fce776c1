"""The cost of ordering a step: the table of the user, or, where there is none, an index from emission.

Belongs here: reading costs and choosing the row of a source, and the steps of grades. Does not: the steps of a region
(candidates).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bigdata_emis import reference, schema
from bigdata_emis.codes import CostSource
from bigdata_emis.control.optimise.table_files import read_table_file
from bigdata_emis.control.scenario.process_limits import ProcessLimit
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.reference.named_values import Parameters
from bigdata_emis.region import Region

SELECTORS = ("production_line_id", "measure_id", "industry_code", "sector_code")
"""From the most specific to the least: the first that has a row decides."""
COST = "cost_cny_per_d"
INDEX_OF_WHOLE_BASE = 1000.0
"""Cost index of cutting the whole base of every target pollutant, at weight 1."""
WEIGHT_WITHOUT_GRADE = 1.0


@dataclass(frozen=True)
class CostTable:
    """Cost of a full stop for a day by selector, in yuan; empty when the user gave none."""

    costs: Mapping[tuple[str, str], float]
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """File and row of each selector."""

    @property
    def source_code(self) -> str:
        """Where the costs are from."""
        return CostSource.USER_TABLE if self.costs else CostSource.EMISSION_PROXY

    def cost_per_d(self, selectors: Mapping[str, str]) -> float | None:
        """The row of the most specific selector; None when no row applies."""
        for name in SELECTORS:
            cost = self.costs.get((name, selectors.get(name, "")))
            if cost is not None:
                return cost
        return None


def read_costs(path: Path | None, region_folder: Path | None = None) -> CostTable:
    """The table of the user: one selector a row (line, vehicle measure, industry or sector) and `cost_cny_per_d`.

    region_folder: of a region that may have limits of its own.

    Raises:
        InputError: with row and column of the first error.
    """
    if path is None:
        return CostTable({})
    largest = Parameters("input_limit", reference.read("input_limit", region_folder))["source_largest_cost"]
    table = read_table_file(path, optional=SELECTORS, numbers=(COST,))
    costs: dict[tuple[str, str], float] = {}
    places: dict[tuple[str, str], str] = {}
    for row in table:
        filled = [(name, row.texts[name]) for name in SELECTORS if row.texts.get(name)]
        if len(filled) != 1:
            raise row.error(f"expected one of {', '.join(SELECTORS)} in the row", "fill one of them, empty the others")
        if filled[0] in costs:
            raise row.error(f"{filled[0][0]} {filled[0][1]} is repeated", "keep one of the rows")
        if row.numbers[COST] > largest:
            what = f"column {COST}: {row.numbers[COST]:g} is above {largest:g} yuan per day"
            raise row.error(what, "correct the cost; --forbid excludes a source")
        costs[filled[0]], places[filled[0]] = row.numbers[COST], row.place
    return CostTable(costs, places)


def check_selectors(costs: CostTable, known: Mapping[str, Collection[str]]) -> None:
    """Refuse a cost of a line or vehicle measure that does not exist.

    known: identifiers by selector; a selector that is absent is not checked here (its codes are, on reading).

    Raises:
        InputError: for the first such row.
    """
    for name, value in costs.costs:
        if name in known and value not in known[name]:
            what = f"{costs.places.get((name, value), 'costs')}, column {name}: '{shorten(value)}' is unknown"
            raise InputError(what, f"use a {name} that the region has, such as {min(known[name], default='-')}")


def grade_steps(region: Region) -> dict[str, dict[float, float]]:
    """The steps that each grade allows, with their weight."""
    steps: dict[str, dict[float, float]] = {code: {} for code in schema.codes()["grade"]}
    for row in reference.read("grade_step", region.folder).to_pylist():
        steps[row["grade_code"]][row["cut_share"]] = row["cost_weight"]
    return steps


def allowed_shares(steps: Iterable[float], listed_share: float, limit: ProcessLimit) -> list[float]:
    """The shares that may be ordered of a source, the smallest first: no more than its least load leaves.

    steps: of its grade; listed_share: what the list of the region orders of it, 0 for nothing.
    """
    shares = {*steps, *([listed_share] if listed_share > 0 else [])}
    return sorted(share for share in shares if share <= 1 - limit.min_load_share)


def emission_index(cut_kg: Mapping[str, float], base_kg: Mapping[str, float], targets: Mapping[str, float]) -> float:
    """The cost index of a cut: its mean share of the base over the pollutants with a target, in thousandths.

    It says nothing about money. It prefers the least total cut, weighted by grade, where no cost is available.
    """
    shares = [cut_kg.get(code, 0.0) / base_kg[code] for code in sorted(targets) if base_kg.get(code, 0.0) > 0]
    return INDEX_OF_WHOLE_BASE * sum(shares) / len(shares) if shares else 0.0
