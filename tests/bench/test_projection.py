"""The projection beside a plain script: the same totals, and a comparison that would notice others."""

from datetime import date
from pathlib import Path

import pytest

from bench.projection import check_totals, compare, project_ours, project_theirs
from bench.recalculation import RecalculationSize, write_region
from bench.rivals.projection_polars import day_type, weigh_day

RECENT_DAYS = 3


def test_the_next_day_is_much_like_the_last_one() -> None:
    """Half a day of lead: two days before the last one weigh exp(−4), and another type of day half as much."""
    friday, sunday, monday = date(2015, 12, 18), date(2015, 12, 20), date(2015, 12, 21)
    assert weigh_day(sunday, sunday, monday) == 0.5
    assert weigh_day(friday, sunday, monday) == pytest.approx(0.0183156, rel=1e-5)
    assert [day_type(day) for day in (friday, date(2015, 12, 19), sunday)] == [0, 1, 2]


def test_both_project_the_same_grams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    write_region(tmp_path, RecalculationSize(plants=4, links=0, areas=2, days=RECENT_DAYS), seed=3)
    wanted = [date(2015, 12, 23), date(2015, 12, 24)]
    ours, theirs = project_ours(wanted), project_theirs(wanted)
    assert len(ours) == 7
    check_totals(ours, theirs)
    row = compare(tmp_path, RECENT_DAYS, 48)
    assert row["hours"] == 48
    assert isinstance(row["cpu_to_polars"], float)


def test_other_totals_end_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="NOx"):
        check_totals({"NOx": 1.0}, {"NOx": 1.001})
