"""The hours of an export: a local day or a day in UTC, with the hour after the last."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_hours import hours_of_day
from bigdata_emis.storage.lake import open_lake
from tests.publish.export.exported_town import publish_exported_town, request_of
from tests.publish.published_town import FIRST, SECOND, publish_day, town, with_wider_grid


def test_a_local_day_begins_at_local_midnight_and_its_next_hour_is_of_the_next_day(published: Path) -> None:
    hours = request_of(published).hours
    assert hours.window.from_utc == datetime(2015, 12, 18, 16, tzinfo=UTC)
    assert (hours.count, hours.last_step) == (24, "published")
    rows = hours.rows("emission_hourly", ["source_id", "pollutant_code", "emission_g"], is_with_following=True)
    numbers = hours.hour_numbers(rows)
    nox = {
        int(number): row["emission_g"]
        for number, row in zip(numbers, rows.to_pylist(), strict=True)
        if row["pollutant_code"] == "NOx" and row["source_id"] == "L1"
    }
    assert sorted(nox) == list(range(25))
    assert (nox[0], nox[23], nox[24]) == (750.0, 750.0, 1500.0)


def test_without_the_next_day_the_last_hour_is_repeated(published: Path) -> None:
    hours = request_of(published, SECOND).hours
    assert hours.last_step == "repeated"
    assert hours.rows("emission_hourly", ["emission_g"], is_with_following=True).num_rows == 144


def test_a_day_in_utc_takes_its_hours_from_two_local_days(published: Path) -> None:
    hours = request_of(published, FIRST, "utc").hours
    assert [day.day for day in hours.days] == [FIRST, SECOND]
    rows = hours.rows("emission_hourly", ["pollutant_code", "emission_g"])
    nox_g = sum(row["emission_g"] for row in rows.to_pylist() if row["pollutant_code"] == "NOx")
    assert nox_g == 16 * 1000.0 + 8 * 2000.0
    assert hours.last_step == "published"


def test_a_day_in_utc_is_refused_while_one_of_its_local_days_is_not_published(published: Path) -> None:
    with pytest.raises(InputError, match="2015-12-21 of region town is not published"):
        request_of(published, SECOND, "utc")


def test_another_kind_of_hours_is_refused(published: Path) -> None:
    region = town(published)
    with pytest.raises(InputError, match="--hours solar: expected local or utc"):
        hours_of_day(region, open_lake(region), date(2015, 12, 19), "solar")


def test_days_of_different_grids_do_not_meet_in_one_file(home: Path) -> None:
    publish_exported_town(home)
    publish_day(with_wider_grid(town(home)), SECOND, factor=2.0, known_h=2.0)
    assert request_of(home).hours.last_step == "repeated"
    with pytest.raises(InputError, match="published with different grids"):
        request_of(home, FIRST, "utc")


def test_the_time_stamp_is_the_time_at_which_the_newest_day_was_known(published: Path) -> None:
    assert request_of(published).hours.known_utc == datetime(2015, 12, 19, 17, tzinfo=UTC)
    assert request_of(published, FIRST, "utc").hours.known_utc == datetime(2015, 12, 20, 17, tzinfo=UTC)


def test_a_partial_day_is_named_with_its_reason(published: Path) -> None:
    hours = request_of(published).hours
    hours.days[0].manifest.update(is_partial=True, partial_reasons=["feed power is down"])
    assert hours.partial_reasons == ["2015-12-19: feed power is down"]


def test_a_day_with_unverified_factors_is_named(published: Path) -> None:
    hours = request_of(published).hours
    assert hours.unverified == []
    hours.days[0].manifest.update(unverified_factors={"mass_share": {"NOx": 0.25}, "least_confidence": 0.65})
    assert hours.unverified == ["2015-12-19: NOx 0.2500 (confidence 0.65)"]
