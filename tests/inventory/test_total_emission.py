"""Totals by sector: the mass of the sources, and an interval between independent and fully shared errors."""

import pytest

from bigdata_emis import reference, schema
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.total_emission import total_emission
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, hour, make_table


def emission(source, number, grams, sd=0.2, sector="industrial_process", method="modelled"):
    return {
        "source_id": source,
        "sector_code": sector,
        "pollutant_code": "NOx",
        "hour_utc": hour(number),
        "emission_g": grams,
        "emission_g_p05": emission_g_p05(grams, sd),
        "emission_g_p95": emission_g_p95(grams, sd),
        "method_code": method,
    }


def computed(rows, industries=None, correlation=None, counties=None):
    """Counties are those of the enterprises; a line has the name of its enterprise."""
    lines = [
        {"production_line_id": name, "enterprise_id": name, "industry_code": industry}
        for name, industry in {**dict.fromkeys(counties or {}), **(industries or {})}.items()
    ]
    owners = [{"enterprise_id": name, "county_id": county} for name, county in (counties or {}).items()]
    return total_emission(
        make_table("emission_hourly", rows),
        make_table("production_line", lines),
        make_table("enterprise", owners),
        make_table("activity_area", [{"activity_area_id": "area", "county_id": "110101"}]),
        correlation or reference.read("error_correlation"),
        context=context_of(),
    )


def totals(rows, industries=None, correlation=None):
    result = computed(rows, industries, correlation)
    hourly, daily = (
        conform(result[name], schema.table(name)).to_pylist()
        for name in ("emission_total_hourly", "emission_total_daily")
    )
    return {(r["sector_code"], r["hour_utc"].hour): r for r in hourly}, {r["sector_code"]: r for r in daily}


def width(row):
    return (row["emission_g_p95"] - row["emission_g_p05"]) / row["emission_g"]


def test_totals_hold_the_mass_of_their_sources_by_hour_and_by_day():
    hourly, daily = totals(
        [emission("a", 0, 10.0), emission("b", 0, 5.0), emission("l", 0, 2.0, sector="mobile"), emission("a", 1, 1.0)]
    )
    assert hourly["industrial_process", 0]["emission_g"] == 15
    assert hourly["all", 0]["emission_g"] == 17
    assert hourly["all", 2]["emission_g"] == 0
    assert daily["all"]["emission_g"] == 18
    assert (daily["all"]["from_utc"], daily["all"]["to_utc"]) == (hour(0), hour(24))


def test_totals_of_counties_add_up_to_the_region_with_the_sources_without_one():
    rows = [
        emission("a", 0, 10.0),
        emission("b", 5, 5.0),
        emission("area", 0, 1.0, sector="dust"),
        emission("l", 0, 2.0),
    ]
    result = computed(rows, counties={"a": "110101", "b": "110102"})["emission_total_county_daily"]
    counties = {
        row["county_id"]: row for row in conform(result, schema.table("emission_total_county_daily")).to_pylist()
    }
    assert {code: row["emission_g"] for code, row in counties.items()} == {"110101": 11, "110102": 5, "": 2}
    assert all(row["emission_g_p05"] < row["emission_g"] < row["emission_g_p95"] for row in counties.values())
    # The only source of a county is as uncertain as itself.
    assert width(counties["110102"]) == pytest.approx(width(rows[1]), rel=0.03)


def test_a_total_of_one_class_is_less_certain_than_one_of_many_classes():
    """100 sources of 20 %: with half of the variance shared 14 %, with none 2 %, ten classes in between."""
    rows = [emission(f"s{n:03d}", 0, 1.0) for n in range(100)]
    alike, _ = totals(rows, {f"s{n:03d}": "sinter" for n in range(100)})
    industries = ["sinter", "coking", "foundry", "ceramics", "glass", "cement", "paints", "inks", "shoes", "furniture"]
    mixed, _ = totals(rows, {f"s{n:03d}": industries[n % 10] for n in range(100)})
    single = width(rows[0])
    assert width(alike["all", 0]) / single == pytest.approx(0.71, abs=0.03)
    assert width(mixed["all", 0]) / single == pytest.approx(0.24, abs=0.03)


def test_a_day_with_a_persistent_error_is_hardly_more_certain_than_an_hour():
    _, daily = totals([emission("a", n, 10.0) for n in range(24)])
    assert 0.8 < width(daily["all"]) / width(emission("a", 0, 10.0)) < 0.95


def test_a_measured_total_is_more_certain_than_a_modelled_one():
    measured, _ = totals([emission(f"s{n}", 0, 1.0, method="measured") for n in range(50)])
    modelled, _ = totals([emission(f"s{n}", 0, 1.0) for n in range(50)])
    assert width(measured["all", 0]) < 0.6 * width(modelled["all", 0])


def test_a_method_without_a_correlation_is_refused_by_name():
    table = reference.read("error_correlation")
    with pytest.raises(InputError, match="'modelled'"):
        totals([emission("a", 0, 1.0)], correlation=table.slice(0, 1))


def test_a_day_without_sources_has_no_totals():
    assert totals([]) == ({}, {})
