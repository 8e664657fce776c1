"""The replay server: pages, late rows, outages, rate limit and token."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import requests
from fastapi.testclient import TestClient

from bigdata_emis.demo.plan import day_start_us
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.demo.providers.replay import Behaviour, create_app, serve
from bigdata_emis.errors import InputError
from bigdata_emis.window import HOUR_US

DAY = date(2015, 12, 20)
WHOLE_DAY = {"from": "2015-12-19T16:00:00Z", "to": "2015-12-20T16:00:00Z"}
NEXT_DAY = {"from": "2015-12-20T16:00:00Z", "to": "2015-12-21T16:00:00Z"}
TOKEN = {"Authorization": "Bearer secret"}
CALM = Behaviour(outage_requests={}, rate_limited_every=0)


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


def request(client: TestClient, **parameters: object):
    return client.get("/power", params={**WHOLE_DAY, **parameters}, headers=TOKEN)


def meters(answer) -> list[str]:
    return [record["meterNo"] for record in answer.json()["records"]]


def client_for(archive: Path, behaviour: Behaviour = CALM) -> TestClient:
    return TestClient(create_app(archive, "secret", behaviour))


def test_pages_divide_a_window_without_loss_or_repeat(archive):
    client = client_for(archive)
    first, second = request(client, page=1, page_size=3), request(client, page=2, page_size=3)
    assert (first.json()["pages"], first.json()["page"], first.json()["feed"]) == (2, 1, "power")
    assert (meters(first), meters(second)) == (["M1", "M2", "M3"], ["M4"])


def test_a_window_is_half_open(archive):
    answer = request(client_for(archive), **{"from": "2015-12-19T17:00:00Z", "to": "2015-12-19T19:00:00Z"})
    assert meters(answer) == ["M2", "M3"]


def test_a_late_row_is_served_once_the_clock_has_passed_its_arrival(archive):
    client = client_for(archive)
    assert meters(request(client)) == ["M1", "M2", "M3", "M4"]
    assert meters(request(client)) == ["M1", "M2", "M3", "M4"]
    client.get("/power", params=NEXT_DAY, headers=TOKEN)
    assert meters(request(client)) == ["M1", "M2", "M3", "M4", "M5"]


def test_a_feed_in_outage_answers_503_for_its_first_requests(archive):
    client = client_for(archive, Behaviour(outage_requests={"power": 2}, rate_limited_every=0))
    answers = [request(client) for _ in range(3)]
    assert [a.status_code for a in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "0"


def test_each_third_request_is_refused_at_a_rate_limit_of_three(archive):
    client = client_for(archive, Behaviour(outage_requests={}, rate_limited_every=3))
    assert [request(client).status_code for _ in range(4)] == [200, 200, 429, 200]


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
def test_a_wrong_request_is_refused_with_its_status(archive, path, headers, parameters, status):
    assert client_for(archive).get(path, params=parameters, headers=headers).status_code == status


def test_the_server_answers_over_loopback_until_it_is_stopped(archive):
    address, stop = serve(archive, token="secret", behaviour=Behaviour(outage_requests={}, rate_limited_every=0))
    assert address.startswith("http://127.0.0.1:")
    assert len(requests.get(f"{address}/power", params=WHOLE_DAY, headers=TOKEN, timeout=10).json()["records"]) == 4
    stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}/power", params=WHOLE_DAY, headers=TOKEN, timeout=10)


def test_a_missing_archive_is_refused_with_the_command_to_run(tmp_path):
    with pytest.raises(InputError, match="emis demo"):
        create_app(tmp_path / "none", "secret")
