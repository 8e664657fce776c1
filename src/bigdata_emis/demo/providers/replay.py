"""The replay server: stands in for the data providers and answers over HTTP the way providers do, faults included.

Belongs here: tokens, outages, rate limits and the shape of an answer. Does not: which rows are due (archive), or any client.
"""

import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request, Response

from bigdata_emis.demo.providers.archive import Archive
from bigdata_emis.errors import InputError

HOST = "127.0.0.1"
MOST_ROWS_A_PAGE = 20_000
RATE_LIMITED_EVERY = 50
OUTAGE_REQUESTS = {"cems": 2, "traffic": 1}
STOP_TIMEOUT_S = 10.0
AT_ONCE = {"Retry-After": "0"}


@dataclass
class Temper:
    """How the providers behave: some are down for their first requests, and every so many requests one is too many."""

    outage_requests: dict[str, int] = field(default_factory=lambda: dict(OUTAGE_REQUESTS))
    rate_limited_every: int = RATE_LIMITED_EVERY
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, feed_id: str) -> None:
        """Count a request. Raises HTTPException 503 while the feed is down and 429 when it is one too many."""
        with self.lock:
            self.asked[feed_id] += 1
            number, total = self.asked[feed_id], self.asked.total()
        if number <= self.outage_requests.get(feed_id, 0):
            raise HTTPException(503, f"{feed_id} is down for maintenance", headers=AT_ONCE)
        if self.rate_limited_every and total % self.rate_limited_every == 0:
            raise HTTPException(429, "too many requests", headers=AT_ONCE)


def create_app(archive: Path, token: str, temper: Temper | None = None) -> FastAPI:
    """The application: GET /{feed}?from=&to=&page=&page_size= with a bearer token answers {feed, page, pages, records}.

    Raises InputError when there is no archive.
    """
    if not archive.is_dir():
        raise InputError(f"{archive} is no archive of providers", "`emis demo` makes it")
    rows, mood = Archive(archive), temper or Temper()
    app = FastAPI(title="Replay of simulated providers", openapi_url=None)

    @app.get("/{feed_id}")
    def feed(
        request: Request,
        feed_id: str,
        from_: str = Query(alias="from"),
        to: str = Query(),
        page: int = Query(1, ge=1),
        page_size: int = Query(5000, ge=1, le=MOST_ROWS_A_PAGE),
    ) -> Response:
        if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "the bearer token is missing or wrong")
        if feed_id not in rows.feeds():
            raise HTTPException(404, f"there is no feed {feed_id}")
        mood.check(feed_id)
        texts, pages = rows.page(feed_id, (_instant_us(from_), _instant_us(to)), page=page, page_size=page_size)
        body = f'{{"feed":"{feed_id}","page":{page},"pages":{pages},"records":[{",".join(texts)}]}}'
        return Response(body, media_type="application/json")

    return app


def serve(archive: Path, *, token: str, port: int = 0, temper: Temper | None = None) -> tuple[str, Callable[[], None]]:
    """Serve the archive on this machine's loopback from a thread; returns the address and a function that stops it.

    The socket listens before this returns, so a client need not wait. Port 0 takes a free one.
    """
    listener = socket.create_server((HOST, port))
    config = uvicorn.Config(create_app(archive, token, temper), log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(STOP_TIMEOUT_S)
        listener.close()

    return f"http://{HOST}:{listener.getsockname()[1]}", stop


def _instant_us(text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise HTTPException(422, f"'{text[:40]}' is no instant") from None
    if instant.tzinfo is None:
        raise HTTPException(422, f"'{text[:40]}' has no offset")
    return int(instant.timestamp()) * 1_000_000
