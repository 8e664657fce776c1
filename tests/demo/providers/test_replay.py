"""The replay server pages, withholds late rows until their time, is down at first, limits its callers and asks for a token."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import requests
from fastapi.testclient import TestClient

from bigdata_emis.demo.plan import HOUR_US, day_start_us
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.demo.providers.replay import Temper, create_app, serve
from bigdata_emis.errors import InputError

DAY = date(2015, 12, 20)
WHOLE_DAY = {"from": "2015-12-19T16:00:00Z", "to": "2015-12-20T16:00:00Z"}
NEXT_DAY = {"from": "2015-12-20T16:00:00Z", "to": "2015-12-21T16:00:00Z"}
TOKEN = {"Authorization": "Bearer secret"}
CALM = Temper(outage_requests={}, rate_limited_every=0)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Five hourly rows of one feed; the fifth arrives a day late."""
    event = day_start_us(DAY) + np.array([0, 1, 2, 3, 23]) * HOUR_US
    arrival = event + np.array([1, 1, 1, 1, 6]) * HOUR_US
    records = pa.table({"meterNo": ["M1", "M2", "M3", "M4", "M5"]})
    FeedFiles(tmp_path / "region", tmp_path / "archive", "csv.gz").write(
        "power", DAY, records=records, event_us=event, arrival_us=arrival
    )
    return tmp_path / "archive"


def ask(client: TestClient, **parameters: object):
    return client.get("/power", params={**WHOLE_DAY, **parameters}, headers=TOKEN)


def meters(answer) -> list[str]:
    return [record["meterNo"] for record in answer.json()["records"]]


def client_of(archive: Path, temper: Temper = CALM) -> TestClient:
    return TestClient(create_app(archive, "secret", temper))


def test_pages_divide_a_window_without_loss_or_repeat(archive):
    client = client_of(archive)
    first, second = ask(client, page=1, page_size=3), ask(client, page=2, page_size=3)
    assert (first.json()["pages"], first.json()["page"], first.json()["feed"]) == (2, 1, "power")
    assert (meters(first), meters(second)) == (["M1", "M2", "M3"], ["M4"])


def test_a_window_is_half_open(archive):
    answer = ask(client_of(archive), **{"from": "2015-12-19T17:00:00Z", "to": "2015-12-19T19:00:00Z"})
    assert meters(answer) == ["M2", "M3"]


def test_a_late_row_is_served_once_the_clock_has_passed_its_arrival(archive):
    client = client_of(archive)
    assert meters(ask(client)) == ["M1", "M2", "M3", "M4"]
    assert meters(ask(client)) == ["M1", "M2", "M3", "M4"]
    client.get("/power", params=NEXT_DAY, headers=TOKEN)
    assert meters(ask(client)) == ["M1", "M2", "M3", "M4", "M5"]


def test_a_feed_in_outage_answers_503_for_its_first_requests(archive):
    client = client_of(archive, Temper(outage_requests={"power": 2}, rate_limited_every=0))
    answers = [ask(client) for _ in range(3)]
    assert [a.status_code for a in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "0"


def test_every_so_many_requests_one_is_too_many(archive):
    client = client_of(archive, Temper(outage_requests={}, rate_limited_every=3))
    assert [ask(client).status_code for _ in range(4)] == [200, 200, 429, 200]


@pytest.mark.parametrize(
    ("path", "headers", "parameters", "status"),
    [
        ("/power", {}, WHOLE_DAY, 401),
        ("/power", {"Authorization": "Bearer wrong"}, WHOLE_DAY, 401),
        ("/gas", TOKEN, WHOLE_DAY, 404),
        ("/power", TOKEN, {**WHOLE_DAY, "to": "soon"}, 422),
        ("/power", TOKEN, {**WHOLE_DAY, "to": "2015-12-20T16:00:00"}, 422),
        ("/power", TOKEN, {**WHOLE_DAY, "page": 0}, 422),
    ],
    ids=["no token", "wrong token", "unknown feed", "no instant", "no offset", "page zero"],
)
def test_what_cannot_be_answered_is_refused(archive, path, headers, parameters, status):
    assert client_of(archive).get(path, params=parameters, headers=headers).status_code == status


def test_the_server_answers_over_loopback_until_it_is_stopped(archive):
    address, stop = serve(archive, token="secret", temper=Temper(outage_requests={}, rate_limited_every=0))
    assert address.startswith("http://127.0.0.1:")
    assert len(requests.get(f"{address}/power", params=WHOLE_DAY, headers=TOKEN, timeout=10).json()["records"]) == 4
    stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}/power", params=WHOLE_DAY, headers=TOKEN, timeout=10)


def test_no_archive_is_a_refusal(tmp_path):
    with pytest.raises(InputError, match="emis demo"):
        create_app(tmp_path / "none", "secret")
