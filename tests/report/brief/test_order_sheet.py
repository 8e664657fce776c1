"""Orders in words: a table for each county, with the same numbers as the tables."""

import json
from dataclasses import replace

from bigdata_emis.report.brief.brief_data import gather_brief
from bigdata_emis.report.brief.order_sheet import HOW_TO_READ, RAMPS, order_sheet
from bigdata_emis.report.sheet.report_sheet import words
from tests.report.brief.briefed_town import HOUR, fill_town
from tests.report.city_day import CITY
from tests.report.stores import DAY, START


def texts(rows, language="en"):
    return [[cell[language] for cell in row] for row in rows]


def test_the_orders_are_stop_or_cut_with_hours(home) -> None:
    sheet = order_sheet(gather_brief(CITY, DAY, fill_town()), known_utc=START)
    assert sheet["sections"][0]["notes"][: len(HOW_TO_READ)] == list(HOW_TO_READ)
    rows = texts(sheet["sections"][1]["rows"], "zh")
    assert [row[3] for row in rows] == ["停产", "限产50%"]
    assert rows[0][4:] == ["12-21 00:00", "12-21 03:00", "–", "3", "–", "–", "–"]
    assert rows[0][0] == "北厂"


def test_an_order_that_changes_is_a_row_for_each_part_and_one_line(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    (whole,) = brief.orders[0]["steps"]
    noon = whole["from_utc"] + HOUR
    parts = [{**whole, "to_utc": noon, "cut_share": 0.3}, {**whole, "from_utc": noon}]
    sheet = order_sheet(replace(brief, orders=[{**brief.orders[0], "steps": parts}]), known_utc=START)
    section = sheet["sections"][1]
    assert [row[3:6] for row in texts(section["rows"])] == [
        ["cut 30%", "12-21 00:00", "12-21 01:00"],
        ["stop", "12-21 01:00", "12-21 03:00"],
    ]
    assert section["title"]["en"].endswith(": 1 line")
    assert RAMPS in sheet["sections"][0]["notes"]
    paused = [parts[0], {**whole, "from_utc": noon + HOUR}]
    again = order_sheet(replace(brief, orders=[{**brief.orders[0], "steps": paused}]), known_utc=START)
    assert RAMPS not in again["sections"][0]["notes"]


def test_an_order_for_pollutants_alone_has_the_share_of_each(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    (whole,) = brief.orders[0]["steps"]
    step = {**whole, "cut_share": 0.0, "pollutant_share": {"NOx": 0.2, "SO2": 0.2, "VOCs": 0.4, "CO": 0.9}}
    sheet = order_sheet(replace(brief, orders=[{**brief.orders[0], "steps": [step]}]), known_utc=START)
    (row,) = sheet["sections"][1]["rows"]
    assert row[3] == {"en": "no output cut; SO2, NOx 20%; VOCs 40%", "zh": "不限产；SO2、NOx 减20%；VOCs 减40%"}


def test_each_county_has_its_name_and_its_own_table_of_orders(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    kiln, mill = brief.orders
    orders = [{**kiln, "city": "北京", "county": "110101"}, {**mill, "city": "北京", "county": "110102"}]
    named = replace(brief, orders=orders, county_names={"110101": words("Dongcheng, Beijing", "北京东城区")})
    sections = order_sheet(named, known_utc=START)["sections"][1:]
    assert [part["title"]["zh"] for part in sections] == ["北京东城区：1条生产线", "北京 110102：1条生产线"]
    assert [texts(part["rows"])[0][1].split()[0] for part in sections] == ["kiln", "mill"]


def test_one_line_is_not_called_lines(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    sections = order_sheet(replace(brief, orders=brief.orders[:1]), known_utc=START)["sections"]
    assert sections[1]["title"]["en"].endswith(": 1 line")


def test_the_way_to_read_is_said_once_and_a_cut_has_its_unit_in_the_heading(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    kiln, mill = brief.orders
    two = replace(brief, orders=[{**kiln, "county": "110101"}, {**mill, "county": "110102"}])
    sheet = order_sheet(two, known_utc=START)
    assert [len(part["notes"]) for part in sheet["sections"]] == [2, 0, 0]
    assert [column["en"] for column in sheet["sections"][1]["columns"]][6:8] == ["SO2 kg", "NOx kg"]
    assert "control_hourly" not in json.dumps(sheet)
    grams = sum(step["cut_g"]["NOx"] for order in two.orders for step in order["steps"])
    assert sum(float(part["rows"][0][7]["en"]) for part in sheet["sections"][1:]) == grams / 1000
