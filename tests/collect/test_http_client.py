"""Asking a provider: pages, tokens, retries, and files in a drop."""

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.http_client import Answer, fetch_drop, fetch_http, locate_drop
from bigdata_emis.errors import FeedError
from bigdata_emis.window import day_window
from tests.collect.feed_builders import DAY, POWER_BY_HTTP, ZONE, drop, page, power_feed, record, region


@pytest.fixture
def fetch(home, provider) -> Callable[..., list[Answer]]:
    def answers(**changes: object) -> list[Answer]:
        feed = read_feed(region(home, power=POWER_BY_HTTP | changes), "power", "power_reading")
        return list(fetch_http(feed, day_window(DAY, ZONE)))

    return answers


def test_every_page_is_asked_for_with_the_token_and_the_window(provider, fetch):
    provider.responses = [page(1, 2, [record(0, 1), record(1, "2.5")]), page(2, 2, [record(2, "--")])]
    answers = fetch()
    assert [a.name for a in answers] == ["http-20151219T16-20151220T16-p00001", "http-20151219T16-20151220T16-p00002"]
    assert [len(a.envelope["records"]) for a in answers] == [2, 1]
    assert provider.queries[1] == {
        "from": "2015-12-19T16:00:00Z",
        "to": "2015-12-20T16:00:00Z",
        "page": "2",
        "page_size": "2",
    }
    assert provider.tokens == ["Bearer secret"] * 2


def test_a_busy_provider_is_asked_again_when_it_says(provider, fetch):
    provider.responses = [(429, {"Retry-After": "0"}, b""), page(1, 1, [record(0, 1)])]
    assert len(fetch()) == 1


def test_half_a_body_is_asked_for_again(provider, fetch):
    provider.responses = [(200, {}, b'{"feed": "power", "rec'), page(1, 1, [])]
    assert len(fetch()) == 1


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        pytest.param([(500, {}, b"oops")] * 2, "status 500 in 2 attempts", id="down"),
        pytest.param([(200, {"Content-Length": "500"}, b'{"feed": "po')] * 2, "in 2 attempts", id="half a body"),
        pytest.param(
            [(200, {}, b'{"feed": "power", "records": [{"me')] * 2, "half a body in 2 attempts", id="half a document"
        ),
        pytest.param([(200, {}, b'{"feed": "power", "records": [}')], "no valid JSON", id="no JSON"),
        pytest.param([page(1, 1, [], feed="cems")], "is of feed 'cems', not power", id="another feed"),
        pytest.param(
            [(200, {}, b'{"records": [], "pages": "many"}')], "'pages' is many; expected a number", id="pages"
        ),
        pytest.param([(403, {}, b"")], "valid token in the environment variable A_TOKEN", id="refused"),
        pytest.param([(404, {}, b"")], "status 404; correct 'address' in feeds.toml or ask", id="not there"),
    ],
)
def test_a_bad_answer_is_one_line_that_says_what_where_and_what_to_do(provider, fetch, responses, message):
    provider.responses = list(responses)
    with pytest.raises(FeedError, match=message) as refusal:
        fetch()
    assert "\n" not in str(refusal.value)
    assert "feed power" in str(refusal.value)


def test_an_address_that_is_not_http_and_a_missing_token_are_refused(fetch, monkeypatch):
    monkeypatch.setenv("A_PLACE", "ftp://x")
    with pytest.raises(FeedError, match="{A_PLACE} is no HTTP address; correct 'address'"):
        fetch(address="{A_PLACE}")
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(FeedError, match="the environment variable A_TOKEN is not set; put the bearer token there"):
        fetch()


def test_a_dropped_file_is_an_answer_named_after_it(home):
    drop(home, "meterNo\n")
    answer = fetch_drop(power_feed(home), DAY)
    assert (answer.name, answer.suffix, answer.payload) == ("drop-2015-12-20", "csv", b"\xef\xbb\xbfmeterNo\n")


def test_a_file_without_a_suffix_has_the_declared_format(home):
    drop(home, "x", "today")
    assert fetch_drop(power_feed(home, drop="drop/today"), DAY).suffix == "csv"


def test_a_missing_file_is_refused_with_its_path(home):
    with pytest.raises(FeedError, match=r"drop/2015-12-20\.csv: No such file .*; put the file there or correct 'drop'"):
        fetch_drop(power_feed(home), DAY)


def power_file(home, text):
    drop(home, text, "2015-12-20.json")
    return fetch_drop(power_feed(home, format="json", drop="drop/{day}.json"), DAY)


def test_a_json_file_is_read_once_and_may_say_that_it_is_page_1_of_1(home):
    answer = power_file(home, '{"feed": "power", "page": 1, "pages": 1, "total": 1, "records": [{"kWh": 1}]}')
    assert answer.envelope["records"] == [{"kWh": 1}]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('"page": 1, "pages": 3', "is page 1 of 3"),
        ('"page": 2, "pages": 3', "is page 2 of 3"),
        ('"page": 2', "is page 2 of 1"),
        ('"next": "/power?page=2"', "'next' says that there is more"),
        ('"total": 500', "1 records, of 500"),
    ],
)
def test_a_file_that_is_a_part_of_an_answer_is_refused_and_is_no_whole_day(home, more, message):
    with pytest.raises(FeedError, match=rf"2015-12-20\.json: {message}; put all records of the day into one file"):
        power_file(home, f'{{"feed": "power", {more}, "records": [{{"kWh": 1}}]}}')


def test_day_year_and_environment_are_filled_into_the_path(home, monkeypatch):
    monkeypatch.setenv("A_FOLDER", "in")
    assert locate_drop(power_feed(home, drop="{A_FOLDER}/{year}/{day}.csv"), DAY) == home / "in/2015/2015-12-20.csv"


@pytest.mark.parametrize(
    ("keys", "header", "value"),
    [
        ({"auth": "header", "auth_name": "X-Key"}, "X-Key", "secret"),
        ({"auth": "basic"}, "Authorization", "Basic c2VjcmV0"),
    ],
)
def test_a_secret_may_be_a_header_of_another_kind(provider, fetch, keys, header, value):
    provider.responses = [page(1, 1, [record(0, 1)])]
    fetch(**keys)
    assert provider.headers[0][header] == value


def test_a_secret_may_be_a_parameter(provider, fetch):
    provider.responses = [page(1, 1, [record(0, 1)])]
    fetch(auth="query", auth_name="appkey")
    assert (provider.queries[0]["appkey"], provider.tokens) == ("secret", [None])


def test_a_query_may_be_signed_with_a_secret_that_is_not_sent(provider, fetch):
    """The provider computes the digest itself, from what it was sent without the signature."""
    provider.responses = [page(1, 2, [record(0, 1), record(1, 1)]), page(2, 2, [record(2, 1)])]
    fetch(auth="signed", auth_name="sig")
    for query in provider.queries:
        text = "&".join(f"{name}={query[name]}" for name in sorted(query) if name != "sig")
        assert query["sig"] == hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()
    assert [query["page"] for query in provider.queries] == ["1", "2"]
    assert provider.tokens == [None, None]


def test_a_provider_may_answer_with_a_table_in_one_piece(provider, fetch):
    provider.responses = [(200, {}, b"meterNo,startTime,kWh\nm1,2015-12-20 00:00,1\n")]
    answers = fetch(http_format="csv", paging="single", query={"day": "{from}"}, query_time="%Y%m%d", query_zone=ZONE)
    assert [(answer.suffix, answer.envelope) for answer in answers] == [("csv", None)]
    assert provider.queries == [{"day": "20151220"}]


def test_pages_of_another_kind_are_walked_to_their_end(provider, fetch):
    bodies = [{"data": [record(0, 1), record(1, 1)]}, {"data": [record(2, 1)]}]
    provider.responses = [(200, {}, json.dumps(body).encode()) for body in bodies]
    answers = fetch(records="data", paging="page", query={"p": "{page}"})
    assert [len(answer.envelope["records"]) for answer in answers] == [2, 1]
    assert [query["p"] for query in provider.queries] == ["1", "2"]
