"""What a file says about itself: region, hours, versions, simulated or not, whole or partial."""

from dataclasses import replace
from pathlib import Path

from bigdata_emis.publish.export.export_request import count_absent_hours
from tests.publish.export.exported_town import request_of
from tests.publish.published_town import SECOND


def test_the_attributes_name_region_hours_versions_and_time_known(published: Path) -> None:
    attributes = request_of(published).attributes()
    assert attributes["emis_region"] == "town"
    assert attributes["emis_hours_utc"] == "2015-12-18T16:00Z to 2015-12-19T16:00Z"
    assert attributes["emis_known_utc"] == "2015-12-19T17:00:00+00:00"
    assert attributes["emis_last_step"] == "published hour after the day"
    assert attributes["emis_simulated"].startswith("SIMULATED: ")
    assert "2015-12-19 emission_gridded_hourly " in attributes["emis_versions"]
    assert attributes["emis_partial"] == "no"
    assert attributes["emis_unverified_share"] == "none"


def test_the_attributes_say_that_the_last_hour_is_repeated(published: Path) -> None:
    assert "the last hour is repeated" in request_of(published, SECOND).attributes()["emis_last_step"]


def test_the_attributes_say_what_rests_on_factors_that_nobody_verified(published: Path) -> None:
    request = request_of(published)
    request.hours.days[0].manifest.update(unverified_factors={"mass_share": {"NOx": 0.25}, "least_confidence": 0.65})
    assert request.attributes()["emis_unverified_share"] == "2015-12-19: NOx 0.2500 (confidence 0.65)"


def test_hours_without_any_row_make_the_export_partial(published: Path) -> None:
    request = request_of(published)
    rows = request.cells.by_pollutant["NOx"]
    first = rows.hour > 1
    fewer = type(rows)(rows.hour[first], rows.cell[first], rows.sector[first], rows.emission_g[first])
    cells = replace(request.cells, by_pollutant={"NOx": fewer})
    assert count_absent_hours(cells) == 2
    request.__dict__["cells"] = cells
    assert request.attributes()["emis_partial"] == "hours without data: 2"


def test_kinds_and_mix_are_of_the_hours(published: Path) -> None:
    request = request_of(published)
    assert sum(request.kinds.values()) == 24 * 1600.0
    assert ("NOx", "industrial_process") in request.mix.by_sector
    assert request.grid.columns == 3
