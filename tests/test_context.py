"""The context of a run cannot be changed, and looks back only when a stage declares it."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window


def context(tmp_path: Path) -> Context:
    region = Region("a", Path(), "A", "甲", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})
    known = datetime(2015, 12, 21, tzinfo=UTC)
    return Context(region, day_window(date(2015, 12, 20), "UTC"), known, "run-1", Store(str(tmp_path), "a", "UTC"))


def test_a_context_looks_back_on_no_day_unless_it_says_so(tmp_path: Path) -> None:
    assert context(tmp_path).lookback_days == 0
    assert replace(context(tmp_path), lookback_days=7).lookback_days == 7


def test_a_stage_cannot_change_its_context(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        context(tmp_path).run_id = "other"
