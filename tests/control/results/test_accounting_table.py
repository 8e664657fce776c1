"""The accounting table of cuts: which row, which share, and the layout of the form."""

import io
from pathlib import Path

import openpyxl
import pytest

from bigdata_emis.control.results.accounting_table import (
    LEVELS,
    accounting_workbook,
    build_accounting,
    check_workbook_path,
    write_accounting,
)
from bigdata_emis.control.scenario.account import AccountKey
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region

REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
ROWS = [1, 2, 3, 4, 6]


def account(*rows):
    """Rows as sector, industry, measure, pollutant, emission in t, cut in t."""
    return {AccountKey(s, i, "", m, p): (emission * 1e6, cut * 1e6) for s, i, m, p, emission, cut in rows}


def city(industry, mobile, other):
    """A city of 40 t NOx a day, with the cuts of the worked example of the form."""
    return account(
        ("industrial_process", "sinter", "plants", "NOx", 20, industry),
        ("mobile", "", "trucks", "NOx", 15, mobile),
        ("mobile", "nonroad_machinery", "machines", "NOx", 5, other),
    )


RED, ORANGE, YELLOW = city(9, 2, 1), city(6, 1.5, 0.1), city(0, 0, 0)
TABLE = build_accounting({"red": RED, "orange": ORANGE, "yellow": YELLOW}, REGION)
ABOUT = {
    "from_utc": "2015-12-20T00:00:00+00:00",
    "to_utc": "2015-12-21T00:00:00+00:00",
    "hours_present": 24,
    "hours_expected": 24,
    "projection": None,
    "level": "orange",
    "ledger": [{"base_source": "inventory", "pollutant": "NOx", "cut_p05_kg": 6000.0, "cut_p95_kg": 9500.0}],
}


def figures(row, level, pollutant="NOx", table=TABLE):
    (one,) = [
        c for c in table["cells"] if (str(c["row"]), str(c["level"]), str(c["pollutant"])) == (row, level, pollutant)
    ]
    return one["cut_t"], one["cut_share"]


def workbook():
    return openpyxl.load_workbook(io.BytesIO(accounting_workbook(TABLE, ABOUT, time_zone="Asia/Shanghai"))).worksheets[
        0
    ]


def test_shares_are_of_the_whole_society_and_add_up_to_its_row() -> None:
    """6,000 + 1,500 + 100 of 40,000 kg are 19 %: one point short of an orange target."""
    assert figures("industry", "orange") == pytest.approx((6, 0.15))
    assert figures("motor_vehicles", "orange") == pytest.approx((1.5, 0.0375))
    assert figures("other", "orange") == pytest.approx((0.1, 0.0025))
    assert figures("whole_society", "orange") == pytest.approx((7.6, 0.19))


@pytest.mark.parametrize(
    ("sector", "industry", "row"),
    [
        ("dust", "construction_site", "dust"),
        ("dust", "road_dust", "dust"),
        ("stationary_combustion", "coal_power", "industry"),
        ("stationary_combustion", "residential_coal", "other"),
        ("solvent_use", "furniture", "industry"),
        ("solvent_use", "domestic_solvent", "other"),
        ("mobile", "", "motor_vehicles"),
        ("mobile", "minor_road", "motor_vehicles"),
        ("mobile", "construction_site", "other"),
        ("agriculture", "livestock", "other"),
        ("other", "catering", "other"),
    ],
)
def test_each_source_is_counted_in_one_row(sector: str, industry: str, row: str) -> None:
    one = account((sector, industry, "m", "PM10", 4, 1))
    table = build_accounting(dict.fromkeys(LEVELS, one), REGION)
    cut = {str(c["row"]) for c in table["cells"] if c["cut_t"] > 0}
    assert cut == {row, "whole_society"}


def test_a_pollutant_without_emission_has_no_share() -> None:
    assert figures("industry", "red", "SO2") == (0.0, None)


def test_the_workbook_has_thirty_figures_a_row_with_red_first() -> None:
    sheet = workbook()
    assert [sheet.cell(row, 2).value for row in range(3, 8)] == ROWS
    assert [sheet.cell(row, 1).value for row in range(3, 8)] == [
        "建筑扬尘减排",
        "工业减排",
        "机动车减排",
        "其它减排",
        "全社会减排",
    ]
    groups = [sheet.cell(1, column).value for column in range(3, 33, 5)]
    assert groups[:3] == ["红色预警减排量(吨)", "橙色预警减排量(吨)", "黄色预警减排量(吨)"]
    assert groups[3:] == ["红色预警减排比例(%)", "橙色预警减排比例(%)", "黄色预警减排比例(%)"]
    assert [sheet.cell(2, column).value for column in range(3, 8)] == ["PM10", "PM2.5", "SO2", "NOx", "VOC"]
    assert sheet.max_column == 32
    assert "A1:A2" in {str(one) for one in sheet.merged_cells.ranges}


def test_the_figures_of_the_workbook_are_those_of_the_table() -> None:
    sheet = workbook()
    whole_red_t, whole_red_percent = sheet.cell(7, 6).value, sheet.cell(7, 21).value
    assert (whole_red_t, whole_red_percent) == pytest.approx((12.0, 30.0))
    assert sheet.cell(4, 11).value == pytest.approx(6.0)
    assert "NOx 40.000" in sheet.cell(10, 1).value
    assert sheet.cell(12, 1).value == "橙色全社会减排量90%区间（吨）：NOx 6.000–9.500"


@pytest.mark.parametrize("name", ["table.csv", "nowhere/table.xlsx"], ids=["suffix", "folder"])
def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"expected a file \*.xlsx in a folder that exists"):
        check_workbook_path(tmp_path / name)


def test_a_workbook_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    check_workbook_path(path)
    write_accounting(path, {**ABOUT, "accounting": TABLE}, time_zone="UTC")
    assert [one.name for one in tmp_path.iterdir()] == ["a.xlsx"]


def test_the_note_says_how_many_hours_have_an_inventory_and_how_many_have_none() -> None:
    content = accounting_workbook(TABLE, {**ABOUT, "hours_present": 18, "hours_expected": 42}, time_zone="UTC")
    note = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].cell(9, 1).value
    assert note.endswith("，共 42 小时，其中 18 小时有排放清单，24 小时缺清单；减排量仅为其余 18 小时合计")


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (72, "共 72 小时，24 小时有排放清单，48 小时由近期清单推算；减排量为全部 72 小时合计"),
        (96, "共 96 小时，其中 24 小时有排放清单，48 小时由近期清单推算，24 小时缺清单；减排量仅为其余 72 小时合计"),
    ],
)
def test_projected_hours_are_no_missing_ones(expected: int, words: str) -> None:
    about = {**ABOUT, "hours_expected": expected, "projection": {"hours": 48}}
    note = openpyxl.load_workbook(io.BytesIO(accounting_workbook(TABLE, about, time_zone="UTC"))).worksheets[0]
    assert note.cell(9, 1).value.endswith(words)


def test_an_alert_that_was_called_without_a_stored_order_is_a_note() -> None:
    row = {**ABOUT["ledger"][0], "called_level": "red"}
    sheet = openpyxl.load_workbook(
        io.BytesIO(accounting_workbook(TABLE, {**ABOUT, "ledger": [row]}, time_zone="UTC"))
    ).worksheets[0]
    notes = [sheet.cell(number, 1).value for number in range(9, 14)]
    assert any("未登记管控指令" in (note or "") for note in notes)
    plain = [workbook().cell(number, 1).value for number in range(9, 14)]
    assert not any("未登记管控指令" in (note or "") for note in plain)


def test_the_workbook_speaks_in_local_time_and_its_columns_show_their_titles() -> None:
    sheet = workbook()
    note = sheet.cell(9, 1).value
    assert note.startswith("时段（当地时间）：2015-12-20 08:00 +08:00 至 2015-12-21 08:00 +08:00，")
    assert note.endswith("共 24 小时，各小时均有排放清单；减排量为全部 24 小时合计")
    longest = max(len(str(sheet.cell(row, 1).value)) for row in range(1, 8) if sheet.cell(row, 1).value)
    assert sheet.column_dimensions["A"].width >= 2 * longest
    assert (sheet.cell(4, 3).number_format, sheet.cell(4, 18).number_format) == ("#,##0.000", "0.00")
    assert sheet.freeze_panes == "C3"


def test_the_orders_of_an_event_that_changes_have_rows_of_their_own_below_the_form() -> None:
    """Orange to noon, then red: 7 + 1.75 + 0.5 of 40 t, which is the cut of no level."""
    changed = build_accounting({"red": RED, "orange": ORANGE, "yellow": YELLOW}, REGION, ordered=city(7, 1.75, 0.5))
    orders = [
        {"level": level, "from_utc": f"2015-12-{first}:00:00+00:00", "to_utc": f"2015-12-{last}:00:00+00:00"}
        for level, first, last in (("orange", "20T00", "20T12"), ("red", "20T12", "21T00"))
    ]
    content = accounting_workbook(changed, {**ABOUT, "orders": orders}, time_zone="UTC")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.cell(9, 1).value.startswith("本次指令（级别或措施有调整）：橙色预警 2015-12-20 00:00")
    assert [sheet.cell(10, column).value for column in (6, 11)] == ["NOx(吨)", "NOx(%)"]
    assert [sheet.cell(row, 2).value for row in range(11, 16)] == ROWS
    assert [sheet.cell(15, column).value for column in (6, 11)] == pytest.approx([9.25, 23.125])
    assert sheet.cell(17, 1).value.startswith("时段（当地时间）")
    assert sheet.cell(20, 1).value == "本次指令全社会减排量90%区间（吨）：NOx 6.000–9.500"
    assert sheet.max_column == 32


def test_an_event_that_does_not_change_has_no_rows_of_its_own() -> None:
    assert "ordered" not in TABLE
