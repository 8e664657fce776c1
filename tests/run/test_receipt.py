"""How complete a day is, and how reasons are counted."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.run.receipt import count_reasons, mass_by_pollutant, share_complete
from bigdata_emis.schema.arrow import conform, empty

DAY = date(2015, 12, 20)


def hours(meter: str, read: int, filled: int) -> list[dict[str, object]]:
    start = datetime(2015, 12, 20, tzinfo=UTC)
    return [
        {
            "meter_id": meter,
            "hour_utc": start + timedelta(hours=i),
            "energy_kwh": 1.0,
            "reading_count": 4 if i < read else 0,
            "imputation_code": "none",
            "flag_codes": [],
        }
        for i in range(read + filled)
    ]


def share(rows: list[dict[str, object]], entities: int | None) -> float | None:
    frame = conform(pa.Table.from_pylist(rows), schema.table("power_hourly"))
    return share_complete("power_hourly", frame, [DAY], "UTC", {}, entities=entities)[DAY]


def test_filled_hours_do_not_count_as_complete() -> None:
    assert share(hours("m1", 18, 6), 1) == pytest.approx(0.75)


def test_meter_that_sent_nothing_counts_as_missing() -> None:
    assert share(hours("m1", 24, 0), 2) == pytest.approx(0.5)


def test_derived_table_is_as_complete_as_its_least_complete_input() -> None:
    frame = empty(schema.table("emission_hourly"))
    assert share_complete("emission_hourly", frame, [DAY], "UTC", {DAY: 0.6}, entities=None) == {DAY: 0.6}


def test_row_with_two_reasons_counts_under_both() -> None:
    kept = {"q": pa.table({"reason_codes": [["gap", "late"], ["late"]]})}
    assert count_reasons(kept) == {"gap": 1, "late": 2}


def test_mass_is_summed_by_pollutant() -> None:
    assert mass_by_pollutant(pa.table({"pollutant_code": ["CO", "CO", "SO2"], "emission_g": [1.0, 2.0, 4.0]})) == {
        "CO": 3.0,
        "SO2": 4.0,
    }
