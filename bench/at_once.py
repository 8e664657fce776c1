"""Several recalculations at once on PostgreSQL: all end, none is mixed with another, and the audit is complete.

Belongs here: starting them together, and the comparison with what each asked for. Does not: any part of the work.

Each asks for a measure of its own, which cuts k % of everything that can be cut so far. Afterwards each is computed
again alone: every number of every pollutant in the two ledgers must be the same, and no two of different k alike. By
command, each is asked for by a person of its own, and the registry of EMIS_HOME is copied to a PostgreSQL server on
loopback that ends with this program. With --airflow the runs of DAG `alert` are triggered together in a `make airflow`
of EMIS_HOME that runs, and their questions are answered together with a rejection.

    python -m bench.at_once --region jjj --from 2015-12-21 --to 2015-12-22 --count 20 [--airflow]
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
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.trial.airflow_client import ENDED, AirflowClient, answer_together, connect, shell_variables
from bigdata_emis.devstack.postgres import start_postgres
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_record import scenario_transaction

LEVEL = "yellow"
HEADER = "measure_id,alert_level_code,affected_share,cut_share"
PERCENT = 0.01
DAG, OK, LONGEST_S = "alert", 200, 3600.0
EMIS = str(Path(sys.executable).with_name("emis"))


@dataclass(frozen=True)
class Answer:
    """What one recalculation printed, who asked for it, how long it took, and its exit status."""

    number: int
    status: int
    seconds: float
    document: dict[str, Any]
    message: str
    actor: str


Ledger = list[dict[str, Any]]


def main() -> None:
    """Run the recalculations and print the result as one JSON document; status 1 when something is wrong."""
    options = _read_options()
    with tempfile.TemporaryDirectory(prefix="emis-at-once-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        result = _measure_airflow(options, folder) if options.airflow else _measure_commands(options, folder)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(1 if result["problems"] else 0)


def _measure_commands(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    server = start_postgres(folder / "postgres", password=secrets.token_hex(16))
    try:
        os.environ["EMIS_DATABASE"] = _copy_registry(server.ensure_database("emis"))
        began = time.perf_counter()
        answers = _run_together(options, folder)
        seconds = time.perf_counter() - began
        return _judge(options.region, answers, _ledgers_alone(options, folder, answers), seconds)
    finally:
        server.stop()


def _measure_airflow(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    home = settings().home
    os.environ.update(shell_variables(home))
    client, began = connect(home), time.perf_counter()
    runs = {number: client.trigger(DAG, conf=_form(options, number)) for number in _numbers(options)}
    asked_s = _wait_for_questions(client, list(runs.values()))
    answered = answer_together(client, DAG, {run: ("approve", "Reject") for run in asked_s})
    states = {run: client.wait(DAG, run, meanwhile=lambda: None, longest_s=LONGEST_S) for run in runs.values()}
    seconds = time.perf_counter() - began
    answers = [_answer_of_run(client, number, run, asked_s.get(run, seconds)) for number, run in runs.items()]
    result = _judge(options.region, answers, _ledgers_alone(options, folder, answers), seconds)
    result["problems"] += [f"run {run} ended as {state}" for run, state in states.items() if state != "success"]
    result["problems"] += [f"an answer had status {status}" for status in answered if status != OK]
    return result | {"rejections": _count_rejections(options.region, answers)}


def _form(options: argparse.Namespace, number: int) -> dict[str, str]:
    window = {"from": options.start, "to": options.end}
    names = {"region": options.region, "level": LEVEL, "name": f"at-once-{number}", "note": f"one of {options.count}"}
    return {**window, **names, "measures": _measures(number)}


def _wait_for_questions(client: AirflowClient, runs: list[str]) -> dict[str, float]:
    """Wait until each run has asked its question or ended; by run, after how many seconds it was seen to have asked."""
    asked: dict[str, float] = {}
    began = time.perf_counter()
    while len(asked) < len(runs) and time.perf_counter() - began < LONGEST_S:
        for run, _ in client.questions(DAG):
            if run in runs:
                asked.setdefault(run, time.perf_counter() - began)
        if all(run in asked or client.state(DAG, run) in ENDED for run in runs):
            break
        time.sleep(1)
    return asked


def _answer_of_run(client: AirflowClient, number: int, run: str, seconds: float) -> Answer:
    document = client.result(DAG, run, "recalculate")
    return Answer(number, 0 if document else 1, seconds, document, "" if document else f"see run {run}", client.user)


def _count_rejections(region_id: str, answers: list[Answer]) -> int:
    names = {answer.document["scenario"] for answer in answers if answer.document}
    acts = database.read("audit", region_id).to_pylist()
    return sum(act["event"] == "scenario rejected" and act["note"] in names for act in acts)


def _copy_registry(address: str) -> str:
    subprocess.run([EMIS, "registry", "copy", "--to", address], check=True, capture_output=True)
    return address


def _numbers(options: argparse.Namespace) -> range:
    return range(1, options.count + 1)


def _measures(number: int) -> str:
    return f"{HEADER}\nall,{LEVEL},1,{number * PERCENT:.2f}\n"


def _command(options: argparse.Namespace, folder: Path, number: int, name: str) -> list[str]:
    measures = folder / f"measures-{number}.csv"
    measures.write_text(_measures(number), "utf-8")
    command = [EMIS, "recalc", "--region", options.region, "--level", LEVEL, "--from", options.start]
    command += ["--to", options.end, "--measures", str(measures), "--name", f"{name}-{number}"]
    return [*command, "--by", f"person {number}", "--note", f"one of {options.count}", "--json"]


def _ledgers_alone(options: argparse.Namespace, folder: Path, answers: list[Answer]) -> dict[int, Ledger]:
    """The ledger of each that succeeded, computed while nothing else is."""
    commands = {a.number: _command(options, folder, a.number, "alone") for a in answers if a.document}
    return {
        number: json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["ledger"]
        for number, command in commands.items()
    }


def _run_together(options: argparse.Namespace, folder: Path) -> list[Answer]:
    """All commands, started one after the other without waiting."""
    began, running = time.perf_counter(), []
    for number in _numbers(options):
        out, err = (folder / f"{kind}-{number}" for kind in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(_command(options, folder, number, "at-once"), stdout=stdout, stderr=stderr)
            running.append((number, process, out, err))
    answers = []
    while running:
        for one in [one for one in running if one[1].poll() is not None]:
            running.remove(one)
            number, process, out, err = one
            text, message = out.read_text("utf-8"), err.read_text("utf-8").strip()
            document = json.loads(text) if process.returncode == 0 else {}
            seconds = time.perf_counter() - began
            answers.append(Answer(number, process.returncode, seconds, document, message, f"person {number}"))
        time.sleep(0.05)
    return answers


def _judge(region_id: str, answers: list[Answer], alone: dict[int, Ledger], seconds: float) -> dict[str, Any]:
    """Compare scenarios, ledgers and audit with what was asked for."""
    problems = [f"{a} and {b} have the same ledger" for a, b in combinations(sorted(alone), 2) if alone[a] == alone[b]]
    own_acts = 0
    with scenario_transaction(region_id) as registry:
        scenarios = {row["scenario_id"]: row for row in registry.scenarios()}
    audit = database.read("audit", region_id).to_pylist()
    acts = [row for row in audit if row["event"] == "scenario recalculated"]
    for answer in answers:
        if answer.status:
            problems.append(f"{answer.number} ended with status {answer.status}: {answer.message}")
            continue
        name = answer.document["scenario"]
        if others := _differing(answer.document["ledger"], alone[answer.number]):
            problems.append(f"{name} has other numbers than alone for {', '.join(others)}")
        if not name.startswith(f"at-once-{answer.number}-") or name not in scenarios:
            problems.append(f"{answer.number} has no scenario of its name: {name}")
        own = [act for act in acts if act["actor"] == answer.actor and act["note"].startswith(f"{name}:")]
        own_acts += len(own)
        if len(own) != 1:
            problems.append(f"{name} is {len(own)} times in the audit trail")
    numbers = sorted(row["record_number"] for row in audit)  # other acts lie between those of the recalculations
    if numbers != list(range(numbers[0], numbers[0] + len(numbers)) if numbers else []):
        problems.append(f"the numbers of the audit have gaps: {numbers}")
    return {
        "count": len(answers),
        "seconds": round(seconds, 1),
        "seconds_of_each": sorted(round(answer.seconds, 1) for answer in answers),
        "seconds_of_recalculation": sorted(round(a.document["seconds"], 2) for a in answers if a.document),
        "acts": own_acts,
        "problems": problems,
    }


def _differing(ledger: Ledger, alone: Ledger) -> list[str]:
    """The pollutants of which any number differs between two ledgers, or that only one of them has."""
    first, second = ({row["pollutant"]: row for row in one} for one in (ledger, alone))
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", required=True)
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--to", dest="end", required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--airflow", action="store_true", help="through DAG alert of the `make airflow` that runs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
