"""Industry, links and areas combined in one inventory: no mass is gained or lost."""

import pytest

from bigdata_emis import reference, schema
from bigdata_emis.inventory.combine import combine
from bigdata_emis.schema.arrow import conform
from tests.inventory.source_rows import link_row, mass_by_pollutant, source_row, table_of

INDUSTRY = [source_row("p", "industrial_process", 100.0, before=90.0), source_row("p", "industrial_process", 7.0, "CO")]
LINKS = [link_row(0.6), link_row(5.0, "m", method="free_flow")]
AREAS = [source_row("a", "dust", 11.0, "PM10", "profile")]


def combined(spark):
    parts = (("emission_industry_hourly", INDUSTRY), ("emission_road_hourly", LINKS), ("emission_area_hourly", AREAS))
    frames = [spark.createDataFrame(table_of(name, rows)) for name, rows in parts]
    result = combine(*frames, spark.createDataFrame(reference.read("uncertainty_rating")))
    return conform(result.toArrow(), schema.table("emission_hourly"))


def test_industry_and_areas_are_unchanged(spark):
    rows = combined(spark).to_pylist()
    given = sorted(INDUSTRY + AREAS, key=lambda r: (r["source_id"], r["pollutant_code"]))
    assert [{**row, "emission_typical_g": None} for row in rows if row["source_id"] in ("p", "a")] == [
        {**row, "emission_typical_g": None} for row in given
    ]


def test_a_link_is_a_source_with_the_interval_of_rating_c(spark):
    link = next(row for row in combined(spark).to_pylist() if row["source_id"] == "l")
    assert link["emission_g"] == pytest.approx(0.6)
    assert (link["sector_code"], link["method_code"]) == ("mobile", "modelled")
    # A relative deviation of 0.5 is s = 0.4724 on the log scale: mean × exp(±1.645 s − s²/2).
    assert link["emission_g_p05"] == pytest.approx(0.6 * 0.4112, rel=1e-3)
    assert link["emission_g_p95"] == pytest.approx(0.6 * 1.9454, rel=1e-3)


def test_a_link_with_the_usual_flow_of_its_class_has_the_wide_interval_of_rating_e(spark):
    link = next(row for row in combined(spark).to_pylist() if row["source_id"] == "m")
    # A relative deviation of 1.2 is s = 0.9445 on the log scale.
    assert link["emission_g_p05"] == pytest.approx(5.0 * 0.1354, rel=1e-3)
    assert link["emission_g_p95"] == pytest.approx(5.0 * 3.0267, rel=1e-3)


def test_a_source_has_its_median_beside_the_mean_that_totals_sum(spark):
    """Of a log-normal with relative deviation 0.5 the median is mean ÷ √1.25; a measured hour is what was measured."""
    rows = {(row["source_id"], row["pollutant_code"]): row for row in combined(spark).to_pylist()}
    assert rows["l", "NOx"]["emission_typical_g"] == pytest.approx(0.6 / 1.25**0.5, rel=0.01)
    assert rows["p", "NOx"]["emission_typical_g"] == rows["p", "NOx"]["emission_g"] == 100.0


def test_the_mass_of_each_pollutant_is_conserved(spark):
    assert mass_by_pollutant(combined(spark)) == {
        "NOx": pytest.approx(105.6, rel=1e-9),
        "CO": pytest.approx(7.0),
        "PM10": pytest.approx(11.0),
    }
