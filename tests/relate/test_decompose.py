"""The stage decompose: the change of a day's emission by driving factor, against values on paper."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.decompose import DAYS_PER_WEEK, decompose, decompose_days
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window, day_window

ZONE = "Asia/Shanghai"
DAY = day_window(date(2015, 12, 21), ZONE)
WEEK_BEFORE, DAY_BEFORE = (DAY.from_utc - timedelta(days=days) for days in (7, 1))
CITY = Region("city", Path(), "city", "市", ZONE, True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})


def emission(source, grams, day, sector="industrial_process", pollutant="NOx"):
    return {
        "source_id": source,
        "sector_code": sector,
        "pollutant_code": pollutant,
        "hour_utc": day,
        "emission_g": grams,
    }


def energy(line, kwh, day):
    return {"production_line_id": line, "hour_utc": day, "energy_kwh": kwh}


def activity(line, amount, day):
    return {"source_id": line, "hour_utc": day, "activity": amount}


def flow_row(link, vehicles, day):
    return {"link_id": link, "hour_utc": day, "flow_veh_per_h": vehicles}


def run_decompose(spark, **rows):
    frames = []
    for name in flow.stage("decompose").reads:
        table = schema.table(name)
        fields = [pa.field(f.name, f.type) for f in arrow_schema(table)]
        # One row outside every period, since a session takes no empty frame.
        outside = {
            **{f.name: None for f in table.fields},
            **({"hour_utc": datetime(2000, 1, 1, tzinfo=UTC)} if table.time else {}),
        }
        frames.append(spark.createDataFrame(pa.Table.from_pylist(rows.get(name) or [outside], pa.schema(fields))))
    result = decompose(*frames, context=Context(CITY, DAY, DAY.to_utc, "test", store=None))
    return conform(result.toArrow(), schema.table("emission_change")).to_pylist()


def terms(rows, sector="industrial_process", pollutant="NOx"):
    return {
        r["change_factor_code"]: r["change_g"]
        for r in rows
        if (r["sector_code"], r["pollutant_code"]) == (sector, pollutant)
    }


def test_doubled_energy_is_activity_and_a_stopped_device_is_control(spark):
    """100 kWh, 5 t, 10 g; then 200 kWh, 10 t, 60 g: 10 → 60 by 2 (activity) × 3 (control), L = 50 / ln 6."""
    rows = run_decompose(
        spark,
        emission_hourly=[emission("p", 10.0, WEEK_BEFORE), emission("p", 60.0, DAY.from_utc)],
        line_energy_hourly=[energy("p", 100.0, WEEK_BEFORE), energy("p", 200.0, DAY.from_utc)],
        activity_hourly=[activity("p", 5.0, WEEK_BEFORE), activity("p", 10.0, DAY.from_utc)],
    )
    mean = 50 / np.log(6)
    assert terms(rows) == pytest.approx(
        {"activity": mean * np.log(2), "structure": 0, "intensity": 0, "control": mean * np.log(3)}, abs=1e-9
    )
    assert {(r["base_from_utc"], r["from_utc"], r["base_emission_g"]) for r in rows} == {
        (WEEK_BEFORE, DAY.from_utc, 10.0)
    }


def test_energy_that_moves_to_a_cleaner_line_is_structure(spark):
    """90 + 10 kWh at 1 and 0.1 g per kWh; then 10 + 90: 91 g becomes 19 g, and only the shares have changed."""
    lines = [("dirty", 90.0, 10.0, 1.0), ("clean", 10.0, 90.0, 0.1)]
    days = (DAY_BEFORE, DAY.from_utc)
    rows = run_decompose(
        spark,
        emission_hourly=[
            emission(name, kwh[side] * factor, days[side]) for name, *kwh, factor in lines for side in (0, 1)
        ],
        line_energy_hourly=[energy(name, kwh[side], days[side]) for name, *kwh, _ in lines for side in (0, 1)],
        activity_hourly=[activity(name, kwh[side], days[side]) for name, *kwh, _ in lines for side in (0, 1)],
    )
    assert terms(rows) == pytest.approx({"activity": 0, "structure": 19 - 91, "intensity": 0, "control": 0}, abs=1e-9)
    assert rows[0]["base_from_utc"] == DAY_BEFORE  # a week before there is no inventory


def test_more_travel_on_roads_and_more_emission_of_areas_are_activity(spark):
    """Twice the travel at the same grams per kilometre; an area that emits a third more."""
    rows = run_decompose(
        spark,
        road_link=[{"link_id": "l", "length_km": 2.0}],
        traffic_hourly=[flow_row("l", 10.0, WEEK_BEFORE), flow_row("l", 20.0, DAY.from_utc)],
        emission_hourly=[
            emission("l", 40.0, WEEK_BEFORE, "mobile"),
            emission("l", 80.0, DAY.from_utc, "mobile"),
            emission("a", 30.0, WEEK_BEFORE, "dust"),
            emission("a", 40.0, DAY.from_utc, "dust"),
        ],
    )
    assert terms(rows, "mobile") == pytest.approx(
        {"activity": 40, "structure": 0, "intensity": 0, "control": 0}, abs=1e-9
    )
    assert terms(rows, "dust") == pytest.approx(
        {"activity": 10, "structure": 0, "intensity": 0, "control": 0}, abs=1e-9
    )


def test_terms_add_up_to_the_change_when_lines_open_and_close(spark):
    rng = np.random.default_rng(5)
    days = (WEEK_BEFORE, DAY.from_utc)
    names = [f"p{n}" for n in range(12)]
    kwh, tonnes, grams = (
        rng.choice([0.0, 1.0], (12, 2), p=[0.2, 0.8]) * rng.lognormal(2, 2, (12, 2)) for _ in range(3)
    )
    rows = run_decompose(
        spark,
        emission_hourly=[emission(n, grams[i, s], days[s]) for i, n in enumerate(names) for s in (0, 1)],
        line_energy_hourly=[energy(n, kwh[i, s], days[s]) for i, n in enumerate(names) for s in (0, 1)],
        activity_hourly=[activity(n, tonnes[i, s], days[s]) for i, n in enumerate(names) for s in (0, 1)],
    )
    change = grams[:, 1].sum() - grams[:, 0].sum()
    assert sum(terms(rows).values()) == pytest.approx(change, rel=1e-12, abs=1e-12 * grams.sum())


def test_without_an_earlier_inventory_there_is_no_row(spark):
    assert run_decompose(spark, emission_hourly=[emission("p", 10.0, DAY.from_utc)]) == []


def test_the_week_before_is_preferred_to_the_day_before():
    """Emission on days 0, 6 and 7 of eight days: day 7 is compared with day 0."""
    start = DAY.from_utc
    windows = [Window(start + timedelta(days=n), start + timedelta(days=n + 1)) for n in range(DAYS_PER_WEEK + 1)]
    about = {"kind": "emission", "source_id": "p", "sector_code": "dust", "pollutant_code": "NOx"}
    sums = pa.Table.from_pylist([{**about, "day_number": day, "value": float(day + 1)} for day in (0, 6, 7)])
    for given, base in ((sums, 0), (sums.slice(1), 6)):
        rows = decompose_days(given, windows, wanted=range(DAYS_PER_WEEK, DAYS_PER_WEEK + 1)).to_pylist()
        assert {row["base_from_utc"] for row in rows} == {windows[base].from_utc}
        assert sum(row["change_g"] for row in rows) == pytest.approx(7 - base)
