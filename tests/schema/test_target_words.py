"""Targets that nobody can judge are named, with the command that judges the orders in force."""

from bigdata_emis.schema.target_words import unknown_target_words, unknown_targets


def test_targets_that_nobody_can_judge_are_named_with_the_command_that_judges() -> None:
    rows = [
        {"pollutant": "NOx", "target_share": 0.2, "met": None},
        {"pollutant": "SO2", "target_share": 0.2, "met": False},
        {"pollutant_code": "CO2", "target_share": None, "is_met": None},
        {"pollutant_code": "VOCs", "target_share": 0.2, "is_met": None},
    ]
    assert unknown_targets(rows) == ["NOx", "VOCs"]
    english, chinese = unknown_target_words(["NOx"], ["O1"])
    assert "TARGETS NOT KNOWN (NOx)" in english
    assert "run emis outcome --scenario O1" in english
    assert "无法判定（NOx）" in chinese
    assert "emis outcome --scenario O1" in chinese
    assert unknown_target_words([], ["O1"]) == ()
