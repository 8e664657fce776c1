"""What a stage is given: its tables of the lake, the registry and the reference, with versions and completeness."""

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import RefusedError
from bigdata_emis.flow import Stage
from bigdata_emis.run.inputs import is_lake_table, read_inputs
from bigdata_emis.run.stage import context_for
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window
from tests.run.fused_day import DAY, FUSED, KNOWN, fused, region


def power(day: date) -> pa.Table:
    """One meter with 1 kWh in each hour of a day."""
    row = {"meter_id": "m1", "energy_kwh": 1.0, "reading_count": 4, "imputation_code": "none", "flag_codes": []}
    rows = [{**row, "hour_utc": hour} for hour in day_window(day, "UTC").hour_starts_utc()]
    return conform(pa.Table.from_pylist(rows), schema.table("power_hourly"))


def test_tables_of_the_registry_and_reference_tables_are_not_of_the_lake() -> None:
    assert [is_lake_table(name) for name in (FUSED, "enterprise", "pollutant_part")] == [True, False, False]


def test_an_arrow_stage_gets_arrow_tables_of_its_window_with_their_versions(lake: Store, tmp_path: Path) -> None:
    before = DAY - timedelta(days=1)
    for day in (before, DAY):
        lake.write(FUSED, fused(day), [day], known_utc=KNOWN, run_id="given", complete_shares={day: 0.5})
    context = context_for(region(), day_window(DAY, "UTC"), KNOWN, "run-1", store=lake)
    inputs = read_inputs(flow.stage("anchor_emission"), context, [DAY], tmp_path)
    assert inputs.frames[FUSED]["hour_utc"].to_pylist() == list(day_window(DAY, "UTC").hour_starts_utc())
    assert inputs.frames["audit_settlement"].num_rows == 0
    assert inputs.row_count == 24 + inputs.frames["pollutant_part"].num_rows
    assert inputs.versions == {FUSED: {str(DAY): lake.versions(FUSED, [DAY])[0].version}, "audit_settlement": {}}
    assert inputs.complete_shares == {DAY: 0.5}


def refusal_of(name: str, days: list[date], lake: Store, folder: Path) -> str:
    window = Window(day_window(days[0], "UTC").from_utc, day_window(days[-1], "UTC").to_utc)
    with pytest.raises(RefusedError) as refused:
        read_inputs(flow.stage(name), context_for(region(), window, KNOWN, "run-1", store=lake), days, folder)
    return str(refused.value)


def test_a_needed_table_without_a_version_of_a_day_is_refused_with_the_stage_that_writes_it(
    lake: Store, tmp_path: Path
) -> None:
    days = [DAY - timedelta(days=1), DAY]
    lake.write(FUSED, fused(days[0]), days[:1], known_utc=KNOWN, run_id="given")
    assert refusal_of("anchor_emission", days, lake, tmp_path) == (
        f"stage anchor_emission: table {FUSED} has no version of 2015-12-20; run stage fuse_monitors first"
    )
    assert "has no version of 2015-12-19 (and 1 more days)" in refusal_of("allocate", days, lake, tmp_path)


def stations(lake: Store) -> Context:
    """A day without readings, and the context of a stage that needs the stations."""
    empty = arrow_schema(schema.table("weather_reading")).empty_table()
    lake.write("weather_reading", empty, [DAY], known_utc=KNOWN, run_id="given", complete_shares={DAY: 0.0})
    return context_for(region(), day_window(DAY, "UTC"), KNOWN, "run-1", store=lake)


def register_an_enterprise() -> None:
    row = {"enterprise_id": "e", "industry_code": "cement", "longitude_deg": 116.0, "latitude_deg": 39.0}
    database.upsert("enterprise", "a", pa.Table.from_pylist([row], arrow_schema(schema.table("enterprise"))))


CLEAN_WEATHER = replace(flow.stage("clean_weather"), frame="arrow")


def test_a_stage_of_a_region_of_which_nothing_is_registered_is_refused(lake: Store, tmp_path: Path) -> None:
    context = stations(lake)
    with pytest.raises(RefusedError) as refused:
        read_inputs(CLEAN_WEATHER, context, [DAY], tmp_path)
    assert str(refused.value) == (
        "stage clean_weather: nothing is registered in region a, expected rows in station; run stage register first"
    )


def test_a_stage_of_a_registered_region_may_find_no_row_of_its_own_kind(lake: Store, tmp_path: Path) -> None:
    context = stations(lake)
    register_an_enterprise()
    assert read_inputs(CLEAN_WEATHER, context, [DAY], tmp_path).row_count == 0


def test_an_empty_version_of_a_needed_table_is_taken(lake: Store, tmp_path: Path) -> None:
    lake.write(FUSED, fused().slice(0, 0), [DAY], known_utc=KNOWN, run_id="given", complete_shares={DAY: 0.0})
    context = context_for(region(), day_window(DAY, "UTC"), KNOWN, "run-1", store=lake)
    inputs = read_inputs(flow.stage("anchor_emission"), context, [DAY], tmp_path)
    assert (inputs.frames[FUSED].num_rows, inputs.complete_shares) == (0, {DAY: 0.0})


def test_a_stage_of_a_month_needs_one_of_its_days(lake: Store, tmp_path: Path) -> None:
    days = [DAY - timedelta(days=1), DAY]
    settle = replace(flow.stage("settle_audit"), frame="arrow")
    context = context_for(region(), day_window(DAY, "UTC"), KNOWN, "run-1", store=lake)
    with pytest.raises(RefusedError, match=r"no version of 2015-12-19 \(and 1 more days\); run stage fuse_monitors"):
        read_inputs(settle, context, days, tmp_path)
    lake.write(FUSED, fused(), [DAY], known_utc=KNOWN, run_id="given")
    assert read_inputs(settle, context, days, tmp_path).frames[FUSED].num_rows == 24


def test_a_stage_that_looks_back_gets_the_days_before_too_but_completeness_of_its_own_days_only(
    lake: Store, tmp_path: Path
) -> None:
    register_an_enterprise()
    days = [DAY - timedelta(days=number) for number in (8, 7, 0)]
    for number, day in enumerate(days):
        share = {day: 0.25 * (number + 1)}
        lake.write("power_hourly", power(day), [day], known_utc=KNOWN, run_id="given", complete_shares=share)
    context = context_for(region(), day_window(DAY, "UTC"), KNOWN, "run-1", store=lake)
    inputs = read_inputs(flow.stage("reconcile_energy"), context, [DAY], tmp_path)
    read = {hour.date() for hour in inputs.frames["power_hourly"]["hour_utc"].to_pylist()}
    assert read == {DAY - timedelta(days=7), DAY}
    assert inputs.complete_shares == {DAY: 0.75}


def test_a_column_that_was_declared_after_a_day_was_written_is_null_for_the_engine_too(
    spark: SparkSession, lake: Store, tmp_path: Path
) -> None:
    declared = schema.table("model_watch")
    row = dict.fromkeys(declared.names) | {"source_id": "a", "target": "activity"}
    row |= {"from_utc": day_window(DAY, "UTC").from_utc}
    row |= dict.fromkeys(("champion_version_id", "model_version_id"), "v1")
    row |= {"watch_status_code": "steady", "watch_reason_code": "none"}
    row |= {"activity_correction": 1.0, "interval_correction": 1.0}
    newer = [row | {"blend_version_id": "v2", "blend_share": 0.25}]
    written = {DAY: conform(pa.Table.from_pylist([row]), declared).drop_columns(["blend_version_id", "blend_share"])}
    written[DAY + timedelta(days=1)] = conform(pa.Table.from_pylist(newer), declared)
    for day, frame in written.items():
        content = io.BytesIO()
        pq.write_table(frame, content)
        lake.add_version(
            "model_watch", day, content.getvalue(), 1, known_utc=KNOWN, run_id="given", complete_share=None
        )
    watching = Stage("relate", "watching", ("model_watch",), (), optional=("model_watch",))
    window = Window(day_window(DAY, "UTC").from_utc, day_window(DAY + timedelta(days=1), "UTC").to_utc)
    context = context_for(region(), window, KNOWN, "run-1", store=lake)
    frame = read_inputs(watching, context, list(written), tmp_path).frames["model_watch"]
    assert sorted(frame.toArrow()["blend_share"].to_pylist(), key=str) == [0.25, None]
