"""Figures, dates, truths and codes from cells, whatever way they are written."""

from datetime import date, datetime

import pytest

from bigdata_emis.control.emergency_list.sheets.cell_values import (
    CellValue,
    cell_text,
    has_right_check_sign,
    read_credit_code,
    read_date,
    read_figure,
    read_mass_per_day,
    read_truth,
)


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        (12, 12), ("１,２００", 1200), ("80万吨", 800_000), ("36.0", 36), ("烧结1台", 1), (" 20 ", 20), ("-15", -15),
        ("1.2e3", 1200),
        ("", None), ("无", None), (None, None), (True, None), (float("nan"), None), (float("inf"), None),
    ],
)  # fmt: skip
def test_the_figure_of_a_cell_is_read(value: CellValue, figure: float | None) -> None:
    assert read_figure(value) == figure


@pytest.mark.parametrize(
    ("value", "unit", "days", "mass", "remark"),
    [
        (100, "千克/天", None, 100, ""),
        ("1,200", "克/天", None, 1.2, ""),
        ("36.5", "吨/年", None, 100, "365 days assumed"),
        ("36.0", "吨/年", 300.0, 120, ""),
        ("1.2吨", "千克/天", None, 1200, ""),
        ("0.365", "万吨/年", None, 10_000, "365 days assumed"),
        (-15, "kg/d", None, -15, ""),
        (5, "", None, None, "unit of the emission is unknown"),
        (5, "kg", None, 5, "read as a day"),
        (None, "kg/d", None, None, ""),
    ],
)
def test_an_emission_is_brought_to_kg_a_day(
    value: CellValue, unit: str, days: float | None, mass: float | None, remark: str
) -> None:
    found, note = read_mass_per_day(value, unit, running_days=days)
    assert found == (None if mass is None else pytest.approx(mass))
    assert remark in note


@pytest.mark.parametrize(
    "value",
    [
        45611, "45611", "2024.11.15", "20241115", "2024年11月15日", date(2024, 11, 15),
        datetime.fromisoformat("2024-11-15"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_way_that_lists_write_it(value: CellValue) -> None:
    assert read_date(value) == date(2024, 11, 15)


@pytest.mark.parametrize("value", ["", "长期", "2024.13.01", 12, None])
def test_what_is_no_day_is_none(value: CellValue) -> None:
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("value", "truth"), [("√", True), ("是", True), (1, True), ("否", False), ("", None), ("?", None)]
)
def test_marks_are_truths(value: CellValue, truth: bool | None) -> None:
    assert read_truth(value) is truth


@pytest.mark.parametrize(
    ("value", "code", "remark"),
    [
        ("91999999MA0000001N", "91999999MA0000001N", ""),
        ("９１999999ma0000001n", "91999999MA0000001N", ""),
        ("91999999MA0000052Y001P", "91999999MA0000052Y", "permit number"),
        ("91999999MA00000490", "91999999MA00000490", "check sign"),
        ("12345", "12345", "not of the form"),
        (9.1e17, "", "turned into a number"),
        ("9.1E+17", "", "turned into a number"),
        (None, "", ""),
    ],
)
def test_a_credit_code_is_read_and_checked(value: CellValue, code: str, remark: str) -> None:
    found, note = read_credit_code(value)
    assert found == code
    assert remark in note


def test_one_wrong_sign_of_a_credit_code_is_noticed() -> None:
    assert has_right_check_sign("91999999MA0000001N")
    assert not has_right_check_sign("91999999MA0000002N")


def test_cells_become_text_without_surprises() -> None:
    assert [cell_text(v) for v in (None, 2.0, 0.5, datetime.fromisoformat("2024-11-15"), " 停产\u200b ")] == [
        "", "2", "0.5", "2024-11-15", "停产",
    ]  # fmt: skip
