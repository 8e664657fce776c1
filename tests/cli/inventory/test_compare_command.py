"""The comparison as lines: ratio and shares in a row, a plain mark, and what the year is estimated from."""

from bigdata_emis.cli.inventory.compare_command import comparison_lines

ROW = {
    "inventory": "Li 2020",
    "pollutant": "NOx",
    "title": {"en": "dust", "zh": "扬尘源"},
    "published_t": 400_000.0,
    "published_share": 0.5,
    "estimate_t": 100_000.0,
    "scaled_t": 25_000.0,
    "ratio": 0.25,
    "year_share": 0.2,
    "hours_share": 0.5,
    "marks": ["total", "year_share"],
}
MISSING = dict.fromkeys(("estimate_t", "scaled_t", "ratio", "year_share", "hours_share"))
DOCUMENT = {
    "tolerance_share": 0.2,
    "simulated": True,
    "basis": {"en": "year = 24 h", "zh": "年量"},
    "inventories": [{"name": "Li 2020", "year": 2018, "source": "Li et al."}],
    "rows": [ROW, {**ROW, "marks": [], "ratio": 1.1}, {**ROW, **MISSING, "marks": ["not_estimated"]}],
}


def test_a_row_has_both_masses_the_ratio_the_shares_and_its_marks():
    title, first, second, third, *_ = comparison_lines(DOCUMENT)
    assert "beyond 20% 超出20%" in title
    cells = ["400", "100.0", "25%", "0.25", "50%", "20%", "50%", "total", "总量,", "share", "占比"]
    assert first.split() == ["Li", "2020", "NOx", "dust", "扬尘源", *cells]
    assert second.endswith(" -")
    assert third.split()[5:] == ["400", "-", "-", "-", "50%", "-", "-", "not", "estimated", "未估算"]


def test_the_basis_and_the_source_follow_the_table():
    assert comparison_lines(DOCUMENT)[4:] == ["year = 24 h", "年量", "Li 2020: 2018, Li et al."]
