"""One source of each kind, brought together and put on a grid: no gram is gained or lost."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.inventory.allocate import allocate
from bigdata_emis.inventory.combine import combine
from bigdata_emis.inventory.gridding.cell_ids import OUTSIDE_CELL_ID
from bigdata_emis.schema.arrow import arrow_schema, conform

HOUR = datetime(2015, 12, 20, 4, tzinfo=UTC)


def source_row(source, sector, grams, pollutant="NOx", method="measured", before=None):
    return {
        "source_id": source,
        "sector_code": sector,
        "pollutant_code": pollutant,
        "hour_utc": HOUR,
        "emission_g": grams,
        "emission_g_p05": grams / 2,
        "emission_g_p95": grams * 2,
        "method_code": method,
        "emission_before_audit_g": before,
    }


def link_row(vehicle, grams, link="l", pollutant="NOx", method="speed_flow"):
    return {
        "link_id": link,
        "vehicle_class_code": vehicle,
        "fuel_code": "diesel",
        "emission_stage_code": "IV",
        "pollutant_code": pollutant,
        "hour_utc": HOUR,
        "emission_g": grams,
        "imputation_code": "none",
        "flow_method_code": method,
    }


def table_of(name, rows):
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(name)))


def frame_of(spark, name, rows):
    return spark.createDataFrame(table_of(name, rows))


INDUSTRY = [source_row("p", "industrial_process", 100.0, before=90.0), source_row("p", "industrial_process", 7.0, "CO")]
LINKS = [
    link_row("HeavyT", 0.1),
    link_row("MediumT", 0.2),
    link_row("LightT", 0.3),
    link_row("HeavyT", 5.0, "m", method="free_flow"),
]
AREAS = [source_row("a", "dust", 11.0, "PM10", "profile")]
WEIGHTS = [
    ("p", "r0c0", 1.0),
    ("l", "r0c0", 0.25),
    ("l", "r0c1", 0.75),
    ("a", "r0c1", 0.4),
    ("a", OUTSIDE_CELL_ID, 0.6),
]


def combined(spark):
    parts = (("emission_industry_hourly", INDUSTRY), ("emission_link_hourly", LINKS), ("emission_area_hourly", AREAS))
    frames = [frame_of(spark, name, rows) for name, rows in parts]
    result = combine(*frames, spark.createDataFrame(reference.read("uncertainty_rating")))
    return conform(result.toArrow(), schema.table("emission_hourly"))


def gridded(rows):
    weights = [dict(zip(("source_id", "cell_id", "weight_share"), row, strict=True)) for row in WEIGHTS]
    result = allocate(table_of("emission_hourly", rows), table_of("grid_weight", weights))
    return conform(result, schema.table("emission_gridded_hourly"))


def totals(frame):
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")]).to_pylist()
    return {row["pollutant_code"]: row["emission_g_sum"] for row in sums}


def test_industry_and_areas_stay_as_they_are(spark):
    rows = combined(spark).to_pylist()
    assert [row for row in rows if row["source_id"] in ("p", "a")] == sorted(
        INDUSTRY + AREAS, key=lambda r: (r["source_id"], r["pollutant_code"])
    )


def test_link_is_summed_over_its_fleet_and_carries_an_interval(spark):
    link = next(row for row in combined(spark).to_pylist() if row["source_id"] == "l")
    assert link["emission_g"] == pytest.approx(0.6)
    assert (link["sector_code"], link["method_code"]) == ("mobile", "modelled")
    # A relative deviation of 0.5 is s = 0.4724 on the log scale: mean × exp(±1.645 s − s²/2).
    assert link["emission_g_p05"] == pytest.approx(0.6 * 0.4112, rel=1e-3)
    assert link["emission_g_p95"] == pytest.approx(0.6 * 1.9454, rel=1e-3)


def test_link_whose_flow_is_but_that_of_its_class_has_a_wide_interval(spark):
    link = next(row for row in combined(spark).to_pylist() if row["source_id"] == "m")
    # A relative deviation of 1.2 is s = 0.9445 on the log scale.
    assert link["emission_g_p05"] == pytest.approx(5.0 * 0.1354, rel=1e-3)
    assert link["emission_g_p95"] == pytest.approx(5.0 * 3.0267, rel=1e-3)


def test_combining_keeps_the_mass_of_each_pollutant(spark):
    assert totals(combined(spark)) == {
        "NOx": pytest.approx(105.6, rel=1e-9),
        "CO": pytest.approx(7.0),
        "PM10": pytest.approx(11.0),
    }


def test_each_cell_gets_its_weight_of_each_source(spark):
    cells = {
        (r["cell_id"], r["sector_code"], r["pollutant_code"]): r["emission_g"]
        for r in gridded(combined(spark).to_pylist()).to_pylist()
    }
    assert cells[("r0c0", "industrial_process", "NOx")] == pytest.approx(100.0)
    assert cells[("r0c0", "mobile", "NOx")] == pytest.approx(0.15)
    assert cells[("r0c1", "mobile", "NOx")] == pytest.approx(0.45)
    assert cells[("r0c1", "dust", "PM10")] == pytest.approx(4.4)
    assert cells[(OUTSIDE_CELL_ID, "dust", "PM10")] == pytest.approx(6.6)


def test_source_without_weight_is_counted_outside():
    cells = gridded([source_row("nowhere", "waste_treatment", 3.0)]).to_pylist()
    assert [(row["cell_id"], row["emission_g"]) for row in cells] == [(OUTSIDE_CELL_ID, 3.0)]


def test_allocation_keeps_the_mass_of_each_pollutant(spark):
    before = combined(spark)
    after = gridded(before.to_pylist())
    assert totals(after) == {p: pytest.approx(mass, rel=1e-9) for p, mass in totals(before).items()}


def test_a_cell_has_an_hour_where_a_source_of_it_has_one_even_if_nothing_is_emitted():
    later = HOUR.replace(hour=5)
    rows = [
        {**source_row("l", "mobile", 4.0)},
        {**source_row("l", "mobile", 0.0), "hour_utc": later},
        {**source_row("p", "mobile", 8.0), "hour_utc": later},
    ]
    cells = {(r["cell_id"], r["hour_utc"]): r["emission_g"] for r in gridded(rows).to_pylist()}
    assert cells == {("r0c0", HOUR): 1.0, ("r0c1", HOUR): 3.0, ("r0c0", later): 8.0, ("r0c1", later): 0.0}


def test_day_without_sources_has_no_cells():
    assert gridded([]).num_rows == 0


def test_sums_do_not_depend_on_the_order_of_rows():
    rows = [source_row(f"s{n}", "dust", 0.1 * n + 1 / 3) for n in range(200)]
    assert gridded(rows).equals(gridded(rows[::-1]))
    assert pc.sum(gridded(rows)["emission_g"]).as_py() == pytest.approx(0.1 * 199 * 100 + 200 / 3)
