"""The traffic that leaves links: of its classes, hours and links only."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.control.inventory_versions import published_versions
from bigdata_emis.control.moved.detour import leave_links
from bigdata_emis.control.moved.detour_links import DetourLinks
from bigdata_emis.control.moved.moved_options import Detour
from bigdata_emis.control.scenario.measures import read_measures
from bigdata_emis.control.scenario_days import make_event
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.control.moved.moved_town import town
from tests.control.optimise.published_region import DAY, KG, WINDOW

NOX = list(schema.codes()["pollutant"]).index("NOx")
TRUCKS = Detour(0.2, ["HeavyT"], "outside")


def moved_g(folder: Path, detour: Detour, window: Window = WINDOW, level: str = "orange") -> Floats:
    region, store = town(folder)
    lake = ScenarioStore(store, "test", published_versions(store, [DAY]).by_table)
    event = make_event(region, window, level, read_measures(folder / "town.csv"))
    return leave_links(detour, DAY, event, lake, []).moved_g


def test_a_share_of_the_banned_vehicles_leaves_every_link(tmp_path: Path) -> None:
    """12.5 of 20 kg an hour are banned: 2.5 kg leave."""
    moved = moved_g(tmp_path, TRUCKS)
    assert moved[0, NOX].tolist() == pytest.approx([2.5 * KG] * 24)
    assert moved.sum() == pytest.approx(60 * KG)


def test_only_hours_of_the_event_count(tmp_path: Path) -> None:
    window = Window(WINDOW.from_utc + timedelta(hours=20), WINDOW.to_utc)
    moved = moved_g(tmp_path, TRUCKS, window)
    assert np.flatnonzero(moved[0, NOX]).tolist() == [20, 21, 22, 23]


def test_classes_that_no_measure_bans_stay(tmp_path: Path) -> None:
    assert not moved_g(tmp_path, replace(TRUCKS, vehicle_classes=["LPV_mini_small"])).any()


def test_links_that_are_not_closed_stay_and_unregistered_ones_are_passed_over(tmp_path: Path) -> None:
    other = replace(TRUCKS, links=DetourLinks({"link-9": 0}, [{}]))
    assert not moved_g(tmp_path / "a", other).any()
    second = replace(TRUCKS, links=DetourLinks({"link-9": 0, "link-1": 1}, [{}, {}]))
    assert moved_g(tmp_path / "b", second)[:, NOX].sum(axis=1).tolist() == pytest.approx([0.0, 60 * KG])
