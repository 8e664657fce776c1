"""`emis list …` answers in lines or as one document, and refuses a hostile list in one line with nothing written."""

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.cli.app import main
from bigdata_emis.cli.lists.list_commands import _first_lines, list_commands
from bigdata_emis.control.scenario.measures import read_measures
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from tests.control.emergency_list.list_builders import DATA, FULL_HEAD, plant, write_book


def call(monkeypatch: pytest.MonkeyPatch, *words: str, status: int = 0) -> None:
    monkeypatch.setattr(sys, "argv", ["emis", "list", *words])
    with pytest.raises(SystemExit, match=f"^{status}$"):
        main()


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return parsed


def test_a_text_is_explained_as_a_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert {"parse", "import"} <= {
        command.name or command.callback.__name__ for command in list_commands.registered_commands
    }
    call(monkeypatch, "parse", "停产50%(以生产线计)", "--context", "N=3", "--json")
    answer = document(capsys)
    assert (answer["pattern_id"], answer["kind"], answer["ask_person"]) == ("T004", "stop_lines_share", False)
    assert (answer["affected_share"], answer["applied_cut_share"]) == (0.666667, 0.666667)


def test_several_contexts_are_joined(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    call(monkeypatch, "parse", "保障类以热定产", "--context", "max_load=0.6", "--context", "load=0.75", "--json")
    assert document(capsys)["applied_cut_share"] == 0.2


def test_lines_show_what_is_known(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    call(monkeypatch, "parse", "停产；加强管理")
    out = capsys.readouterr().out
    assert "T001" in out
    assert "no measure that can be read" in out


def test_a_list_is_read_into_a_csv(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = home / "measures.csv"
    call(monkeypatch, "import", str(DATA / "list_a_simple.xlsx"), "--region", "nys", "--out", str(out), "--json")
    answer = document(capsys)
    assert (answer["items"], answer["accepted"], answer["queue"]) == (44, 44, [])
    assert out.read_text("utf-8").count("\n") == 45


def test_the_queue_and_the_notices_are_printed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "import", str(DATA / "list_c_dirty.xlsx"), "--region", "nys")
    out = capsys.readouterr().out
    assert "限产150%" in out
    assert "names and phones" in out
    assert "… and 8 more" in out


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([FULL_HEAD, plant(黄色预警减排措施="=1+1")], "formulas"),
        ([["减排清单编码", *FULL_HEAD], ["7", *plant(1)], ["7", *plant(2)]], "list code 7"),
        ([["x"]], "no sheet has a head row"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rows: list[list[Any]], words: str
) -> None:
    book, out = write_book(home / "list.xlsx", rows), home / "out.csv"
    call(monkeypatch, "import", str(book), "--region", "nys", "--out", str(out), status=2)
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_an_unknown_region_context_or_folder_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = str(DATA / "list_a_simple.xlsx")
    call(monkeypatch, "import", book, "--region", "nowhere", status=2)
    call(monkeypatch, "parse", "停产", "--context", "colour=3", status=2)
    call(monkeypatch, "import", book, "--region", "nys", "--out", str(home / "no" / "out.csv"), status=2)
    assert capsys.readouterr().err.count("\n") == 3


@pytest.fixture
def imported(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    dates = ("--valid-from", "2026-10-01", "--valid-to", "2027-09-30", "--by", "Li")
    call(monkeypatch, "import", str(DATA / "list_a_simple.xlsx"), "--region", "nys", *dates, "--json")
    return str(document(capsys)["version"])


def test_versions_are_listed_with_their_dates(
    imported: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "versions", "--region", "nys", "--json")
    [version] = document(capsys)["versions"]
    assert (version["version"], version["valid_from"], version["valid_to"]) == (imported, "2026-10-01", "2027-09-30")
    call(monkeypatch, "versions", "--region", "nys")
    assert "list_a_simple.xlsx" in capsys.readouterr().out


def test_two_versions_are_compared(
    imported: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "import", str(DATA / "list_b_two_row_header.xlsx"), "--region", "nys", "--json")
    other = document(capsys)["version"]
    call(monkeypatch, "diff", imported, other, "--region", "nys", "--json")
    answer = document(capsys)
    assert (len(answer["removed"]), len(answer["added"]), answer["changed"]) == (44, 22, [])
    call(monkeypatch, "diff", imported, imported, "--region", "nys")
    assert "the versions are equal" in capsys.readouterr().out


def test_a_workbook_and_a_sheet_are_written(
    imported: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book, pdf = home / "out.xlsx", home / "plant.pdf"
    call(monkeypatch, "export", "--region", "nys", "--version", imported[:6], "--out", str(book), "--json")
    assert document(capsys)["items"] == 44
    call(monkeypatch, "sheet", "--region", "nys", "--plant", "示例砖厂", "--out", str(pdf))
    assert (book.read_bytes()[:2], pdf.read_bytes()[:4]) == (b"PK", b"%PDF")
    call(monkeypatch, "export", "--region", "nys", "--out", str(home / "out.csv"), status=2)
    assert "--out" in capsys.readouterr().err
    assert not (home / "out.csv").exists()


def test_a_list_that_matches_no_line_gives_no_measure_file(
    imported: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "measures", "--region", "nys", "--out", str(home / "m.csv"), status=2)
    assert "matches a production line" in capsys.readouterr().err
    assert not (home / "m.csv").exists()


def test_dates_in_the_wrong_order_store_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--region", "nys", "--valid-from", "2027-01-01", "--valid-to", "2026-01-01")
    call(monkeypatch, "import", str(DATA / "list_a_simple.xlsx"), *words, status=2)
    call(monkeypatch, "versions", "--region", "nys", "--json")
    assert document(capsys)["versions"] == []


TOWN = """name_en = "Town"
name_zh = "镇"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 0
y_origin_m = 0
columns = 1
rows = 1
"""


def test_files_of_a_simulated_region_say_so_and_are_read_all_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "regions" / "town").mkdir(parents=True)
    (home / "regions" / "town" / "region.toml").write_text(TOWN, "utf-8")
    prepare_registry()
    enterprise = {"enterprise_id": "P", "name_zh": "示例石灰1厂", "industry_code": "lime_kiln"}
    line = {"production_line_id": "k", "enterprise_id": "P", "industry_code": "lime_kiln", "activity_unit_code": "t"}
    rows = {
        "enterprise": enterprise | {"longitude_deg": 116.0, "latitude_deg": 39.0},
        "production_line": line | {"sector_code": "industrial_process"},
    }
    tables = {name: pa.Table.from_pylist([row], arrow_schema(schema.table(name))) for name, row in rows.items()}
    database.replace(tables, "town")
    book = write_book(home / "list.xlsx", [FULL_HEAD, plant(1)])
    call(monkeypatch, "import", str(book), "--region", "town", "--out", str(home / "read.csv"))
    call(monkeypatch, "measures", "--region", "town", "--out", str(home / "m.csv"))
    for name in ("read.csv", "m.csv"):
        lines = (home / name).read_text("utf-8").splitlines()
        assert lines[0].startswith("# 模拟数据")
        assert lines[1].startswith("# SIMULATED")
    assert len(read_measures(home / "m.csv")) == 3


def test_a_long_table_ends_with_how_many_rows_it_left_out() -> None:
    rows = [(f"item {number}", "text", "reason") for number in range(23)]
    assert _first_lines(rows)[-1] == "  … and 3 more; see --json"
    assert len(_first_lines(rows)) == 21
    assert len(_first_lines(rows[:20])) == 20
