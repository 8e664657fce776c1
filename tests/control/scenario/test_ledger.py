"""The ledger of a scenario: shares of the whole region, against targets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.control.scenario.ledger import BaseError, build_ledger, describe_ledger
from bigdata_emis.region import Grid, Region
from bigdata_emis.window import Window

REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
WINDOW = Window(datetime(2015, 12, 20, tzinfo=UTC), datetime(2015, 12, 21, tzinfo=UTC))


def ledger(totals, level="orange"):
    return build_ledger(totals, region=REGION, scenario_id="s", level=level, window=WINDOW, complete_share=1.0)


def test_a_cut_is_compared_with_the_target_of_the_level() -> None:
    """Orange asks for 20 % of NOx: 250 of 1000 g are enough, 150 g are not."""
    (met,), (missed,) = (ledger({"NOx": (1000.0, cut)}).to_pylist() for cut in (250.0, 150.0))
    assert (met["cut_share"], met["target_share"], met["is_met"]) == (0.25, 0.2, True)
    assert (missed["is_met"], missed["gap_share"]) == (False, pytest.approx(0.05))


def test_a_pollutant_without_a_target_has_no_verdict() -> None:
    (row,) = ledger({"CO2": (1000.0, 10.0)}).to_pylist()
    assert (row["target_share"], row["gap_share"], row["is_met"]) == (None, None, None)


def test_a_pollutant_that_the_region_does_not_emit_has_no_row() -> None:
    assert ledger({"NOx": (0.0, 0.0), "SO2": (1.0, 0.0)})["pollutant_code"].to_pylist() == ["SO2"]


def test_the_document_is_in_kilograms_and_in_the_order_of_the_code_list() -> None:
    rows = describe_ledger(ledger({"CO2": (5000.0, 1000.0), "SO2": (2000.0, 1000.0)}))
    assert [row["pollutant"] for row in rows] == ["SO2", "CO2"]
    assert (rows[0]["baseline_kg"], rows[0]["cut_kg"], rows[0]["cut_share"]) == (2, 1, 0.5)


def test_a_cut_is_also_judged_at_the_target_of_the_level_called() -> None:
    """A red scenario in a window for which orange was called: 25 % of NOx meets orange and misses red."""
    totals = {"NOx": (1000.0, 250.0)}
    (row,) = build_ledger(
        totals, region=REGION, scenario_id="s", level="red", window=WINDOW, complete_share=1.0, called_level="orange"
    ).to_pylist()
    assert (row["is_met"], row["called_level_code"], row["called_target_share"]) == (False, "orange", 0.2)
    assert row["is_called_target_met"] is True


def test_what_was_achieved_is_empty_and_the_base_has_its_code() -> None:
    (row,) = ledger({"NOx": (1000.0, 250.0)}).to_pylist()
    assert (row["achieved_share"], row["execution_share"], row["base_source_code"]) == (None, None, "inventory")
    assert (row["called_level_code"], row["is_called_target_met"]) == (None, None)


def test_a_projected_base_has_an_interval_where_its_error_is_known_and_never_below_zero() -> None:
    totals = {"NOx": (1000.0, 100.0), "SO2": (10.0, 1.0), "CO": (5.0, 0.0)}
    rows = build_ledger(
        totals,
        region=REGION,
        scenario_id="s",
        level="orange",
        window=WINDOW,
        complete_share=1.0,
        base_error=BaseError({"NOx": 200.0, "SO2": 20.0}, {"NOx": 500.0, "SO2": 2.0}),
    )
    by_pollutant = {row["pollutant"]: row for row in describe_ledger(rows)}
    bounds = {p: (row["baseline_p05_kg"], row["baseline_p95_kg"]) for p, row in by_pollutant.items()}
    assert bounds == {"NOx": (0.8, 1.5), "SO2": (0.0, 0.012), "CO": (None, None)}


@pytest.mark.parametrize(("obeyed_g", "is_met"), [(10.0, True), (10.1, None)])
def test_a_target_is_not_judged_where_more_than_a_hundredth_of_the_base_takes_orders_as_obeyed(
    obeyed_g, is_met
) -> None:
    (row,) = build_ledger(
        {"NOx": (1000.0, 250.0)},
        region=REGION,
        scenario_id="s",
        level="orange",
        window=WINDOW,
        complete_share=1.0,
        called_level="yellow",
        obeyed_g={"NOx": obeyed_g},
    ).to_pylist()
    assert (row["target_share"], row["is_met"], row["is_called_target_met"]) == (0.2, is_met, is_met)
