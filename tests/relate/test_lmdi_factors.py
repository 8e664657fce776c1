"""LMDI driving factors of lines, links and areas against values on paper."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.relate.lmdi_factors import (
    ACTIVITY,
    EMISSION,
    ENERGY,
    TRAVEL,
    decompose_sectors,
    driving_factors,
    pivot_by_source,
)

MISSING = (np.nan, np.nan)


def by_day(*pairs):
    return np.array(pairs, float)


def daily_sums(kind, *rows):
    """Each row: source, sector, pollutant, day, value."""
    names = ("source_id", "sector_code", "pollutant_code", "day_number", "value")
    return pa.Table.from_pylist([{"kind": kind, **dict(zip(names, row, strict=True))} for row in rows])


def test_the_factors_of_a_line_multiply_to_its_emission():
    """Energy of all lines 200 then 300 kWh, shares 1/2 and 1, activity 5 then 10 t, emission 10 then 20 g."""
    emission, energy, activity = by_day((10, 20), (30, 0)), by_day((100, 300), (100, 0)), by_day((5, 10), (3, 0))
    before, after = driving_factors(emission, energy, activity, by_day(MISSING, MISSING))
    assert before[0].tolist() == pytest.approx([200, 0.5, 0.05, 2])
    assert after[0].tolist() == pytest.approx([300, 1, 10 / 300, 2])
    assert before.prod(axis=1).tolist() == pytest.approx([10, 30])


def test_the_factors_of_a_link_are_travel_share_and_emission_per_travel():
    before, after = driving_factors(by_day((5, 12)), by_day(MISSING), by_day(MISSING), by_day((50, 60)))
    assert before[0].tolist() == pytest.approx([50, 1, 0.1, 1])
    assert after[0].tolist() == pytest.approx([60, 1, 0.2, 1])


def test_a_source_with_activity_alone_has_activity_and_control():
    before, _ = driving_factors(by_day((4, 4)), by_day(MISSING), by_day((2, 8)), by_day(MISSING))
    assert before[0].tolist() == [2, 1, 1, 2]


def test_a_source_without_any_basis_changes_by_activity():
    before, after = driving_factors(by_day((1, 2)), by_day(MISSING), by_day(MISSING), by_day(MISSING))
    assert (before[0].tolist(), after[0].tolist()) == ([1, 1, 1, 1], [2, 1, 1, 1])


def test_a_line_that_emits_without_energy_on_a_day_takes_its_activity():
    before, after = driving_factors(by_day((10, 20)), by_day((0, 5)), by_day((2, 2)), by_day(MISSING))
    assert (before[0].tolist(), after[0].tolist()) == ([2, 1, 1, 5], [2, 1, 1, 10])


def test_sums_become_a_matrix_in_order_of_source():
    sums = daily_sums(EMISSION, ("b", "dust", "NOx", 1, 4.0), ("a", "mobile", "NOx", 0, 3.0))
    matrix = pivot_by_source(sums, EMISSION, 2)
    assert (matrix.sources.tolist(), matrix.sectors.tolist()) == (["a", "b"], ["mobile", "dust"])
    assert matrix.values[0].tolist() == pytest.approx([3.0, np.nan], nan_ok=True)
    assert pivot_by_source(sums, ENERGY, 2).values.shape == (0, 2)


def test_the_terms_of_a_sector_add_up_to_its_change():
    """A link with twice the travel: 40 → 80 g is activity; an area of dust 30 → 20 g is activity too."""
    rows = [("l", "mobile", "NOx", 0, 40.0), ("l", "mobile", "NOx", 1, 80.0)]
    rows += [("d", "dust", "NOx", 0, 30.0), ("d", "dust", "NOx", 1, 20.0)]
    sums = pa.concat_tables(
        [daily_sums(EMISSION, *rows), daily_sums(TRAVEL, ("l", "", "", 0, 10.0), ("l", "", "", 1, 20.0))]
    )
    matrices = {kind: pivot_by_source(sums, kind, 2) for kind in (EMISSION, ENERGY, ACTIVITY, TRAVEL)}
    terms = decompose_sectors(matrices, (0, 1))
    changed = {(r["sector_code"], r["change_factor_code"]): r["change_g"] for r in terms if abs(r["change_g"]) > 1e-9}
    assert changed == {("mobile", "activity"): pytest.approx(40), ("dust", "activity"): pytest.approx(-10)}
    assert {(r["sector_code"], r["base_emission_g"]) for r in terms} == {("mobile", 40.0), ("dust", 30.0)}
