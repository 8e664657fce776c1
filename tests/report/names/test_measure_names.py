"""Measures in words, from what they select."""

import pytest

from bigdata_emis import reference
from bigdata_emis.report.names.measure_names import measure_names, measure_words
from bigdata_emis.report.sheet.report_sheet import words
from tests.report.stores import START, declared_table

SOURCES = {"L1": words("North works", "北厂")}


WHOLE = {"scenario_id": "s", "measure_id": "m", "alert_level_code": "red", "from_utc": START} | dict.fromkeys(
    ("affected_share", "cut_share"), 1.0
)


def rows_of(*rows):
    return declared_table("control_measure", [WHOLE | row for row in rows]).to_pylist()


def name_of(**row):
    return measure_names(rows_of(row), SOURCES)["m"]


@pytest.mark.parametrize(
    ("row", "english", "chinese"),
    [
        ({"industry_code": "sinter", "grade_code": "B"}, "sinter and pellet, grade B", "烧结球团 B级"),
        (
            {"sector_code": "mobile", "vehicle_class_code": "HeavyT", "stage_threshold_code": "IV"},
            "heavy truck, up to China IV",
            "重型货车 国四及以下",
        ),
        ({"production_line_id": "L1"}, "North works · L1", "北厂 · L1"),
        (
            {"sector_code": "dust", "pollutant_code": "PM10", "from_local_hour": 22, "to_local_hour": 6},
            "dust, PM10 only, 22:00–06:00",
            "扬尘源 仅PM10 22:00–06:00",
        ),
        ({}, "all sources", "全部源"),
    ],
)
def test_a_measure_is_named_by_what_it_selects(row, english, chinese) -> None:
    assert name_of(**row) == words(english, chinese)


def test_measures_that_select_the_same_keep_their_identifiers() -> None:
    rows = [{"measure_id": name, "sector_code": "dust", "alert_level_code": "red"} for name in ("a", "b")]
    rows.append({"measure_id": "a", "sector_code": "dust", "alert_level_code": "yellow"})
    names = measure_names(rows_of(*rows), {})
    assert names == {"a": words("dust (a)", "扬尘源（a）"), "b": words("dust (b)", "扬尘源（b）")}
    assert measure_words(names, "c") == words("c")


def test_every_measure_of_the_national_list_has_a_chinese_name_of_its_own() -> None:
    listed = reference.read("default_measure").to_pylist()
    names = measure_names(rows_of(*listed), {})
    assert len({name["zh"] for name in names.values()}) == len(names) == len({row["measure_id"] for row in listed})
    assert not [name for name in names.values() if name["zh"].isascii()]
