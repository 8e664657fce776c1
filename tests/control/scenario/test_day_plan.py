"""The plan of a day: shares of sources, and the position of each link's speed in the factors."""

import numpy as np
import pytest

from bigdata_emis.control.scenario.day_plan import ABSENT
from bigdata_emis.errors import RefusedError
from tests.control.scenario.day_frames import factors, planned, traffic


def test_a_plant_has_its_share_and_a_link_its_row() -> None:
    plan = planned()
    assert plan.shares.tolist() == [0.25, 0.0]
    assert plan.link_rows.tolist() == [ABSENT, 0]
    assert plan.source_rows == {"plant": 0, "link": 1}


def test_a_speed_between_two_knots_has_its_position() -> None:
    plan = planned(traffic_hourly=traffic(speed=25.0))
    assert set(plan.fractions[0]) == {0.25}
    assert len(set(plan.entries[0])) == 24


def test_an_hour_without_traffic_or_without_factors_is_absent() -> None:
    plan = planned(traffic_hourly=traffic(range(20)), road_factors=factors(range(4, 24)))
    assert np.flatnonzero(plan.entries[0] != ABSENT).tolist() == list(range(4, 20))


def test_a_pollutant_without_road_factors_has_no_offset() -> None:
    offsets = planned().offsets
    assert (offsets != ABSENT).sum() == 1


def test_without_a_ban_no_factor_is_banned() -> None:
    assert planned().has_bans
    assert not planned(measures=[]).has_bans


def test_traffic_of_a_link_outside_the_control_basis_is_refused() -> None:
    with pytest.raises(RefusedError, match="link other has traffic but is not in the control basis"):
        planned(traffic_hourly=traffic(link="other"))
