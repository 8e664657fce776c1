"""Runs that would collide wait or are refused; days and regions that have nothing in common do not wait."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import parse_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
DAY, OTHER_DAY = "2015-12-20", "2015-12-21"
EMIS = [sys.executable, "-c", "from bigdata_emis.cli.app import main; main()"]


FEEDS = """
[power]
format = "json"
address = "{address}"
[power.constants]
interval_min = 60
"""


class SlowProvider(ThreadingHTTPServer):
    """A provider that answers with the day's readings only when the test lets it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.was_asked, self.may_answer = threading.Event(), threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/power"


class _Answer(BaseHTTPRequestHandler):
    server: SlowProvider

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)["from"][0][:10]
        if asked == DAY:
            self.server.was_asked.set()
            self.server.may_answer.wait(120)
        records = [
            {"meter_id": "m1", "interval_start_utc": f"{asked}T{hour:02d}:00:00Z", "energy_kwh": 100.0}
            for hour in range(24)
        ]
        body = json.dumps({"feed": "power", "page": 1, "pages": 1, "records": records}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr, where the commands under test write."""


@pytest.fixture
def provider() -> Iterator[SlowProvider]:
    server = SlowProvider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.may_answer.set()
    server.shutdown()


@pytest.fixture
def slow_town(town, provider):
    """The town, whose provider answers for DAY only when the test lets it."""
    (town.folder / "feeds.toml").write_text(FEEDS.format(address=provider.address), "utf-8")
    return town


def start_command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*EMIS, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_run_of_a_day_is_refused_another_day_is_not_and_the_first_loses_nothing(slow_town, provider):
    first = start_command("day", "--region", "town", "--date", DAY, "--json")
    assert provider.was_asked.wait(120)
    again = slow_town.day()
    assert again.status == 2
    assert f"emis: region town: another process computes {DAY} (" in again.line
    assert again.line.endswith(f"-{first.pid}); wait until it has ended, then try again\n")
    window = ("--region", "town", "--from", OTHER_DAY, "--to", "2015-12-22")
    assert [slow_town.call("run", stage, *window).status for stage in ("collect_power", "clean_power")] == [0, 0]
    provider.may_answer.set()
    out, problem = first.communicate()
    assert first.returncode == 0, problem
    assert {receipt["stage"]: receipt["rows_out"] for receipt in json.loads(out)["receipts"]}["collect_power"] == 24
    assert {path.split("/")[1] for path in slow_town.published if path.endswith(f"/day={DAY}/emission_hourly.parquet")}
    assert slow_town.call("published", "--region", "town", "--verify").status == 0


def test_a_stage_does_not_wait_for_a_provider_but_a_second_collection_of_the_same_feed_does(slow_town, provider):
    window = ("--region", "town", "--from", DAY, "--to", OTHER_DAY, "--json")
    provider.may_answer.set()
    assert [slow_town.call("run", stage, *window).status for stage in ("register", "collect_power")] == [0, 0]
    provider.was_asked.clear()
    provider.may_answer.clear()
    collecting = start_command("run", "collect_power", *window)
    assert provider.was_asked.wait(120)
    assert slow_town.call("run", "clean_power", *window).status == 0
    again = start_command("run", "collect_power", *window)
    assert again.stderr.readline() == f"waiting for another process that works on ingest-power of {DAY}\n"
    provider.may_answer.set()
    problems = [process.communicate()[1] for process in (collecting, again)]
    assert (collecting.returncode, again.returncode) == (0, 0), problems
    assert slow_town.call("run", "clean_power", *window).status == 0
    assert open_lake(load_region("town")).read("power_hourly", [parse_day(DAY)]).num_rows == 24
