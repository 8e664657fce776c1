"""Sorted and judged readings, and matrices of sources by hours."""

from dataclasses import replace

import numpy as np

from bigdata_emis.clean.readings.judged_readings import as_column, judge_readings, mark_outliers
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import grid, hour, table

RULES = compile_rules("district_energy_reading", registered={}, filled=("district_energy_kwh",))


def reading(h, energy, district="a", industry="cement"):
    return {"district_id": district, "industry_code": industry, "hour_utc": hour(h), "district_energy_kwh": energy}


def judge(*rows, lookback_days=0):
    hours = grid(lookback_days=lookback_days)
    return judge_readings(
        table("district_energy_reading", list(rows)), RULES, reading_table="district_energy_reading", grid=hours
    )


def test_sources_are_numbered_by_key_and_readings_sorted_by_source_and_time():
    judged = judge(reading(1, 1.0, "b"), reading(0, 2.0, "b"), reading(5, 3.0, "a", "coking"), reading(5, 4.0, "a"))
    assert judged.keys.to_pylist() == [
        {"district_id": "a", "industry_code": "cement"},
        {"district_id": "a", "industry_code": "coking"},
        {"district_id": "b", "industry_code": "cement"},
    ]
    assert judged.values("district_energy_kwh").tolist() == [4.0, 3.0, 2.0, 1.0]
    assert (judged.source.tolist(), judged.hour.tolist()) == ([0, 1, 2, 2], [5, 5, 0, 1])
    assert judged.shape == (3, 24)


def test_matrices_hold_usable_readings_only():
    judged = judge(reading(0, 5.0), reading(1, -1.0), reading(2, 7.0), reading(2, 8.0))
    assert judged.count_by_hour()[0, :3].tolist() == [1.0, 0.0, 2.0]
    assert judged.sum_by_hour(judged.values("district_energy_kwh"))[0, :3].tolist() == [5.0, 0.0, 15.0]
    judged.mark_superseded()
    value, row = judged.value_by_hour("district_energy_kwh"), judged.row_by_hour()
    assert value[0, [0, 2]].tolist() == [5.0, 8.0]
    assert np.isnan(value[0, 1])
    assert row[0, :4].tolist() == [0, -1, 3, -1]


def test_readings_outside_the_hours_are_out_of_the_window_and_not_in_its_quarantine():
    judged = judge(reading(-30, 5.0), reading(-2, -1.0), reading(3, -1.0), lookback_days=1)
    assert judged.hour.tolist() == [-1, 22, 27]
    quarantined = judged.quarantined_rows("district_energy_quarantine")
    assert quarantined["hour_utc"].to_pylist() == [hour(3)]
    assert quarantined["reason_codes"].to_pylist() == [["negative"]]


def test_matrices_become_rows_of_the_window_with_keys_and_hour():
    judged = judge(reading(-1, 1.0), reading(0, 2.0), reading(1, 3.0), lookback_days=1)
    value = judged.value_by_hour("district_energy_kwh")
    rows = judged.hourly_rows({"district_energy_kwh": value}, ~np.isnan(value))
    assert rows.to_pylist() == [
        {"district_id": "a", "industry_code": "cement", "hour_utc": hour(h), "district_energy_kwh": energy}
        for h, energy in ((0, 2.0), (1, 3.0))
    ]


def test_a_spike_is_marked_as_an_outlier():
    values = [10.0] * 12 + [500.0] + [10.0] * 11
    judged = judge(
        *(reading(h - 24, 10.0) for h in range(24)), *(reading(h, v) for h, v in enumerate(values)), lookback_days=1
    )
    mark_outliers(judged, "district_energy_kwh", CleaningOptions().for_steady_sources)
    assert judged.quarantined_rows("district_energy_quarantine").select(["hour_utc", "reason_codes"]).to_pylist() == [
        {"hour_utc": hour(12), "reason_codes": ["outlier"]}
    ]


def test_nan_is_a_missing_value_of_a_column_and_text_stays_text():
    assert as_column(np.array([1.0, np.nan])).to_pylist() == [1.0, None]
    assert as_column(np.array(["a"])).to_pylist() == ["a"]


def test_a_reading_of_an_hour_that_has_not_ended_is_quarantined_and_its_hour_not_written():
    rows = [reading(h, 5.0) for h in range(24)]
    hours = replace(grid(), ended_hour_count=12)
    judged = judge_readings(
        table("district_energy_reading", rows), RULES, reading_table="district_energy_reading", grid=hours
    )
    quarantined = judged.quarantined_rows("district_energy_quarantine")
    assert quarantined["reason_codes"].to_pylist() == [["future"]] * 12
    value = judged.value_by_hour("district_energy_kwh")
    assert judged.hourly_rows({"energy": value}, np.ones(judged.shape, dtype=bool)).num_rows == 12
