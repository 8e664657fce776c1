"""Lines of the trial of class factors: both tables with their variants."""

from bigdata_emis.cli.inventory.factor_trial_command import factor_lines

BY_VARIANT = {"monitors": 0.12, "monitors_and_accounts": 0.05, "registered": 0.3}


def test_bias_and_coverage_have_a_column_for_each_variant_in_the_order_of_what_is_known():
    document = {
        "size": "tiny",
        "seeds": [1, 2],
        "bias": {"meter": {"SO2": BY_VARIANT}},
        "coverage": {"solvent_use": {"none": {name: 0.9 for name in BY_VARIANT}}},
    }
    lines = factor_lines(document)
    assert lines[0].endswith("size tiny, seeds 1, 2; activity known 活动水平已知")
    assert lines[3].split() == ["meter", "SO2", "30.0%", "12.0%", "5.0%"]
    assert lines[6].split() == ["solvent_use", "none", "90.0%", "90.0%", "90.0%"]
