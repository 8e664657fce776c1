"""The bench of exports: both contenders write the same moles, and the published day closes."""

from pathlib import Path

from bench.exports import COLUMNS, ROWS, compare, publish_points


def test_a_small_day_is_exported_by_both_contenders(home: Path) -> None:
    region = publish_points(home, 8, seed=1)
    document = compare(region, home)
    assert document["closes"] is True
    assert document["grid"] == f"{COLUMNS} x {ROWS}"
    assert document["species"] > 20
    assert document["export"]["cpu_s"] > 0
    assert document["cpu_to_plain"] > 0
