"""Regions with feeds, dropped files and a provider on loopback, for the tests of collecting."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window
from tests.loopback import serving

ZONE = "Asia/Shanghai"
DAY = dt.date(2015, 12, 20)
START = day_window(DAY, ZONE).from_utc
HOUR = dt.timedelta(hours=1)
MIDNIGHT = dt.datetime(2015, 12, 21, tzinfo=dt.UTC)
"""Eight hours after the end of the local day."""
NAMES = {"meterNo": "meter_id", "startTime": "interval_start_utc", "kWh": "energy_kwh"}
POWER = {"format": "csv", "drop": "drop/{day}.csv", "columns": NAMES, "constants": {"interval_min": 15}}
POWER_BY_HTTP = {
    "format": "json",
    "address": "{EMIS_FEEDS_ADDRESS}/power",
    "auth_secret": "A_TOKEN",
    "page_size": 2,
    "attempts": 2,
    "wait_s": 0,
    "columns": NAMES,
    "constants": {"interval_min": 15},
    "late_h": 6,
}

Response = tuple[int, dict[str, str], bytes]


def region(folder: Path, *, options: dict | None = None, **feeds: dict) -> Region:
    return Region("r", folder, "r", "r", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, options or {}, feeds)


def context(
    folder: Path, *, window: Window | None = None, known_h: int = 0, options: dict | None = None, **feeds: dict
) -> Context:
    known_utc = MIDNIGHT + known_h * HOUR
    place = region(folder, options=options, **feeds)
    return Context(place, window or day_window(DAY, ZONE), known_utc, "run", lake(folder))


def lake(folder: Path) -> Store:
    return Store(str(folder / "lake"), "r", ZONE)


def power_feed(folder: Path = Path("region"), **changes: Any) -> Feed:
    return read_feed(region(folder, power=POWER | changes), "power", "power_reading")


def drop(folder: Path, text: str, name: str = f"{DAY}.csv") -> None:
    (folder / "drop").mkdir(exist_ok=True)
    (folder / "drop" / name).write_bytes(text.encode("utf-8-sig"))


def raw_names(folder: Path, feed_id: str, day: dt.date = DAY) -> list[str]:
    """The answers in the raw archive, without the records of the passes."""
    return [name for name in lake(folder).raw_files(feed_id, day).names() if not name.startswith("pass-")]


def power_rows(readings: pa.Table) -> list[tuple]:
    rows = conform(readings, schema.table("power_reading")).to_pylist()
    names = ("meter_id", "interval_start_utc", "energy_kwh", "record_number", "flag_codes")
    return [tuple(row[name] for name in names) for row in rows]


@dataclass
class Provider:
    """A provider on loopback that gives a list of responses (status, headers, body), one a request."""

    responses: list[Response] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serve() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.queries.append({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})
            provider.tokens.append(self.headers.get("Authorization"))
            provider.headers.append(dict(self.headers))
            status, headers, body = provider.responses.pop(0)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as address:
        provider.address = address
        yield provider


def page(number: int, pages: int, records: list[dict], feed: str = "power") -> Response:
    return 200, {}, json.dumps({"feed": feed, "page": number, "pages": pages, "records": records}).encode()


def record(hour: int, energy: Any, meter: str = "m1") -> dict[str, Any]:
    return {"meterNo": meter, "startTime": f"2015-12-20T{hour:02d}:00:00+08:00", "kWh": energy}
