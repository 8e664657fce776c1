"""The parts of a sheet: texts in both languages, numbers and times."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.report.sheet.report_sheet import (
    code_words,
    mass_words,
    number_text,
    section,
    share_words,
    time_words,
    words,
    written_words,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (1.0, "1"), (0.256, "0.256"), (0.0, "0"), (-1e-9, "0"), (-72064.0, "-72,064"), (-0.5, "-0.5")],
)
def test_numbers_keep_their_meaning_as_text(value: float, text: str) -> None:
    assert number_text(value) == text


def test_what_is_unknown_is_a_dash_and_never_a_zero() -> None:
    assert mass_words(None)["en"] == share_words(None)["zh"] == time_words(None, "UTC")["en"] == "–"
    assert code_words("sector", None)["zh"] == "–"
    assert mass_words(0.0)["en"] == "0"


def test_masses_are_in_kilogram_and_shares_in_percent() -> None:
    assert mass_words(2_500_000.0)["en"] == "2,500"
    assert share_words(0.235)["zh"] == "23.5%"


def test_codes_have_both_titles_and_an_unknown_code_is_its_own() -> None:
    assert code_words("sector", "dust") == {"en": "dust", "zh": "扬尘源"}
    assert code_words("sector", "new") == {"en": "new", "zh": "new"}


def test_times_are_local() -> None:
    assert time_words(datetime(2015, 12, 20, 16, tzinfo=UTC), "Asia/Shanghai")["en"] == "2015-12-21 00:00"


def test_a_section_without_columns_has_sentences_only() -> None:
    part = section(words("Cost", "成本"), notes=[words("unknown", "未知")])
    assert (part["columns"], part["rows"], part["notes"][0]["zh"]) == ([], [], "未知")


def test_columns_of_numbers_are_known_also_where_all_of_them_are_unknown() -> None:
    rows = [
        [words("kiln"), words("1,234"), words("23.5%"), words("40 – 50"), words("2015-12-21 00:00")],
        [words("mill"), words("–"), words("-0.5%"), words("-1,443 – 58,771"), words("–")],
    ]
    part = section(words("t"), columns=[words(name) for name in "abcde"], rows=rows)
    assert part["numeric"] == [False, True, True, True, False]
    assert part["widths"] == [0, 0, 0, 0, 0]
    targets = [[words("NOx"), words("30.0%")], [words("CO"), words("none", "无")]]
    assert section(words("t"), columns=[words("a"), words("b")], rows=targets)["numeric"] == [False, True]
    steps = [[words("1")], [words("cement")], [words("coke")]]
    assert section(words("t"), columns=[words("a")], rows=steps)["numeric"] == [False]
    unknown = section(words("t"), columns=[words("to"), words("NOx kg")], rows=[[words("–")] * 2], widths=[2, 1])
    assert (unknown["numeric"], unknown["widths"]) == ([False, True], [2, 1])


def test_a_sheet_says_when_it_was_written_and_in_which_time_it_speaks() -> None:
    written = written_words(datetime(2015, 12, 20, 16, tzinfo=UTC), "Asia/Shanghai")
    assert written["zh"] == "生成于 2015-12-21 00:00 +08:00；时间均为当地时间（Asia/Shanghai）"
