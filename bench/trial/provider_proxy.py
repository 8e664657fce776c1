"""A proxy on loopback before the demonstration's providers: a simulated now, and faults that are switched on and off.

Belongs here: what a collector is answered. Does not: which fault comes when (airflow_day), the rows (demo.providers).
"""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

HOST = "127.0.0.1"
ANSWER_S = 60


@dataclass
class Switches:
    """The state of the providers: rows after `now` do not exist yet; faults hold for a feed until they are cleared.

    cut: feeds whose connection is closed without an answer. failing: feeds that answer 500. lost: by feed, hours whose
    rows the provider lost for ever. answers: how often each feed was answered how.
    """

    now: datetime
    cut: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    lost: dict[str, set[datetime]] = field(default_factory=dict)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)


class ProviderProxy:
    """Passes requests on to the providers as the switches say."""

    def __init__(self, upstream: str, switches: Switches) -> None:
        self.upstream, self.switches = upstream, switches
        self.server = ThreadingHTTPServer((HOST, 0), _handler_of(self))
        self.address = f"http://{HOST}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str, headers: dict[str, str]) -> tuple[str, int, bytes]:
        """What happened, the status (0: no answer) and the body for a request of a collector."""
        parts = urlsplit(path)
        feed, query = parts.path.strip("/"), {name: values[0] for name, values in parse_qs(parts.query).items()}
        if feed in self.switches.cut:
            return "cut", 0, b""
        if feed in self.switches.failing:
            return "500", 500, b"internal error"
        start, end = (datetime.fromisoformat(query[name]).astimezone(UTC) for name in ("from", "to"))
        end = min(end, self.switches.now)
        if start >= end:
            return "nothing yet", 200, json.dumps({"feed": feed, "page": 1, "pages": 1, "records": []}).encode()
        query["to"] = end.isoformat()
        found = requests.get(
            f"{self.upstream}/{feed}?{urlencode(query)}",
            headers={name: value for name, value in headers.items() if name.lower() == "authorization"},
            timeout=ANSWER_S,
        )
        return str(found.status_code), found.status_code, self._without_lost(feed, found)

    def _without_lost(self, feed: str, found: requests.Response) -> bytes:
        lost = self.switches.lost.get(feed)
        if not lost or found.status_code != 200:
            return found.content
        document = found.json()
        document["records"] = [record for record in document["records"] if hour_of(record) not in lost]
        return json.dumps(document).encode()


def hour_of(record: dict[str, Any]) -> datetime:
    """The hour that a record of a provider is about."""
    text = next(record[name] for name in ("hour_utc", "interval_start_utc", "startTime") if name in record)
    return datetime.fromisoformat(text).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _handler_of(proxy: ProviderProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            what, status, body = proxy.answer(self.path, dict(self.headers.items()))
            proxy.switches.answers[urlsplit(self.path).path.strip("/"), what] += 1
            if status:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    return Handler
