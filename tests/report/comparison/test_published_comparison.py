"""Totals and shares beside a published inventory, on paper.

One line of 1 t NOx a day is 365 t a year; the area has 135 t a year in the register and 1 t on the day.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.report.comparison.published_comparison import (
    InventoryEstimate,
    compare_with_published,
    comparison_rows,
    is_beyond,
    published_rows,
)
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from tests.report.city_day import CITY, publish_day
from tests.report.stores import DAY, START, declared_table, write_rows

HEADER = (
    "region_id,inventory_name,reference_year,sector_codes,pollutant_code,annual_emission_t,total_share,source,"
    "confidence,note\n"
)
INDUSTRY = "stationary_combustion;industrial_process"
ROW = f"city,Li 2020,2018,{INDUSTRY},NOx,400,0.5,Li et al. table 1,0.9,\n"


@pytest.fixture
def city(home: Path):
    """The city with a published inventory of its own: industry 400 t of NOx, which is half of all."""
    folder = home / "city"
    (folder / "reference").mkdir(parents=True)
    (folder / "reference" / "published_inventory.csv").write_text(HEADER + ROW, "utf-8")
    return replace(CITY, folder=folder)


def fill(*, counted=()) -> None:
    """The line emits 0.5 t in each of two hours; the area 1 t in one; `counted` t by emission stage."""
    database.migrate()
    store = open_lake(CITY)
    area = {"activity_area_id": "a", "sector_code": "mobile", "industry_code": "nonroad_machinery"}
    database.upsert(
        "activity_area", "city", declared_table("activity_area", [area | {"geometry_wkt": "POINT (114 38)"}])
    )
    annual = {"activity_area_id": "a", "pollutant_code": "NOx", "annual_emission_t": 135.0, "relative_sd_share": 0.5}
    database.upsert("area_emission_annual", "city", declared_table("area_emission_annual", [annual]))
    plain = {"pollutant_code": "NOx", "emission_g_p05": 0.0, "emission_g_p95": 2e6, "method_code": "modelled"}
    line = {**plain, "source_id": "l", "sector_code": "industrial_process", "emission_g": 0.5e6}
    rows = [
        {**line, "hour_utc": START},
        {**line, "hour_utc": START + timedelta(hours=1)},
        {**plain, "source_id": "a", "sector_code": "mobile", "emission_g": 1e6, "hour_utc": START},
    ]
    write_rows(store, "emission_hourly", rows)
    for name in ("emission_gridded_hourly", "emission_total_hourly", "emission_total_daily"):
        write_rows(store, name, [])
    units = {"activity_area_id": "a", "pollutant_code": "NOx", "hour_utc": START, "annual_source_code": "machines"}
    units |= {"relative_sd_share": 0.8, "confidence": 0.5}
    of_stages = [{**units, "emission_stage_code": stage, "annual_emission_t": t} for stage, t in counted]
    write_rows(store, "counted_emission", of_stages)
    publish_day(store)


def by_group(document):
    return {row["group"]: row for row in document["rows"]}


def test_the_year_is_annual_totals_and_hours_scaled_and_each_group_is_beside_its_figure(city):
    fill()
    document = compare_with_published(city)
    rows = by_group(document)
    assert {group: row["published_t"] for group, row in rows.items()} == {"named": 400, "rest": 400, "all": 800}
    estimates = {group: (row["estimate_t"], row["scaled_t"]) for group, row in rows.items()}
    assert estimates == {"named": (365, 365), "rest": (135, 0), "all": (500, 365)}
    ratios = {group: row["ratio"] for group, row in rows.items()}
    assert ratios == pytest.approx({"named": 0.9125, "rest": 0.3375, "all": 0.625})


def test_shares_are_on_the_basis_of_the_year_and_of_the_hours_and_what_is_beyond_is_marked(city):
    fill()
    rows = by_group(compare_with_published(city))
    shares = {group: (row["published_share"], row["year_share"], row["hours_share"]) for group, row in rows.items()}
    assert shares == {"named": (0.5, 0.73, 0.5), "rest": (0.5, 0.27, 0.5), "all": (1, 1, 1)}
    marks = {group: row["marks"] for group, row in rows.items()}
    assert marks == {"named": ["year_share"], "rest": ["total", "year_share"], "all": ["total"]}


def test_the_document_says_of_which_hours_the_estimate_is(city):
    fill()
    document = compare_with_published(city, DAY)
    assert (document["from_day"], document["to_day"], document["hours"]) == ("2015-12-21", "2015-12-21", 24)
    assert "plants and roads of 24 h (2015-12-21) × 8760/24" in document["basis"]["en"]
    assert "24 小时（2015-12-21）" in document["basis"]["zh"]
    assert document["simulated"] is True
    assert document["inventories"] == [{"name": "Li 2020", "year": 2018, "source": "Li et al. table 1"}]


def test_what_was_counted_replaces_the_registered_total(city):
    fill(counted=[("II", 60.0), ("III", 40.0)])
    assert by_group(compare_with_published(city))["rest"]["estimate_t"] == pytest.approx(100)


def test_what_is_not_estimated_is_said_and_is_no_zero():
    published = {"inventory_name": "Li 2020", "sector_codes": ["dust"], "pollutant_code": "BC", "confidence": 1.0}
    estimate = InventoryEstimate(24, {("mobile", "BC"): 3.0}, {}, {("mobile", "BC"): 1.0})
    dust, rest, whole = comparison_rows({**published, "annual_emission_t": 6.0, "total_share": 0.5}, estimate)
    assert (dust["estimate_t"], dust["ratio"], dust["marks"]) == (None, None, ["not_estimated"])
    assert (rest["ratio"], whole["ratio"]) == (0.5, 0.25)


def test_a_published_total_of_all_sectors_is_one_row():
    published = {"inventory_name": "Li 2020", "sector_codes": ["all"], "pollutant_code": "CO2", "confidence": 1.0}
    estimate = InventoryEstimate(
        12, {("mobile", "CO2"): 10.0}, {("dust", "CO2"): 1.0}, {("dust", "CO2"): 1.0, ("mobile", "CO2"): 1.0}
    )
    (row,) = comparison_rows({**published, "annual_emission_t": 740.0, "total_share": 1.0}, estimate)
    assert row["estimate_t"] == 10 + 8760 / 12
    assert (row["ratio"], row["marks"]) == (1.0, [])


@pytest.mark.parametrize(("ratio", "beyond"), [(0.79, True), (0.8, False), (1.0, False), (1.2, False), (1.21, True)])
def test_beyond_is_more_than_20_percent(ratio: float, beyond: bool):
    assert is_beyond(ratio) is beyond


def test_a_region_without_published_inventory_is_refused(home):
    with pytest.raises(InputError, match="no published inventory is known for region city; write its figures"):
        published_rows(replace(CITY, folder=home))


def test_a_day_that_is_not_published_is_refused(city):
    fill()
    with pytest.raises(InputError, match="2015-12-22 is not published in region city; compute it: emis day"):
        compare_with_published(city, DAY + timedelta(days=1))


def test_a_region_without_published_day_is_refused(city):
    database.migrate()
    with pytest.raises(InputError, match="region city has no published day"):
        compare_with_published(city)


def test_the_shipped_figures_of_the_demonstration_are_those_of_the_abstract():
    rows = {row["pollutant_code"]: row for row in published_rows(replace(CITY, region_id="jjj"))}
    kt = {code: (row["annual_emission_t"] / 1000, row["total_share"]) for code, row in rows.items()}
    industry = {"SO2": (869, 0.61), "NOx": (1164, 0.55), "PM10": (910, 0.62), "PM2.5": (622, 0.56)}
    industry |= {"BC": (71, 0.58), "OC": (63, 0.22), "VOCs": (1390, 0.36)}
    assert kt == {**industry, "CO2": (989_000, 1.0)}
