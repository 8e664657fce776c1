"""Which days are projected, and from which: published ones only, without a scenario in force."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from bigdata_emis.control.inventory_versions import published_versions
from bigdata_emis.control.projection.recent_versions import LONGEST_LEAD_D, published_or_projected_versions
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.window import day_window
from tests.control.projection.recent_town import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, town, write_day
from tests.control.test_recalculate import ZONE


def test_days_after_the_last_published_one_are_projected(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    versions = published_or_projected_versions(store, [TUESDAY, WEDNESDAY, THURSDAY])
    assert versions.days == [TUESDAY]
    assert versions.projected_days == [WEDNESDAY, THURSDAY]
    assert versions.projection is not None
    assert versions.projection.recent_days == [MONDAY, TUESDAY]
    assert sorted(versions.inputs()["emission_hourly"]) == [str(MONDAY), str(TUESDAY)]


def test_published_days_need_no_projection(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    assert published_or_projected_versions(store, [MONDAY, TUESDAY]) == published_versions(store, [MONDAY, TUESDAY])


def test_a_gap_between_published_days_stays_a_gap(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, WEDNESDAY: 1.0})
    assert published_or_projected_versions(store, [TUESDAY, WEDNESDAY]).projection is None


def test_a_day_that_was_computed_and_not_published_is_neither_used_nor_projected(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0})
    write_day(store, TUESDAY, tmp_path, factor=99.0)
    versions = published_or_projected_versions(store, [TUESDAY, WEDNESDAY])
    assert versions.unpublished_days == [TUESDAY]
    assert versions.projected_days == [WEDNESDAY]
    assert versions.projection is not None
    assert versions.projection.recent_days == [MONDAY]


def test_a_day_with_a_scenario_in_force_is_left_out_and_named(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 0.5})
    start = day_window(TUESDAY, ZONE).from_utc
    held = {"from_utc": start.isoformat(), "to_utc": (start + timedelta(hours=1)).isoformat()}
    store.write_document("scenario/in_force.json", json.dumps([{"scenario_id": "s", **held}]).encode(), tree=PUBLISHED)
    projection = published_or_projected_versions(store, [WEDNESDAY]).projection
    assert projection is not None
    assert (projection.recent_days, projection.left_out_days) == ([MONDAY], [TUESDAY])


def test_days_that_are_all_left_out_are_named(tmp_path: Path) -> None:
    store = town(tmp_path, {TUESDAY: 0.5})
    start = day_window(TUESDAY, ZONE).from_utc
    held = {"from_utc": start.isoformat(), "to_utc": (start + timedelta(hours=1)).isoformat()}
    store.write_document("scenario/in_force.json", json.dumps([{"scenario_id": "s", **held}]).encode(), tree=PUBLISHED)
    with pytest.raises(RefusedError, match=f"project it from: an order was in force on {TUESDAY}; publish a day"):
        published_or_projected_versions(store, [WEDNESDAY])


def test_a_window_that_reaches_beyond_what_can_be_projected_is_refused(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0})
    within, beyond = (MONDAY + timedelta(days=LONGEST_LEAD_D + more) for more in (0, 1))
    assert published_or_projected_versions(store, [within]).projected_days == [within]
    for days in ([within, beyond], [beyond]):
        with pytest.raises(
            InputError, match=f"reaches {beyond}; inventories are published to {MONDAY} and projected to"
        ):
            published_or_projected_versions(store, days)


def test_without_any_published_day_nothing_is_projected(tmp_path: Path) -> None:
    store = town(tmp_path, {})
    assert published_or_projected_versions(store, [date(2015, 12, 21)]).projection is None
