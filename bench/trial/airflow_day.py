"""24 simulated hours in a real Airflow on PostgreSQL, with faults, then the day: what was published, lost and seen.

Belongs here: which fault comes in which hour, and what is compared. Does not: the switches of the providers
(provider_proxy), Airflow's API (airflow_client).

The folder holds region jjj of the demonstration up to the day before (prepare). It takes about an hour; every step is a
line of JSON on stdout.

    python -m bench.trial.airflow_day --home FOLDER --day 2015-12-21
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from bench.trial import victims
from bench.trial.airflow_client import AirflowClient, answer_together, connect, shell_variables
from bench.trial.provider_proxy import ProviderProxy, Switches, hour_of
from bigdata_emis.demo.providers.replay import Behaviour, serve
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window, day_window

REGION, COLLECT, INVENTORY, ALERT = "jjj", "collect_jjj", "inventory_jjj", "alert"
FAILING, CUT, KILLED_TASK, KILLED_WORKER, KILLED_SCHEDULER, APPROVALS = 6, 8, 11, 13, 16, 18
FAILING_FEED, CUT_FEED, LOST_FEED, LOST_HOURS = "cems", "traffic", "area_activity", (3, 4, 5)
LONGEST_HOUR_S, LONGEST_DAY_S, LONGEST_ALERT_S = 1200.0, 5400.0, 1800.0
QUESTIONS = 6
FEEDS = {
    "power": "power_reading",
    "district_energy": "district_energy_reading",
    "measured_activity": "measured_activity_reading",
    "cems": "cems_reading",
    "signalling": "signalling_reading",
    "traffic": "traffic_reading",
    "area_activity": "area_activity_reading",
    "air_quality": "air_quality_reading",
    "weather": "weather_reading",
}
PAGE_SIZE = 20_000
SERVICES = [sys.executable, "-m", "bigdata_emis.devstack.services"]


@dataclass
class Trial:
    """The services, the providers, and the hours of one day."""

    home: Path
    window: Window
    client: AirflowClient
    switches: Switches
    killed: list[str] = field(default_factory=list)

    def run_hour(self, hour: int) -> dict[str, Any]:
        """Collect one simulated hour with its fault."""
        began, start = time.monotonic(), self.window.from_utc + timedelta(hours=hour)
        self.switches.now = start + timedelta(hours=1)
        self.switches.failing = {FAILING_FEED} if hour == FAILING else set()
        self.switches.cut = {CUT_FEED} if hour == CUT else set()
        conf = {"from": start.isoformat(), "to": self.switches.now.isoformat()}
        run = self.client.trigger(COLLECT, conf=conf)
        state = self.client.wait(COLLECT, run, meanwhile=self._killer(hour), longest_s=LONGEST_HOUR_S)
        self.switches.failing, self.switches.cut = set(), set()
        tasks = self.client.tasks(COLLECT, run)
        odd = {name: one for name, one in tasks.items() if one["state"] != "success" or one["try"] > 1}
        return {"hour": hour, "run": run, "state": state, "odd": odd, "seconds": round(time.monotonic() - began)}

    def _killer(self, hour: int) -> Callable[[], None]:
        """What kills, once, when a command of a collection runs in the hour of its fault."""
        kinds = {KILLED_TASK: "task", KILLED_WORKER: "worker", KILLED_SCHEDULER: "scheduler"}
        kind, is_done = kinds.get(hour, ""), threading.Event()

        def look() -> None:
            scheduler = victims.scheduler_of(self.home)
            found = victims.running_commands(scheduler) if kind and not is_done.is_set() else []
            if not found:
                return
            one = found[0]
            victims.kill({"task": one.task, "worker": one.worker, "scheduler": scheduler}[kind])
            is_done.set()
            self.killed.append(f"{kind} of {' '.join(one.words[2:5])}")
            say({"killed": self.killed[-1], "hour": hour, "at": datetime.now().astimezone().isoformat()})

        return look

    def approve_at_once(self, count: int) -> dict[str, Any]:
        """As many alerts of the day before as said, all answered in the same moment; the last answer rejects."""
        before = self.window.from_utc - timedelta(days=1)
        hours = {"from": before.isoformat(), "to": self.window.from_utc.isoformat()}
        runs = [
            self.client.trigger(ALERT, conf={"region": REGION, "level": "orange", "name": f"at-once-{number}", **hours})
            for number in range(1, count + 1)
        ]
        deadline = time.monotonic() + LONGEST_ALERT_S
        while len(asked := self._asked(runs)) < count and time.monotonic() < deadline:
            time.sleep(2)
        options = {run: (task, "Reject" if run == runs[-1] else "Approve") for run, task in asked}
        statuses = answer_together(self.client, ALERT, options)
        states = {run: self.client.wait(ALERT, run, meanwhile=_nothing, longest_s=LONGEST_ALERT_S) for run in runs}
        tasks = {run: {name: one["state"] for name, one in self.client.tasks(ALERT, run).items()} for run in runs}
        return {
            "asked": len(asked),
            "answers": statuses,
            "states": list(states.values()),
            "tasks": list(tasks.values()),
        }

    def _asked(self, runs: list[str]) -> list[tuple[str, str]]:
        return [(run, task) for run, task in self.client.questions(ALERT) if run in runs]

    def run_day(self, day: date) -> dict[str, Any]:
        """The inventory of the day."""
        began = time.monotonic()
        run = self.client.trigger(INVENTORY, partition_key=day.isoformat())
        state = self.client.wait(INVENTORY, run, meanwhile=_nothing, longest_s=LONGEST_DAY_S)
        tasks = self.client.tasks(INVENTORY, run)
        odd = {name: one for name, one in tasks.items() if one["state"] != "success" or one["try"] > 1}
        return {
            "day": str(day),
            "state": state,
            "tasks": len(tasks),
            "odd": odd,
            "seconds": round(time.monotonic() - began),
        }


def main() -> None:
    """Start providers and services, run the hours and the day, and print what was seen."""
    options = _read_options()
    os.environ["EMIS_HOME"] = str(options.home)
    day = date.fromisoformat(options.day)
    window, token = day_window(day, load_region(REGION).time_zone), secrets.token_urlsafe()
    upstream, stop_replay = serve(options.home / "providers" / REGION, token=token, behaviour=Behaviour({}, 0))
    lost = {LOST_FEED: {window.from_utc + timedelta(hours=hour) for hour in LOST_HOURS}}
    proxy = ProviderProxy(upstream, Switches(window.from_utc, lost=lost))
    os.environ.update(EMIS_FEEDS_ADDRESS=proxy.address, EMIS_FEED_TOKEN=token)
    subprocess.run([*SERVICES, "--detach"], check=True, stdout=subprocess.DEVNULL)
    try:
        _run_all(options, Trial(options.home, window, connect(options.home), proxy.switches), day)
        _report(options.home, proxy, compare_rows(upstream, token, window, day, lost))
        threading.Event().wait(None if options.stay else 0)
    finally:
        subprocess.run([*SERVICES, "--stop"], check=False)
        proxy.stop()
        stop_replay()


def _report(home: Path, proxy: ProviderProxy, rows: dict[str, dict[str, int]]) -> None:
    """What the lake, the providers, `emis runs` and `emis published` say after the day."""
    say({"rows": rows})
    say({"answers of the providers": {f"{feed} {what}": n for (feed, what), n in proxy.switches.answers.items()}})
    say({"runs that did not succeed": _emis(home, "runs", "--failed", "--limit", "200", "--json")["runs"]})
    say({"published": _emis(home, "published", "--region", REGION, "--json")["versions"]})


def _run_all(options: argparse.Namespace, trial: Trial, day: date) -> None:
    for hour in range(options.first_hour, 24):
        say(trial.run_hour(hour))
        if hour == APPROVALS:
            say({"approvals": trial.approve_at_once(QUESTIONS)})
    say({"day": trial.run_day(day)})


def compare_rows(
    upstream: str, token: str, window: Window, day: date, lost: dict[str, set[datetime]]
) -> dict[str, dict[str, int]]:
    """By feed: records that the provider has by now, how many of them are distinct, and rows of the day in the lake.

    A record that one answer has twice is two rows, which cleaning finds; one that several answers have is one row.
    """
    store, found = open_lake(load_region(REGION)), {}
    for feed, table in FEEDS.items():
        records = _provider_records(f"{upstream}/{feed}", token, window)
        kept = [json.dumps(one, sort_keys=True) for one in records if hour_of(one) not in lost.get(feed, ())]
        newest = store.versions(table, [day])[-1]
        found[feed] = {"records": len(kept), "distinct": len(set(kept)), "lake": newest.rows}
    return found


def _provider_records(address: str, token: str, window: Window) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    page = pages = 1
    while page <= pages:
        query = {"from": window.from_utc.isoformat(), "to": window.to_utc.isoformat(), "page": str(page)}
        found = requests.get(
            address,
            params={**query, "page_size": str(PAGE_SIZE)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ).json()
        records, pages, page = records + found["records"], found["pages"], page + 1
    return records


def _emis(home: Path, *words: str) -> Any:
    """What a command prints on the registry of the services."""
    command = [str(Path(sys.executable).with_name("emis")), *words]
    variables = os.environ | shell_variables(home)
    return json.loads(subprocess.run(command, env=variables, capture_output=True, check=True).stdout)


def say(document: dict[str, Any]) -> None:
    """Print one step of the trial."""
    print(json.dumps(document, ensure_ascii=False, default=str), flush=True)


def _nothing() -> None:
    """Wait without doing anything."""


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--day", default="2015-12-21")
    parser.add_argument("--first-hour", type=int, default=0, help="after a trial that was interrupted")
    parser.add_argument("--stay", action="store_true", help="leave the services running")
    return parser.parse_args()


if __name__ == "__main__":
    main()
