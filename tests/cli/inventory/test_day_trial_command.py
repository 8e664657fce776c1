"""Lines of the trial of whole days: coverage by sector and tier, and bias by variant."""

from bigdata_emis.cli.inventory.day_trial_command import day_trial_lines

MEASURED = {
    "coverage_90": 0.905,
    "lowest": 0.7,
    "highest": 1.0,
    "below_share": 0.04,
    "above_share": 0.055,
    "mean_abs_nmb": 0.123,
    "n": 480,
    "missing": 3,
}
DOCUMENT = {
    "size": "tiny",
    "seeds": [1, 2],
    "days": ["2015-12-14", "2015-12-21"],
    "coverage": {"dust": {"area": MEASURED}},
    "pollutants": {"dust": {"PM10": MEASURED | {"coverage_90": None, "lowest": None, "highest": None}}},
    "bias": {"none": {"SO2": {"monitors": 0.12, "monitors_and_accounts": 0.05, "registered": 0.3}}},
    "trials": [{"seed": 1, "failures": []}, {"seed": 2, "failures": ["feed power is down"]}],
}


def test_coverage_and_bias_are_shown_in_their_tables():
    lines = day_trial_lines(DOCUMENT)
    assert lines[0] == "simulated days 模拟日 2015-12-14, 2015-12-21, size tiny, seeds 1, 2"
    assert lines[4].split() == ["dust", "area", "面源", "90.5%", "4.0%", "5.5%", "70%", "100%", "12.3%", "480", "3"]
    assert lines[6].split()[:3] == ["dust", "PM10", "-"]
    assert lines[-1].split() == ["none", "无电表", "SO2", "30.0%", "12.0%", "5.0%"]


def test_what_failed_in_a_seed_is_said():
    assert "seed 2: feed power is down" in day_trial_lines(DOCUMENT)
