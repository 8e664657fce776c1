"""Replay server: it replaces the data providers and serves their simulated feeds over HTTP, faults included.

Belongs here: tokens, outages, rate limits and the JSON of an answer. Does not: rows (archive) or clients.
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
RETRY_AT_ONCE = {"Retry-After": "0"}


@dataclass
class Behaviour:
    """Behaviour of the providers: outages of some feeds at first requests, and a rate limit.

    outage_requests: by feed, the number of first requests that fail. rate_limited_every: each n-th request is refused.
    """

    outage_requests: dict[str, int] = field(default_factory=lambda: dict(OUTAGE_REQUESTS))
    rate_limited_every: int = RATE_LIMITED_EVERY
    request_count: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, feed_id: str) -> None:
        """Count a request. Raises HTTPException 503 in an outage and 429 at the rate limit."""
        with self.lock:
            self.request_count[feed_id] += 1
            number, total = self.request_count[feed_id], self.request_count.total()
        if number <= self.outage_requests.get(feed_id, 0):
            raise HTTPException(503, f"{feed_id} is down for maintenance", headers=RETRY_AT_ONCE)
        if self.rate_limited_every and total % self.rate_limited_every == 0:
            raise HTTPException(429, "too many requests", headers=RETRY_AT_ONCE)


def create_app(archive: Path, token: str, behaviour: Behaviour | None = None) -> FastAPI:
    """Create the application that serves the archive.

        GET /{feed}?from=&to=&page=&page_size=  with a bearer token  →  {feed, page, pages, records}

    Raises InputError when there is no archive.
    """
    if not archive.is_dir():
        raise InputError(f"{archive}: expected a folder with the archive of the simulated providers", "run `emis demo`")
    rows, provider_behaviour = Archive(archive), behaviour or Behaviour()
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
        if feed_id not in rows.list_feeds():
            raise HTTPException(404, f"there is no feed {feed_id}")
        provider_behaviour.check(feed_id)
        texts, pages = rows.read_page(
            feed_id, (_parse_instant_us(from_), _parse_instant_us(to)), page=page, page_size=page_size
        )
        body = f'{{"feed":"{feed_id}","page":{page},"pages":{pages},"records":[{",".join(texts)}]}}'
        return Response(body, media_type="application/json")

    return app


def serve(
    archive: Path, *, token: str, port: int = 0, behaviour: Behaviour | None = None
) -> tuple[str, Callable[[], None]]:
    """Serve the archive on loopback from a thread; return the address and a stop function.

    The socket listens before this function returns, so a client need not wait. Port 0 takes a free port.
    """
    listener = socket.create_server((HOST, port))
    config = uvicorn.Config(create_app(archive, token, behaviour), log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(STOP_TIMEOUT_S)
        listener.close()

    return f"http://{HOST}:{listener.getsockname()[1]}", stop


def _parse_instant_us(text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise HTTPException(422, f"'{text[:40]}': expected an ISO 8601 instant with offset") from None
    if instant.tzinfo is None:
        raise HTTPException(422, f"'{text[:40]}': the offset is missing - write 2015-12-20T00:00:00Z")
    return int(instant.timestamp()) * 1_000_000
