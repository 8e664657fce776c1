"""The base of hours of an order in force: what its outcome says, the inventory, or a reconstruction."""

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.outcome.normal_emission import COUNTERFACTUAL, NormalEmission
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from tests.control.scenario.day_frames import HOUR_US, START_US, emission, planned
from tests.control.scenario.test_cut_errors import correlations, with_interval

NOX = list(schema.codes()["pollutant"]).index("NOx")


def cut(plan, piece):
    """Cut by source and hour of the day."""
    rows = pa.concat_tables(cut_pieces(plan, [piece])).to_pylist()
    return {
        (row["source_id"], int(row["hour_utc"].timestamp() * 1e6 - START_US) // HOUR_US): row["cut_emission_g"]
        for row in rows
    }


def without_order(**mean_g_by_hour: float) -> NormalEmission:
    """NOx of the plant without an order in hours given as h0=…, with a tenth less and more as interval."""
    hours = {int(name[1:]): grams for name, grams in mean_g_by_hour.items()}
    rows = emission("plant", "NOx", hours).drop_columns(["method_code"]).rename_columns([*COUNTERFACTUAL[:4]])
    for name, factor in (("counterfactual_emission_g_p05", 0.9), ("counterfactual_emission_g_p95", 1.1)):
        rows = rows.append_column(name, pa.array([grams * factor for grams in hours.values()]))
    return NormalEmission.of_rows(rows, planned().row_of_source, START_US, 24)


@pytest.mark.parametrize("hours", [range(24), range(0, 24, 2)], ids=["strips", "single rows"])
def test_the_base_is_what_the_outcome_of_the_order_says_where_it_was_judged(hours: range) -> None:
    """The plant did not obey: it emits 8 as it would have without the order, not 8 ÷ 0.75. Hour 2 is not judged."""
    plan, before = planned(), planned()
    before.normal = without_order(**{f"h{hour}": 8.0 for hour in hours if hour != 2})
    plan.in_force = [before]
    result = cut(plan, emission("plant", "NOx", dict.fromkeys(hours, 8.0)))
    assert {hour: cut for (_, hour), cut in result.items()} == {
        hour: pytest.approx(8 / 0.75 * 0.25) if hour == 2 else 2.0 for hour in hours
    }
    assert plan.totals.baseline_g[0, NOX, 0] == pytest.approx(8 * (len(hours) - 1) + 8 / 0.75)
    assert (plan.totals.known_count, plan.totals.reconstructed_count) == (len(hours) - 1, 1)


@pytest.mark.parametrize("hours", [range(24), range(0, 24, 2)], ids=["strips", "single rows"])
def test_an_emission_in_which_no_order_can_be_seen_is_its_own_base(hours: range) -> None:
    """A profile does not fall when a plant must stop: nothing is reconstructed from it, whatever was judged."""
    plan, before = planned(), planned()
    before.normal = without_order(h0=5.0)
    plan.in_force = [before]
    assert set(cut(plan, emission("plant", "NOx", dict.fromkeys(hours, 8.0), method="profile")).values()) == {2.0}
    assert plan.totals.baseline_g[0, NOX, 0] == 8 * len(hours)
    assert (plan.totals.known_count, plan.totals.reconstructed_count) == (0, 0)


def test_the_outcome_of_one_pollutant_says_nothing_about_another() -> None:
    plan, before = planned(), planned()
    before.normal = without_order(**{f"h{hour}": 8.0 for hour in range(24)})
    plan.in_force = [before]
    cut(plan, emission("plant", "SO2", dict.fromkeys(range(24), 6.0)))
    assert plan.totals.baseline_g.sum() == pytest.approx(24 * 8)
    assert plan.totals.known_count == 0


def test_the_error_of_a_cut_is_that_of_the_emission_without_the_order() -> None:
    """One hour of 8 g without the order, 7.2 to 8.8 g: its cut has the error of a cut of such an inventory."""
    plan, before = planned(), planned()
    before.normal = without_order(h0=8.0)
    plan.in_force = [before]
    plan.with_errors(correlations())
    assert cut(plan, with_interval(emission("plant", "NOx", {0: 4.0}))) == {("plant", 0): 2.0}
    normal = planned().with_errors(correlations())
    assert cut(normal, with_interval(emission("plant", "NOx", {0: 8.0}), relative=0.1)) == {("plant", 0): 2.0}
    assert plan.errors.shared_g.sum() == pytest.approx(normal.errors.shared_g.sum())
    assert plan.errors.shared_g.sum() > 0


def test_rows_of_other_sources_pollutants_and_hours_are_not_used() -> None:
    rows = pa.concat_tables(
        [
            emission("plant", "NOx", {-1: 1.0, 0: 2.0, 24: 3.0}),
            emission("closed-plant", "NOx", {0: 4.0}),
            emission("plant", "not-a-pollutant", {0: 5.0}),
        ]
    ).unify_dictionaries()
    rows = rows.drop_columns(["method_code"]).rename_columns([*COUNTERFACTUAL[:4]])
    for name in COUNTERFACTUAL[4:]:
        rows = rows.append_column(name, rows["counterfactual_emission_g"])
    normal = NormalEmission.of_rows(rows, {"plant": 0, "link": 1}, START_US, 24)
    used = normal.place[normal.place >= 0]
    assert normal.mean_g[used].tolist() == [2.0]
    assert normal.mean_g[normal.find(0, NOX, 0)] == 2.0


def test_a_row_says_its_base_where_that_is_not_the_inventory() -> None:
    """Under an order of a quarter 6 g are left of 8; in an hour that shows no order the base is the emission."""
    plan = planned()
    plan.in_force = [planned()]
    (rows,) = cut_pieces(plan, [emission("plant", "NOx", {0: 6.0})])
    assert (rows["baseline_emission_g"].to_pylist(), rows["cut_emission_g"].to_pylist()) == ([8.0], [2.0])
    (rows,) = cut_pieces(plan, [emission("plant", "NOx", {0: 6.0}, method="profile")])
    assert rows["baseline_emission_g"].to_pylist() == [None]
    (rows,) = cut_pieces(planned(), [emission("plant", "NOx", {0: 6.0})])
    assert rows["baseline_emission_g"].to_pylist() == [None]


@pytest.mark.parametrize("is_known_first", [True, False])
def test_what_one_outcome_says_holds_for_all_orders_of_the_hour(is_known_first: bool) -> None:
    """A ramp after one order lasts into the hours of the next, which is judged: nothing of it is reconstructed."""
    plan, judged = planned(), planned()
    judged.normal = without_order(h0=8.0)
    plan.in_force = [judged, planned()] if is_known_first else [planned(), judged]
    assert cut(plan, emission("plant", "NOx", {0: 4.0})) == {("plant", 0): 2.0}
    assert (plan.totals.known_count, plan.totals.reconstructed_count) == (1, 0)
