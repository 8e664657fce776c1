"""Allocation to the grid: no gram is gained or lost, whatever the order of rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.gridding.cell_ids import OUTSIDE_CELL_ID
from bigdata_emis.inventory.allocate import _stable_order, allocate, encode_distinct
from bigdata_emis.schema.arrow import conform
from tests.inventory.source_rows import HOUR, mass_by_pollutant, source_row, table_of

SOURCES = [
    source_row("p", "industrial_process", 100.0),
    source_row("p", "industrial_process", 7.0, "CO"),
    source_row("l", "mobile", 0.6),
    source_row("m", "mobile", 5.0),
    source_row("a", "dust", 11.0, "PM10"),
]
WEIGHTS = [
    ("p", "r0c0", 1.0),
    ("l", "r0c0", 0.25),
    ("l", "r0c1", 0.75),
    ("a", "r0c1", 0.4),
    ("a", OUTSIDE_CELL_ID, 0.6),
]


def gridded(rows):
    weights = [dict(zip(("source_id", "cell_id", "weight_share"), row, strict=True)) for row in WEIGHTS]
    result = allocate(table_of("emission_hourly", rows), table_of("grid_weight", weights))
    return conform(result, schema.table("emission_gridded_hourly"))


def test_a_cell_has_its_weight_of_each_source():
    cells = {
        (r["cell_id"], r["sector_code"], r["pollutant_code"]): r["emission_g"] for r in gridded(SOURCES).to_pylist()
    }
    assert cells[("r0c0", "industrial_process", "NOx")] == pytest.approx(100.0)
    assert cells[("r0c0", "mobile", "NOx")] == pytest.approx(0.15)
    assert cells[("r0c1", "mobile", "NOx")] == pytest.approx(0.45)
    assert cells[("r0c1", "dust", "PM10")] == pytest.approx(4.4)
    assert cells[(OUTSIDE_CELL_ID, "dust", "PM10")] == pytest.approx(6.6)


def test_a_source_without_weights_is_counted_outside():
    cells = gridded([source_row("nowhere", "waste_treatment", 3.0)]).to_pylist()
    assert [(row["cell_id"], row["emission_g"]) for row in cells] == [(OUTSIDE_CELL_ID, 3.0)]


def test_the_mass_of_each_pollutant_is_conserved():
    before = mass_by_pollutant(table_of("emission_hourly", SOURCES))
    after = mass_by_pollutant(gridded(SOURCES))
    assert after == {pollutant: pytest.approx(mass, rel=1e-9) for pollutant, mass in before.items()}


def test_a_cell_has_a_row_for_each_hour_of_its_sources_even_with_zero_emission():
    later = HOUR.replace(hour=5)
    rows = [
        {**source_row("l", "mobile", 4.0)},
        {**source_row("l", "mobile", 0.0), "hour_utc": later},
        {**source_row("p", "mobile", 8.0), "hour_utc": later},
    ]
    cells = {(r["cell_id"], r["hour_utc"]): r["emission_g"] for r in gridded(rows).to_pylist()}
    assert cells == {("r0c0", HOUR): 1.0, ("r0c1", HOUR): 3.0, ("r0c0", later): 8.0, ("r0c1", later): 0.0}


def test_a_day_without_sources_has_no_cells():
    assert gridded([]).num_rows == 0


def test_sums_do_not_depend_on_the_order_of_rows():
    rows = [source_row(f"s{n}", "dust", 0.1 * n + 1 / 3) for n in range(200)]
    assert gridded(rows).equals(gridded(rows[::-1]))
    assert pc.sum(gridded(rows)["emission_g"]).as_py() == pytest.approx(0.1 * 199 * 100 + 200 / 3)


def test_distinct_values_are_numbered_in_order():
    values, numbers = encode_distinct(pa.chunked_array([["b", "a"], ["b", "c"]]))
    assert values.to_pylist() == ["a", "b", "c"]
    assert numbers.tolist() == [1, 0, 1, 2]


@pytest.mark.parametrize("most", [3, 70_000], ids=["16 bits", "more"])
def test_numbers_are_ordered_as_a_stable_sort_does_whatever_their_size(most):
    numbers = np.random.default_rng(1).integers(0, most, 5000)
    numbers[0] = most
    assert _stable_order(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()
