"""Stack monitors: the legal series and the best estimate."""

import pytest

from bigdata_emis.clean.clean_cems import clean_cems, clean_cems_rows
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import checked, context, frame, grid, hour, ids, table


def readings(*values):
    """Readings of hour, concentration and flow."""
    base = {"stack_id": "s1", "pollutant_code": "NOx"}
    return [
        {**base, "hour_utc": hour(h), "concentration_mg_per_m3": concentration, "flow_m3_per_h": flow}
        for h, concentration, flow in values
    ]


def clean(*values):
    filled = ("concentration_mg_per_m3", "flow_m3_per_h")
    rules = compile_rules("cems_reading", registered={"stack_id": ["s1"]}, filled=filled)
    rows = table("cems_reading", readings(*values))
    results = clean_cems_rows(rows, rules=rules, grid=grid(lookback_days=1), options=CleaningOptions())
    return checked(dict(zip(("cems_hourly", "cems_quarantine"), results, strict=True)), len(values))


def test_stack_emission_is_concentration_times_flow():
    """50 mg/m³ × 2000 m³/h = 100 g."""
    hourly, _ = clean((0, 50.0, 2000.0))
    assert (hourly[0]["emission_g"], hourly[0]["best_emission_g"], hourly[0]["is_valid"]) == (100.0, 100.0, True)


def test_a_concentration_or_flow_that_no_stack_can_have_is_quarantined():
    hourly, quarantined = clean((0, 1e300, 1e3), (1, 50.0, 1e300), (2, 1e6, 1e8))
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"]] * 2
    assert hourly[2]["emission_g"] == 1e11


def test_a_mass_that_was_sent_counts_where_concentration_and_flow_were_not():
    sent = {"stack_id": "s1", "pollutant_code": "NOx", "hour_utc": hour(0), "emission_g": 5.0}
    whole = readings((1, 50.0, 2000.0))[0] | {"emission_g": 7.0}
    nothing = {"stack_id": "s1", "pollutant_code": "NOx", "hour_utc": hour(2)}
    rules = compile_rules("cems_reading", registered={"stack_id": ["s1"]}, filled=())
    rows = table("cems_reading", [sent, whole, nothing])
    results = clean_cems_rows(rows, rules=rules, grid=grid(lookback_days=1), options=CleaningOptions())
    hourly, quarantined = checked(dict(zip(("cems_hourly", "cems_quarantine"), results, strict=True)), 3)
    assert [row["emission_g"] for row in hourly[:3]] == [5.0, 100.0, None]
    assert [row["reason_codes"] for row in quarantined] == [["not_a_number"]]


def test_an_invalid_hour_has_a_best_estimate_but_no_legal_emission():
    hourly, quarantined = clean((0, 100.0, 1000.0), (1, -1.0, 1000.0), (2, 300.0, 1000.0))
    names = ("emission_g", "best_emission_g", "is_valid", "imputation_code", "flag_codes")
    assert [tuple(row[name] for name in names) for row in hourly[:3]] == [
        (100.0, 100.0, True, "none", []),
        (None, 200.0, False, "interpolated", ["gap"]),
        (300.0, 300.0, True, "none", []),
    ]
    assert quarantined[0]["reason_codes"] == ["negative"]


def test_a_peak_that_statistics_doubt_stays_in_the_legal_series_and_leaves_the_best_one():
    """Twelve hours of 100 g and one of 5000 g: the mass that the plant reported is never lost."""
    hourly, quarantined = clean(*((h, 5000.0 if h == 6 else 100.0, 1000.0) for h in range(13)))
    names = ("emission_g", "best_emission_g", "is_valid", "imputation_code", "reading_count", "flag_codes")
    assert tuple(hourly[6][name] for name in names) == (5000.0, 100.0, True, "interpolated", 1, ["outlier"])
    assert quarantined == []
    assert sum(row["emission_g"] or 0.0 for row in hourly) == 6200.0


def test_a_doubted_peak_at_the_end_of_what_is_known_waits_for_the_inventory():
    """Nothing follows, so nothing can be interpolated: the legal series has the peak, the best one a gap."""
    hourly, _ = clean(*((h, 5000.0 if h == 12 else 100.0, 1000.0) for h in range(13)))
    assert (hourly[12]["emission_g"], hourly[12]["best_emission_g"]) == (5000.0, None)
    assert (hourly[12]["is_valid"], hourly[12]["flag_codes"]) == (True, ["outlier"])


def test_a_peak_that_a_person_released_is_not_doubted():
    rows = readings(*((h, 5000.0 if h == 6 else 100.0, 1000.0) for h in range(13)))
    rows[6]["flag_codes"] = ["released"]
    rules = compile_rules("cems_reading", registered={"stack_id": ["s1"]}, filled=())
    hourly, _ = clean_cems_rows(
        table("cems_reading", rows), rules=rules, grid=grid(lookback_days=1), options=CleaningOptions()
    )
    assert hourly["best_emission_g"].to_pylist()[6] == 5000.0


def test_every_hour_of_a_reporting_stack_has_a_row_and_a_gap_of_six_hours_stays_empty():
    hourly, _ = clean((0, 100.0, 1000.0), (7, 100.0, 1000.0))
    assert len(hourly) == 24
    assert [row["best_emission_g"] for row in hourly[1:7]] == [None] * 6


def test_a_gap_of_five_hours_is_interpolated():
    hourly, _ = clean((0, 100.0, 1000.0), (6, 700.0, 1000.0))
    assert [row["best_emission_g"] for row in hourly[:7]] == pytest.approx([100, 200, 300, 400, 500, 600, 700])


def test_the_stage_gives_both_declared_tables(spark):
    rows = readings((0, 50.0, 2000.0), (1, None, 2000.0))
    result = clean_cems(
        frame(spark, "cems_reading", rows), ids(spark, "stack_id", "s1"), context=context(lookback_days=1)
    )
    hourly, quarantined = checked(result, 2)
    assert (hourly[0]["emission_g"], quarantined[0]["reason_codes"]) == (100.0, ["not_a_number"])
