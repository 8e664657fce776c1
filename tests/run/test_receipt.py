"""The receipt: balances of rows and mass, counts by reason, and how complete a day is."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.errors import RefusedError
from bigdata_emis.run.receipt import (
    close_balance,
    complete_share_by_day,
    count_reasons,
    count_received,
    least_complete_share,
    mass_by_pollutant,
)
from bigdata_emis.schema.arrow import arrow_schema, conform, empty
from bigdata_emis.storage.lake import Store, Version
from tests.run.fused_day import fused

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
    return complete_share_by_day("power_hourly", frame, [DAY], "UTC", {}, entity_counts={DAY: entities})[DAY]


def test_filled_hours_do_not_count_as_complete() -> None:
    assert share(hours("m1", 18, 6), 1) == pytest.approx(0.75)


def test_meter_that_sent_nothing_counts_as_missing() -> None:
    assert share(hours("m1", 24, 0), 2) == pytest.approx(0.5)


def test_derived_table_is_as_complete_as_its_least_complete_input() -> None:
    frame = empty(schema.table("emission_gridded_hourly"))
    share = complete_share_by_day("emission_gridded_hourly", frame, [DAY], "UTC", {DAY: 0.6}, entity_counts={})
    assert share == {DAY: 0.6}


def test_an_inventory_is_as_complete_as_its_source_hours_whatever_its_inputs_were() -> None:
    midnight = datetime(2015, 12, 20, tzinfo=UTC)
    hours = [midnight + timedelta(hours=hour) for hour in (*range(24), *range(12))]
    frame = pa.table(
        {
            "source_id": ["whole"] * 24 + ["half"] * 12,
            "pollutant_code": ["NOx"] * 36,
            "hour_utc": pa.array(hours, pa.timestamp("us", tz="UTC")),
        }
    )
    share = complete_share_by_day("emission_hourly", frame, [DAY], "UTC", {DAY: 0.1}, entity_counts={})
    assert share == {DAY: 0.75}


def test_a_day_without_expected_rows_is_not_complete() -> None:
    frame = empty(schema.table("power_hourly"))
    assert complete_share_by_day("power_hourly", frame, [DAY], "UTC", {}, entity_counts={}) == {DAY: 0.0}


def test_the_least_complete_day_counts_of_what_was_written_and_of_what_was_published() -> None:
    rows = {"published_version": pa.table({"complete_share": [0.9, None]})}
    written = {"power_hourly": [version(None), version(0.7)]}
    assert least_complete_share({}, written) == 0.7
    assert least_complete_share(rows, {}) == 0.9
    assert least_complete_share({}, {"power_hourly": [version(None)]}) is None


def version(share: float | None) -> Version:
    return Version("power_hourly", "2015-12-20", "0", "", "", 1, "", "", share)


def test_row_with_two_reasons_counts_under_both() -> None:
    results = {"q": pa.table({"reason_codes": [["gap", "late"], ["late"]]})}
    assert count_reasons(results) == {"gap": 1, "late": 2}


def test_a_collection_says_in_its_metadata_how_many_rows_it_received_and_excluded() -> None:
    frame = pa.table({"x": [1]}).replace_schema_metadata({"received": "3", "set_aside": '{"no_time": 2}'})
    assert count_received({"power_reading": frame}) == (3, {"no_time": 2})
    assert count_received({"power_hourly": pa.table({"x": [1]})}) == (0, {})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path), "a", "UTC")


def write_readings(store: Store, count: int) -> None:
    """Readings of one meter, one a minute."""
    start = datetime(2015, 12, 20, tzinfo=UTC)
    rows = [
        {
            "meter_id": "m1",
            "interval_start_utc": start + timedelta(minutes=number),
            "interval_min": 1.0,
            "energy_kwh": 1.0,
            "record_number": number + 1,
            "flag_codes": [],
            "is_unreadable": False,
        }
        for number in range(count)
    ]
    declared = schema.table("power_reading")
    frame = conform(pa.Table.from_pylist([{n: r[n] for n in declared.names if n in r} for r in rows]), declared)
    store.write("power_reading", frame, [DAY], known_utc=start, run_id="given")


def test_rows_balance_when_every_reading_is_used_or_quarantined(store: Store) -> None:
    write_readings(store, 5)
    used, quarantine = pa.table({"reading_count": [3, 1]}), pa.table({"record_number": [5]})
    results = {"power_hourly": used, "power_quarantine": quarantine}
    assert close_balance(flow.stage("clean_power"), store, [DAY], results) == 0.0


def test_a_lost_reading_is_refused(store: Store) -> None:
    write_readings(store, 5)
    results = {"power_hourly": pa.table({"reading_count": [3]}), "power_quarantine": pa.table({"record_number": [5]})}
    with pytest.raises(RefusedError, match="5 rows came in, 3 were used and 1 quarantined"):
        close_balance(flow.stage("clean_power"), store, [DAY], results)


@pytest.mark.parametrize(("after_g", "is_closed"), [(48_000.0, True), (48_000.0 * (1 + 1e-8), False), (0.0, False)])
def test_mass_balances_to_a_billionth(store: Store, after_g: float, is_closed: bool) -> None:
    rows = [{**row, "uncertainty_code": "B"} for row in fused().to_pylist()]  # 24 hours of 2 kg
    frame = pa.Table.from_pylist(rows, arrow_schema(schema.table("emission_hourly")))
    store.write("emission_hourly", frame, [DAY], known_utc=datetime(2015, 12, 21, tzinfo=UTC), run_id="given")
    results = {"emission_gridded_hourly": pa.table({"pollutant_code": ["SO2"], "emission_g": [after_g]})}
    if is_closed:
        assert close_balance(flow.stage("allocate"), store, [DAY], results) == 0.0
    else:
        with pytest.raises(RefusedError, match="mass in and mass out differ"):
            close_balance(flow.stage("allocate"), store, [DAY], results)


def test_a_stage_without_a_balance_closes(store: Store) -> None:
    assert close_balance(flow.stage("emit_area"), store, [DAY], {}) == 0.0


def test_mass_is_summed_by_pollutant() -> None:
    assert mass_by_pollutant(pa.table({"pollutant_code": ["CO", "CO", "SO2"], "emission_g": [1.0, 2.0, 4.0]})) == {
        "CO": 3.0,
        "SO2": 4.0,
    }
