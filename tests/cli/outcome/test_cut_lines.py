"""The waterfall and the gap as lines: signs, verdicts, and where the rest of the emission is."""

from typing import Any

from bigdata_emis.cli.outcome.cut_lines import BELOW_ZERO, HOW_TO_READ, NOT_RANKED, gap_lines, waterfall_lines
from bigdata_emis.control.results.gap_ranking import NotRanked
from bigdata_emis.report.sheet.report_sheet import words

STEP = {"pollutant": "NOx", "added_share": 0.0625, "cumulative_kg": 120.0, "own_kg": 0.0}
WATERFALL: Any = {
    "region": "r",
    "scenario": "town",
    "level": "orange",
    "from_utc": "2015-12-19T16:00:00+00:00",
    "to_utc": "2015-12-20T16:00:00+00:00",
    "order": "list",
    "cut_kg": {"NOx": 48.0},
    "without_effect": {"NOx": ["c", "d"]},
    "rows": [
        {**STEP, "step": 3, "measure": "c", "measure_count": 1, "added_kg": 0.0, "share_of_cut": 0.0},
        {**STEP, "step": 1, "measure": "a", "measure_count": 1, "added_kg": 120.0, "share_of_cut": 2.5},
        {**STEP, "step": 2, "measure": "b", "measure_count": 3, "added_kg": -72.0, "share_of_cut": -1.5},
    ],
}
GAP: Any = {
    "scenario": "town",
    "pollutant": "NOx",
    "baseline_kg": 1920.0,
    "cut_share": 0.18125,
    "target_share": 0.3,
    "gap_kg": 228.0,
    "is_closed": False,
    "possible_kg": 192.0,
    "missing_kg": 36.0,
    "reachable_share": 0.28125,
    "reachable_in_grades_share": 0.2,
    "orders": [],
    "candidates": 1,
    "rows": [
        {
            "rank": 1,
            "source": "foundry-1",
            "sector": "industrial_process",
            "industry": "foundry",
            "grade": "C",
            "county": "",
            "left_kg": 192.0,
            "more_kg": 192.0,
            "cumulative_kg": 192.0,
        }
    ],
    "not_ranked_kg": {"traffic": 180.0, "exempt": 0.0},
}


def test_what_a_step_adds_has_its_sign_and_the_number_of_its_measures() -> None:
    lines = waterfall_lines(WATERFALL, {"a": words("sinter, grade B", "烧结 B级")})
    assert "NOx: 48.0 kg" in lines
    cells = [line.split() for line in lines]
    assert ["1", "烧结", "B级", "a", "+120.0", "6.25%", "250.0%", "120.0", "0.0"] in cells
    assert next(line[:5] for line in cells if line[:1] == ["2"]) == ["2", "b", "×", "3", "-72.0"]


def test_a_measure_that_applies_and_adds_nothing_in_this_order_is_shown_and_both_numbers_are_explained() -> None:
    rows = [{**row, "own_kg": 48.0 if row["measure"] == "c" else 0.0} for row in WATERFALL["rows"]]
    lines = waterfall_lines({**WATERFALL, "rows": rows}, {})
    assert ["3", "c", "+0.0", "6.25%", "0.0%", "120.0", "48.0"] in [line.split() for line in lines]
    assert lines[-len(HOW_TO_READ) - len(BELOW_ZERO) :] == [*HOW_TO_READ, *BELOW_ZERO]


def test_measures_that_cut_nothing_are_counted_in_one_line() -> None:
    lines = waterfall_lines(WATERFALL, {})
    line = lines[-1 - len(HOW_TO_READ) - len(BELOW_ZERO)]
    assert line.startswith("2 measures cut nothing when all are in force 全部生效时2项")
    assert not [line for line in lines if line.split()[:2] == ["3", "c"]]


def test_a_scenario_without_a_cut_says_so() -> None:
    assert waterfall_lines({**WATERFALL, "cut_kg": {}, "rows": []}, {})[-1] == "the scenario cuts nothing 无减排"


def test_a_gap_that_cannot_be_closed_says_what_is_missing() -> None:
    lines = gap_lines(GAP, {}, {})
    assert "CANNOT BE CLOSED" in lines[1]
    assert lines[1].endswith("36.0 kg are missing")
    assert lines[2].startswith("reachable: 28.12% with every candidate down to its least load, whatever its grade")
    assert "; 20.00% within the steps of grades" in lines[2]
    assert "28.12%" in lines[3]
    assert lines[5].split()[:4] == ["1", "foundry-1", "铸造", "C"]
    named = gap_lines(GAP, {"foundry-1": words("Foundry", "示例铸造厂")}, {})
    assert named[5].split()[:4] == ["1", "示例铸造厂", "foundry-1", "铸造"]
    assert lines[-1] == "left and not ranked, kg 未列入: traffic 交通 180.0"


def test_a_gap_that_closes_says_with_how_many_candidates() -> None:
    assert "closed by 1 of 1 candidates" in gap_lines({**GAP, "is_closed": True}, {}, {})[1]
    reached = gap_lines({**GAP, "gap_kg": 0.0, "rows": [], "not_ranked_kg": {}}, {}, {})
    assert reached[1:] == ["the target is reached: no gap 已达标"]


def test_the_gap_of_each_order_is_a_row() -> None:
    order = {
        "order": 2,
        "level": "red",
        "from_utc": "12-20 06:00",
        "to_utc": "12-21 00:00",
        "baseline_kg": 1440.0,
        "cut_kg": 405.0,
        "target_share": 0.3,
        "gap_kg": 27.0,
        "missing_kg": 27.0,
    }
    lines = [" ".join(line.split()) for line in gap_lines({**GAP, "orders": [order]}, {}, {})]
    assert "2 red 12-20 06:00 12-21 00:00 28.12% 30.00% 27.0 27.0" in lines


def test_every_reason_has_its_words() -> None:
    assert NOT_RANKED.keys() == {reason.value for reason in NotRanked}


def test_industry_and_county_of_a_gap_are_names() -> None:
    rows = [{**GAP["rows"][0], "county": "9901"}, {**GAP["rows"][0], "industry": "", "county": "9902"}]
    lines = gap_lines({**GAP, "rows": rows}, {}, {"9901": words("Old Town", "老城区")})
    cells = [line.split() for line in lines]
    assert [cell[2:5] for cell in cells if cell[:2] == ["1", "foundry-1"]] == [
        ["铸造", "C", "老城区"],
        ["工艺过程源", "C", "9902"],
    ]


def test_a_step_below_zero_is_explained_where_there_is_one() -> None:
    assert waterfall_lines(WATERFALL, {})[-2:] == list(BELOW_ZERO)
    rows = [row for row in WATERFALL["rows"] if row["added_kg"] >= 0]
    assert BELOW_ZERO[0] not in waterfall_lines({**WATERFALL, "rows": rows}, {})
