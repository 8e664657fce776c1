"""Pages of one answer: each once, none missing, and of one number."""

import pytest

from bigdata_emis.collect.web.paging import Paging
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed, record

FIRST, SECOND = [record(0, 1), record(1, 1)], [record(2, 1)]


def add(*envelopes: dict, page_size: int = 2) -> Paging:
    paging = Paging(power_feed(page_size=page_size))
    for page, envelope in enumerate(envelopes, 1):
        paging.add(page, envelope, f"here, page {page}")
    return paging


def page(records: list, number: object = None, pages: object = 2, **more: object) -> dict:
    return {"records": records, "pages": pages} | ({} if number is None else {"page": number}) | more


def test_pages_that_belong_together_are_counted():
    assert (add(page(FIRST, 1), page(SECOND, 2)).page_count, add(page(FIRST), page(SECOND)).row_count) == (2, 3)
    assert add({"records": [record(0, 1)]}).page_count == 1
    assert add(page([], 1, 1)).row_count == 0
    assert add(page([], 1, 0)).page_count == 0


def test_an_empty_page_after_full_ones_ends_an_answer():
    assert add(page(FIRST, 1), page([], 2)).row_count == 2


def test_equal_rows_on_a_page_are_rows():
    assert add(page([record(0, 1)] * 2, 1), page([record(0, 1)], 2)).row_count == 3


@pytest.mark.parametrize(
    ("envelopes", "message"),
    [
        pytest.param([page(FIRST, 1), page(FIRST, 1)], "page 2: 'page' is 1, and 2 was asked for", id="page ignored"),
        pytest.param([page(FIRST), page(FIRST)], "page 2: the records of another page again", id="content again"),
        pytest.param([page(FIRST, 1, 3), page(SECOND, 2, 2)], "'pages' is 2, and was 3 on the page before", id="fewer"),
        pytest.param([page([], 1)], "page 1: no records on page 1 of 2", id="first empty"),
        pytest.param([page(FIRST, 1, 3), page([], 2, 3)], "no records on page 2 of 3", id="empty between others"),
        pytest.param([page(SECOND, 1), page([], 2)], "no records on page 2 of 2", id="empty after half a page"),
        pytest.param([{"records": FIRST}], "2 records and no 'pages', though there may be more", id="full, no pages"),
        pytest.param([{"records": SECOND, "next": "x"}], "no 'pages', though there may be more", id="next"),
        pytest.param([{"records": SECOND, "total": 240}], "1 records on all pages, of total = 240", id="total"),
        pytest.param([page(SECOND, 1, "two")], "'pages' is two; expected a number up to 100000", id="text"),
        pytest.param([page(SECOND, 1, True)], "'pages' is True; expected a number", id="truth value"),
        pytest.param([page(SECOND, 1, 0)], "'pages' is 0; expected a number", id="none, with records"),
        pytest.param([page(SECOND, 1, 10**9)], "'pages' is 1000000000; expected", id="very many"),
        pytest.param([page(SECOND, 1, -(10**5000))], "'pages' is no plain number; expected", id="endless number"),
    ],
)
def test_pages_that_do_not_belong_together_are_refused(envelopes, message):
    with pytest.raises(FeedError, match=message):
        add(*envelopes)
