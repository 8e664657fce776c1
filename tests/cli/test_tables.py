"""What a person reads: aligned tables that never shorten a value, whatever the width of the terminal."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.cli import tables


def test_numbers_are_aligned_to_the_right_and_text_to_the_left() -> None:
    assert tables.table_lines(["name", ">count"], [["a", "1"], ["longer", "1,234"]]) == [
        "name    count",
        "a           1",
        "longer  1,234",
    ]


def test_a_chinese_character_is_two_columns_wide() -> None:
    assert tables.table_lines(["name", ">n"], [["首钢", "1"], ["iron", "2"]]) == ["name  n", "首钢  1", "iron  2"]


def test_no_value_is_shortened_or_read_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    long = "[bold]" + "x" * 500 + " :smile: [/bold]"
    assert tables.table_lines(["what", "why"], [["a", long]]) == ["what  why", f"a     {long}"]


def test_pairs_are_aligned_and_instants_are_in_iso_8601() -> None:
    pairs = {"level": "red", "from_utc": datetime(2015, 12, 20, tzinfo=UTC)}
    assert tables.pair_lines(pairs) == ["level  red", "from   2015-12-20T00:00:00+00:00"]


def test_a_document_for_people_has_local_times_with_their_offset_and_keys_without_utc() -> None:
    document = {
        "from_utc": datetime(2015, 12, 20, 16, tzinfo=UTC),
        "known_utc": "2015-12-21T00:00:00+00:00",
        "orders": [{"to_utc": "2015-12-21T16:00:00+00:00", "level": "red"}],
        "lifted_utc": None,
        "cities": ["A", "B"],
    }
    local = tables.in_local_time(document, "Asia/Shanghai")
    assert local["orders"] == [{"to_utc": "2015-12-22 00:00 +08:00", "level": "red"}]
    assert [" ".join(line.split()) for line in tables.pair_lines({k: local[k] for k in local if k != "orders"})] == [
        "from 2015-12-21 00:00 +08:00",
        "known 2015-12-21 08:00 +08:00",
        "lifted -",
        "cities A, B",
    ]
    assert document["known_utc"] == "2015-12-21T00:00:00+00:00"


def test_a_receipt_shows_quarantined_rows_by_reason_and_a_dash_without_a_balance() -> None:
    receipts = [
        {"stage": "clean_power", "rows_in": 1200, "rows_out": 1199, "balance": 0.0, "quarantined": {"negative": 1}},
        {"stage": "grid", "rows_in": 0, "rows_out": 4, "balance": 0.0, "quarantined": {}},
    ]
    assert tables.receipt_lines(receipts) == [
        "stage        rows in  rows out  balance  quarantined",
        "clean_power    1,200     1,199  0.0e+00  negative 1",
        "grid               0         4        -  -",
    ]


def test_published_versions_are_listed_and_none_is_no_line() -> None:
    version = {
        "region": "jjj",
        "day": "2015-12-21",
        "table": "emission_hourly",
        "rows": 315480,
        "version": "a8a4",
        "known_utc": "2015-12-22T00:00:00+00:00",
        "scenario": None,
    }
    assert tables.published_lines({"versions": [version]}, {"jjj": "Asia/Shanghai"})[1].split() == [
        "jjj",
        "2015-12-21",
        "emission_hourly",
        "315,480",
        "a8a4",
        "2015-12-22",
        "08:00",
        "+08:00",
    ]


def test_what_is_within_a_document_is_lines_and_no_code_of_python() -> None:
    document = {
        "is_replayed": False,
        "note": None,
        "review": {"html": "/a.html", "pdf_zh": "/a.pdf"},
        "acts": [{"actor": "Li", "known_utc": "x"}, {"actor": "Wang", "known_utc": "y"}],
        "empty": {},
        "cities": ["Beijing", "Tianjin"],
        "hours": [1, 2],
    }
    assert tables.pair_lines(document) == [
        "is_replayed    no",
        "note           -",
        "review html    /a.html",
        "review pdf_zh  /a.pdf",
        "acts           actor Li, known x",
        "acts           actor Wang, known y",
        "empty          -",
        "cities         Beijing, Tianjin",
        "hours          1, 2",
    ]


def test_an_instant_within_a_sentence_is_local_too() -> None:
    said = {"acts": [{"note": "lifted from 2019-07-15T17:00:00+00:00 to 2019-07-15T18:30Z; 2019-07-15 and T001 stay"}]}
    local = tables.in_local_time(said, "America/New_York")
    assert local["acts"][0]["note"] == (
        "lifted from 2019-07-15 13:00 -04:00 to 2019-07-15 14:30 -04:00; 2019-07-15 and T001 stay"
    )


@pytest.mark.parametrize("text", ["2015-12-21T00:00+99:00", "9999-12-31T23:00-08:00", "0001-01-01T00:00:00+09:00"])
def test_a_time_that_no_clock_shows_stays_as_it_is_in_a_sentence(text: str) -> None:
    assert tables.in_local_time(f"'{text}' is not a time", "Asia/Shanghai") == f"'{text}' is not a time"


def test_nothing_published_is_said_in_a_line() -> None:
    assert tables.published_lines({"versions": []}, {}) == [
        "no published version: run `emis day`, or check --region and --as-of"
    ]


def test_scores_show_every_model_and_the_champion_of_each_mode() -> None:
    score = {"n": 3, "median_r2": 0.975, "share_r2_ge_075": 1.0, "median_abs_nmb": 0.01, "median_nmae": None}
    document = {"champion": "ramp", "models": {"ramp": score}, "modes": {"frozen": {"ramp": {**score, "n": 2}}}}
    lines = tables.score_lines(document)
    assert lines[1].split() == ["ramp", "3", "0.975", "100.0%", "1.00%", "-", "-"]
    assert lines[2].split()[:3] == ["ramp,", "frozen", "2"]
    assert lines[3].startswith("champion: ramp; ")


def test_scores_over_all_values_are_shown_where_a_task_has_them() -> None:
    score = {"n": 3, "median_r2": 0.9, "pooled_r2": 0.958, "pooled_mae": 2.5}
    unknown = [{"id": "GT 1", "most_r2": 0.166}, {"id": "GT 2", "most_r2": 0.3}]
    listed = tables.score_lines({"champion": "ramp", "models": {"ramp": score}, "minutes_unknown": unknown})
    assert listed[-1].endswith("own hourly load in the fit years: GT 1 0.17, GT 2 0.30")
    lines = tables.score_lines({"champion": "ramp", "models": {"ramp": score, "plain": {"n": 1}}})
    assert not any("minutes unknown" in line for line in lines)
    assert lines[0].endswith("R2 of all  MAE of all")
    assert lines[1].split()[-2:] == ["0.958", "2.50"]
    assert lines[2].split()[-2:] == ["-", "-"]


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (0.5, "50%"), (0.0, "0%")])
def test_a_missing_number_is_a_dash(value: float | None, shown: str) -> None:
    assert tables.format_number(value, ".0%") == shown
