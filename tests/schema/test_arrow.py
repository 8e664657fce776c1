"""A frame conforms to its declared table, or is refused in one line."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import SchemaError
from bigdata_emis.schema import arrow
from bigdata_emis.schema.arrow import arrow_schema, conform

TABLE = schema.table("power_hourly")
HOUR = datetime(2015, 12, 20, tzinfo=UTC)


def row(**changes: Any) -> dict[str, Any]:
    plain = {
        "meter_id": "m1",
        "hour_utc": HOUR,
        "energy_kwh": 5.0,
        "reading_count": 4,
        "imputation_code": "none",
        "flag_codes": [],
    }
    return {**plain, **changes}


def frame(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def test_rows_come_out_in_order_of_the_key_and_with_declared_types() -> None:
    result = conform(frame(row(meter_id="m2"), row(reading_count=4)), TABLE)
    assert result["meter_id"].to_pylist() == ["m1", "m2"]
    assert result.schema.equals(arrow_schema(TABLE), check_metadata=True)


@pytest.mark.parametrize("most_runs", [0, 1000])
def test_parts_that_were_written_in_another_order_are_put_in_order_as_runs_or_row_by_row(
    monkeypatch, most_runs
) -> None:
    """Three parts, each in order; the last begins within the hours of a meter of the first."""
    monkeypatch.setattr(arrow, "MOST_RUNS", most_runs)
    hours = [datetime(2015, 12, 20, hour, tzinfo=UTC) for hour in range(4)]
    parts = [("m2", hours), ("m1", hours[:2]), ("m3", hours), ("m1", hours[2:])]
    rows = [row(meter_id=meter, hour_utc=hour, energy_kwh=1.0 + hour.hour) for meter, of in parts for hour in of]
    texts = frame(*rows)
    result = conform(texts.set_column(0, "meter_id", texts["meter_id"].dictionary_encode()), TABLE)
    assert result["meter_id"].to_pylist() == ["m1"] * 4 + ["m2"] * 4 + ["m3"] * 4
    assert result["hour_utc"].to_pylist() == hours * 3
    assert result["energy_kwh"].to_pylist() == [1.0, 2.0, 3.0, 4.0] * 3
    assert result.schema.equals(arrow_schema(TABLE))


REFUSED = {
    "surplus column": (frame(row(extra=1)), "surplus \\['extra'\\]"),
    "missing column": (frame(row()).drop(["energy_kwh"]), "missing \\['energy_kwh'\\]"),
    "text for a number": (frame(row(energy_kwh="many")), "column energy_kwh"),
    "negative energy": (frame(row(energy_kwh=-1.0)), "-1.0 is below 0"),
    "not a number": (frame(row(energy_kwh=float("nan"))), "holds NaN"),
    "empty key": (frame(row(meter_id=None)), "column meter_id: 1 of 1 values are missing"),
    "unknown code": (frame(row(imputation_code="invented")), "unknown imputation invented; use one of"),
    "unknown flag": (frame(row(flag_codes=["odd"])), "unknown flag odd"),
    "repeated key": (frame(row(), row(energy_kwh=6.0)), "key repeats"),
    "instant without zone": (frame(row(hour_utc=datetime(2015, 12, 20))), "without time zone"),  # noqa: DTZ001
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_frame_that_does_not_conform_is_refused(given: pa.Table, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        conform(given, TABLE)


def test_the_conventions_of_a_table_are_in_its_metadata_and_of_another_there_are_none() -> None:
    metadata = arrow_schema(schema.table("emission_hourly")).metadata
    assert b"NOx is a mass of NO2" in metadata[b"conventions_en"]
    assert "NO2质量" in metadata[b"conventions_zh"].decode()
    assert b"conventions_en" not in arrow_schema(TABLE).metadata
