"""The name of a run, when a registry counts as changed, and what happens when a feed is down or an analysis fails."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.errors import AnalysisError, EmisError, FeedError, RefusedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.run_record import list_runs
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window
from bigdata_emis.workflow.day import make_run_id, registry_changed, run_flow, write_missing_days

KNOWN = datetime(2015, 12, 21, 4, 30, tzinfo=UTC)
WINDOW = day_window(date(2015, 12, 20), "UTC")


@pytest.fixture
def region(home: Path) -> Region:
    folder = home / "regions" / "a"
    (folder / "registry").mkdir(parents=True)
    (folder / "region.toml").write_text("")
    enterprise = "enterprise_id,industry_code,longitude_deg,latitude_deg\ne1,sinter,116.5,39.9\n"
    (folder / "registry" / "enterprise.csv").write_text(enterprise)
    return Region("a", folder, "A", "甲", "UTC", True, Grid("EPSG:32650", 3000, 440000, 4400000, 30, 30), {}, {}, {})


def test_the_same_window_known_at_the_same_time_has_the_same_run_id() -> None:
    assert make_run_id("a", WINDOW, KNOWN) == make_run_id("a", WINDOW, KNOWN)
    assert make_run_id("a", WINDOW, KNOWN).startswith("a-20151221T043000-")


def test_another_window_or_region_has_another_run_id() -> None:
    next_day = day_window(date(2015, 12, 21), "UTC")
    ids = {make_run_id("a", WINDOW, KNOWN), make_run_id("a", next_day, KNOWN), make_run_id("b", WINDOW, KNOWN)}
    assert len(ids) == 3


def test_a_registry_counts_as_changed_until_it_is_registered_and_again_after_an_edit(region: Region) -> None:
    assert registry_changed(region)
    steps: list[tuple[str, int, int]] = []
    result = run_flow(
        region, WINDOW, known_utc=KNOWN, only=(), progress=lambda what, done, total: steps.append((what, done, total))
    )
    assert [receipt.stage for receipt in result.receipts] == ["register", "grid"]
    assert steps == [("register", 0, 2), ("grid", 1, 2), ("done", 2, 2)]
    assert not registry_changed(region)
    assert run_flow(region, WINDOW, known_utc=KNOWN, only=()).receipts == []
    with (region.folder / "registry" / "enterprise.csv").open("a") as file:
        file.write("e2,sinter,116.6,39.9\n")
    assert registry_changed(region)


@pytest.fixture
def region_with_power(region: Region) -> Region:
    """The region with a feed that has a file for the 20th and none for the 21st."""
    (region.folder / "drop").mkdir()
    (region.folder / "drop" / "2015-12-20.csv").write_text(
        "meter_id,interval_start_utc,energy_kwh\nm1,2015-12-20T05:00,7.5\n"
    )
    power = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}}
    return replace(region, feeds={"power": power})


def test_a_day_of_which_a_feed_never_brought_anything_gets_an_empty_version_of_completeness_zero(
    region_with_power: Region,
) -> None:
    next_day = day_window(date(2015, 12, 21), "UTC")
    result = run_flow(region_with_power, next_day, known_utc=KNOWN, only=["collect_power"])
    assert [type(failure) for failure in result.failures] == [FeedError]
    (version,) = open_lake(region_with_power).versions("power_reading", [date(2015, 12, 21)])
    assert (version.rows, version.complete_share, version.known_utc) == (0, 0.0, KNOWN.isoformat())


def test_a_feed_that_is_down_keeps_what_it_brought_before(region_with_power: Region) -> None:
    run_flow(region_with_power, WINDOW, known_utc=KNOWN, only=["collect_power"])
    (region_with_power.folder / "drop" / "2015-12-20.csv").unlink()
    later = datetime(2015, 12, 21, 5, 30, tzinfo=UTC)
    result = run_flow(region_with_power, WINDOW, known_utc=later, only=["collect_power"])
    assert [type(failure) for failure in result.failures] == [FeedError]
    lake = open_lake(region_with_power)
    assert lake.read("power_reading", [date(2015, 12, 20)])["energy_kwh"].to_pylist() == [7.5]
    assert len(lake.versions("power_reading", [date(2015, 12, 20)])) == 1


def test_of_several_days_only_those_without_any_version_get_an_empty_one(region_with_power: Region) -> None:
    run_flow(region_with_power, WINDOW, known_utc=KNOWN, only=["collect_power"])
    both = replace(WINDOW, to_utc=datetime(2015, 12, 22, tzinfo=UTC))
    missing = write_missing_days(flow.stage("collect_power"), context_for(region_with_power, both, KNOWN, "run-1"))
    assert missing == [date(2015, 12, 21)]


def test_by_hand_readings_that_were_never_collected_are_not_cleaned(region_with_power: Region) -> None:
    database.migrate()
    with pytest.raises(RefusedError, match="power_reading has no version of 2015-12-20; run stage collect_power first"):
        run_stage("clean_power", context_for(region_with_power, WINDOW, KNOWN, "run-1"))


def test_an_analysis_that_fails_does_not_stop_the_flow_and_is_recorded(region: Region) -> None:
    everything = replace(region, feeds={feed: {} for feed in ("power", "measured_activity", "air_quality", "weather")})
    result = run_flow(everything, WINDOW, known_utc=KNOWN, only=["decompose"])
    (failure,) = result.failures
    assert isinstance(failure, AnalysisError)
    assert failure.what == (
        "decompose failed, without which the inventory is whole: "
        "stage decompose: table emission_hourly has no version of 2015-12-20"
    )
    assert failure.remedy == "run stage combine first"
    (run,) = list_runs(is_failed_only=True)
    assert (run["stage"], run["status"]) == ("decompose", "refused")


def test_a_stage_that_the_inventory_needs_stops_the_flow(region_with_power: Region) -> None:
    with pytest.raises(RefusedError, match="power_reading has no version"):
        run_flow(region_with_power, WINDOW, known_utc=KNOWN, only=["clean_power"])


def test_a_whole_day_is_a_run_of_its_own_so_that_a_kill_between_two_stages_shows(region: Region) -> None:
    run_flow(region, WINDOW, known_utc=KNOWN)
    runs = {run["stage"]: run for run in list_runs()}
    assert runs["day"]["status"] == "done"
    assert runs["day"]["started_utc"] <= runs["register"]["started_utc"]
    assert runs["day"]["ended_utc"] >= max(run["ended_utc"] for run in runs.values())


def test_a_day_that_a_stage_refused_is_refused_as_a_whole(region_with_power: Region) -> None:
    (region_with_power.folder / "registry" / "enterprise.csv").unlink()
    with pytest.raises(EmisError):
        run_flow(region_with_power, WINDOW, known_utc=KNOWN)
    day = next(run for run in list_runs(is_failed_only=True) if run["stage"] == "day")
    failed = next(run for run in list_runs(is_failed_only=True) if run["stage"] != "day")
    assert (day["status"], day["error"]) == (failed["status"], failed["error"])
