"""Asking a provider: pages, tokens, retries, and files in a drop."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable

import pytest

from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.http_client import Answer, fetch_drop, fetch_http, locate_drop
from bigdata_emis.errors import FeedError
from bigdata_emis.window import day_window
from tests.collect.feed_builders import DAY, POWER_BY_HTTP, ZONE, drop, page, power_feed, record, region


@pytest.fixture
def fetch(home, provider) -> Callable[..., list[Answer]]:
    def answers(clock: Callable[[], float] = time.time, **changes: object) -> list[Answer]:
        feed = read_feed(region(home, power=POWER_BY_HTTP | changes), "power", "power_reading")
        return list(fetch_http(feed, day_window(DAY, ZONE), clock=clock))

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
    file = locate_drop(power_feed(home, drop="{A_FOLDER}/{year}/{day}.csv"), DAY)
    assert str(file) == str(home / "in/2015/2015-12-20.csv")


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


def test_a_query_is_signed_anew_at_each_attempt(provider, fetch):
    """A provider refuses what is signed at a time that is past, or a signature that it has seen."""
    clock = iter([1000.0, 1061.0]).__next__
    provider.responses = [(503, {"Retry-After": "0"}, b""), page(1, 1, [record(0, 1)])]
    fetch(auth="signed", paging="single", query={"from": "{from}", "ts": "{timestamp}"}, clock=clock)
    first, second = provider.queries
    assert (first["ts"], second["ts"]) == ("1000", "1061")
    assert first["sign"] != second["sign"]


@pytest.mark.parametrize(("clock", "hint"), [(lambda: 1000.0, "s behind"), (lambda: 1e11, "s ahead"), (time.time, "")])
def test_a_refused_signature_says_how_far_the_clock_is_off_and_not_the_secret(provider, fetch, clock, hint):
    """A provider says in each answer what time it is."""
    provider.responses = [(401, {}, b"secret")]
    with pytest.raises(FeedError, match="put the secret for signing in the environment variable A_TOKEN") as refusal:
        fetch(auth="signed", clock=clock)
    line = str(refusal.value)
    assert hint in line
    assert ("set the clock of this machine" in line) == bool(hint)
    assert provider.queries[0]["sign"] not in line


def test_a_secret_may_end_with_the_end_of_a_line(provider, fetch, monkeypatch):
    monkeypatch.setenv("A_TOKEN", "secret\n")
    provider.responses = [page(1, 1, [record(0, 1)])]
    fetch()
    assert provider.tokens == ["Bearer secret"]


def test_an_answer_that_has_not_changed_is_not_sent_again(home, provider):
    feed = read_feed(region(home, power=POWER_BY_HTTP | {"paging": "single"}), "power", "power_reading")
    window, whole = day_window(DAY, ZONE), page(1, 1, [record(0, 1)])
    provider.responses = [(200, {"ETag": 'W/"v1"'}, whole[2]), (304, {}, b""), (200, {"ETag": '"v2"'}, whole[2])]
    (first,) = fetch_http(feed, window)
    known = {first.request: (first.etag, first.payload)}
    (second,) = fetch_http(feed, window, find_unchanged=known.get)
    (third,) = fetch_http(feed, window, find_unchanged=known.get)
    assert [headers.get("If-None-Match") for headers in provider.headers] == [None, 'W/"v1"', 'W/"v1"']
    assert (second.payload, second.etag, second.is_unchanged) == (first.payload, 'W/"v1"', True)
    assert (third.etag, third.is_unchanged) == ('"v2"', False)


def test_another_request_is_not_answered_from_what_another_one_gave(home, provider):
    """A request differs by its address and its parameters, but not by its signature."""
    one = page(1, 1, [record(0, 1)])
    provider.responses = [(200, {"ETag": '"v1"'}, one[2])] * 3
    requests = set()
    for changes in ({"page_size": 3}, {"page_size": 4}, {"page_size": 4, "auth": "signed"}):
        feed = read_feed(region(home, power=POWER_BY_HTTP | changes), "power", "power_reading")
        requests.add(next(fetch_http(feed, day_window(DAY, ZONE))).request)
    assert len(requests) == 2


@pytest.mark.parametrize("etag", ["v1", '"a\tb"', '"' + "x" * 300 + '"', ""])
def test_an_etag_that_is_none_is_not_kept(provider, fetch, etag):
    provider.responses = [(200, {"ETag": etag}, page(1, 1, [record(0, 1)])[2])]
    (answer,) = fetch()
    assert (answer.etag, answer.request) == ("", "")


def test_that_nothing_has_changed_is_refused_from_a_provider_that_was_not_asked_so(provider, fetch):
    provider.responses = [(304, {}, b"")]
    with pytest.raises(FeedError, match="status 304"):
        fetch()


def test_a_page_that_does_not_exist_is_the_end_behind_one_that_may_be_the_last(provider, fetch):
    keys = {"paging": "page", "query": {"p": "{page}"}, "page_size": 9}
    provider.responses = [(200, {}, json.dumps({"records": [record(0, 1)]}).encode()), (404, {}, b"")]
    assert len(fetch(**keys)) == 1
    provider.responses = [(404, {}, b"")]
    with pytest.raises(FeedError, match="page 1: status 404"):
        fetch(**keys)


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
