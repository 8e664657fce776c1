"""The account of a day by measure, and what each measure cuts alone."""

import pyarrow as pa
import pytest

from bigdata_emis.control.scenario.account import (
    AccountKey,
    account_day,
    account_table,
    measure_potentials,
    sum_accounts,
)
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.process_limits import ProcessLimit
from tests.control.scenario.day_frames import START, emission, planned, sources, traffic

PLANTS = Measure("plants", "red", industry_code="sinter", cut_share=0.25)
GRADE = Measure("grade", "red", grade_code="C", cut_share=0.5)
OLD = Measure("a-trucks", "red", vehicle_class_code="HeavyT", cut_share=0.5)
ALL_TRUCKS = Measure("b-trucks", "red", vehicle_class_code="HeavyT", cut_share=0.5)


def cut_day(measures, *pieces, **given):
    """A plan after its rows are cut, with the cuts."""
    cuts = measures if isinstance(measures, MeasureCuts) else MeasureCuts(measures)
    plan = planned(measures=cuts, **given)
    for _ in cut_pieces(plan, pieces):
        pass
    return plan, cuts


def rows_of(account):
    return {(k.sector_code, k.measure_id, k.pollutant_code): v for k, v in account.items()}


def test_a_plant_is_counted_with_the_measure_that_applies_to_it() -> None:
    account = account_day(*cut_day([PLANTS, GRADE], emission("plant", "NOx", {0: 8.0, 1: 8.0})))
    key = AccountKey("industrial_process", "sinter", "north", "plants", "NOx")
    assert account == {key: (16.0, 4.0)}


def test_a_plant_without_a_measure_is_in_the_row_without_one() -> None:
    account = account_day(*cut_day([], emission("plant", "NOx", {0: 8.0})))
    assert rows_of(account) == {("industrial_process", "", "NOx"): (8.0, 0.0)}


def test_vehicle_measures_are_counted_with_what_each_adds() -> None:
    """At 30 km/h trucks emit half: the first measure takes a quarter, the second half of the rest of the trucks."""
    account = account_day(*cut_day([OLD, ALL_TRUCKS], emission("link", "NOx", {0: 8.0})))
    rows = rows_of(account)
    assert rows["mobile", "a-trucks", "NOx"] == pytest.approx((2.0, 2.0))
    assert rows["mobile", "b-trucks", "NOx"] == pytest.approx((1.0, 1.0))
    assert rows["mobile", "", "NOx"] == pytest.approx((5.0, 0.0))


def test_emission_and_cut_of_the_account_are_those_of_the_day() -> None:
    table = sources(
        ("plant", "industrial_process", "sinter", "C", None),
        ("area", "mobile", "minor_road", None, None),
        ("link", "mobile", None, None, "primary"),
    )
    pieces = [emission(name, "NOx", dict.fromkeys(range(24), grams)) for name, grams in (("area", 3.0), ("link", 5.0))]
    close = Measure("close", "red", industry_code="minor_road", cut_share=0.2)
    plan, cuts = cut_day([PLANTS, OLD, ALL_TRUCKS, close], *pieces, emission("plant", "SO2", {4: 2.0}), sources=table)
    account = account_day(plan, cuts)
    assert sum(emission for emission, _ in account.values()) == pytest.approx(plan.totals.baseline_g.sum())
    assert sum(cut for _, cut in account.values()) == pytest.approx(plan.totals.cut_g.sum())
    assert {key.measure_id for key in account} == {"", "plants", "a-trucks", "b-trucks", "close"}


def test_accounts_of_days_add_up_in_order_of_key() -> None:
    one = account_day(*cut_day([PLANTS], emission("plant", "NOx", {0: 8.0})))
    assert list(sum_accounts([one, one]).values()) == [(16.0, 4.0)]


def potentials(measures, *pieces, **given):
    plan, cuts = cut_day(measures, *pieces, **given)
    rows = measure_potentials([plan], cuts).to_pylist()
    return {
        (r["measure_id"], r["county_id"], r["pollutant_code"]): (r["baseline_emission_g"], r["cut_emission_g"])
        for r in rows
    }


def test_each_measure_alone_has_its_base_and_cut_by_county() -> None:
    found = potentials([PLANTS, GRADE], emission("plant", "NOx", {0: 8.0}))
    assert found == {("plants", "north", "NOx"): (8.0, 2.0), ("grade", "north", "NOx"): (8.0, 4.0)}


def test_a_measure_of_traffic_has_no_county_and_what_it_adds() -> None:
    found = potentials([OLD, ALL_TRUCKS, PLANTS], emission("link", "NOx", {0: 8.0}))
    assert found["a-trucks", "", "NOx"] == pytest.approx((8.0, 2.0))
    assert found["b-trucks", "", "NOx"] == pytest.approx((8.0, 1.0))


def test_a_measure_alone_keeps_least_loads_pollutants_and_guaranteed_supply() -> None:
    table = sources(
        ("oven", "industrial_process", "coking", "D", None), ("unit", "stationary_combustion", "coal_power", "D", None)
    )
    stop = Measure("stop", "red", grade_code="D", cut_share=1.0)
    spray = Measure("spray", "red", grade_code="D", pollutant_code="VOCs", cut_share=0.5)
    limits = {"coking": ProcessLimit(min_load_share=0.4), "coal_power": ProcessLimit(is_supply_guaranteed=True)}
    pieces = [emission(name, "NOx", {0: 10.0}) for name in ("oven", "unit")]
    found = potentials(MeasureCuts([stop, spray], limits), *pieces, sources=table, traffic_hourly=traffic(range(0)))
    assert found == {("stop", "", "NOx"): pytest.approx((10.0, 6.0))}


def test_a_ban_of_machines_cuts_the_stages_that_were_counted_in_the_area() -> None:
    """Three quarters of the NOx of the site are from stage II, where its industry has a tenth."""
    table = sources(("site", "mobile", "nonroad_machinery", None, None))
    ban = Measure("ban", "red", industry_code="nonroad_machinery", stage_threshold_code="II", cut_share=1.0)
    cuts = MeasureCuts([ban], machine_shares={"nonroad_machinery": {"II": 0.1, "IV": 0.9}})
    machines = (("site", "II", 6.0), ("site", "IV", 2.0))
    given = {"sources": table, "traffic_hourly": traffic(range(0)), "machines": machines}
    pieces = emission("site", "NOx", {0: 8.0}), emission("site", "CO2", {0: 10.0})
    found = potentials(cuts, *pieces, **given)
    assert found == {("ban", "", "NOx"): pytest.approx((8.0, 6.0)), ("ban", "", "CO2"): pytest.approx((10.0, 1.0))}
    plan, _ = cut_day(cuts, *pieces, **given)
    assert plan.totals.cut_g.sum() == pytest.approx(7.0)


def test_potentials_of_no_emission_are_an_empty_table_with_its_columns() -> None:
    plan, cuts = cut_day([PLANTS])
    table = measure_potentials([plan], cuts)
    assert (table.num_rows, table.schema.field("cut_emission_g").type) == (0, pa.float64())


def test_the_account_of_a_scenario_is_a_table_with_its_key() -> None:
    account = account_day(*cut_day([PLANTS], emission("plant", "NOx", {0: 8.0})))
    (row,) = account_table(account, "s", START).to_pylist()
    assert (row["scenario_id"], row["measure_id"], row["county_id"]) == ("s", "plants", "north")
    assert (row["baseline_emission_g"], row["cut_emission_g"]) == (8.0, 2.0)
