"""Simulated road links and their fleet."""

import numpy as np
import shapely

from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.world.roads import draw_links, fleet_mix

KM_PER_DEGREE = 111.2


def test_links_are_as_many_as_requested_and_about_a_tenth_have_a_counter():
    links = draw_links(1, find_size("small"))
    assert len(links) == 1000
    assert 70 <= links["has_counter"].sum() <= 130
    assert links["link_id"].is_unique


def test_a_link_is_as_long_as_its_line():
    links = draw_links(1, find_size("small"))
    ends = shapely.get_coordinates(shapely.from_wkt(links["geometry_wkt"].to_numpy())).reshape(-1, 2, 2)
    step = ends[:, 1] - ends[:, 0]
    east = step[:, 0] * np.cos(np.radians(ends[:, 0, 1]))
    length_km = KM_PER_DEGREE * np.hypot(east, step[:, 1])
    assert np.allclose(length_km, links["length_km"], atol=0.01)


def test_the_fleet_adds_up_to_one_for_each_road_class_and_hour_with_more_trucks_at_night():
    mix = fleet_mix()
    assert np.allclose(mix.groupby(["road_class_code", "local_hour"])["fleet_share"].sum(), 1)
    is_heavy = (mix["vehicle_class_code"] == "HeavyT") & (mix["road_class_code"] == "motorway")
    heavy = mix[is_heavy].groupby("local_hour")["fleet_share"].sum()
    assert heavy[2] > heavy[14]


def test_most_links_lie_in_a_county_and_have_its_city():
    links = draw_links(1, find_size("small"))
    assert links["county_id"].notna().mean() > 0.95
    assert (links["county_id"].notna() == links["city_name"].notna()).all()
    assert "唐山" in set(links["city_name"])
