"""The least-cost set of measures of a region, level and window, from its published or projected inventory.

Belongs here: what is read, in which order it is computed, what is written. Does not: the steps (candidates), the search
(least_cost), the document (optimisation_document).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis import schema
from bigdata_emis.codes import BaseSource, CostSource
from bigdata_emis.control.inventory_versions import InventoryVersions
from bigdata_emis.control.optimise.candidates import Candidates, StepRules, build_candidates, measures_of
from bigdata_emis.control.optimise.cost_table import CostTable, check_selectors, grade_steps, read_costs
from bigdata_emis.control.optimise.inventory_probe import InventoryProbe, KgBySource, total_kg
from bigdata_emis.control.optimise.measure_file import write_measures
from bigdata_emis.control.optimise.optimisation_document import OptimisationDocument, OptimisationFacts, describe_answer
from bigdata_emis.control.optimise.orders import Orders, check_sources, read_orders, read_targets
from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
from bigdata_emis.control.scenario.measures import load_measures, require_active_measures
from bigdata_emis.control.scenarios_in_force import scenarios_in_force
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.window import Window

YUAN, INDEX = "CNY", "index"
UNKNOWN_DISTRICT = "unknown"
MOST_DISTRICTS = 20
"""Each district and pollutant is a dense row of the programme: hundreds of them would take too long."""

Row = dict[str, Any]


@dataclass(frozen=True)
class OptimisationFiles:
    """The files that a user may give: each has a default, or is absent."""

    measures: Path | None = None
    targets: Path | None = None
    costs: Path | None = None
    required: Path | None = None
    forbidden: Path | None = None
    out: Path | None = None


def optimise_region(
    *,
    region: Region,
    level: str,
    window: Window,
    files: OptimisationFiles,
    fairness: FairnessBound | None = None,
    store: Store | None = None,
) -> OptimisationDocument:
    """Choose the measures that reach the targets of a level at least cost; with `files.out` also write them.

    Raises:
        InputError: a file, the level or the window is wrong.
        RefusedError: no hour of the window has an inventory, published or projected, or a day has no control basis.
    """
    began = time.perf_counter()
    lake = store or open_lake(region)
    targets, orders = read_targets(region, level, files.targets), read_orders(files.required, files.forbidden)
    costs = read_costs(files.costs, region.folder)
    listed = require_active_measures(load_measures(region, files.measures), level)
    inventory = _inventory(lake, region, window)
    in_force = scenarios_in_force(region, window, lake)
    probe = InventoryProbe(region, level, window, inventory, lake, tuple(in_force.orders.values()))
    baseline_kg = probe.baseline_kg()
    line_ids = set(probe.sources()["source_id"].to_pylist())
    check_selectors(costs, {"production_line_id": line_ids, "measure_id": {m.measure_id for m in listed}})
    base_kg = total_kg(baseline_kg)
    district_of = _districts(region, baseline_kg) if fairness else {}
    rules = StepRules(listed, grade_steps(region), costs, district_of, targets)
    candidates = build_candidates(probe, rules, baseline_kg=baseline_kg, base_kg=base_kg)
    problem = make_problem(candidates, orders, base_kg, targets, fairness, _district_base(baseline_kg, district_of))
    best = find_least_cost(problem)
    measures = [] if best is None else measures_of(candidates, [problem.steps[position] for position in best.chosen])
    if best is not None and files.out is not None:
        write_measures(files.out, measures, region.notices.values())
    return {
        **describe_answer(problem, best, schema.codes()["pollutant"], unjudged=probe.unjudged_pollutants()),
        **_facts(region, level, window, costs, candidates, problem, inventory),
        "base_source": BaseSource.MEASURES_UNKNOWN if in_force.without_measures else probe.base_source,
        "in_force": sorted([*in_force.orders, *in_force.without_measures]),
        "measure_rows": len(measures),
        "out": str(files.out) if files.out and best is not None else None,
        "seconds": time.perf_counter() - began,
    }


def make_problem(
    candidates: Candidates,
    orders: Orders,
    base_kg: dict[str, float],
    targets: dict[str, float],
    fairness: FairnessBound | None,
    district_base_kg: KgBySource,
) -> OptimisationProblem:
    """The problem of a region: candidates without what is forbidden, and with what is required.

    Raises:
        InputError: a required or forbidden source has no candidate step.
    """
    check_sources(orders, {step.source_id for step in candidates.steps})
    return OptimisationProblem(
        steps=tuple(step for step in candidates.steps if orders.allows(step)),
        base_kg=base_kg,
        target_shares=targets,
        fairness=fairness,
        district_base_kg=district_base_kg,
        required_sources=frozenset(orders.required),
    )


def _facts(
    region: Region,
    level: str,
    window: Window,
    costs: CostTable,
    candidates: Candidates,
    problem: OptimisationProblem,
    inventory: InventoryVersions,
) -> OptimisationFacts:
    days = window.days(region.time_zone)
    return {
        "region": region.region_id,
        "level": level,
        "from_utc": window.from_utc.isoformat(),
        "to_utc": window.to_utc.isoformat(),
        "cost_source_code": str(costs.source_code),
        "cost_unit": YUAN if costs.source_code == CostSource.USER_TABLE else INDEX,
        "candidate_steps": len(problem.steps),
        "candidate_sources": len(problem.positions_by_source),
        "sources_without_cost": list(candidates.without_cost),
        "days_without_inventory": [str(day) for day in days if day not in (*inventory.days, *inventory.projected_days)],
        "projected_days": [str(day) for day in inventory.projected_days],
        "inputs": {
            table: {day: version.version for day, version in by_day.items()}
            for table, by_day in inventory.inputs().items()
        },
    }


def _inventory(lake: Store, region: Region, window: Window) -> InventoryVersions:
    days = window.days(region.time_zone)
    inventory = published_or_projected_versions(lake, days)
    if not inventory.days and not inventory.projected_days:
        what = f"region {region.region_id} has no published inventory from {window.from_utc.isoformat()}"
        remedy = f"run emis day --region {region.region_id} --date {days[0]}"
        raise RefusedError(f"{what} to {window.to_utc.isoformat()}", remedy)
    return inventory


def _districts(region: Region, source_ids: Iterable[str]) -> dict[str, str]:
    from bigdata_emis.storage import database

    database.require_readable()
    links = set(database.read("road_link", region.region_id)["link_id"].to_pylist())
    tables = ("enterprise", "production_line", "activity_area")
    rows = [database.read(name, region.region_id).to_pylist() for name in tables]
    return name_districts([source for source in source_ids if source not in links], *rows)


def name_districts(
    source_ids: Iterable[str], enterprises: list[Row], lines: list[Row], areas: list[Row]
) -> dict[str, str]:
    """The county of each plant and area, or its city where there are many counties; `unknown` for one without.

    Raises:
        InputError: no source has a county or city, or there are more than MOST_DISTRICTS of both.
    """
    listed, counts = sorted(source_ids), []
    for column in ("county_id", "city_name"):
        of_enterprise = {row["enterprise_id"]: row[column] for row in enterprises}
        places = {row["activity_area_id"]: row[column] for row in areas}
        places |= {row["production_line_id"]: of_enterprise.get(row["enterprise_id"]) for row in lines}
        of_source = {source: places.get(source) or UNKNOWN_DISTRICT for source in listed}
        counts.append(len(set(of_source.values())))
        if set(of_source.values()) != {UNKNOWN_DISTRICT} and counts[-1] <= MOST_DISTRICTS:
            return of_source
    what = f"the sources lie in {counts[0]} counties and {counts[1]} cities: expected 2 to {MOST_DISTRICTS} districts"
    raise InputError(what, "fill county_id or city_name in registry/enterprise.csv, or omit --fair-districts")


def _district_base(baseline_kg: KgBySource, district_of: dict[str, str]) -> KgBySource:
    by_district: KgBySource = {}
    for source_id in sorted(district_of):
        sums = by_district.setdefault(district_of[source_id], {})
        for code, kg in baseline_kg[source_id].items():
            sums[code] = sums.get(code, 0.0) + kg
    return by_district
