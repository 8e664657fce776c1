"""District totals of the power bureau: short gaps filled, never a profile."""

from bigdata_emis.clean.clean_district_energy import clean_district_energy
from tests.clean.reading_frames import checked, context, frame, hour


def test_totals_are_interpolated_over_short_gaps_and_never_taken_from_a_profile(spark):
    base = {"district_id": "130102", "industry_code": "foundry"}
    totals = [(-24 + 5, 100.0), (0, 100.0), (2, 300.0), (2, 200.0), (7, 200.0), (8, -5.0), (9, None)]
    rows = [{**base, "hour_utc": hour(h), "district_energy_kwh": value} for h, value in totals]
    rows.append({**base, "industry_code": "alchemy", "hour_utc": hour(0), "district_energy_kwh": 1.0})
    readings = frame(spark, "district_energy_reading", rows)
    hourly, quarantined = checked(clean_district_energy(readings, context=context(lookback_days=7)), len(rows) - 1)
    assert [(row["hour_utc"], row["district_energy_kwh"], row["imputation_code"]) for row in hourly] == [
        (hour(0), 100.0, "none"),
        (hour(1), 150.0, "interpolated"),
        (hour(2), 200.0, "none"),
        (hour(7), 200.0, "none"),
    ]
    reasons = sorted(row["reason_codes"][0] for row in quarantined)
    assert reasons == ["duplicate", "negative", "not_a_number", "unknown_id"]
