"""Inputs of a workload at the smallest size, and the totals of our stages on them."""

from pathlib import Path

from bench.generate import make_inputs
from bench.sizes import SIZES, make_context
from bench.stage_runs import stage_run
from bench.totals import Totals, compute_totals

TINY = SIZES["tiny"]


def run_stages(workload: str, home: Path) -> tuple[Path, Totals]:
    """Input folder and totals; EMIS_HOME must be `home`."""
    folder = make_inputs(TINY, workload)
    stage_run(workload)(folder, home / "stages", make_context(TINY, workload))
    return folder, compute_totals(home / "stages", workload)
