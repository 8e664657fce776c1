"""`make bench`: every contender on every workload, each run in a fresh process, and one table of what they took.

Belongs here: options, order of runs, the table. Does not: measurement (measure), work (work) or totals (totals).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.generate import inputs
from bench.measure import Measured, measured
from bench.sizes import LEARNING, SIZES, WORKLOADS, Size, scratch
from bench.totals import Totals, differences, totals
from bench.work import FLOOR, results_of, rivals

REPOSITORY = Path(__file__).parents[1]
RECALCULATION = "recalculation"
ALL = (*WORKLOADS, *LEARNING, RECALCULATION)
RECALCULATED_HOURS = 72
ABOUT = "Time our stages beside plain scripts: Polars and DuckDB, and for the models a loop in pandas and NumPy."
SIZES_TOLD = "S, M or L: about 1, 10 or 50 million rows; models of 100, 500 or 10,000 lines from a year of hours (L needs 2 GB of disk)"
LEAST_WIDTH = 106
ERRORS = Console(stderr=True)


@dataclass
class Row:
    """The best of the runs of one contender on one workload.

    Ratios are of the work without start-up; that of CPU seconds, of the whole process, says more on a machine that others use too.
    """

    workload: str
    contender: str
    work_s: float
    wall_s: float
    cpu_s: float
    peak_mb: float
    steps: dict[str, float] = field(default_factory=dict)
    to_best_rival: float | None = None
    cpu_to_best_rival: float | None = None
    to_floor: float | None = None
    agrees: bool | None = None


def main() -> None:
    asked = arguments()
    size = SIZES[asked.size]
    rows = [row for workload in asked.workloads for row in compared(workload, size, asked)]
    load = os.getloadavg()
    if asked.json:
        print(
            json.dumps(
                {"size": size.name, "cores": os.cpu_count(), "load": load, "rows": [asdict(row) for row in rows]}
            )
        )
    else:
        Console(width=max(Console().width, LEAST_WIDTH)).print(
            as_table(rows, f"size {size.name}, {os.cpu_count()} cores, load {load[0]:.1f} (5 min {load[1]:.1f})")
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=ABOUT)
    parser.add_argument("size", nargs="?", default="S", choices=sorted(SIZES), help=SIZES_TOLD)
    parser.add_argument("--workloads", type=_names(ALL), default=[*ALL], help=f"comma-separated: {', '.join(ALL)}")
    parser.add_argument(
        "--engines", type=_names(("sail", "spark")), default=["sail"], help="sail, spark or both: sail,spark"
    )
    parser.add_argument("--repeats", type=int, default=1, help="the best of so many runs counts")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return parser.parse_args()


def _names(known: tuple[str, ...]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        chosen = text.split(",")
        if set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"use {', '.join(known)}")
        return chosen

    return names


def compared(workload: str, size: Size, asked: argparse.Namespace) -> list[Row]:
    """The rows of one workload, totals compared and ratios filled in."""
    if workload == RECALCULATION:
        return [recalculated(size, asked.repeats)]
    with ERRORS.status(f"{workload} {size.name}: inputs …"):
        inputs(size, workload)
    rows, reference = [], None
    floors = () if workload in LEARNING else (FLOOR,)
    for contender in (*asked.engines, *rivals(workload), *floors):
        with ERRORS.status(f"{workload} {size.name}: {contender} …"):
            row = best(workload, contender, size, asked.repeats)
            found = totals(results_of(workload, contender, size), workload) if contender != FLOOR else None
        reference = reference or found
        row.agrees = agrees(row, reference, found)
        ERRORS.print(
            f"{workload} {size.name} {contender}: {row.work_s:.2f} s, {row.cpu_s:.2f} CPU-s, {row.peak_mb:.0f} MB",
            highlight=False,
        )
        rows.append(row)
    return related(rows)


def agrees(row: Row, reference: Totals | None, found: Totals | None) -> bool | None:
    """Whether the totals are those of the first engine; the first to differ ends the benchmark, since its times mean nothing."""
    if found is None or reference is None:
        return None
    wrong = differences(reference, found)
    if wrong:
        raise SystemExit(f"{row.workload}: {row.contender} gives other totals: " + "; ".join(wrong[:5]))
    return True


def best(workload: str, contender: str, size: Size, repeats: int) -> Row:
    """The quickest of some runs, each in a fresh process."""
    command = [sys.executable, "-m", "bench.work", workload, contender, size.name]
    runs = [
        measured(command, cwd=REPOSITORY, environment={**os.environ, "EMIS_HOME": str(scratch().parent)})
        for _ in range(repeats)
    ]
    return min((_row(workload, contender, run) for run in runs), key=lambda row: row.work_s)


def _row(workload: str, contender: str, run: Measured) -> Row:
    steps = json.loads(run.output.splitlines()[-1])
    return Row(workload, contender, steps.pop("work"), run.wall_s, run.cpu_s, run.peak_mb, steps)


def related(rows: list[Row]) -> list[Row]:
    plain = [row for row in rows if row.contender in rivals(row.workload)]
    if not plain:
        return rows
    rival, rival_cpu = min(row.work_s for row in plain), min(row.cpu_s for row in plain)
    floor = next((row.work_s for row in rows if row.contender == FLOOR), None)
    for row in rows:
        row.to_best_rival, row.cpu_to_best_rival = row.work_s / rival, row.cpu_s / rival_cpu
        row.to_floor = row.work_s / floor if floor else None
    return rows


def recalculated(size: Size, repeats: int) -> Row:
    """The emergency recalculation as a person would call it, start-up included; bench/recalculation.py makes its inputs."""
    folder = scratch() / f"recalculation-{size.name}"
    command = [
        sys.executable,
        str(REPOSITORY / "bench" / "recalculation.py"),
        "--plants",
        str(size.recalculated_plants),
        "--links",
        str(size.recalculated_links),
        "--hours",
        str(RECALCULATED_HOURS),
        "--runs",
        str(repeats),
        "--scratch",
        str(folder),
    ]
    with ERRORS.status(f"{RECALCULATION} {size.name} …"):
        run = measured(command, cwd=REPOSITORY, environment=dict(os.environ))
    quickest = min(
        (json.loads(line) for line in run.output.splitlines() if line.startswith("{")), key=lambda told: told["wall_s"]
    )
    return Row(
        RECALCULATION, "emis recalc", quickest["inside_s"], quickest["wall_s"], quickest["cpu_s"], quickest["peak_mb"]
    )


def as_table(rows: list[Row], title: str) -> Table:
    table = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        caption="work: without start of process and engine · wall: the whole process · × rival, × CPU, × copy: work and CPU beside the best plain script,"
        " and work beside reading and writing the readings · equal: rows and sums agree to 1e-9",
    )
    for name in ("workload", "contender"):
        table.add_column(name, no_wrap=True)
    for name in ("work s", "wall s", "CPU s", "peak MB", "× rival", "× CPU", "× copy", "equal"):
        table.add_column(name, justify="right", no_wrap=True)
    before = ""
    for row in rows:
        if before and row.workload != before:
            table.add_section()
        table.add_row("" if row.workload == before else row.workload, row.contender, *cells(row))
        before = row.workload
    return table


def cells(row: Row) -> Iterator[str]:
    yield from (f"{row.work_s:.2f}", f"{row.wall_s:.2f}", f"{row.cpu_s:.2f}", f"{row.peak_mb:.0f}")
    yield from (f"{ratio:.1f}" if ratio else "" for ratio in (row.to_best_rival, row.cpu_to_best_rival, row.to_floor))
    yield {True: "yes", False: "NO", None: ""}[row.agrees]


if __name__ == "__main__":
    main()
