"""Which hours an inventory has, and what its mass rests on."""

import pytest

from bigdata_emis.report.coverage.inventory_coverage import (
    coverage_notices,
    describe_coverage,
    measure_coverage,
    span_words,
    whole_percent,
)
from bigdata_emis.window import HOUR, Window
from tests.report.stores import START, ZONE, declared_table

DAY = Window(START, START + 24 * HOUR)


def inventory(hours, *, sources=("kiln",), methods=("modelled",)):
    rows = [
        {"source_id": source, "pollutant_code": "NOx", "hour_utc": START + number * HOUR, "emission_g": 100.0}
        | {"sector_code": "dust", "method_code": methods[number % len(methods)]}
        | {"emission_g_p05": 0.0, "emission_g_p95": 900.0}
        for source in sources
        for number in hours
    ]
    return declared_table("emission_hourly", rows)


def test_half_a_day_names_the_hours_that_are_missing() -> None:
    coverage = measure_coverage(inventory(range(12)), DAY)
    assert (coverage.hours_missing, coverage.source_hours_share, coverage.is_partial) == (12, 0.5, True)
    assert coverage.missing == [Window(START + 12 * HOUR, START + 24 * HOUR)]
    first = coverage_notices(coverage, ZONE, shown=["NOx"])[0]
    assert first["en"].startswith("PARTIAL: the inventory has 12 of 24 hours; none of 12-21 12:00–24:00.")
    assert describe_coverage(coverage)["hours"] == 12


def test_gaps_apart_are_runs_of_their_own() -> None:
    coverage = measure_coverage(inventory([0, 1, 4, *range(6, 24)]), DAY)
    assert span_words(coverage.missing, ZONE) == "12-21 02:00–04:00, 12-21 05:00–06:00"


def test_a_run_over_midnight_has_the_date_of_its_end() -> None:
    span = Window(START - 3 * HOUR, START + 2 * HOUR)
    assert span_words([span], ZONE) == "12-20 21:00 – 12-21 02:00"


def test_mass_by_method_is_of_the_hours_that_are_there_with_the_largest_first() -> None:
    coverage = measure_coverage(inventory(range(4), methods=("profile", "measured", "profile", "profile")), DAY)
    assert coverage.mass_share_by_method == {"NOx": {"profile": 0.75, "measured": 0.25}}
    second = coverage_notices(coverage, ZONE, shown=["NOx", "SO2"])[1]
    assert second["en"] == "Mass of the hours present by method: NOx profile 75.0%, measured 25.0%."
    assert second["zh"] == "已有时段排放量按方法：NOx 廓线 75.0%，实测 25.0%。"


def test_a_source_without_some_of_its_hours_makes_a_day_partial_that_has_every_hour() -> None:
    whole, half = inventory(range(24)), inventory(range(12), sources=("mill",))
    coverage = measure_coverage(declared_table("emission_hourly", whole.to_pylist() + half.to_pylist()), DAY)
    assert (coverage.missing, coverage.source_hours_share) == ([], 0.75)
    assert "not every source in every hour (75.0%" in coverage_notices(coverage, ZONE, shown=[])[0]["en"]


def test_a_whole_day_has_no_notice_and_an_empty_one_says_so() -> None:
    assert coverage_notices(measure_coverage(inventory(range(24)), DAY), ZONE, shown=["NOx"]) == []
    none = coverage_notices(measure_coverage(inventory([]), DAY), ZONE, shown=["NOx"])
    assert [notice["en"] for notice in none] == ["NO INVENTORY of these hours."]


@pytest.mark.parametrize(("share", "text"), [(0.5, "50.0%"), (0.99999, "99.9%"), (1.0, "100.0%")])
def test_what_is_not_whole_never_reads_as_whole(share, text) -> None:
    assert whole_percent(share) == text
