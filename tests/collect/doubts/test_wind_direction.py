"""Directions of the wind as points of the compass."""

import pytest

from bigdata_emis.collect.doubts.wind_direction import POINTS, as_compass_points
from bigdata_emis.relate.association.deweather import SECTORS


def test_degrees_are_the_nearest_of_sixteen_points():
    assert as_compass_points(["315", "0", "360", "11.2", "11.3", None]) == ["NW", "N", "N", "N", "NNE", None]
    assert as_compass_points([str(22.5 * number) for number in range(16)]) == list(POINTS) == list(SECTORS)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("西北", "NW"),
        ("东北风", "NE"),
        ("北", "N"),
        ("北东北", "NNE"),
        ("东东北", "ENE"),
        ("西北偏北", "NNW"),
        ("南西南", "SSW"),
    ],
)
def test_directions_in_chinese_are_points(text, point):
    assert as_compass_points([text]) == [point]


@pytest.mark.parametrize("point", POINTS)
def test_points_stay_in_any_case(point):
    assert as_compass_points([point, point.lower()]) == [point, point]


@pytest.mark.parametrize("texts", [["静风", "cv", ""], ["16", "1"], ["999"], ["NSN", "NEW", "NNN"], ["36"]])
def test_what_says_no_direction_without_doubt_stays(texts):
    assert as_compass_points(texts) == texts


@pytest.mark.parametrize("missing", ["999", "990", "361", "999.0"])
def test_a_number_beyond_the_circle_is_missing_and_leaves_the_others_in_degrees(missing):
    assert as_compass_points(["10", missing, "350", "270"]) == ["N", missing, "N", "W"]
