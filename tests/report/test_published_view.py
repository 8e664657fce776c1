"""A page reads the versions that a manifest names, whatever was computed since."""

from datetime import timedelta

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.report.published_view import PublishedView
from tests.report.city_day import fill_day, publish_day
from tests.report.stores import DAY, START, write_rows

LATER = {"pollutant_code": "NOx", "hour_utc": START, "cell_id": "r0c0", "sector_code": "dust", "emission_g": 1.0}


def test_a_published_day_is_read_as_it_was_published_and_another_as_it_is(home):
    store = fill_day()
    before = store.read("emission_gridded_hourly", [DAY])
    unpublished = PublishedView(store)
    assert unpublished.manifest(DAY) is None
    publish_day(store)
    write_rows(store, "emission_gridded_hourly", [LATER], known_utc=START + timedelta(days=1))
    assert PublishedView(store).read("emission_gridded_hourly", [DAY]) == before
    assert len(PublishedView(store).versions("emission_gridded_hourly", [DAY])) == 1
    assert unpublished.read("emission_gridded_hourly", [DAY]).num_rows == 1


def test_a_table_that_the_manifest_does_not_name_is_read_as_it_is(home):
    store = fill_day()
    publish_day(store)
    write_rows(store, "traffic_hourly", [])
    assert PublishedView(store).read("traffic_hourly", [DAY]).num_rows == 0


@pytest.mark.parametrize("content", [b"{", b"1"])
def test_a_damaged_manifest_is_refused_by_name(home, content):
    store = fill_day()
    store.write_document(f"manifest/day={DAY}.json", content, tree="published")
    with pytest.raises(InputError, match=r"manifest/day=2015-12-21\.json of region city is damaged"):
        PublishedView(store).read("emission_hourly", [DAY])


def test_a_published_version_that_is_gone_is_refused(home):
    store = fill_day()
    publish_day(store)
    store.files.clear_folder(store.layout.history_folder("emission_hourly", DAY))
    with pytest.raises(RefusedError, match="2015-12-21 was published with version .* of emission_hourly"):
        PublishedView(store).read("emission_hourly", [DAY])
