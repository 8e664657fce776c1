"""Checks between rows: what another row makes doubtful is for a person, and cuts nothing until then."""

from typing import Any

import pytest

from bigdata_emis.control.emergency_list.list_checks import check_items, refuse_repeated_codes
from bigdata_emis.control.emergency_list.list_items import ListItem, items_of_row
from bigdata_emis.control.emergency_list.list_rows import ListRow
from bigdata_emis.errors import InputError


def row(number: int = 2, **changes: Any) -> ListRow:
    values: dict[str, Any] = {
        "sheet": "工业", "sheet_kind": "industry", "excel_row": number, "name": f"示例{number}厂", "county": "示例甲县",
        "emissions": {"SO2": 10.0}, "measures": {"yellow": "限产20%", "orange": "限产50%", "red": "停产"},
    }  # fmt: skip
    return ListRow(**(values | changes))


def checked(*rows: ListRow) -> list[ListItem]:
    return check_items([item for r in rows for item in items_of_row(r)])


def statuses(items: list[ListItem]) -> list[str]:
    return [str(item.status) for item in items]


def test_rows_without_conflict_stay_accepted() -> None:
    assert set(statuses(checked(row(2), row(3)))) == {"accepted"}


def test_one_code_of_two_plants_asks_about_both() -> None:
    items = checked(row(2, credit_code="X"), row(3, credit_code="X"), row(4, credit_code="Y"))
    assert statuses(items) == ["ask_person"] * 6 + ["accepted"] * 3
    assert "row 3" in items[0].reason
    assert items[0].cut_kg_per_d == {}


def test_two_lines_of_one_plant_share_their_code() -> None:
    assert set(
        statuses(checked(row(2, credit_code="X", name="甲"), row(3, credit_code="X", name="甲", line="2号")))
    ) == {"accepted"}


def test_a_repeated_row_is_rejected_and_the_first_one_stays() -> None:
    items = checked(row(2, name="甲"), row(3, name="甲"))
    assert statuses(items) == ["accepted"] * 3 + ["rejected"] * 3
    assert items[3].reason == "same as row 2"


def test_levels_that_do_not_nest_are_doubtful_and_the_others_are_not() -> None:
    items = checked(row(measures={"yellow": "限产50%", "orange": "限产30%", "red": "停产"}))
    assert statuses(items) == ["ask_person", "ask_person", "accepted"]


def test_a_vehicle_measure_has_no_part_in_nesting() -> None:
    items = checked(row(measures={"yellow": "停止公路运输", "orange": "限产30%", "red": "停产"}))
    assert set(statuses(items)) == {"accepted"}


@pytest.mark.parametrize(("plants", "status"), [(12, "ask_person"), (4, "accepted")])
def test_a_county_of_one_plant_is_asked_about_in_a_long_list_only(plants: int, status: str) -> None:
    items = checked(*(row(number) for number in range(2, 2 + plants)), row(90, county="示例庚县"))
    assert statuses(items)[-3:] == [status] * 3
    assert set(statuses(items)[:-3]) == {"accepted"}


def test_a_row_without_a_name_is_for_a_person() -> None:
    assert set(statuses(checked(row(name="")))) == {"ask_person"}


def test_an_order_to_stop_a_guaranteed_plant_is_a_contradiction() -> None:
    items = checked(row(guarantee_code="livelihood"))
    assert statuses(items) == ["accepted", "accepted", "ask_person"]
    assert "livelihood" in items[2].reason


def test_two_plants_with_one_list_code_are_refused() -> None:
    refuse_repeated_codes([row(2, list_code="1", name="甲"), row(3, list_code="1", name="甲"), row(4), row(5)])
    with pytest.raises(InputError, match="row 4: list code 1 of 乙 is that of 甲 in row 2"):
        refuse_repeated_codes([row(2, list_code="1", name="甲"), row(4, list_code="1", name="乙")])
