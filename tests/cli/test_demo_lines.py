"""What a person reads of the demonstration: which region is measured, and which is simulated."""

from bigdata_emis.cli.demo_lines import demo_lines
from tests.cli.scenario.test_scenario_lines import LEDGER


def test_the_demonstration_says_which_region_is_simulated() -> None:
    document = {
        "nys": {"summary": "69 units", "receipts": []},
        "receipts": [],
        "alert": {"level": "red", "reason": "AQI above 300"},
        "recalc": LEDGER,
        "score": {"mobile": {"NOx": {"nmb": -0.02, "r2": 0.9, "coverage_90": 0.88}}},
        "tiers": {"cement": {"metered": {"lines": 2, "nmb": None, "r2": 0.9, "mae_share": 0.1, "coverage_90": None}}},
        "districts": {"cell_hours": 24, "largest_relative_difference": 1e-12, "contradicted_share": 0.1},
        "cases": {"demo-1": {"accused": 5, "rightly": 3, "wrongly": 2, "missed": 1}},
        "results": {"page": "/var/day.html"},
        "seconds": 61.7,
        "engine": "sail",
    }
    lines = demo_lines(document)
    assert "Alert called by the forecast (simulated region): red - AQI above 300" in lines
    assert [line.split() for line in lines if line.startswith("mobile")] == [
        ["mobile", "NOx", "-2.0%", "0.900", "88.0%"]
    ]
    assert [line.split() for line in lines if line.startswith("cement")] == [
        ["cement", "metered", "2", "-", "0.900", "10.0%", "0.0%"]
    ]
    assert ["demo-1", "5", "3", "2", "1"] in [line.split() for line in lines]
    assert any(line.endswith("largest relative difference 1.0e-12, contradicted 10.0%") for line in lines)
    assert lines[-1] == "62 s on sail. The region jjj is simulated (模拟数据), nys is measured."
