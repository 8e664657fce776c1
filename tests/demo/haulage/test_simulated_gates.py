"""Simulated gates: trucks by stage, and plants that keep out the banned ones in the alert."""

import pandas as pd
import pytest

from bigdata_emis.demo.haulage.simulated_gates import (
    BANNED_STAGES,
    GATE_SHARE,
    OBEYING_SHARE,
    day_passages,
    draw_gates,
    transport_orders,
)
from bigdata_emis.schema import codes, table

PLANTS = pd.DataFrame({"enterprise_id": [f"E{number:04d}" for number in range(1000)]})
LINES = PLANTS.assign(is_real=PLANTS["enterprise_id"] < "E0100")
GATES = draw_gates(1, PLANTS, LINES)
USUAL, IN_ALERT = (day_passages(1, day, GATES) for day in (1, 8))


def banned(passages: pd.DataFrame) -> pd.DataFrame:
    return passages[passages["emission_stage_code"].isin(BANNED_STAGES) & (passages["gate_direction_code"] == "in")]


def test_a_share_of_the_plants_has_a_gate_and_most_obey():
    assert len(GATES) == pytest.approx(GATE_SHARE * len(PLANTS), rel=0.15)
    is_real = GATES["enterprise_id"] < "E0100"
    assert GATES["obeys"][~is_real].mean() == pytest.approx(OBEYING_SHARE, abs=0.08)


def test_works_that_exist_always_obey():
    """Their names are real and their operation is not: nobody may read that they did not comply."""
    is_real = GATES["enterprise_id"] < "E0100"
    assert is_real.sum() > 10
    assert GATES["obeys"][is_real].all()


def test_in_the_alert_banned_trucks_enter_only_plants_that_do_not_obey():
    obedient = set(GATES.loc[GATES["obeys"], "enterprise_id"])
    assert set(banned(USUAL)["enterprise_id"]) & obedient
    assert not set(banned(IN_ALERT)["enterprise_id"]) & obedient
    assert len(banned(IN_ALERT))


def test_whoever_enters_leaves_on_the_same_day():
    counts = IN_ALERT.groupby("vehicle_id")["gate_direction_code"].agg(list)
    assert all(directions == ["in", "out"] for directions in counts)
    assert IN_ALERT["event_us"].max() - IN_ALERT["event_us"].min() < 24 * 3600 * 1_000_000


def test_a_few_records_have_a_stage_that_is_no_code():
    is_known = USUAL["emission_stage_code"].isin(codes()["emission_stage"])
    assert 0 < (~is_known).mean() < 0.02


def test_the_order_has_the_columns_of_its_table():
    orders = transport_orders()
    assert set(orders.columns) <= set(table("transport_order").names)
    assert set(table("transport_order").required) <= set(orders.columns)
