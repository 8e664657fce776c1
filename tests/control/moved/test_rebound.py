"""What lines make up after an event, from arrays."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import MovedOutcome
from bigdata_emis.control.moved.rebound import make_up
from bigdata_emis.control.moved.rebound_basis import ReboundBasis
from bigdata_emis.window import Window

CODES = list(schema.codes()["pollutant"])
NOX = CODES.index("NOx")
START = datetime(2015, 12, 21, tzinfo=UTC)


def basis(emission: list[float], *, capacity: float = 6.0, factor: float = 2.0, free: list[bool] | None = None) -> Any:
    """One line with NOx only."""
    factors, grams = np.full((1, len(CODES)), np.nan), np.full((1, len(CODES), len(emission)), np.nan)
    factors[0, NOX], grams[0, NOX] = factor, emission
    window = Window(START, START + timedelta(hours=len(emission)))
    is_free = np.array(free or [True] * len(emission))
    return ReboundBasis(["kiln"], window, np.array([capacity]), factors, grams, is_free)


def plan(cut_g: float, source: str = "kiln") -> Any:
    """A cut day, as far as a rebound reads it: NOx in two segments."""
    cut: Floats = np.zeros((2, len(CODES), 2))
    cut[1, NOX] = 0.25 * cut_g, 0.75 * cut_g
    return SimpleNamespace(source_ids=pa.array(["area", source]), totals=SimpleNamespace(cut_g=cut))


def nox(outcome: Any) -> dict[str, float]:
    return {str(name): float(grams[NOX]) for name, grams in outcome.by_outcome_g.items() if grams[NOX]}


def test_hours_with_more_free_capacity_make_up_more() -> None:
    """Free: 12 − 10, 12 − 4, none above the capacity: 2, 8 and 0 of 10; a half of 10 g is made up."""
    made_up = make_up(0.5, basis([10.0, 4.0, 13.0]), [plan(6.0), plan(4.0)])
    assert made_up.added_g[0, NOX].tolist() == pytest.approx([1.0, 4.0, 0.0])
    assert nox(made_up) == {"added": pytest.approx(5.0)}


def test_an_hour_without_inventory_or_under_another_order_makes_up_nothing() -> None:
    made_up = make_up(1.0, basis([10.0, np.nan, 10.0], free=[True, True, False]), [plan(10.0)])
    assert made_up.added_g[0, NOX].tolist() == [2.0, 0.0, 0.0]
    assert nox(made_up) == {"added": pytest.approx(2.0), "over_capacity": pytest.approx(8.0)}


@pytest.mark.parametrize("unknown", [{"capacity": np.nan}, {"factor": np.nan}])
def test_an_unknown_capacity_or_factor_is_an_outcome(unknown: dict[str, float]) -> None:
    assert nox(make_up(1.0, basis([10.0], **unknown), [plan(10.0)])) == {"capacity_unknown": 10.0}


def test_a_cut_of_other_sources_is_not_made_up() -> None:
    assert nox(make_up(1.0, basis([10.0]), [plan(10.0, source="mill")])) == {}


@given(
    percent=st.integers(1, 100),
    cut_g=st.floats(0.01, 1e9),
    emission=st.lists(st.integers(0, 20), min_size=1, max_size=6),
)
def test_outcomes_add_up_to_what_is_moved_and_no_hour_exceeds_the_capacity(
    percent: int, cut_g: float, emission: list[int]
) -> None:
    share = percent / 100
    made_up = make_up(share, basis([float(grams) for grams in emission]), [plan(cut_g)])
    assert sum(nox(made_up).values()) == pytest.approx(share * cut_g, rel=1e-9)
    assert set(nox(made_up)) <= {MovedOutcome.ADDED, MovedOutcome.OVER_CAPACITY}
    assert (made_up.added_g[0, NOX] <= np.maximum(12.0 - np.array(emission), 0.0)).all()
