"""What a published day rests on: what its stages read, not what was the newest when it was published."""

from datetime import date, timedelta

import pytest

from bigdata_emis.context import Context
from bigdata_emis.publish.read_versions import Newest, list_replaced, newest_readings, rested_on
from bigdata_emis.storage.lake import ReadRecord, Version
from tests.publish.test_day_quality import DAY, context, power_hour, table

__all__ = ["context"]

BEFORE = DAY - timedelta(days=1)
Reads = dict[str, dict[str, str]]


def write(context: Context, name: str, day: date = DAY, *, reading_count: int = 0) -> Version:
    """A version of a table; power_hourly and power_reading differ by their count."""
    rows = (
        [{**power_hour(hour), "reading_count": reading_count} for hour in range(24)] if name == "power_hourly" else []
    )
    (version,) = context.store.write(name, table(name, rows), [day], known_utc=context.known_utc, run_id="r")
    return version


def read(context: Context, written: Version, reads: Reads, *, first_day: date = DAY, **written_with: str) -> None:
    record = ReadRecord(first_day=str(first_day), reads=reads, written={written.table: written.version, **written_with})
    context.store.note_reads(written, record)


@pytest.fixture
def published(context: Context) -> Version:
    return write(context, "emission_hourly")


def test_the_version_that_was_read_is_named_and_not_the_one_that_came_after_it(
    context: Context, published: Version
) -> None:
    """line_energy_hourly was computed from the first power_hourly; a second one came before the day was published."""
    energy, first = write(context, "line_energy_hourly"), write(context, "power_hourly", reading_count=1)
    reading = write(context, "power_reading")
    read(context, published, {"line_energy_hourly": {str(DAY): energy.version}})
    read(context, energy, {"power_hourly": {str(DAY): first.version}})
    read(context, first, {"power_reading": {str(DAY): reading.version}})
    second = write(context, "power_hourly", reading_count=2)
    named = rested_on(context.store, [published], DAY)
    assert named["input_versions"]["power_hourly"] == first.version != second.version
    assert named["reading_versions"] == {"power_reading": reading.version}
    assert named["not_recorded"] == []


def test_of_two_versions_that_stages_read_the_replaced_one_is_named(context: Context, published: Version) -> None:
    """The day then counts as late, whichever of both is met first."""
    first, second = (write(context, "power_hourly", reading_count=count) for count in (1, 2))
    energy, watch = write(context, "line_energy_hourly"), write(context, "model_watch")
    read(context, published, {name: {str(DAY): v.version} for name, v in (("x", energy), ("model_watch", watch))})
    for old, new in ((first, second), (second, first)):
        read(context, published, {"line_energy_hourly": {str(DAY): energy.version}}, model_watch=watch.version)
        read(context, energy, {"power_hourly": {str(DAY): old.version}})
        read(context, watch, {"power_hourly": {str(DAY): new.version}})
        assert rested_on(context.store, [published], DAY)["input_versions"]["power_hourly"] == first.version


def test_what_was_written_with_a_table_is_named_with_it(context: Context, published: Version) -> None:
    road, link = write(context, "emission_road_hourly"), write(context, "emission_link_hourly")
    read(context, published, {"emission_road_hourly": {str(DAY): road.version}})
    read(context, road, {}, emission_link_hourly=link.version)
    named = rested_on(context.store, [published], DAY)
    assert named["input_versions"]["emission_link_hourly"] == link.version
    assert named["not_recorded"] == []


def test_a_table_without_a_record_is_named_by_its_newest_version_and_listed(
    context: Context, published: Version
) -> None:
    hourly, reading = write(context, "power_hourly"), write(context, "power_reading")
    named = rested_on(context.store, [published], DAY)
    assert named["input_versions"]["power_hourly"] == hourly.version
    assert named["reading_versions"] == newest_readings(context.store, DAY) == {"power_reading": reading.version}
    assert named["not_recorded"] == ["power_hourly", "power_reading"]


def test_a_day_is_stale_when_a_day_that_it_looked_back_on_has_another_version_or_its_first(
    context: Context, published: Version
) -> None:
    """It looked back two days, of which one had the table; both are then written, one of them for the first time."""
    old = write(context, "power_hourly", BEFORE, reading_count=1)
    read(context, published, {"power_hourly": {str(BEFORE): old.version}}, first_day=BEFORE - timedelta(days=1))
    looked_back = rested_on(context.store, [published], DAY)["lookback_versions"]
    assert looked_back == {"power_hourly": {"from": "2015-12-18", "versions": {"2015-12-19": old.version}}}
    manifest = {"day": str(DAY), "lookback_versions": looked_back}
    assert list_replaced(context.store, manifest, Newest()) == {}
    power = table("power_hourly", [{**power_hour(-1), "reading_count": 9}])
    context.store.write("power_hourly", power, [BEFORE], known_utc=context.known_utc, run_id="late")
    assert list_replaced(context.store, manifest, Newest()) == {"2015-12-19": ["power_hourly"]}
    write(context, "power_hourly", BEFORE - timedelta(days=1))
    assert list(list_replaced(context.store, manifest, Newest())) == ["2015-12-18", "2015-12-19"]


def test_a_manifest_of_an_earlier_release_has_nothing_to_look_back_on(context: Context) -> None:
    assert list_replaced(context.store, {"day": str(DAY)}, Newest()) == {}
