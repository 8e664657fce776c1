"""Facts of a day that its manifest keeps."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.publish.gate.day_facts import completeness, feed_facts, newest_utc, sector_kg, static_profile_share

HOUR = datetime(2015, 12, 20, tzinfo=UTC)


def inventory(*rows: tuple[str, int, float, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "source_id": source,
                "sector_code": "mobile" if source.startswith("link") else "dust",
                "pollutant_code": "NOx",
                "hour_utc": HOUR + timedelta(hours=hour),
                "emission_g": grams,
                "method_code": method,
            }
            for source, hour, grams, method in rows
        ]
    )


DAY = inventory(("link1", 0, 3000.0, "modelled"), ("link1", 1, 1000.0, "modelled"), ("area1", 0, 4000.0, "profile"))


def test_mass_is_given_by_sector_and_pollutant_in_kg() -> None:
    assert sector_kg(DAY) == {"dust": {"NOx": 4.0}, "mobile": {"NOx": 4.0}}


def test_a_pollutant_without_profile_has_no_static_share() -> None:
    shares = {"SO2": {"measured": 1.0}, "NOx": {"modelled": 0.5, "weather_scaled": 0.2, "profile": 0.3}}
    assert static_profile_share(shares) == {"NOx": 0.3, "SO2": 0.0}


def test_completeness_is_of_hours_and_of_mass_by_method() -> None:
    facts = completeness(DAY, 2)
    assert (facts["hours"], facts["hours_expected"], facts["source_hours_share"]) == (2, 2, 0.75)
    assert facts["mass_share_by_method"] == {"NOx": {"modelled": 0.5, "profile": 0.5}}


def test_an_empty_inventory_has_no_hours() -> None:
    facts = completeness(DAY.slice(0, 0), 24)
    assert (facts["hours"], facts["source_hours_share"], facts["mass_share_by_method"]) == (0, 0.0, {})


def test_a_feed_is_described_by_its_quantities() -> None:
    readings = pa.table(
        {
            "meter_id": ["m"] * 4,
            "interval_start_utc": [HOUR] * 4,
            "energy_kwh": pa.array([1.0, 3.0, None, float("nan")]),
            "interval_min": [60.0] * 4,
            "record_number": [1, 2, 3, 4],
        }
    )
    table = schema.table("power_reading")
    assert feed_facts(readings, table) == {"energy_kwh": {"rows": 4, "mean": 2.0, "null_share": 0.5}}
    assert newest_utc(readings, table) == HOUR


def test_a_feed_of_several_pollutants_is_described_for_each() -> None:
    readings = pa.table(
        {
            "pollutant_code": ["SO2", "CO", "CO"],
            "concentration_ug_per_m3": [10.0, 900.0, 1100.0],
            "hour_utc": [HOUR] * 3,
        }
    )
    items = feed_facts(readings, schema.table("air_quality_reading"))
    assert {name: item["mean"] for name, item in items.items()} == {
        "concentration_ug_per_m3@CO": 1000.0,
        "concentration_ug_per_m3@SO2": 10.0,
    }
