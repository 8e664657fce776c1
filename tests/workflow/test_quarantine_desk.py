"""Quarantined readings listed, explained and released."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window
from bigdata_emis.workflow.quarantine_desk import (
    Release,
    explain_reading,
    list_quarantine,
    quarantine_feeds,
    release_reading,
)

DAY = date(2015, 12, 20)
KNOWN = datetime(2015, 12, 21, 4, tzinfo=UTC)
LI = Release("Li", "data officer", "the monitor was calibrated at that hour")
FEED = {"format": "csv", "drop": "drop/{day}.csv", "columns": {"status": "flag_codes"}}
STATION = "station_id,name_zh,longitude_deg,latitude_deg\ns1,站,116.4,39.9\n"
ROWS = "station_id,pollutant_code,hour_utc,concentration_ug_per_m3,status\n"
GIVEN = ((0, "30", "N"), (1, "40", "D"), (2, "--", "N"), (3, "50", "N"))


@pytest.fixture
def place(home: Path) -> Region:
    folder = home / "regions" / "a"
    (folder / "drop").mkdir(parents=True)
    (folder / "registry").mkdir()
    (folder / "region.toml").write_text("")
    (folder / "registry" / "station.csv").write_text(STATION)
    lines = "".join(f"s1,NO2,2015-12-20T{hour:02d}:00,{value},{word}\n" for hour, value, word in GIVEN)
    (folder / "drop" / f"{DAY}.csv").write_text(ROWS + lines)
    grid = Grid("EPSG:32650", 3000, 420000, 4380000, 20, 20)
    region = Region("a", folder, "A", "甲", "UTC", True, grid, {}, {}, {"air_quality": FEED})
    database.migrate()
    collect_and_clean(region, "register", "collect_air_quality", "clean_air_quality")
    return region


def collect_and_clean(region: Region, *stages: str) -> None:
    for name in stages:
        run_stage(name, context_for(region, day_window(DAY, "UTC"), KNOWN, "run-1", store=open_lake(region)))


def names(region: Region, reason: str) -> list[str]:
    found = list_quarantine(region, [DAY], feed="air_quality", reason=reason, row_limit=9)["readings"]
    return [row["name"] for row in found]


def hours(region: Region) -> dict[int, tuple]:
    rows = open_lake(region).read("air_quality_hourly", [DAY]).to_pylist()
    return {row["hour_utc"].hour: (row["concentration_ug_per_m3"], row["flag_codes"]) for row in rows}


def test_a_doubted_reading_is_listed_explained_and_released_once(place: Region) -> None:
    counts = list_quarantine(place, [DAY])["counts"]
    assert [(row["feed"], row["reason"], row["rows"]) for row in counts] == [
        ("air_quality", "invalid_status", 1),
        ("air_quality", "not_a_number", 1),
    ]
    (name,) = names(place, "invalid_status")
    explained = explain_reading(place, "air_quality", DAY, name)
    assert [reason["code"] for reason in explained["reasons"]] == ["invalid_status"]
    assert [row["concentration_ug_per_m3"] for row in explained["neighbours"]] == [30.0, 40.0, None, 50.0]
    assert (explained["may_be_released"], explained["released"]) == (True, None)

    first = release_reading(place, "air_quality", DAY, name, release=LI, known_utc=KNOWN)
    assert hours(place) == {0: (30.0, []), 1: (40.0, ["released"]), 3: (50.0, [])}
    assert names(place, "invalid_status") == []
    second = release_reading(place, "air_quality", DAY, name, release=replace(LI, actor="Wang"), known_utc=KNOWN)
    assert (first["was_released_before"], second["was_released_before"]) == (False, True)
    assert second["released"] == first["released"]
    acts = database.read("audit", "a").to_pylist()
    assert [(act["actor"], act["event"]) for act in acts] == [("Li", "release reading")]
    assert f"air_quality {DAY} {name}, as data officer: the monitor was calibrated" in acts[0]["note"]

    collect_and_clean(place, "collect_air_quality", "clean_air_quality")
    assert hours(place)[1] == (40.0, ["released"])


def test_readings_that_are_released_at_once_are_all_released_each_with_one_act(place: Region) -> None:
    doubted = "".join(f"s1,NO2,2015-12-20T{hour:02d}:00,{hour},D\n" for hour in (4, 5))
    file = place.folder / "drop" / f"{DAY}.csv"
    file.write_text(file.read_text() + doubted)
    collect_and_clean(place, "collect_air_quality", "clean_air_quality")
    wanted = names(place, "invalid_status")
    with ThreadPoolExecutor(2 * len(wanted)) as threads:
        release = partial(release_reading, place, "air_quality", DAY, release=LI, known_utc=KNOWN)
        list(threads.map(release, [*wanted, *wanted]))
    collect_and_clean(place, "collect_air_quality", "clean_air_quality")
    assert sorted(hour for hour, (_, flags) in hours(place).items() if flags == ["released"]) == [1, 4, 5]
    assert database.read("audit", "a").num_rows == len(wanted) == 3


def test_a_reading_without_value_cannot_be_released_and_leaves_no_trace(place: Region) -> None:
    (name,) = names(place, "not_a_number")
    with pytest.raises(RefusedError, match="is quarantined as not_a_number; only doubts can be released: outlier, "):
        release_reading(place, "air_quality", DAY, name, release=LI, known_utc=KNOWN)
    assert database.read("audit", "a").num_rows == 0


def test_what_is_unknown_or_empty_is_refused_in_one_line(place: Region) -> None:
    with pytest.raises(InputError, match="--feed forecast has no quarantine; use one of power, "):
        list_quarantine(place, [DAY], feed="forecast")
    with pytest.raises(InputError, match="--reason odd is unknown; use one of "):
        list_quarantine(place, [DAY], reason="odd")
    with pytest.raises(InputError, match="has no quarantined reading 123 on 2015-12-20; take its name from"):
        explain_reading(place, "air_quality", DAY, "123")
    with pytest.raises(InputError, match="--role '': expected one line of text; write the role in --role"):
        release_reading(place, "air_quality", DAY, "1", release=replace(LI, role=""), known_utc=KNOWN)


def test_every_feed_with_cleaning_has_a_quarantine() -> None:
    assert {"power", "cems", "signalling", "traffic", "air_quality", "weather"} <= set(quarantine_feeds())
