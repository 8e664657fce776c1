"""The documents of `emis list parse` and `emis list import` hold plain values by fixed keys."""

import json

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_documents import import_document, parse_document
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext, read_context
from tests.control.emergency_list.list_builders import DATA


def test_a_text_with_one_measure_shows_it_at_the_top() -> None:
    document = parse_document("停产50%(以生产线计)", read_context(["N=3"]))
    assert (document["affected_share"], document["cut_share"]) == (0.666667, 1)
    assert [measure["pattern_id"] for measure in document["measures"]] == ["T004"]


def test_one_measure_that_needs_a_person_makes_the_text_need_one() -> None:
    document = parse_document("停产；轮产", TextContext())
    assert document["ask_person"]
    assert [measure["ask_person"] for measure in document["measures"]] == [False, True]


def test_a_rejected_text_has_no_kind_and_no_share() -> None:
    document = parse_document("限产150%", TextContext())
    assert (document["status"], document["kind"], document["applied_cut_share"]) == ("rejected", "", None)


def test_an_import_counts_what_it_read() -> None:
    document = import_document(
        "nys", import_workbook(DATA / "list_c_dirty.xlsx"), version="v1", is_new=True, out="x.csv"
    )
    assert document["accepted"] + document["ask_person"] + document["rejected"] == document["items"] == 45
    assert len(document["queue"]) == document["items"] - document["accepted"]
    assert json.loads(json.dumps(document)) == document
