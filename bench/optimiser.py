"""Time of the least-cost search with everything around it: 5,000 sources that can be ordered one of three steps.

Belongs here: the problem, drawn from a seed, and the measurement. Does not: any part of the search.

    python bench/optimiser.py --sources 5000 --runs 3
    python bench/optimiser.py --fair-districts 0.05           the burden of 16 districts is bounded
"""

import argparse
import json
import os
import time

import numpy as np

from bigdata_emis import schema
from bigdata_emis.control.optimise.optimisation_document import describe_answer
from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from bigdata_emis.control.optimise.search.problem import CandidateStep, FairnessBound, OptimisationProblem

POLLUTANTS = ("SO2", "NOx", "VOCs", "PM10", "PM2.5")
STEP_SHARES = (0.2, 0.35, 0.5)
TARGET_SHARE = 0.2
DISTRICTS = 16
UNCONTROLLED_SHARE = 0.4
"""Of the emission of the region that no step reaches, as traffic and households."""


def main() -> None:
    """Solve the problem, print one JSON document for each run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, default in (("sources", 5000), ("runs", 3), ("seed", 1)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--fair-districts", type=float, help="margin between districts, in share of the whole")
    options = arguments.parse_args()
    for number in range(options.runs):
        problem = draw_problem(options.sources, seed=options.seed, margin_share=options.fair_districts)
        print(json.dumps({"run": number + 1, "sources": options.sources, **time_search(problem)}))


def draw_problem(sources: int, *, seed: int, margin_share: float | None = None) -> OptimisationProblem:
    """Sources with lognormal emission and cost for each kilogram; a district each, whose emission differs."""
    random = np.random.default_rng(seed)
    emission_kg = np.exp(random.normal(4.0, 1.5, (sources, len(POLLUTANTS))))
    costs = emission_kg.sum(axis=1) * np.exp(random.normal(0.0, 0.8, sources))
    district = random.choice(DISTRICTS, sources, p=random.dirichlet(np.full(DISTRICTS, 4.0)))
    steps = [
        CandidateStep(
            f"source-{number:05d}",
            share,
            float(costs[number] * share**1.2),
            {code: float(kg) * share for code, kg in zip(POLLUTANTS, emission_kg[number], strict=True)},
            f"district-{district[number]:02d}",
        )
        for number in range(sources)
        for share in STEP_SHARES
    ]
    totals = emission_kg.sum(axis=0)
    of_district = {
        f"district-{place:02d}": dict(
            zip(POLLUTANTS, map(float, emission_kg[district == place].sum(axis=0)), strict=True)
        )
        for place in range(DISTRICTS)
    }
    return OptimisationProblem(
        steps=tuple(steps),
        base_kg=dict(zip(POLLUTANTS, map(float, totals / (1 - UNCONTROLLED_SHARE)), strict=True)),
        target_shares=dict.fromkeys(POLLUTANTS, TARGET_SHARE),
        fairness=None if margin_share is None else FairnessBound(margin_share),
        district_base_kg=of_district,
    )


def time_search(problem: OptimisationProblem) -> dict[str, object]:
    """Wall and CPU seconds of the set alone and with all that is around it, and how far from the optimum it may be."""
    began, began_cpu = time.perf_counter(), time.process_time()
    best = find_least_cost(problem)
    set_s = time.perf_counter() - began
    answer = describe_answer(problem, best, schema.codes()["pollutant"])
    return {
        "steps": len(problem.steps),
        "status": answer["status"],
        "set_s": round(set_s, 2),
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - began_cpu, 2),
        "load_1min": round(os.getloadavg()[0], 1),
        "cost": answer["cost"],
        "gap_share": answer["gap_share"],
        "curve": [(row["target_scale"], row["cost"]) for row in answer["curve"]],
    }


if __name__ == "__main__":
    main()
