"""The simulated day from feeds to page: mass is conserved, a rerun changes nothing, and everything says "simulated"."""

import hashlib
import json
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.control.recalculate import recalculate_region
from bigdata_emis.demo.plan import simulated_days
from bigdata_emis.demo.truth.truth import read_true_lines
from bigdata_emis.report.day_page import write_day_page
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window, day_window
from bigdata_emis.workflow.day import run_flow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PUBLISHED = ("emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily")
LAKE_TABLES = [t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "lake" and s.schedule == "day"]
CLEANED_ALONE = (
    "power",
    "district_energy",
    "cems",
    "traffic",
    "truck",
    "gate",
    "area_activity",
    "signalling",
    "weather",
    "air_quality",
    "measured_activity",
)


@pytest.fixture(scope="module")
def demo_home(place, tmp_path_factory) -> Path:
    """A copy of the home with the day, so that these tests do not change it for others."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(place.home_of("sail"), home, symlinks=True)
    return home


@pytest.fixture
def region(place, demo_home):
    with place.working_in(demo_home) as region:
        yield region


@pytest.fixture
def window(place, region) -> Window:
    return day_window(place.day, region.time_zone)


def rows(region, table: str, day: date) -> pa.Table:
    return open_lake(region).read(table, [day])


def by_pollutant(frame: pa.Table) -> dict[str, float]:
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")])
    return dict(zip(sums["pollutant_code"].to_pylist(), sums["emission_g_sum"].to_pylist(), strict=True))


def published(home: Path, table: str, day: date) -> Path:
    return home / "lake" / "published" / "jjj" / table / f"day={day}" / f"{table}.parquet"


def manifest(home: Path, day: date) -> dict:
    return json.loads((home / "lake" / "published" / "jjj" / "manifest" / f"day={day}.json").read_text("utf-8"))


@pytest.mark.parametrize("feed", CLEANED_ALONE)
def test_every_reading_of_the_day_is_in_an_hour_or_quarantined(region, place, feed):
    used = pc.sum(rows(region, f"{feed}_hourly", place.day)["reading_count"]).as_py()
    quarantined = rows(region, f"{feed}_quarantine", place.day)
    assert rows(region, f"{feed}_reading", place.day).num_rows == used + quarantined.num_rows
    assert all(quarantined["reason_codes"].to_pylist())


def test_each_run_is_recorded_as_done_with_a_receipt_that_closes(region):
    runs = database.read("run", "jjj").to_pylist()
    receipts = [json.loads(row["receipt_json"]) for row in runs]
    stages = {receipt["stage"] for receipt in receipts}
    assert {row["status"] for row in runs} <= {"done", "partial"}
    assert all(row["started_utc"] <= row["ended_utc"] for row in runs)
    assert stages == {stage.name for stage in flow.STAGES if stage.schedule not in ("month", "alert")}
    assert all(receipt["balance"] <= 1e-9 for receipt in receipts)
    assert sum(sum(receipt["quarantined"].values()) for receipt in receipts) > 0


def test_mass_of_the_sources_is_the_mass_of_the_cells(region, place):
    parts = [by_pollutant(rows(region, f"emission_{part}_hourly", place.day)) for part in ("industry", "link", "area")]
    source, cell = (by_pollutant(rows(region, table, place.day)) for table in PUBLISHED[:2])
    assert source == pytest.approx(cell, rel=1e-9)
    assert source == pytest.approx({p: sum(part.get(p, 0.0) for part in parts) for p in source}, rel=1e-9)
    assert {"SO2", "NOx", "CO", "VOCs", "PM10", "PM2.5"} <= set(source)


def test_shares_of_every_source_sum_to_one(region):
    weights = database.read("grid_weight", "jjj")
    sums = weights.group_by("source_id").aggregate([("weight_share", "sum")])["weight_share_sum"].to_numpy()
    np.testing.assert_allclose(sums, 1.0, rtol=0, atol=1e-9)


def test_no_hour_of_a_controlled_source_emits_more_than_without_control(region, place, window):
    recalculate_region(
        region=region, level="red", window=window, measures_file=None, name="test", known_utc=place.known_utc
    )
    cut = rows(region, "control_hourly", place.day)
    key = ["source_id", "pollutant_code", "hour_utc"]
    baseline = rows(region, "emission_hourly", place.day).group_by(key).aggregate([("emission_g", "sum")])
    both = cut.join(baseline, key, join_type="left outer")
    assert both.num_rows == cut.num_rows > 0
    assert both["emission_g_sum"].null_count == 0
    cut_g, baseline_g = both["cut_emission_g"].to_numpy(), both["emission_g_sum"].to_numpy()
    assert (cut_g >= 0).all()
    assert (cut_g <= baseline_g * (1 + 1e-9)).all()
    assert cut_g.sum() > 0


def test_every_line_is_ordered_to_cut_what_the_hidden_truth_says_that_it_was_ordered(region, place, window):
    recalculate_region(
        region=region, level="red", window=window, measures_file=None, name="orders", known_utc=place.known_utc
    )
    true = read_true_lines(place.world).to_pandas().set_index("production_line_id")["planned_cut_share"]
    key = ["source_id", "pollutant_code", "hour_utc"]
    cut = rows(region, "control_hourly", place.day).group_by(key).aggregate([("cut_emission_g", "max")])
    both = rows(region, "emission_hourly", place.day).join(cut, key, join_type="left outer").to_pandas()
    last = both[both["hour_utc"].eq(both["hour_utc"].max()) & both["emission_g"].gt(0)]
    last = last[last["source_id"].isin(true.index)]
    ordered = last["cut_emission_g_max"].fillna(0.0) / last["emission_g"]
    np.testing.assert_allclose(ordered, true[last["source_id"]], rtol=0, atol=1e-9)
    assert set(true[last["source_id"]].unique()) > {0.0, 0.5}


def test_a_rerun_of_the_day_makes_no_new_version(region, place, window):
    store = open_lake(region)
    before = {table: store.versions(table, [place.day]) for table in LAKE_TABLES}
    result = run_flow(region, window, known_utc=place.known_utc + timedelta(hours=1))
    assert result.failures == []
    assert {table: store.versions(table, [place.day]) for table in LAKE_TABLES} == before


def test_a_day_cleaned_within_a_longer_window_is_the_day_cleaned_alone(region, place, tmp_path):
    """A stage looks back on exactly the declared days: ten days at once, then the last of them alone."""
    feeds = ("power", "cems", "traffic", "area_activity")
    first, last = (day_window(day, region.time_zone) for day in (simulated_days()[0], simulated_days()[-1]))
    known_utc = last.to_utc + timedelta(hours=4)
    with place.working_in(tmp_path) as elsewhere:
        stages = [f"{verb}_{feed}" for verb in ("collect", "clean") for feed in feeds]
        result = run_flow(elsewhere, Window(first.from_utc, last.to_utc), known_utc=known_utc, only=stages)
        assert result.failures == []
        store = open_lake(elsewhere)
        within = {feed: store.read(f"{feed}_hourly", [simulated_days()[-1]]) for feed in feeds}
        for feed in feeds:
            run_stage(f"clean_{feed}", context_for(elsewhere, last, known_utc, "alone"))
            assert within[feed].num_rows > 0
            assert store.read(f"{feed}_hourly", [simulated_days()[-1]]).equals(within[feed]), feed


@pytest.mark.parametrize("table", PUBLISHED)
def test_published_files_match_the_manifest_and_every_library_reads_the_same(demo_home, place, table):
    path = published(demo_home, table, place.day)
    entry = next(file for file in manifest(demo_home, place.day)["files"] if file["table"] == table)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    frame = pq.read_table(path, partitioning=None)
    query = f"SELECT count(*), sum(emission_g) FROM read_parquet('{path}', hive_partitioning=false)"
    count, total = duckdb.sql(query).fetchall()[0]
    assert count == entry["rows"] == frame.num_rows == len(pd.read_parquet(path))
    assert total == pytest.approx(pc.sum(frame["emission_g"]).as_py(), rel=1e-12)
    assert pd.read_parquet(path)["emission_g"].sum() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("table", PUBLISHED)
def test_each_published_column_carries_its_unit(demo_home, place, table):
    file_schema = pq.read_schema(published(demo_home, table, place.day))
    for declared in schema.table(table).fields:
        if declared.unit:
            assert file_schema.field(declared.name).metadata[b"unit"].decode() == declared.unit
    assert file_schema.field("emission_g").metadata[b"unit"] == b"gram"
    entry = next(file for file in manifest(demo_home, place.day)["files"] if file["table"] == table)
    assert entry["units"]["emission_g"] == "gram"


def test_everything_of_a_simulated_region_says_so(demo_home, place, region, window):
    assert manifest(demo_home, place.day)["simulated"] is True
    assert "is_simulated = true" in (region.folder / "region.toml").read_text("utf-8")
    page = Path(write_day_page(region, place.day, scenario=None, known_utc=place.known_utc).path).read_text("utf-8")
    assert "SIMULATED" in page
    assert "模拟数据" in page


def test_the_page_requests_nothing_from_any_other_place(region, place):
    page = Path(write_day_page(region, place.day, scenario=None, known_utc=place.known_utc).path).read_text("utf-8")
    assert "Content-Security-Policy" in page
    for outside in ('src="http', 'href="http', "url(http", "@import"):
        assert outside not in page
    assert "emission_g" not in page.split('id="data"')[0]


@pytest.mark.browser
def test_a_browser_draws_the_page_without_error_and_without_a_request(region, place, tmp_path):
    programs = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    chromium = next(filter(None, programs), None)
    if chromium is None:
        pytest.skip("this machine has no Chromium")
    page = write_day_page(region, place.day, scenario=None, known_utc=place.known_utc)
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=20000",
            "--dump-dom",
            f"file://{page.path}",
        ],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert 'data-ready="yes"' in done.stdout, done.stderr[-2000:]
    for complaint in (
        "Refused to",
        "Uncaught",
        "net::ERR",
    ):  # the policy of the page refuses every request to another place
        assert complaint not in done.stderr
