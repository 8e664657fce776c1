"""What a collector is answered: nothing of later than now, no answer of a feed that is cut, 500 of one that fails."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import requests

from bench.trial.provider_proxy import ProviderProxy, Switches, hour_of
from bigdata_emis.demo.providers.replay import Behaviour, serve

HOURS = [datetime(2015, 12, 20, 16 + hour, tzinfo=UTC) for hour in range(3)]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[ProviderProxy]:
    """A provider of one feed with a record in each of three hours, of which two have begun and ended."""
    records = [json.dumps({"link_id": "a", "hour_utc": f"{hour:%Y-%m-%dT%H:%M:%SZ}"}) for hour in HOURS]
    instants = [int(hour.timestamp()) * 1_000_000 for hour in HOURS]
    (tmp_path / "traffic").mkdir()
    frame = pa.table({"event_us": instants, "arrival_us": instants, "record": records})
    with pa.ipc.new_file(tmp_path / "traffic" / "2015-12-21.arrow", frame.schema) as file:
        file.write_table(frame)
    upstream, stop = serve(tmp_path, token="t", behaviour=Behaviour({}, 0))
    served = ProviderProxy(upstream, Switches(HOURS[2]))
    yield served
    served.stop()
    stop()


def ask(proxy: ProviderProxy, first: datetime = HOURS[0]) -> requests.Response:
    query = {"from": first.isoformat(), "to": "2015-12-21T16:00:00Z"}
    return requests.get(f"{proxy.address}/traffic", params=query, headers={"Authorization": "Bearer t"}, timeout=30)


def hours(answer: requests.Response) -> list[datetime]:
    records: list[dict[str, Any]] = answer.json()["records"]
    return [hour_of(record) for record in records]


def test_what_lies_after_the_simulated_now_does_not_exist_yet(proxy: ProviderProxy) -> None:
    assert hours(ask(proxy)) == HOURS[:2]
    assert hours(ask(proxy, HOURS[2])) == []
    proxy.switches.now = datetime(2015, 12, 20, 19, tzinfo=UTC)
    assert hours(ask(proxy)) == HOURS


def test_a_feed_that_is_cut_does_not_answer_and_one_that_fails_answers_500(proxy: ProviderProxy) -> None:
    proxy.switches.cut = {"traffic"}
    with pytest.raises(requests.ConnectionError):
        ask(proxy)
    proxy.switches.cut, proxy.switches.failing = set(), {"traffic"}
    assert ask(proxy).status_code == 500
    proxy.switches.failing = set()
    assert hours(ask(proxy)) == HOURS[:2]
    assert proxy.switches.answers["traffic", "500"] == 1


def test_rows_that_a_provider_lost_never_come(proxy: ProviderProxy) -> None:
    proxy.switches.lost = {"traffic": {HOURS[0]}}
    assert hours(ask(proxy)) == HOURS[1:2]


def test_a_token_that_is_wrong_is_refused_by_the_provider(proxy: ProviderProxy) -> None:
    assert (
        requests.get(
            f"{proxy.address}/traffic?from={HOURS[0].date()}T00:00:00Z&to=2015-12-21T16:00:00Z", timeout=30
        ).status_code
        == 401
    )
