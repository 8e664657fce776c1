"""The gate and the manifest: what is published, what is refused, and what the manifest says of it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.gate.mass_checks import PUBLISHED
from bigdata_emis.publish.manifest import published
from bigdata_emis.publish.publish import judge, publish
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.window import day_window
from tests.publish.registered_grid import register_grid

DAY = date(2015, 12, 20)
TOTALS = ("emission_total_hourly", "emission_total_daily")
NOON = datetime(2015, 12, 20, 12, tzinfo=UTC)
START = day_window(DAY, "Asia/Shanghai").from_utc


@pytest.fixture
def context(home: Path) -> Context:
    database.migrate()
    feeds = {"power": {}, "air_quality": {}}
    region = Region(
        "a", home, "A", "甲", "Asia/Shanghai", True, Grid("EPSG:32650", 3000, 0, 0, 2, 2), {"alert": "2017"}, {}, feeds
    )
    register_grid(region)
    return Context(region, day_window(DAY, "Asia/Shanghai"), NOON, "run-1", open_lake(region))


def source(**grams: float) -> pa.Table:
    plain = {
        "sector_code": "mobile",
        "hour_utc": START,
        "emission_g_p05": 0.0,
        "emission_g_p95": 900.0,
        "method_code": "profile",
    }
    return table(
        "emission_hourly",
        *({"source_id": "s", "pollutant_code": p, "emission_g": g, **plain} for p, g in grams.items()),
    )


def cells(**grams: float) -> pa.Table:
    plain = {"sector_code": "mobile", "hour_utc": START}
    half = (
        {"cell_id": c, "pollutant_code": p, "emission_g": g / 2, **plain}
        for p, g in grams.items()
        for c in ("r0c0", "r0c1")
    )
    return table("emission_gridded_hourly", *half)


def total(name: str, sources: pa.Table) -> pa.Table:
    """The totals of the sources, of their one sector and of all."""
    times = (
        {"hour_utc": START}
        if name == "emission_total_hourly"
        else {"from_utc": START, "to_utc": START + timedelta(days=1)}
    )
    sums = sources.group_by("pollutant_code").aggregate([("emission_g", "sum")]).to_pylist()
    rows = [
        {
            "sector_code": sector,
            "pollutant_code": row["pollutant_code"],
            "emission_g": row["emission_g_sum"],
            "emission_g_p05": 0.0,
            "emission_g_p95": 900.0,
            **times,
        }
        for row in sums
        for sector in ("mobile", "all")
    ]
    return table(name, *rows)


def gated(context: Context, sources: pa.Table, in_cells: pa.Table) -> pa.Table:
    """What the gate makes of both tables and their totals."""
    return publish(
        sources, in_cells, *(total(name, sources) for name in TOTALS), reference.read("pollutant_part"), context=context
    )


def table(name: str, *rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(schema.table(name)))


def write(context: Context, *frames: tuple[str, pa.Table]) -> Store:
    store = Store(settings().lake, "a", "Asia/Shanghai")
    for name, frame in frames:
        fitted = conform(frame, schema.table(name))
        store.write(name, fitted, [DAY], known_utc=context.known_utc, run_id=context.run_id, complete_shares={DAY: 0.5})
    return store


def make(context: Context, sources: pa.Table, in_cells: pa.Table) -> pa.Table:
    """Write both tables and publish them, as the flow does."""
    write(
        context,
        ("emission_hourly", sources),
        ("emission_gridded_hourly", in_cells),
        *((name, total(name, sources)) for name in TOTALS),
    )
    rows = gated(context, sources, in_cells)
    database.replace({"published_version": rows}, "a")
    return rows


def manifest() -> dict[str, object]:
    return json.loads((Path(settings().lake) / "published" / "a" / "manifest" / f"day={DAY}.json").read_text("utf-8"))


def stable(name: str) -> Path:
    return Path(settings().lake) / "published" / "a" / name / f"day={DAY}" / f"{name}.parquet"


def test_what_is_published_lies_at_the_stable_path_and_is_what_the_manifest_says(context: Context) -> None:
    make(context, source(SO2=100.0, NOx=300.0), cells(SO2=100.0, NOx=300.0))
    files = {f["table"]: f for f in manifest()["files"]}
    assert [files[n]["rows"] for n in ("emission_hourly", "emission_gridded_hourly")] == [2, 4]
    assert pq.read_table(stable("emission_hourly"), partitioning=None)["emission_g"].to_pylist() == [300.0, 100.0]
    assert Path(settings().lake) / files["emission_hourly"]["path"] == stable("emission_hourly")
    assert files["emission_hourly"]["units"]["emission_g"] == "gram"
    assert manifest()["total_kg"] == {"NOx": 0.3, "SO2": 0.1}


def test_the_manifest_says_region_run_rules_and_that_it_is_simulated(context: Context) -> None:
    make(context, source(SO2=1.0), cells(SO2=1.0))
    written = manifest()
    assert (written["region"], written["run"], written["simulated"]) == ("a", "run-1", True)
    assert written["rule_versions"] == {"alert": "2017", "aqi": "HJ633-2012"}


def test_the_manifest_says_how_fresh_and_how_complete_each_feed_is(context: Context) -> None:
    row = {"meter_id": "m", "energy_kwh": 1.0, "interval_min": 60.0, "record_number": 1, "flag_codes": []}
    write(context, ("power_reading", table("power_reading", {"interval_start_utc": NOON - timedelta(hours=3), **row})))
    hourly = {
        "meter_id": "m",
        "hour_utc": NOON,
        "energy_kwh": 1.0,
        "reading_count": 1,
        "imputation_code": "none",
        "flag_codes": [],
    }
    write(context, ("power_hourly", table("power_hourly", hourly)))
    make(context, source(SO2=1.0), cells(SO2=1.0))
    feeds = manifest()["feeds"]
    assert (feeds["power"]["rows"], feeds["power"]["age_h"], feeds["power"]["complete_share"]) == (1, 3.0, 0.5)
    assert (
        feeds["air_quality"]["rows"],
        feeds["air_quality"]["latest_utc"],
        feeds["air_quality"]["complete_share"],
    ) == (0, None, 0.0)


BAD = {
    "mass is lost on the way to the cells": (source(SO2=100.0), cells(SO2=99.0), "difference_share"),
    "a pollutant has no cells": (source(SO2=100.0, NOx=1.0), cells(SO2=100.0), "difference_share"),
    "a table is empty": (source(), cells(), "row_count"),
    "a key repeats": (pa.concat_tables([source(SO2=100.0)] * 2), cells(SO2=200.0), "key repeats.*SO2"),
    "an emission is negative": (source(SO2=-5.0), cells(SO2=-5.0), "emission_g.*-5"),
    "a sector is unknown": (
        source(SO2=1.0).set_column(1, "sector_code", pa.array(["moon"])),
        cells(SO2=1.0),
        "sector_code.*moon",
    ),
    "a part exceeds its whole": (
        source(**{"PM10": 4.0, "PM2.5": 5.0}),
        cells(**{"PM10": 4.0, "PM2.5": 5.0}),
        r"more PM2\.5 than PM10 of s",
    ),
    "an estimate lies outside of its interval": (
        source(SO2=901.0),
        cells(SO2=901.0),
        "SO2 outside of its interval of s",
    ),
    "percentiles cross": (
        source(SO2=1.0).set_column(5, "emission_g_p05", pa.array([901.0])),
        cells(SO2=1.0),
        "SO2 outside of its interval",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_the_gate_refuses_when(case: str, context: Context) -> None:
    sources, in_cells, named = BAD[case]
    with pytest.raises(RefusedError, match=named) as refused:
        gated(context, sources, in_cells)
    assert refused.value.exit_status == 3


def judge_days(context: Context, *days: tuple[pa.Table, pa.Table]) -> None:
    """Judge days of sources and cells together, each an hour after the other."""
    frames = {}
    for number, (sources, in_cells) in enumerate(days):
        every = (sources, in_cells, *(total(name, sources) for name in TOTALS))
        frames[DAY + timedelta(days=number)] = {
            name: later(frame, number)
            for name, frame in zip(("emission_hourly", "emission_gridded_hourly", *TOTALS), every, strict=True)
        }
    judge(frames, reference.read("pollutant_part"), context)


def later(frame: pa.Table, hours: int) -> pa.Table:
    times = [name for name in ("hour_utc", "from_utc") if name in frame.column_names]
    moved = {
        name: pa.array([at + timedelta(hours=hours) for at in frame[name].to_pylist()], frame.schema.field(name).type)
        for name in times
    }
    return pa.table({name: moved.get(name, frame[name]) for name in frame.column_names}, schema=frame.schema)


def test_days_that_each_keep_the_contract_pass_together_but_none_makes_up_for_the_mass_that_another_lost(
    context: Context,
) -> None:
    judge_days(context, (source(NOx=4), cells(NOx=4)), (source(NOx=6), cells(NOx=6)))
    with pytest.raises(RefusedError, match="NOx"):
        judge_days(context, (source(NOx=4), cells(NOx=5)), (source(NOx=6), cells(NOx=5)))


def test_a_day_without_rows_is_refused_beside_one_that_has_them(context: Context) -> None:
    with pytest.raises(RefusedError, match="a table must have rows every day.*row_count 0"):
        judge_days(context, (source(NOx=4), cells(NOx=4)), (source(), cells()))


def test_two_monitors_that_contradict_each_other_are_both_published(context: Context) -> None:
    measured = pa.array(["measured", "measured"])
    sources = source(**{"PM10": 4.0, "PM2.5": 5.0})
    make(
        context,
        sources.set_column(sources.column_names.index("method_code"), "method_code", measured),
        cells(**{"PM10": 4.0, "PM2.5": 5.0}),
    )
    assert manifest()["total_kg"] == {"PM10": 0.004, "PM2.5": 0.005}


def next_day(frame: pa.Table) -> pa.Table:
    """The same rows a day later."""
    for name in ("hour_utc", "from_utc", "to_utc"):
        if name in frame.column_names:
            moment = pa.scalar(timedelta(days=1), pa.duration("us"))
            later = pc.add(frame[name], moment).cast(frame[name].type)
            frame = frame.set_column(frame.column_names.index(name), frame.schema.field(name), later)
    return frame


def test_days_published_together_are_judged_one_by_one_and_have_their_own_manifest_and_page(context: Context) -> None:
    """Thirty days added up would be thirty times the usual mass of a day, which is another unit."""
    sources, in_cells = source(SO2=100.0), cells(SO2=100.0)
    one_day = [sources, in_cells, *(total(name, sources) for name in TOTALS)]
    both_days = [pa.concat_tables([frame, next_day(frame)]) for frame in one_day]
    days = [DAY, DAY + timedelta(days=1)]
    store = Store(settings().lake, "a", "Asia/Shanghai")
    for name, frame in zip(PUBLISHED, both_days, strict=True):
        fitted = conform(frame, schema.table(name))
        store.write(name, fitted, days, known_utc=context.known_utc, run_id=context.run_id)
    to_utc = context.window.to_utc + timedelta(days=1)
    window = replace(context.window, to_utc=to_utc)
    rows = publish(*both_days, reference.read("pollutant_part"), context=replace(context, window=window))
    assert sorted(set(rows["day"].to_pylist())) == days
    for day in days:
        document = json.loads(store.read_document(f"manifest/day={day}.json", tree="published") or b"")
        assert document["total_kg"] == {"SO2": 0.1}
        assert (
            f"a {day}: checks" in (store.read_document(f"quality/{day}-checks.html", tree="published") or b"").decode()
        )


def test_what_was_published_before_stays_when_the_gate_refuses(context: Context) -> None:
    make(context, source(SO2=7.0), cells(SO2=7.0))
    before, listed = manifest(), published("a")
    with pytest.raises(RefusedError):
        make(replace(context, known_utc=NOON + timedelta(hours=1)), source(SO2=8.0), cells(SO2=9.0))
    assert (manifest(), published("a")) == (before, listed)
    assert pq.read_table(stable("emission_hourly"), partitioning=None)["emission_g"].to_pylist() == [7.0]


def test_one_bad_row_among_many_is_found(context: Context) -> None:
    many = pa.concat_tables([source(SO2=1.0)] * 5000).append_column("n", pa.array(range(5000)))
    amounts = pa.array([-0.5 if n == 4321 else 1.0 for n in range(5000)])
    bad = (
        many.set_column(4, "emission_g", amounts)
        .set_column(0, "source_id", many["n"].cast(pa.string()))
        .drop_columns("n")
    )
    with pytest.raises(RefusedError, match="emission_hourly, column emission_g: -0.5 is below 0"):
        judge_days(context, (bad, cells(SO2=4998.5)))


def test_a_program_of_none_of_ours_reads_what_is_published(context: Context) -> None:
    make(context, source(SO2=7.0), cells(SO2=7.0))
    days = str(stable("emission_hourly")).replace(f"day={DAY}", "day=*")
    assert duckdb.sql(f"SELECT day, pollutant_code, sum(emission_g) FROM '{days}' GROUP BY ALL").fetchall() == [
        (DAY, "SO2", 7.0)
    ]
    assert pd.read_parquet(stable("emission_hourly"))["emission_g"].sum() == 7.0
    assert pq.read_schema(stable("emission_hourly")).field("emission_g").metadata[b"unit"] == b"gram"


def test_publishing_the_same_again_changes_nothing(context: Context) -> None:
    make(context, source(SO2=7.0), cells(SO2=7.0))
    listed = published("a")
    make(replace(context, known_utc=NOON + timedelta(hours=1)), source(SO2=7.0), cells(SO2=7.0))
    assert published("a") == listed


def test_what_was_known_before_a_restatement_can_still_be_read(context: Context) -> None:
    make(context, source(SO2=7.0), cells(SO2=7.0))
    make(replace(context, known_utc=NOON + timedelta(hours=2)), source(SO2=8.0), cells(SO2=8.0))
    then, now = published("a", as_of=NOON + timedelta(hours=1)), published("a")
    amounts = [
        pq.read_table(v["path"], partitioning=None)["emission_g"].to_pylist()
        for v in (sources_of(then), sources_of(now))
    ]
    assert amounts == [[7.0], [8.0]]
    assert published("a", as_of=NOON - timedelta(hours=1)) == {"versions": []}


def sources_of(listing: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    (found,) = (v for v in listing["versions"] if v["table"] == "emission_hourly")
    return found


def test_a_day_that_was_never_made_cannot_be_published(context: Context) -> None:
    with pytest.raises(InputError, match="emission_hourly has no version of 2015-12-20"):
        gated(context, source(SO2=7.0), cells(SO2=7.0))
