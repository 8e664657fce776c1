"""Intervals of cuts: proportional where the error is shared, in quadrature where it is not."""

from datetime import UTC, datetime

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import CutPart
from bigdata_emis.control.results.cut_intervals import cut_bounds, cut_sums, cut_table
from bigdata_emis.control.scenario.account import account_day
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from tests.control.scenario.day_frames import emission, planned, sources, traffic
from tests.control.scenario.test_cut_errors import correlations, deviation, with_interval

HOURS = dict.fromkeys(range(24), 8.0)
LINK = ("link", "mobile", None, None, "primary")
TWO = sources(
    ("kiln", "industrial_process", "sinter", "C", None), ("oven", "industrial_process", "coking", "C", None), LINK
)
KILN = Measure("m-kiln", "red", industry_code="sinter", cut_share=0.5)
OVEN = Measure("n-oven", "red", industry_code="coking", cut_share=0.5)
TRUCKS = Measure("a-trucks", "red", vehicle_class_code="HeavyT", cut_share=0.5)
MORE_TRUCKS = Measure("b-trucks", "red", vehicle_class_code="HeavyT", cut_share=0.5)
PLACE = list(schema.codes()["pollutant"]).index("NOx")


def sums_of(measures, *ids, class_share, control_source=TWO):
    cuts = MeasureCuts(list(measures))
    plan = planned(measures=cuts, sources=control_source, traffic_hourly=traffic()).with_errors(
        correlations(class_share=class_share)
    )
    for _ in cut_pieces(plan, [with_interval(emission(one, "NOx", HOURS)) for one in ids]):
        pass
    return cut_sums([plan], cuts, account_day(plan, cuts))


def spread(sums, part, name=""):
    row = sums[part].names.index(name)
    return sums[part].cut_g[row, PLACE], float(np.sqrt(sums[part].variance_g2[row, PLACE]))


def test_a_shared_error_makes_the_interval_proportional_to_the_cut() -> None:
    small, large = (
        sums_of([Measure("m", "red", industry_code="sinter", cut_share=share)], "kiln", class_share=1.0)
        for share in (0.1, 0.4)
    )
    (low, high), (low_4, high_4) = cut_bounds(small)["NOx"], cut_bounds(large)["NOx"]
    assert (low_4, high_4) == pytest.approx((4 * low, 4 * high))


def test_sources_of_one_class_add_their_shared_errors() -> None:
    same = sources(*((name, "industrial_process", "sinter", "C", None) for name in "ab"), LINK)
    sums = sums_of([KILN], "a", "b", class_share=1.0, control_source=same)
    assert spread(sums, CutPart.TOTAL) == pytest.approx((2 * 96.0, 2 * 24 * 0.5 * deviation(8.0)))


def test_classes_add_in_quadrature() -> None:
    sums = sums_of([KILN, OVEN], "kiln", "oven", class_share=1.0)
    one = 24 * 0.5 * deviation(8.0)
    assert spread(sums, CutPart.MEASURE, "m-kiln") == pytest.approx((96.0, one))
    assert spread(sums, CutPart.MEASURE, "n-oven") == pytest.approx((96.0, one))
    assert spread(sums, CutPart.TOTAL) == pytest.approx((192.0, one * 2**0.5))
    assert spread(sums, CutPart.SECTOR, "industrial_process") == pytest.approx((192.0, one * 2**0.5))


def test_measures_of_traffic_have_its_relative_error() -> None:
    """Trucks emit half at 30 km/h: the first measure takes a quarter of 8 g, the second an eighth."""
    sums = sums_of([TRUCKS, MORE_TRUCKS], "link", class_share=1.0)
    relative = deviation(8.0) / 8.0
    assert spread(sums, CutPart.MEASURE, "a-trucks") == pytest.approx((48.0, 48.0 * relative))
    assert spread(sums, CutPart.MEASURE, "b-trucks") == pytest.approx((24.0, 24.0 * relative))
    assert spread(sums, CutPart.TOTAL) == pytest.approx((72.0, 72.0 * relative))


def test_the_interval_contains_the_cut_and_the_parts_of_a_kind_sum_to_the_total() -> None:
    sums = sums_of([KILN, OVEN, TRUCKS], "kiln", "oven", "link", class_share=0.5)
    table = cut_table(sums, "s", datetime(2015, 12, 20, tzinfo=UTC)).to_pylist()
    by_part: dict[str, float] = {}
    for row in table:
        assert row["cut_emission_g_p05"] <= row["cut_emission_g"] <= row["cut_emission_g_p95"]
        by_part[row["cut_part_code"]] = by_part.get(row["cut_part_code"], 0.0) + row["cut_emission_g"]
    assert set(by_part) == set(CutPart)
    assert list(by_part.values()) == pytest.approx([96 + 96 + 48.0] * 4)


def test_the_interval_of_a_sum_is_narrower_than_the_sum_of_intervals() -> None:
    sums = sums_of([KILN, OVEN], "kiln", "oven", class_share=0.5)
    (_, kiln), (_, oven) = (spread(sums, CutPart.MEASURE, name) for name in ("m-kiln", "n-oven"))
    assert spread(sums, CutPart.TOTAL)[1] < 0.9 * (kiln + oven)


def test_a_day_without_intervals_leaves_all_of_them_unknown() -> None:
    cuts = MeasureCuts([KILN])
    plan = planned(measures=cuts, sources=TWO)
    for _ in cut_pieces(plan, [emission("kiln", "NOx", HOURS)]):
        pass
    assert cut_sums([plan], cuts, account_day(plan, cuts)) == {}
    assert cut_bounds({}) == {}
    assert cut_table({}, "s", datetime(2015, 12, 20, tzinfo=UTC)).num_rows == 0
