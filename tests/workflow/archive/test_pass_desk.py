"""A day whose older answer cannot be read any more goes on once a person excludes that."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.context import Context
from bigdata_emis.errors import EmisError, FeedError, InputError, RefusedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window
from bigdata_emis.workflow.archive.pass_desk import exclude_pass, list_passes
from bigdata_emis.workflow.quarantine_desk import Release

DAY = date(2015, 12, 20)
KNOWN = datetime(2015, 12, 21, 4, tzinfo=UTC)
LI = Release("Li", "data officer", "the corrected file has all rows")
FEED = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 15}}
HEADER = "meter_id,interval_start_utc,energy_kwh,备注\n"
FIRST, CORRECTED = "m1,2015-12-20T00:00,1.5,\n", "m1,2015-12-20T00:00,1.6,\nm1,2015-12-20T00:15,1.7,\n"


@pytest.fixture
def place(home: Path) -> Region:
    """The provider writes UTF-8 from its second file on, and its first was of an office computer."""
    (home / "drop").mkdir()
    database.migrate()
    region = Region("a", home, "A", "甲", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {"power": FEED})
    drop(home, FIRST, "gbk")
    assert collected(region, KNOWN) == [1.5]
    drop(home, CORRECTED)
    return replace(region, feeds={"power": FEED | {"encoding": "utf-8"}})


def drop(home: Path, rows: str, encoding: str = "utf-8") -> None:
    (home / "drop" / f"{DAY}.csv").write_text(HEADER + rows, encoding=encoding)


def collected(region: Region, known_utc: datetime) -> list[float]:
    context = Context(region, day_window(DAY, "UTC"), known_utc, "run", open_lake(region))
    return collect_feed("power", "power_reading", context=context)["energy_kwh"].to_pylist()


def refused(region: Region) -> str:
    with pytest.raises(FeedError) as problem:
        collected(region, KNOWN + timedelta(hours=1))
    return str(problem.value)


def acts(region: Region) -> list[tuple]:
    return [(act["actor"], act["event"], act["note"]) for act in database.read("audit", region.region_id).to_pylist()]


def exclude(region: Region, number: int, **changes) -> dict:
    return exclude_pass(region, "power", DAY, number, **{"release": LI, "known_utc": KNOWN} | changes)


def test_a_corrected_file_is_collected_once_its_unreadable_forerunner_is_excluded(place: Region, caplog) -> None:
    message = refused(place)
    assert "emis feed exclude --region a --feed power --date 2015-12-20 --pass 1" in message
    first, second = list_passes(place, "power", DAY)["passes"]
    assert (first["rows"], second["rows"], second["problem"]) == (None, 2, "")
    assert "stored as pass 1 of 2015-12-20" in first["problem"]

    raw = {path: path.read_bytes() for path in (Path(place.folder) / "lake").rglob("raw/**/*") if path.is_file()}
    document = exclude(place, 1)
    assert document["passes"][0]["excluded"]["actor"] == "Li"
    assert document["passes"][0]["excluded"]["problem"] == first["problem"]
    assert collected(place, KNOWN + timedelta(hours=2)) == [1.6, 1.7]
    assert "pass 1 of 2015-12-20 is excluded by Li: the corrected file has all rows" in caplog.text
    assert raw
    assert all(path.read_bytes() == content for path, content in raw.items() if path.suffix == ".csv")
    assert acts(place) == [
        ("Li", "exclude pass", "power 2015-12-20 pass 1, as data officer: the corrected file has all rows")
    ]


def test_excluding_twice_is_as_once_and_it_can_be_taken_back(place: Region) -> None:
    refused(place)
    once = exclude(place, 1)
    assert exclude(place, 1, release=replace(LI, actor="Wang")) == once
    assert len(acts(place)) == 1
    back = exclude(place, 1, undo=True)
    assert back["passes"][0]["excluded"] is None
    assert exclude(place, 1, undo=True) == back
    assert [event for _, event, _ in acts(place)] == ["exclude pass", "take back pass"]
    refused(place)


def test_a_pass_that_can_be_read_or_is_not_there_stays(place: Region) -> None:
    refused(place)
    with pytest.raises(RefusedError, match="pass 2 of feed power, 2015-12-20, can be read; only an unreadable pass"):
        exclude(place, 2)
    with pytest.raises(InputError, match="has no pass 7 of 2015-12-20, but 1, 2; list them: emis feed passes"):
        exclude(place, 7)
    with pytest.raises(InputError, match="--feed gas is no feed; use one of"):
        exclude_pass(place, "gas", DAY, 1, release=LI, known_utc=KNOWN)
    with pytest.raises(InputError, match="--by ' ': expected one line of text"):
        exclude(place, 1, release=replace(LI, actor=" "))
    assert acts(place) == []


def test_passes_that_are_excluded_at_once_are_all_excluded_each_with_one_act(place: Region) -> None:
    readable = replace(place, feeds={"power": FEED})
    for number in range(2, 6):
        drop(place.folder, f"m1,2015-12-20T00:00,{number},\n", "gbk")
        collected(readable, KNOWN + timedelta(minutes=number))
    refused(place)
    wanted = [received["pass"] for received in list_passes(place, "power", DAY)["passes"] if received["problem"]]
    with ThreadPoolExecutor(2 * len(wanted)) as threads:
        list(threads.map(lambda number: exclude(place, number), [*wanted, *wanted]))
    excluded = {p["pass"] for p in list_passes(place, "power", DAY)["passes"] if p["excluded"]}
    assert (excluded, len(wanted), len(acts(place))) == (set(wanted), 5, 5)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"a": {}}', b'{"1": "x"}', b"\xff"])
def test_a_damaged_record_of_excluded_passes_is_named(place: Region, damage: bytes) -> None:
    refused(place)
    exclude(place, 1)
    (file,) = place.folder.rglob("excluded/power/*.json")
    file.write_bytes(damage)
    with pytest.raises(EmisError, match=rf"{file.name} is damaged"):
        list_passes(place, "power", DAY)
