"""The part of a day's mass whose factors nobody has compared with their source."""

import pyarrow as pa
import pytest

from bigdata_emis.publish.gate.unverified_factors import unverified_factors

COUNTED = pa.schema([("activity_area_id", pa.string()), ("pollutant_code", pa.string()), ("confidence", pa.float64())])


def day(*rows):
    return pa.table(dict(zip(("source_id", "pollutant_code", "emission_g"), zip(*rows, strict=True), strict=True)))


def counted(*rows):
    return pa.Table.from_pylist([dict(zip(COUNTED.names, row, strict=True)) for row in rows], COUNTED)


DAY = day(("quay", "NOx", 2.0), ("quay", "NOx", 1.0), ("quay", "SO2", 5.0), ("site", "NOx", 4.0), ("line", "NOx", 5.0))


def test_the_share_is_that_of_areas_and_pollutants_with_a_remembered_factor():
    """3 g of 12 g of NOx; the SO2 of the quay is an annual total, and limits of machines have 0.8."""
    found = unverified_factors(DAY, counted(("quay", "NOx", 0.65), ("quay", "CO", 0.65), ("site", "NOx", 0.8)))
    assert found == {"mass_share": {"NOx": pytest.approx(0.25)}, "least_confidence": 0.65}


def test_a_day_counts_a_source_once_whatever_its_stages():
    found = unverified_factors(DAY, counted(("site", "NOx", 0.5), ("site", "NOx", 0.6)))
    assert found == {"mass_share": {"NOx": pytest.approx(4 / 12)}, "least_confidence": 0.5}


@pytest.mark.parametrize("rows", [(), (("site", "NOx", 0.7),), (("elsewhere", "NOx", 0.65),)])
def test_a_day_without_such_a_factor_has_no_share(rows):
    assert unverified_factors(DAY, counted(*rows)) == {"mass_share": {}, "least_confidence": None}
