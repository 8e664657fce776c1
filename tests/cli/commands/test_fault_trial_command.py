"""The table of found faults: a line a kind, and a line a feed."""

from bigdata_emis.cli.commands.fault_trial_command import fault_lines

DOCUMENT = {
    "size": "tiny",
    "seeds": [1, 2],
    "kinds": {"stuck": {"damaged": 200, "recall": 0.955}, "twins": {"damaged": 0, "recall": None}},
    "sources": {"stuck": {"damaged": 4, "recall": 1.0}, "twins": {"damaged": 0, "recall": None}},
    "feeds": {"power": {"sound": 1000, "false_share": 0.0042}},
    "slight": {"power": {"slight": 40, "doubted_share": 0.5}, "traffic": {"slight": 0, "doubted_share": None}},
}


def test_a_line_says_what_was_found_of_a_kind():
    lines = fault_lines(DOCUMENT)
    assert "seeds 1, 2" in lines[0]
    assert lines[2].split() == ["stuck", "200", "95.5%", "4", "100.0%"]
    assert lines[3].split() == ["twins", "0", "–", "0", "–"]
    assert lines[4] == "power: 0.42% of 1000 sound values doubted 误标"
    assert lines[5:] == ["power: 50.0% of 40 values doubted that a fault changes by under 5% 微小偏差"]
