"""Moved emission as tables."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import MovedKind, MovedOutcome
from bigdata_emis.control.moved.detour import DetourDay
from bigdata_emis.control.moved.detour_links import DetourLinks
from bigdata_emis.control.moved.moved_emission import (
    NOTHING_IS_MOVED,
    MovedEmission,
    describe_moved,
    detour_rows,
    detour_sums,
    join_rows,
    moved_table,
)
from bigdata_emis.control.moved.moved_options import Detour
from bigdata_emis.window import MICROSECONDS_PER_S, Window

START = datetime(2015, 12, 20, tzinfo=UTC)
EVENT = Window(START, START + timedelta(hours=2))
CODES = list(schema.codes()["pollutant"])
NOX = CODES.index("NOx")


def two_hours() -> DetourDay:
    """Two groups of links: 6 g leave the first in each hour, 10 g the second in the second hour."""
    moved = np.zeros((2, len(CODES), 2))
    moved[0, NOX], moved[1, NOX, 1] = 6.0, 10.0
    return DetourDay(int(START.timestamp()) * MICROSECONDS_PER_S, moved)


def detour(receivers: list[dict[str, float]]) -> Detour:
    return Detour(0.5, ["HeavyT"], "neighbours", DetourLinks({"x": 0, "y": 1}, receivers))


def test_a_link_takes_its_part_of_every_group() -> None:
    """A takes a third of the first group and all of the second: 2, then 12."""
    taking = detour([{"a": 1 / 3, "b": 2 / 3}, {"a": 1.0}])
    rows = join_rows([*detour_rows(taking, [two_hours()], "s")]).to_pylist()
    found = [(row["source_id"], row["hour_utc"].hour, row["added_emission_g"]) for row in rows]
    assert found == [("a", 0, pytest.approx(2)), ("a", 1, pytest.approx(12)), ("b", 0, 4), ("b", 1, 4)]


def test_a_group_that_no_link_takes_is_an_outcome_and_is_not_added() -> None:
    sums, added = detour_sums(detour([{"a": 1.0}, {}]), [two_hours()], EVENT)
    assert {outcome: grams[NOX] for outcome, grams in sums.by_outcome_g.items()} == {
        MovedOutcome.ADDED: 12.0,
        MovedOutcome.NO_OPEN_LINK: 10.0,
    }
    moved = MovedEmission(None, {MovedKind.DETOUR: sums}, added)
    of_hours = [moved.added_in(START + timedelta(hours=n), EVENT.to_utc) for n in (0, 1, 2)]
    assert [grams and grams["NOx"] for grams in of_hours] == [12.0, 6.0, 0.0]


def test_sums_name_kind_outcome_and_hours_and_leave_out_zeros() -> None:
    sums, _ = detour_sums(detour([{"a": 1.0}, {}]), [two_hours()], EVENT)
    table = moved_table(MovedEmission(None, {MovedKind.DETOUR: sums}), "s", START)
    assert [(row["outcome"], row["pollutant"], row["moved_kg"]) for row in describe_moved(table)] == [
        ("added", "NOx", 0.012),
        ("no_open_link", "NOx", 0.01),
    ]
    assert {(row["from_utc"], row["to_utc"]) for row in describe_moved(table)} == {
        (EVENT.from_utc.isoformat(), EVENT.to_utc.isoformat())
    }


def test_without_options_there_are_no_rows_days_or_sums() -> None:
    assert NOTHING_IS_MOVED.days("UTC") == []
    assert NOTHING_IS_MOVED.added_in(START, EVENT.to_utc) is None
    assert moved_table(NOTHING_IS_MOVED, "s", START).num_rows == 0
