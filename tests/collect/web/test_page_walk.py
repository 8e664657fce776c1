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


def test_a_total_that_is_that_of_each_page_may_change():
    assert len(walk(feed(**PAGE), rows(0, 2, total=2), rows(2, 1, total=1))[0]) == len("12")


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
            [rows(0, 2, meta={"found": 4}), rows(2, 0, meta={"found": 4})],
            "2 records on all pages, and the answer says that there are more",
            id="small pages that end before the total",
        ),
        pytest.param(
            feed(**PAGE | {"page_size": 9}),
            [rows(0, 2), rows(0, 2, has_more=True)],
            "2 records on all pages, and the answer says that there are more",
            id="the first page again, which says that there is more",
        ),
        pytest.param(
            feed(**PAGE | {"page_size": 9}),
            [rows(0, 2), rows(2, 2), rows(0, 2)],
            "the records of another page again",
            id="an earlier page after others",
        ),
        pytest.param(
            feed(paging="cursor", next="meta.nxt", query={"c": "{cursor}"}, page_size=2),
            [rows(0, 2, meta={"next": "b"})],
            "as many records as a page may hold, and nothing at 'meta.nxt'",
            id="a cursor under another name",
        ),
        pytest.param(
            feed(paging="cursor", next="c", query={"c": "{cursor}"}),
            [rows(0, 1, c=None, total="9")],
            "1 records on all pages, and the answer says that there are more",
            id="a cursor that ends before the total",
        ),
        pytest.param(
            feed(paging="window", window_h=1), [rows(0, 1, total=3)], "1 records in one hour", id="an hour with a total"
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
        pytest.param(
            feed(paging="cursor", next="c", query={"c": "{cursor}"}),
            [rows(0, 1, c="a"), rows(1, 0, c="b"), rows(1, 0, c="a")],
            "the cursor 'a' comes again",
            id="a loop of cursors without records",
        ),
        pytest.param(
            feed(**PAGE, total="n"),
            [rows(0, 2, n=6), rows(3, 2, n=5)],
            "a total of 5 records, and of 6 on the page before; records came or went",
            id="a record that went moves the next one to the page before",
        ),
        pytest.param(
            feed(**PAGE),
            [rows(0, 2, meta={"found": 4}), rows(1, 2, meta={"found": 5})],
            "a total of 5 records, and of 4 on the page before",
            id="a record that came, though no total is declared",
        ),
    ],
)
def test_an_end_that_is_not_proven_refuses_the_answer(declared, answers, message):
    with pytest.raises(FeedError, match=message):
        walk(declared, *answers)


@pytest.mark.parametrize(
    ("answers", "pages"),
    [
        pytest.param([rows(0, 2), rows(2, 2), rows(4, 1)], 3, id="then a shorter page"),
        pytest.param([rows(0, 2), rows(2, 2), rows(4, 0)], 3, id="then an empty page"),
        pytest.param([rows(0, 2), rows(0, 2)], 2, id="the only page again"),
        pytest.param([rows(0, 0)], 1, id="none at all"),
    ],
)
@pytest.mark.parametrize("declared", [feed(**PAGE | {"page_size": 9}), feed(page_size=9)], ids=["page", "pages"])
def test_a_provider_that_allows_fewer_records_than_asked_for_is_asked_until_one_page_is_shorter(
    declared, answers, pages
):
    asked, counted = walk(declared, *answers)
    assert len(asked) == pages
    assert counted == [True] + [answer["records"] != answers[0]["records"] for answer in answers[1:]]


def test_a_page_that_does_not_exist_is_the_end_only_behind_a_page_that_may_be_the_last():
    steps = walk_pages(feed(**PAGE | {"page_size": 9}), DAY_WINDOW)
    steps.next_request()
    assert not steps.may_be_beyond
    steps.add(rows(0, 2), "here")
    steps.next_request()
    assert steps.may_be_beyond
    full = walk_pages(feed(**PAGE), DAY_WINDOW)
    full.next_request()
    full.add(rows(0, 2), "here")
    full.next_request()
    assert not full.may_be_beyond


def test_numbers_of_pages_and_totals_may_be_written_as_text():
    by_total = feed(**PAGE, total="n")
    assert len(walk(by_total, rows(0, 2, n="3"), rows(2, 1, n="3"))[0]) == 2
    assert len(walk(feed(page_size=2), rows(0, 2, pages="2", page="1"), rows(2, 1, pages="2", page="2"))[0]) == 2
    with pytest.raises(FeedError, match="2 records on all pages, of total = 3"):
        walk(feed(page_size=2), rows(0, 2, pages="1", total="3"))


def test_a_total_that_is_only_said_to_be_above_a_limit_proves_no_end():
    """The second page is as long as the first one, the third shorter."""
    above = feed(**PAGE, total="meta.found")
    more = {"meta": {"found": ">2"}}
    assert len(walk(above, rows(0, 2, **more), rows(2, 2, **more), rows(4, 1, **more))[0]) == 3


def test_an_offset_counts_what_the_provider_counts_and_not_the_records_in_it():
    """Two stations of three readings each are an offset of 2."""
    nested = feed(paging="offset", query={"skip": "{offset}"}, page_size=2, records="results.readings")
    stations = {"results": [{"readings": [1, 2, 3]}] * 2}
    asked, _ = walk(nested, rows(0, 6, **stations), rows(6, 3, results=[{"readings": [1, 2, 3]}]))
    assert [query["skip"] for query in asked] == ["0", "2"]


def test_a_window_with_a_round_number_of_records_is_asked_for_in_halves_as_it_may_be_cut():
    """A provider that allows 100 records gives 100 of 140 for twelve hours, and all of them for six."""
    by_window = feed(paging="window", window_h=12, query={"a": "{from}"})
    asked, counted = walk(by_window, rows(0, 100), rows(0, 70), rows(70, 70), rows(140, 7))
    assert (len(asked), counted) == (4, [False, True, True, True])


def test_a_window_that_says_that_there_is_more_is_asked_for_in_halves():
    by_window = feed(paging="window", window_h=24, query={"a": "{from}"})
    assert walk(by_window, rows(0, 3, total=5), rows(0, 3), rows(3, 2))[1] == [False, True, True]


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
