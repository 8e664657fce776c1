"""Completeness by hour, reasons, and instruments to visit, of a day with two meters."""

from dataclasses import replace
from pathlib import Path

from bigdata_emis.report.quality.quality_data import Visit, gather_quality
from tests.report.quality.quality_town import DAY, hour, lake, town, write


def test_completeness_falls_to_a_half_when_one_of_two_meters_is_silent(tmp_path: Path):
    """24 + 16 of 48 meter-hours."""
    power, weather = gather_quality(town(tmp_path), lake(tmp_path), DAY)
    assert (power.feed, round(power.complete_share or 0, 4)) == ("power", 0.8333)
    assert [power.measured[h] / power.expected[h] for h in (0, 15, 16, 23)] == [1.0, 1.0, 0.5, 0.5]
    assert (weather.has_version, weather.complete_share) == (False, None)


def test_gates_have_no_completeness_since_an_hour_may_have_no_truck(tmp_path: Path):
    store, region = lake(tmp_path), replace(town(tmp_path), feeds={"gate": {}})
    kind = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "IV"}
    counts = {"entry_count": 1, "exit_count": 0, "reading_count": 1, "imputation_code": "none", "flag_codes": []}
    rows = [{**kind, **counts, "enterprise_id": "e", "hour_utc": hour("a", n)["hour_utc"]} for n in (8, 20)]
    write(store, "gate_hourly", rows)
    (gate,) = gather_quality(region, store, DAY)
    assert (gate.has_version, gate.complete_share, gate.visits) == (True, None, [])


def test_faults_are_counted_by_reason(tmp_path: Path):
    power = gather_quality(town(tmp_path), lake(tmp_path), DAY)[0]
    assert (dict(power.reasons), dict(power.marks)) == ({"negative": 1}, {"gap": 8})


def test_a_meter_that_lost_eight_hours_is_to_be_visited(tmp_path: Path):
    power = gather_quality(town(tmp_path), lake(tmp_path), DAY)[0]
    assert power.visits == [Visit("power", "b", 16, 8, (("gap", 8), ("negative", 1)))]


def test_doubted_hours_count_like_lost_ones(tmp_path: Path):
    store = lake(tmp_path)
    marked = [hour("a", n, flags=("wrong_factor",) if n < 6 else ()) for n in range(24)]
    write(store, "power_hourly", marked)
    (visit,) = gather_quality(town(tmp_path), store, DAY)[0].visits
    assert (visit.source, visit.measured_hours, visit.lost_hours, visit.reasons) == ("a", 18, 6, (("wrong_factor", 6),))
