"""The bench of stack readings: both contenders come to the same hours."""

from pathlib import Path

from bench.cems_csv import measure


def test_a_small_region_is_cleaned_alike_by_both_contenders(home: Path) -> None:
    """Five stacks of three pollutants over two days are 720 hours; what differs would end the benchmark."""
    document = measure(home, stacks=5, days=2)
    assert document["hours"] == 5 * 3 * 48
    assert 0 < document["valid_hours"] < document["hours"]
    assert document["interpolated_hours"] > 0
    assert document["quarantined"] > 0
    assert document["cpu_ratio"] > 0
