"""A part goes with its whole, is never more than it, and what is measured stands."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.activity_model.stored.parameters import why_unreadable
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.shared.size_fractions import AUDITED, MEASURED, TOLD, every_pair, following, held_within
from bigdata_emis.publish.pollutant_checks import part_findings
from bigdata_emis.reference.pollutant_hierarchy import Containment

CONTAINMENT = Containment(reference.read("pollutant_part"))


def bounds(*hours):
    """Estimate, 5th and 95th percentile (rows) by hour."""
    return np.array(hours, dtype=float).T


def test_the_smallest_whole_that_is_there_counts():
    containment = Containment(reference.read("pollutant_part"))
    assert containment.wholes("BC") == ["PM2.5", "PM10", "PM"]
    assert list(containment.pairs({"PM", "PM2.5", "BC", "NOx", "PM_condensable"})) == [("PM2.5", "PM"), ("BC", "PM2.5")]
    assert containment.related("NOx") == []


def test_a_pollutant_that_would_contain_itself_is_refused():
    ring = pa.table({"pollutant_code": ["PM10", "PM2.5"], "containing_pollutant_code": ["PM2.5", "PM10"]})
    with pytest.raises(InputError, match="contains itself"):
        Containment(ring)


def test_a_part_keeps_its_share_and_its_relative_spread_but_not_beyond_the_whole():
    """6 of 10 g are fine; the whole is 5 g (4 to 7): fine are 3 g, from 1.5 up to 6, and in the second hour up to the whole's 5.5."""
    part, whole = bounds((6, 3, 12), (6, 3, 12)), bounds((5, 4, 7), (5, 4, 5.5))
    assert following(part, np.array([10.0, 10.0]), whole).T.tolist() == [[3, 1.5, 6], [3, 1.5, 5.5]]


def test_where_the_whole_was_told_to_be_nothing_the_share_of_other_hours_counts():
    part, whole = bounds((6, 3, 12), (0, 0, 0)), bounds((10, 9, 11), (2, 1, 4))
    assert following(part, np.array([10.0, 0.0]), whole).T[1].tolist() == pytest.approx([1.2, 0.6, 2.4])


def test_without_anything_told_of_the_whole_a_part_is_only_cut_to_it():
    part, whole = bounds((6, 3, 12), (6, 3, 12), (6, 3, 12)), bounds((4, 2, 5), (9, 8, 10), (np.nan,) * 3)
    assert following(part, np.full(3, np.nan), whole).T.tolist() == [[4, 2, 5], [6, 3, 10], [6, 3, 12]]


@pytest.mark.parametrize(
    ("part_firmness", "whole_firmness", "expected"),
    [
        (TOLD, MEASURED, (4, 4)),
        (TOLD, TOLD, (4, 4)),
        (MEASURED, TOLD, (6, 6)),
        (MEASURED, MEASURED, (6, 4)),
        (AUDITED, MEASURED, (4, 4)),
        (AUDITED, AUDITED, (4, 4)),
        (MEASURED, AUDITED, (6, 6)),
        (AUDITED, TOLD, (6, 6)),
    ],
    ids=[
        "measured whole",
        "nothing measured",
        "measured part",
        "contradicting monitors",
        "measured whole of an audited part",
        "two audits",
        "measured part of an audited whole",
        "audited part",
    ],
)
def test_of_a_part_and_its_whole_what_stands_less_firmly_yields(part_firmness, whole_firmness, expected):
    stands_g = np.array([[[6.0], [4.0]]] * 3)
    firmness = np.array([[part_firmness], [whole_firmness]], dtype=np.int8)
    assert tuple(held_within(stands_g, firmness, [(0, 1)])[0, :, 0]) == expected


def test_each_measured_part_lifts_what_contains_it_and_the_others_are_cut_after_that():
    """Soot of 8 and 9 g are measured, 5 g of PM2.5 and 6 g of PM10 are not: both become 9; 12 g of another part are cut to 9."""
    kinds = ["PM10", "PM2.5", "BC", "OC"]
    stands_g = np.array([[6.0], [5.0], [8.0], [9.0]])[None]
    held_g = held_within(
        stands_g, np.array([[TOLD], [TOLD], [MEASURED], [MEASURED]], dtype=np.int8), every_pair(kinds, CONTAINMENT)
    )
    assert held_g[0, :, 0].tolist() == [9, 9, 8, 9]
    stands_g = np.array([[6.0], [5.0], [12.0], [9.0]])[None]
    held_g = held_within(
        stands_g, np.array([[TOLD], [TOLD], [TOLD], [MEASURED]], dtype=np.int8), every_pair(kinds, CONTAINMENT)
    )
    assert held_g[0, :, 0].tolist() == [9, 9, 9, 9]


def test_an_hour_without_the_part_leaves_the_usual_share_of_the_others_known() -> None:
    nan = np.nan
    part = np.array([[nan, 6.0, 0.0], [nan, 3.0, 0.0], [nan, 12.0, 0.0]])
    whole = np.array([[5.5, 11.0, 1.0], [5.0, 9.0, 0.5], [6.0, 12.0, 2.0]])
    moved = following(part, np.array([5.0, 10.0, 0.0]), whole)
    assert moved[0, 1:].tolist() == pytest.approx([6.6, 0.6])
    assert np.isnan(moved[0, 0])


@pytest.mark.parametrize(
    "text",
    [
        '{"form":"affine","interval":{}}',
        '{"form":["a"],"interval":{}}',
        '{"form":"boosted","interval":{"x":1}}',
        "[" * 100_000,
    ],
)
def test_a_text_that_is_no_whole_model_is_unreadable_before_a_day_hangs_on_it(text: str) -> None:
    assert why_unreadable(text)


def test_a_part_is_held_against_every_whole_that_its_source_tells_of() -> None:
    """Soot and PM10 of one source, nothing between; that another source tells of PM2.5 changes nothing."""
    rows = [("a", "BC", 9.0), ("a", "PM10", 5.0), ("b", "PM2.5", 9.0)]
    frame = pa.table(
        {
            "source_id": [r[0] for r in rows],
            "pollutant_code": [r[1] for r in rows],
            "hour_utc": pa.array([0] * 3, pa.timestamp("us", "UTC")),
            "emission_g": [r[2] for r in rows],
            "emission_g_p05": [1.0] * 3,
            "emission_g_p95": [10.0] * 3,
            "method_code": ["modelled"] * 3,
            "emission_before_audit_g": pa.nulls(3, pa.float64()),
        }
    )
    parts = reference.read("pollutant_part")
    assert len(part_findings(frame, Containment(parts))) == 1
    assert part_findings(frame, Containment(parts.slice(0, 0))) == []


@pytest.mark.parametrize(
    ("methods", "count"),
    [
        (("measured", "modelled", "measured"), 0),
        (("measured", "modelled", "modelled"), 2),
        (("modelled", "modelled", "measured"), 2),
    ],
    ids=["monitors contradict each other", "one monitor", "the other monitor"],
)
def test_between_two_monitors_that_contradict_each_other_nothing_is_judged_by_the_part(methods, count) -> None:
    """9 g of PM2.5, 5 g of PM10 and 5 g of PM: only two monitors excuse it."""
    grams = {"PM2.5": 9.0, "PM10": 5.0, "PM": 5.0}
    frame = pa.table(
        {
            "source_id": ["a"] * 3,
            "pollutant_code": list(grams),
            "hour_utc": pa.array([0] * 3, pa.timestamp("us", "UTC")),
            "emission_g": list(grams.values()),
            "emission_g_p05": [1.0] * 3,
            "emission_g_p95": [10.0] * 3,
            "method_code": list(methods),
            "emission_before_audit_g": pa.nulls(3, pa.float64()),
        }
    )
    found = part_findings(frame, CONTAINMENT)
    assert len(found[0].examples if found else ()) == count


@pytest.mark.parametrize(
    ("before", "count"),
    [((None, None, None), 0), ((None, None, 10.0), 2), ((4.0, None, None), 2), ((7.0, None, 6.0), 0)],
    ids=[
        "no audit",
        "an audit lowered the whole",
        "an audit raised the part",
        "contradicted each other before both audits",
    ],
)
def test_monitors_that_an_audit_set_against_each_other_are_no_excuse(before, count) -> None:
    """9 g of PM2.5 and 5 g of PM are measured, 5 g of PM10 are not: what the hours were before the audit decides."""
    grams = {"PM2.5": 9.0, "PM10": 5.0, "PM": 5.0}
    frame = pa.table(
        {
            "source_id": ["a"] * 3,
            "pollutant_code": list(grams),
            "hour_utc": pa.array([0] * 3, pa.timestamp("us", "UTC")),
            "emission_g": list(grams.values()),
            "emission_g_p05": [1.0] * 3,
            "emission_g_p95": [10.0] * 3,
            "method_code": ["measured", "modelled", "measured"],
            "emission_before_audit_g": pa.array(before, pa.float64()),
        }
    )
    found = part_findings(frame, CONTAINMENT)
    assert len(found[0].examples if found else ()) == count


def test_a_measured_part_that_is_above_one_measured_whole_is_still_held_against_the_other() -> None:
    """9 g of PM2.5 were above PM10 (5 g) from the first, but below PM, until an audit made PM 8 g instead of 10: that is found."""
    grams = {"PM2.5": 9.0, "PM10": 5.0, "PM": 8.0}
    frame = pa.table(
        {
            "source_id": ["a"] * 3,
            "pollutant_code": list(grams),
            "hour_utc": pa.array([0] * 3, pa.timestamp("us", "UTC")),
            "emission_g": list(grams.values()),
            "emission_g_p05": [1.0] * 3,
            "emission_g_p95": [10.0] * 3,
            "method_code": ["measured"] * 3,
            "emission_before_audit_g": pa.array([None, None, 10.0], pa.float64()),
        }
    )
    (example,) = part_findings(frame, CONTAINMENT)[0].examples
    assert "more PM2.5 than PM of a" in example
