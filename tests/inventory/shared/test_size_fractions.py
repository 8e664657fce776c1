"""A size fraction follows its revised total, never exceeds it, and yields by source priority."""

import numpy as np
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.shared.size_fractions import (
    PollutantSeries,
    SourcePriority,
    align_size_fractions,
    fraction_total_pairs,
    limit_fractions_to_totals,
    scale_fraction,
)
from bigdata_emis.reference.pollutant_hierarchy import Containment

CONTAINMENT = Containment(reference.read("pollutant_part"))
MODELLED, AUDITED, MEASURED = SourcePriority


def bounds(*hours):
    """Estimate, 5th and 95th percentile (rows) by hour."""
    return np.array(hours, dtype=float).T


def priorities(*values):
    """Source priority of one hour of several series."""
    return np.array([[value] for value in values], dtype=np.int8)


def test_a_fraction_keeps_its_share_and_its_relative_spread_within_the_total():
    """6 of 10 g are fine; the total becomes 5 g (4 to 7): fine are 3 g (1.5 to 6), in the second hour up to 5.5 g."""
    fraction, total = bounds((6, 3, 12), (6, 3, 12)), bounds((5, 4, 7), (5, 4, 5.5))
    assert scale_fraction(fraction, np.array([10.0, 10.0]), total).T.tolist() == [[3, 1.5, 6], [3, 1.5, 5.5]]


def test_where_the_original_total_was_zero_the_share_of_other_hours_applies():
    fraction, total = bounds((6, 3, 12), (0, 0, 0)), bounds((10, 9, 11), (2, 1, 4))
    scaled = scale_fraction(fraction, np.array([10.0, 0.0]), total)
    assert scaled.T[1].tolist() == pytest.approx([1.2, 0.6, 2.4])


def test_without_an_original_total_a_fraction_is_only_capped():
    fraction = bounds((6, 3, 12), (6, 3, 12), (6, 3, 12))
    total = bounds((4, 2, 5), (9, 8, 10), (np.nan,) * 3)
    scaled = scale_fraction(fraction, np.full(3, np.nan), total)
    assert scaled.T.tolist() == [[4, 2, 5], [6, 3, 10], [6, 3, 12]]


def test_an_hour_without_the_fraction_does_not_change_the_share_of_the_other_hours():
    nan = np.nan
    fraction = np.array([[nan, 6.0, 0.0], [nan, 3.0, 0.0], [nan, 12.0, 0.0]])
    total = np.array([[5.5, 11.0, 1.0], [5.0, 9.0, 0.5], [6.0, 12.0, 2.0]])
    scaled = scale_fraction(fraction, np.array([5.0, 10.0, 0.0]), total)
    assert scaled[0, 1:].tolist() == pytest.approx([6.6, 0.6])
    assert np.isnan(scaled[0, 0])


@pytest.mark.parametrize(
    ("fraction_priority", "total_priority", "expected"),
    [
        (MODELLED, MEASURED, (4, 4)),
        (MODELLED, MODELLED, (4, 4)),
        (MEASURED, MODELLED, (6, 6)),
        (MEASURED, MEASURED, (6, 4)),
        (AUDITED, MEASURED, (4, 4)),
        (AUDITED, AUDITED, (4, 4)),
        (MEASURED, AUDITED, (6, 6)),
        (AUDITED, MODELLED, (6, 6)),
    ],
    ids=[
        "measured total",
        "nothing measured",
        "measured fraction",
        "contradicting monitors",
        "measured total of an audited fraction",
        "two audits",
        "measured fraction of an audited total",
        "audited fraction",
    ],
)
def test_the_lower_source_priority_gives_way(fraction_priority, total_priority, expected):
    values_g = np.array([[[6.0], [4.0]]] * 3)
    limited = limit_fractions_to_totals(values_g, priorities(fraction_priority, total_priority), [(0, 1)])
    assert tuple(limited[0, :, 0]) == expected


@pytest.mark.parametrize(
    ("black_carbon_g", "black_carbon_priority", "expected"),
    [(8.0, MEASURED, [9, 9, 8, 9]), (12.0, MODELLED, [9, 9, 9, 9])],
    ids=["both fractions measured", "one fraction measured"],
)
def test_measured_fractions_raise_their_totals_before_the_others_are_capped(
    black_carbon_g, black_carbon_priority, expected
):
    """9 g of organic carbon are measured; 5 g of PM2.5 and 6 g of PM10 are modelled and become 9 g."""
    pairs = fraction_total_pairs(["PM10", "PM2.5", "BC", "OC"], CONTAINMENT)
    values_g = np.array([[6.0], [5.0], [black_carbon_g], [9.0]])[None]
    limited = limit_fractions_to_totals(
        values_g, priorities(MODELLED, MODELLED, black_carbon_priority, MEASURED), pairs
    )
    assert limited[0, :, 0].tolist() == expected


def test_pairs_name_every_total_of_a_fraction_that_is_present():
    assert fraction_total_pairs(["PM", "BC", "NOx"], CONTAINMENT) == [(1, 0)]


def test_fractions_of_a_revised_total_are_scaled_along_the_chain_and_other_lines_are_unchanged():
    """PM10 of line 0 is revised from 10 to 5 g: PM2.5 6 → 3 g and BC 2 → 1 g; line 1 keeps its 6 g."""
    original = np.array([[10.0], [6.0], [2.0], [10.0], [6.0]])
    revised = np.stack([original] * 3)
    revised[:, 0] = 5.0
    series = PollutantSeries(
        line_number=np.array([0, 0, 0, 1, 1]),
        pollutant_codes=["PM10", "PM2.5", "BC", "PM10", "PM2.5"],
        original_g=original,
        source_priority=priorities(MEASURED, MODELLED, MODELLED, MODELLED, MODELLED),
        is_revised=np.array([True, False, False, False, False]),
    )
    aligned, is_affected = align_size_fractions(revised, series, CONTAINMENT)
    assert aligned[0, :, 0].tolist() == [5, 3, 1, 10, 6]
    assert is_affected.tolist() == [True, True, True, False, False]
