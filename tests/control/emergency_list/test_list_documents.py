"""The documents of `emis list parse` and `emis list import` hold plain values by fixed keys."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_documents import import_document, parse_document
from bigdata_emis.control.emergency_list.list_review import ItemDecision, decide_item, review_queue
from bigdata_emis.control.emergency_list.list_versions import store_version
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


def test_an_import_counts_what_it_read_and_what_a_person_decided(home: Path) -> None:
    imported = import_workbook(DATA / "list_c_dirty.xlsx")
    known_utc = datetime(2026, 10, 1, 8, tzinfo=UTC)
    store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=known_utc)
    before = import_document(imported, review_queue("nys"), is_new=True, out="x.csv")
    assert before["accepted"] + before["ask_person"] + before["rejected"] == before["items"] == 45
    assert (len(before["queue"]), before["decided"]) == (before["items"] - before["accepted"], [])
    decision = ItemDecision("load_cut", 0.3, actor="Wang", reason="plant plan")
    decide_item("nys", before["queue"][0]["item"], decision, known_utc=known_utc)
    after = import_document(imported, review_queue("nys"), is_new=False)
    assert (after["accepted"], len(after["queue"])) == (before["accepted"] + 1, len(before["queue"]) - 1)
    assert [(one["item"], one["decided_by"]) for one in after["decided"]] == [(before["queue"][0]["item"], "Wang")]
    assert json.loads(json.dumps(after)) == after
