"""A frame fits its declared table, or is refused in one line."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import SchemaError
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


REFUSED = {
    "surplus column": (frame(row(extra=1)), "surplus \\['extra'\\]"),
    "missing column": (frame(row()).drop(["energy_kwh"]), "missing \\['energy_kwh'\\]"),
    "text for a number": (frame(row(energy_kwh="many")), "column energy_kwh"),
    "negative energy": (frame(row(energy_kwh=-1.0)), "-1.0 is below 0"),
    "not a number": (frame(row(energy_kwh=float("nan"))), "holds NaN"),
    "empty key": (frame(row(meter_id=None)), "column meter_id: 1 of 1 values are missing"),
    "unknown code": (frame(row(imputation_code="guessed")), "unknown imputation guessed"),
    "unknown flag": (frame(row(flag_codes=["odd"])), "unknown flag odd"),
    "repeated key": (frame(row(), row(energy_kwh=6.0)), "key repeats"),
    "instant without zone": (frame(row(hour_utc=datetime(2015, 12, 20))), "without time zone"),  # noqa: DTZ001
}


@pytest.mark.parametrize(("given", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_frame_that_does_not_fit_is_refused(given: pa.Table, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        conform(given, TABLE)
