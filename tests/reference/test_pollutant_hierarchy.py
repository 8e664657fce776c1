"""Chains of parts and totals: PM2.5 in PM10 in PM, and BC in PM2.5."""

import pyarrow as pa
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.reference.pollutant_hierarchy import Containment


def containment(**total_of: str) -> Containment:
    return Containment(
        pa.table({"pollutant_code": list(total_of), "containing_pollutant_code": list(total_of.values())})
    )


PARTICULATE = containment(fine="coarse", coarse="total", soot="fine")


def test_the_totals_of_a_part_go_from_the_smallest_to_the_largest():
    assert PARTICULATE.wholes("soot") == ["fine", "coarse", "total"]
    assert PARTICULATE.wholes("total") == []
    assert PARTICULATE.wholes("SO2") == []


def test_codes_go_from_the_largest_to_the_smallest():
    assert PARTICULATE.codes == ["total", "coarse", "fine", "soot"]


def test_related_pollutants_are_the_totals_then_the_parts():
    assert PARTICULATE.related("fine") == ["coarse", "total", "soot"]
    assert PARTICULATE.related("SO2") == []


def test_a_part_is_paired_with_its_smallest_total_that_is_present():
    assert list(PARTICULATE.pairs({"soot", "coarse", "total"})) == [("coarse", "total"), ("soot", "coarse")]
    assert list(PARTICULATE.pairs({"soot", "SO2"})) == []


def test_every_pair_has_each_total_that_is_present():
    pairs = PARTICULATE.every_pair({"soot", "coarse", "total"})
    assert pairs == [("coarse", "total"), ("soot", "coarse"), ("soot", "total")]


def test_a_pollutant_that_contains_itself_is_refused():
    with pytest.raises(InputError, match="contains itself"):
        containment(a="b", b="a")
