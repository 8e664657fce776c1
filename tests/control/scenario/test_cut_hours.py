"""The cut of one day, row by row or in strips."""

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import RefusedError
from tests.control.scenario.day_frames import HOUR_US, START_US, emission, planned, traffic

NOX = list(schema.codes()["pollutant"]).index("NOx")


def cuts(plan, *pieces):
    """Cut by source and hour of the day."""
    rows = pa.concat_tables(piece.cast(piece.schema) for piece in cut_pieces(plan, pieces)).to_pylist()
    return {
        (row["source_id"], int(row["hour_utc"].timestamp() * 1e6 - START_US) // HOUR_US): row["cut_emission_g"]
        for row in rows
    }


def test_a_plant_is_cut_by_its_share_in_every_hour() -> None:
    plan = planned()
    assert cuts(plan, emission("plant", "NOx", dict.fromkeys(range(24), 8.0))) == {("plant", n): 2.0 for n in range(24)}
    assert (plan.totals.baseline_g[0, NOX, 0], plan.totals.cut_g[0, NOX, 0]) == (192, 48)
    assert plan.totals.is_hour_present.all()


def test_a_link_is_cut_by_the_share_of_banned_vehicles_at_its_speed() -> None:
    """At 30 km/h trucks emit half of the emission."""
    assert set(cuts(planned(), emission("link", "NOx", dict.fromkeys(range(24), 8.0))).values()) == {4.0}


def test_missing_hours_give_the_same_cut_row_by_row() -> None:
    plan = planned()
    assert cuts(plan, emission("link", "NOx", {3: 8.0, 7: 8.0})) == {("link", 3): 4.0, ("link", 7): 4.0}
    assert plan.totals.is_hour_present.sum() == 2


def test_hours_outside_the_window_are_neither_cut_nor_counted() -> None:
    plan = planned(hours=range(10, 12))
    result = cuts(plan, emission("plant", "NOx", dict.fromkeys(range(24), 8.0)))
    assert sorted(hour for _, hour in result) == [10, 11]
    assert plan.totals.baseline_g[0, NOX, 0] == 16


def test_rows_without_a_cut_are_omitted() -> None:
    assert cuts(planned(measures=[]), emission("plant", "NOx", {0: 8.0})) == {}


def test_a_pollutant_without_road_factors_is_not_cut_on_a_link() -> None:
    plan = planned()
    assert cuts(plan, emission("link", "CO2", {0: 8.0})) == {}


def test_a_source_outside_the_control_basis_is_refused() -> None:
    with pytest.raises(RefusedError, match="source new has emission but is not in the control basis"):
        cuts(planned(), emission("new", "NOx", {0: 8.0}))


def test_a_link_hour_without_traffic_is_refused() -> None:
    plan = planned(traffic_hourly=traffic(range(1, 24)))
    with pytest.raises(RefusedError, match="1 link hours have emission but no traffic"):
        cuts(plan, emission("link", "NOx", {0: 8.0}))


def test_the_base_of_hours_with_a_scenario_in_force_is_without_its_cut() -> None:
    """A plant that emits 6 under a cut of a quarter emits 8 without it, and is cut by a quarter of 8."""
    plan, before = planned(), planned()
    plan.in_force = [before]
    assert set(cuts(plan, emission("plant", "NOx", dict.fromkeys(range(24), 6.0))).values()) == {2.0}
    assert plan.totals.baseline_g[0, NOX, 0] == 24 * 8
    assert plan.totals.bounded_count == 0


def test_the_base_of_a_link_is_without_the_bans_in_force_row_by_row_too() -> None:
    plan = planned()
    plan.in_force = [planned()]
    assert cuts(plan, emission("link", "NOx", {3: 4.0, 7: 4.0})) == {("link", 3): 4.0, ("link", 7): 4.0}
    assert plan.totals.baseline_g[1, NOX, 0] == 16


def test_a_stopped_source_counts_at_most_ten_times_what_it_emitted() -> None:
    stop = [Measure("stop", "red", industry_code="sinter", cut_share=1.0)]
    plan = planned()
    plan.in_force = [planned(measures=stop)]
    cuts(plan, emission("plant", "NOx", {0: 1.0}))
    assert plan.totals.baseline_g[0, NOX, 0] == pytest.approx(10.0)
    assert plan.totals.bounded_count == 1
