"""Several recalculations at once on PostgreSQL: all end, none is mixed with another, and the audit is complete.

Belongs here: starting them together, and the comparison with what each asked for. Does not: any part of the work.

Each asks, as a person of its own, for a measure of its own, which cuts k % of everything; the largest share in the
ledger of its scenario must be k % (a process at its least load cuts less of its pollutants). The registry of EMIS_HOME
is copied to a PostgreSQL server on loopback that ends with this program.

    python -m bench.at_once --region jjj --from 2015-12-20 --to 2015-12-21 --count 20
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis.devstack.postgres import start_postgres
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_record import scenario_transaction

LEVEL = "yellow"
HEADER = "measure_id,alert_level_code,affected_share,cut_share"
TOLERANCE = 1e-9
PERCENT = 0.01
EMIS = str(Path(sys.executable).with_name("emis"))


@dataclass(frozen=True)
class Answer:
    """What one recalculation printed, how long it took, and its exit status."""

    number: int
    status: int
    seconds: float
    document: dict[str, Any]
    message: str


def main() -> None:
    """Run the recalculations and print the result as one JSON document; status 1 when something is wrong."""
    options = _read_options()
    with tempfile.TemporaryDirectory(prefix="emis-at-once-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = start_postgres(folder / "postgres", password=secrets.token_hex(16))
        try:
            os.environ["EMIS_DATABASE"] = _copy_registry(server.ensure_database("emis"))
            began = time.perf_counter()
            answers = _run_together(options, folder)
            result = _judge(options.region, answers, time.perf_counter() - began)
        finally:
            server.stop()
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(1 if result["problems"] else 0)


def _copy_registry(address: str) -> str:
    subprocess.run([EMIS, "registry", "copy", "--to", address], check=True, capture_output=True)
    return address


def _run_together(options: argparse.Namespace, folder: Path) -> list[Answer]:
    """All commands, started one after the other without waiting."""
    began, running = time.perf_counter(), []
    for number in range(1, options.count + 1):
        measures = folder / f"measures-{number}.csv"
        measures.write_text(f"{HEADER}\nall,{LEVEL},1,{number * PERCENT:.2f}\n", "utf-8")
        command = [EMIS, "recalc", "--region", options.region, "--level", LEVEL, "--from", options.start]
        command += ["--to", options.end, "--measures", str(measures), "--name", f"at-once-{number}"]
        command += ["--by", f"person {number}", "--note", f"one of {options.count}", "--json"]
        out, err = (folder / f"{kind}-{number}" for kind in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            running.append((number, subprocess.Popen(command, stdout=stdout, stderr=stderr), out, err))
    answers = []
    while running:
        for one in [one for one in running if one[1].poll() is not None]:
            running.remove(one)
            number, process, out, err = one
            text = out.read_text("utf-8")
            document = json.loads(text) if process.returncode == 0 else {}
            seconds = time.perf_counter() - began
            answers.append(Answer(number, process.returncode, seconds, document, err.read_text("utf-8").strip()))
        time.sleep(0.05)
    return answers


def _judge(region_id: str, answers: list[Answer], seconds: float) -> dict[str, Any]:
    """Compare scenarios, ledgers and audit with what was asked for."""
    problems = []
    with scenario_transaction(region_id) as registry:
        scenarios = {row["scenario_id"]: row for row in registry.scenarios()}
    acts = [row for row in database.read("audit", region_id).to_pylist() if row["event"] == "scenario recalculated"]
    for answer in answers:
        if answer.status:
            problems.append(f"{answer.number} ended with status {answer.status}: {answer.message}")
            continue
        name = answer.document["scenario"]
        shares = [row["cut_share"] for row in answer.document["ledger"] if row["baseline_kg"] > 0]
        if abs(max(shares, default=0.0) - answer.number * PERCENT) > TOLERANCE:
            problems.append(f"{name} cuts at most {max(shares, default=0.0):.6f}")
        if not name.startswith(f"at-once-{answer.number}-") or name not in scenarios:
            problems.append(f"{answer.number} has no scenario of its name: {name}")
        own = [act for act in acts if act["actor"] == f"person {answer.number}" and act["note"].startswith(f"{name}:")]
        if len(own) != 1:
            problems.append(f"{name} is {len(own)} times in the audit trail")
    numbers = sorted(act["record_number"] for act in acts)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers)) if numbers else []):
        problems.append(f"the numbers of the audit have gaps: {numbers}")
    return {
        "count": len(answers),
        "seconds": round(seconds, 1),
        "seconds_of_each": sorted(round(answer.seconds, 1) for answer in answers),
        "seconds_of_recalculation": sorted(round(a.document["seconds"], 2) for a in answers if a.document),
        "acts": len(acts),
        "problems": problems,
    }


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", required=True)
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--to", dest="end", required=True)
    parser.add_argument("--count", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
