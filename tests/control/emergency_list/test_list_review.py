"""The review queue, and decisions about its items with kind, share, person and reason."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_measures import measures_of_version
from bigdata_emis.control.emergency_list.list_review import ItemDecision, decide_item, review_queue
from bigdata_emis.control.emergency_list.list_versions import read_items, store_version
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)
ITEM = "工业源!2:yellow:1"


@pytest.fixture
def version(home: Path) -> str:
    rows = [FULL_HEAD, plant(1, 黄色预警减排措施="加强管理"), plant(2)]
    imported = import_workbook(write_book(home / "list.xlsx", rows))
    return store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=NOW)[0]


def decide(item: str = ITEM, version_id: str = "", **changes: Any) -> dict[str, Any]:
    decision = ItemDecision("load_cut", 0.3, actor="Wang", reason="plant plan")
    return decide_item("nys", item, replace(decision, **changes), known_utc=NOW, version_id=version_id)


def test_the_queue_shows_row_text_and_reason(version: str) -> None:
    document = review_queue("nys")
    assert (document["version"], document["items"], len(document["queue"])) == (version, 6, 1)
    entry = document["queue"][0]
    assert (entry["item"], entry["row"], entry["text"]) == (ITEM, 2, "加强管理")
    assert "no measure" in entry["reason"]


def test_a_decision_values_the_item_and_empties_the_queue(version: str) -> None:
    decide()
    assert review_queue("nys")["queue"] == []
    item = next(row for row in read_items("nys", version) if row["list_item_id"] == ITEM)
    assert (item["list_item_status_code"], item["applied_cut_share"], item["decided_by"]) == ("accepted", 0.3, "Wang")
    assert item["emissions"]["SO2"]["cut_kg_per_d"] == pytest.approx(3)
    assert item["measure_text"] == "加强管理"


def test_a_decision_is_in_the_audit_with_what_it_changed(version: str) -> None:
    decide(affected_share=0.5)
    act = database.read("audit", "nys").to_pylist()[-1]
    assert (act["actor"], act["event"]) == ("Wang", "emergency_list_item_decided")
    for word in (version, ITEM, "ask_person None", "load_cut 0.5 x 0.3", "plant plan"):
        assert word in act["note"]


def test_a_guarantee_class_overrides_the_grade(version: str) -> None:
    decide(kind="guarantee", share=0.1, guarantee="heat")
    item = next(row for row in read_items("nys", version) if row["list_item_id"] == ITEM)
    assert (item["guarantee_code"], item["measure_kind_code"], item["cut_share"]) == ("heat", "guarantee", 0.1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "nonsense"}, "kind 'nonsense' is unknown; use one of stop 停产, "),
        ({"share": 1.5}, "expected a share between 0 and 1"),
        ({"share": float("nan")}, "expected a share between 0 and 1"),
        ({"affected_share": -0.1}, "affected share"),
        ({"guarantee": "friends"}, "guarantee class"),
        ({"reason": " "}, "--note"),
        ({"reason": "x\ny"}, "--note"),
        ({"kind": "", "share": None}, "needs --kind and --share, or --line"),
        ({"kind": "", "lines": ("kiln-1",)}, "belong together"),
        ({"share": None, "lines": ("kiln-1",)}, "belong together"),
        ({"lines": ("kiln-9",)}, "no line of the plant"),
        ({"item": "工业源!99:red:1"}, "names 0 items"),
        ({"version_id": "zzz"}, "names 0 versions"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_and_changes_nothing(
    version: str, changes: dict[str, Any], words: str
) -> None:
    acts = database.read("audit", "nys").num_rows
    with pytest.raises(InputError, match=words):
        decide(**changes)
    assert len(review_queue("nys")["queue"]) == 1
    assert database.read("audit", "nys").num_rows == acts


def test_an_import_of_the_same_list_keeps_the_decision(version: str, home: Path) -> None:
    decide()
    imported = import_workbook(home / "list.xlsx")
    again = store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=NOW)
    assert again == (version, False)
    assert review_queue("nys")["queue"] == []


@pytest.fixture
def two_kilns(home: Path) -> str:
    prepare_registry()
    enterprise = {"enterprise_id": "P", "name_zh": "示例石灰1厂", "industry_code": "lime_kiln"}
    line = {"enterprise_id": "P", "industry_code": "lime_kiln", "activity_unit_code": "t"}
    lines = [{"production_line_id": name, "sector_code": "industrial_process", **line} for name in ("kiln-1", "kiln-2")]
    place = {"longitude_deg": 116.0, "latitude_deg": 39.0}
    rows = {"enterprise": [enterprise | place], "production_line": lines}
    tables = {name: pa.Table.from_pylist(of, arrow_schema(schema.table(name))) for name, of in rows.items()}
    database.replace(tables, "nys")
    book = write_book(home / "kilns.xlsx", [FULL_HEAD, plant(1, 生产线名称="1号石灰窑", 黄色预警减排措施="加强管理")])
    return store_version("nys", import_workbook(book), valid_from=None, valid_to=None, actor="Li", known_utc=NOW)[0]


def test_a_row_that_several_lines_fit_waits_until_a_person_names_the_line(two_kilns: str) -> None:
    queue = review_queue("nys")["queue"]
    assert [entry["status"] for entry in queue] == ["ask_person"] * 3
    assert ["several lines of the plant fit" in entry["reason"] for entry in queue] == [False, True, True]
    with pytest.raises(InputError, match="has no share yet"):
        decide(kind="", share=None, lines=("kiln-2",))
    answer = decide("工业源!2:orange:1", kind="", share=None, lines=("kiln-2",))
    assert (answer["lines"], answer["applied_cut_share"]) == (["kiln-2"], 0.5)
    assert [entry["item"] for entry in review_queue("nys")["queue"]] == [ITEM]
    assert [item["matched_line_ids"] for item in read_items("nys", two_kilns)] == [["kiln-2"]] * 3
    assert "lines kiln-2: plant plan" in database.read("audit", "nys").to_pylist()[-1]["note"]
    text, _ = measures_of_version("nys")
    assert {line.split(",")[2] for line in text.splitlines()[1:]} == {"kiln-2"}


def test_a_decision_of_another_person_about_an_item_of_the_row_stays(two_kilns: str) -> None:
    decide(actor="Zhao")
    decide("工业源!2:orange:1", kind="", share=None, lines=("kiln-1",))
    persons = {entry["level"]: entry["decided_by"] for entry in review_queue("nys")["decided"]}
    assert persons == {"yellow": "Zhao", "orange": "Wang", "red": "Wang"}
