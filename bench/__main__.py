"""`make bench`: every contender on every workload, each run in a new process, as one table.

Belongs here: options, order of runs, the table. Does not: measurement (measure), single runs (run_once), totals
(totals).
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

from bench.generate import make_inputs
from bench.measure import Usage, measure_command
from bench.run_once import FLOOR, results_folder, rivals
from bench.sizes import MODEL_WORKLOADS, SIZES, WORKLOADS, Size, scratch_folder
from bench.totals import Totals, compute_totals, find_differences

REPOSITORY = Path(__file__).parents[1]
RECALCULATION = "recalculation"
ALL = (*WORKLOADS, *MODEL_WORKLOADS, RECALCULATION)
RECALCULATED_HOURS = 72
ABOUT = "Time our stages and plain scripts: Polars and DuckDB, and for the models a loop in pandas and NumPy."
SIZES_HELP = (
    "S, M or L: about 1, 10 or 50 million rows; models of 100, 500 or 10,000 lines from a year of hours "
    "(L needs 2 GB of disk)"
)
MIN_WIDTH = 106
ERRORS = Console(stderr=True)


@dataclass
class Row:
    """The fastest run of one contender on one workload.

    `to_best_rival` and `to_floor` are ratios of the work without start-up. `cpu_to_best_rival` is the ratio of CPU
    seconds of the whole process, which is more reliable on a machine with other load.
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
    options = parse_arguments()
    size = SIZES[options.size]
    rows = [row for workload in options.workloads for row in compare_contenders(workload, size, options)]
    load = os.getloadavg()
    if options.json:
        print(
            json.dumps(
                {"size": size.name, "cores": os.cpu_count(), "load": load, "rows": [asdict(row) for row in rows]}
            )
        )
    else:
        Console(width=max(Console().width, MIN_WIDTH)).print(
            build_table(rows, f"size {size.name}, {os.cpu_count()} cores, load {load[0]:.1f} (5 min {load[1]:.1f})")
        )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=ABOUT)
    parser.add_argument("size", nargs="?", default="S", choices=sorted(SIZES), help=SIZES_HELP)
    parser.add_argument("--workloads", type=_name_list(ALL), default=[*ALL], help=f"comma-separated: {', '.join(ALL)}")
    parser.add_argument(
        "--engines", type=_name_list(("sail", "spark")), default=["sail"], help="sail, spark or both: sail,spark"
    )
    parser.add_argument("--repeats", type=int, default=1, help="number of runs; the fastest counts")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return parser.parse_args()


def _name_list(allowed: tuple[str, ...]) -> Callable[[str], list[str]]:
    def parse_names(text: str) -> list[str]:
        chosen = text.split(",")
        if set(chosen) - set(allowed):
            raise argparse.ArgumentTypeError(f"use {', '.join(allowed)}")
        return chosen

    return parse_names


def compare_contenders(workload: str, size: Size, options: argparse.Namespace) -> list[Row]:
    """The rows of one workload, with their totals compared and their ratios."""
    if workload == RECALCULATION:
        return [time_recalculation(size, options.repeats)]
    with ERRORS.status(f"{workload} {size.name}: inputs …"):
        make_inputs(size, workload)
    rows, reference = [], None
    floors = () if workload in MODEL_WORKLOADS else (FLOOR,)
    for contender in (*options.engines, *rivals(workload), *floors):
        with ERRORS.status(f"{workload} {size.name}: {contender} …"):
            row = fastest_run(workload, contender, size, options.repeats)
            totals = None if contender == FLOOR else compute_totals(results_folder(workload, contender, size), workload)
        reference = reference or totals
        row.agrees = check_totals(row, reference, totals)
        ERRORS.print(
            f"{workload} {size.name} {contender}: {row.work_s:.2f} s, {row.cpu_s:.2f} CPU-s, {row.peak_mb:.0f} MB",
            highlight=False,
        )
        rows.append(row)
    return add_ratios(rows)


def check_totals(row: Row, reference: Totals | None, totals: Totals | None) -> bool | None:
    """Whether the totals equal those of the first engine; None where there are none.

    Raises SystemExit when they differ, since the time of a wrong result means nothing.
    """
    if totals is None or reference is None:
        return None
    differences = find_differences(reference, totals)
    if differences:
        raise SystemExit(f"{row.workload}: {row.contender} has different totals: " + "; ".join(differences[:5]))
    return True


def fastest_run(workload: str, contender: str, size: Size, repeats: int) -> Row:
    """The fastest of some runs, each in a new process."""
    command = [sys.executable, "-m", "bench.run_once", workload, contender, size.name]
    runs = [
        measure_command(command, cwd=REPOSITORY, environment={**os.environ, "EMIS_HOME": str(scratch_folder().parent)})
        for _ in range(repeats)
    ]
    return min((_row(workload, contender, run) for run in runs), key=lambda row: row.work_s)


def _row(workload: str, contender: str, run: Usage) -> Row:
    steps = json.loads(run.output.splitlines()[-1])
    return Row(workload, contender, steps.pop("work"), run.wall_s, run.cpu_s, run.peak_mb, steps)


def add_ratios(rows: list[Row]) -> list[Row]:
    """The rows with their ratios to the fastest plain script and to the floor."""
    plain = [row for row in rows if row.contender in rivals(row.workload)]
    if not plain:
        return rows
    rival, rival_cpu = min(row.work_s for row in plain), min(row.cpu_s for row in plain)
    floor = next((row.work_s for row in rows if row.contender == FLOOR), None)
    for row in rows:
        row.to_best_rival, row.cpu_to_best_rival = row.work_s / rival, row.cpu_s / rival_cpu
        row.to_floor = row.work_s / floor if floor else None
    return rows


def time_recalculation(size: Size, repeats: int) -> Row:
    """The emergency recalculation as a command, start-up included.

    Its inputs come from bench/recalculation.py.
    """
    folder = scratch_folder() / f"recalculation-{size.name}"
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
        run = measure_command(command, cwd=REPOSITORY, environment=dict(os.environ))
    fastest = min(
        (json.loads(line) for line in run.output.splitlines() if line.startswith("{")),
        key=lambda document: document["wall_s"],
    )
    return Row(
        RECALCULATION, "emis recalc", fastest["inside_s"], fastest["wall_s"], fastest["cpu_s"], fastest["peak_mb"]
    )


def build_table(rows: list[Row], title: str) -> Table:
    table = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        caption="work: without start of process and engine · wall: the whole process · × rival, × CPU: work and CPU "
        "over those of the best plain script · × copy: work over that of copying the readings · "
        "equal: rows and sums agree to 1e-9",
    )
    for name in ("workload", "contender"):
        table.add_column(name, no_wrap=True)
    for name in ("work s", "wall s", "CPU s", "peak MB", "× rival", "× CPU", "× copy", "equal"):
        table.add_column(name, justify="right", no_wrap=True)
    previous = ""
    for row in rows:
        if previous and row.workload != previous:
            table.add_section()
        table.add_row("" if row.workload == previous else row.workload, row.contender, *format_cells(row))
        previous = row.workload
    return table


def format_cells(row: Row) -> Iterator[str]:
    yield from (f"{row.work_s:.2f}", f"{row.wall_s:.2f}", f"{row.cpu_s:.2f}", f"{row.peak_mb:.0f}")
    yield from (f"{ratio:.1f}" if ratio else "" for ratio in (row.to_best_rival, row.cpu_to_best_rival, row.to_floor))
    yield {True: "yes", False: "NO", None: ""}[row.agrees]


if __name__ == "__main__":
    main()
