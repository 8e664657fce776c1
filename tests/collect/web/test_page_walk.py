"""Which page is asked for next, and the proof that the last one was the last."""

import datetime as dt
from typing import Any

import pytest

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.web.page_walk import query_parameters, walk_pages
from bigdata_emis.errors import FeedError
from bigdata_emis.window import Window
from tests.collect.feed_builders import HOUR, START, power_feed

DAY_WINDOW = Window(START, START + 24 * HOUR)


def feed(**keys: Any) -> Feed:
    return power_feed(address="http://x", drop="", format="json", **keys)


def walk(declared: Feed, *answers: dict[str, Any]) -> tuple[list[dict[str, str]], list[bool]]:
    """The parameters of all requests, answered in order, and which answers count."""
    steps, asked, counted = walk_pages(declared, DAY_WINDOW), [], []
    remaining = list(answers)
    while request := steps.next_request():
        asked.append(request.parameters)
        counted.append(steps.add(remaining.pop(0), "here"))
    assert not remaining
    return asked, counted


def rows(first: int, count: int, **more: Any) -> dict[str, Any]:
    return {"records": [{"n": first + number} for number in range(count)], **more}


PAGE = {"query": {"p": "{page}"}, "paging": "page", "page_size": 2}


def test_pages_end_with_a_short_one_or_an_empty_one():
    assert [query["p"] for query in walk(feed(**PAGE), rows(0, 2), rows(2, 1))[0]] == ["1", "2"]
    assert [query["p"] for query in walk(feed(**PAGE, first_page=0), rows(0, 2), rows(2, 0))[0]] == ["0", "1"]


def test_pages_end_when_the_total_is_complete():
    complete = feed(**PAGE, total="meta.found")
    meta = {"meta": {"found": 4}}
    assert len(walk(complete, rows(0, 2, **meta), rows(2, 2, **meta))[0]) == 2
    assert len(walk(complete, rows(0, 1, **meta), rows(1, 2, **meta), rows(3, 1, **meta))[0]) == 3


@pytest.mark.parametrize(
    ("declared", "answers", "message"),
    [
        pytest.param(
            feed(**PAGE, total="meta.found"),
            [rows(0, 2, meta={"found": 4}), rows(2, 0, meta={"found": 4})],
            "2 records on all pages, of meta.found = 4",
            id="empty before the total",
        ),
        pytest.param(
            feed(**PAGE | {"page_size": 9}),
            [rows(0, 2, meta={"found": 4})],
            "says that there are more",
            id="small pages",
        ),
        pytest.param(feed(**PAGE, total="n"), [rows(0, 1)], "no whole number at 'n'", id="no total"),
        pytest.param(feed(**PAGE), [rows(0, 2), rows(0, 2)], "the records of another page again", id="the same page"),
        pytest.param(
            feed(paging="single"), [rows(0, 2, total=9)], "2 records, of 9", id="one answer that says there is more"
        ),
        pytest.param(
            feed(paging="cursor", next="c", query={"c": "{cursor}"}),
            [rows(0, 1, c="a"), rows(1, 1, c="a")],
            "the cursor 'a' comes again",
            id="cursor again",
        ),
    ],
)
def test_an_end_that_is_not_proven_refuses_the_answer(declared, answers, message):
    with pytest.raises(FeedError, match=message):
        walk(declared, *answers)


def test_an_offset_is_the_number_of_records_so_far():
    by_offset = feed(paging="offset", query={"skip": "{offset}"}, page_size=2)
    assert [query["skip"] for query in walk(by_offset, rows(0, 2), rows(2, 1))[0]] == ["0", "2"]


def test_a_cursor_is_followed_until_there_is_none_and_left_out_at_first():
    by_cursor = feed(paging="cursor", next="meta.next", query={"after": "{cursor}"})
    asked, _ = walk(by_cursor, rows(0, 1, meta={"next": "x"}), rows(1, 1, meta={"next": None}))
    assert asked == [{}, {"after": "x"}]


def test_a_window_that_fills_a_page_is_asked_for_in_halves_and_does_not_count():
    by_window = feed(paging="window", window_h=12, page_size=3, query={"a": "{from}", "b": "{to}"})
    asked, counted = walk(by_window, rows(0, 3), rows(0, 1), rows(1, 2), rows(3, 1))
    hours = [(int(q["a"][11:13]), int(q["b"][11:13])) for q in asked]
    assert hours == [(16, 4), (16, 22), (22, 4), (4, 16)]
    assert counted == [False, True, True, True]


def test_an_hour_that_fills_a_page_is_refused():
    by_hour = feed(paging="window", window_h=1, page_size=1)
    with pytest.raises(FeedError, match="1 records in one hour, as many as a page may hold"):
        walk(by_hour, rows(0, 1))


def test_times_of_a_request_are_written_as_the_provider_wants_them():
    local = feed(query={"t": "{from}"}, query_time="%Y-%m-%d %H:%M", query_zone="Asia/Shanghai")
    assert query_parameters(local, DAY_WINDOW) == {"t": "2015-12-20 00:00"}
    assert query_parameters(feed(query={"t": "{to}"}, query_time="epoch"), DAY_WINDOW) == {
        "t": str(int((START + dt.timedelta(days=1)).timestamp()))
    }
    assert query_parameters(feed(), DAY_WINDOW, page="1") == {
        "from": "2015-12-19T16:00:00Z",
        "to": "2015-12-20T16:00:00Z",
        "page_size": "5000",
        "page": "1",
    }
