"""Directions of the wind in degrees or in Chinese, as points of the compass.

Belongs here: spellings of directions. Does not: speeds, or what wind means (relate).
"""

import re
from collections import Counter
from collections.abc import Sequence

FIELD = "wind_direction_code"
POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
FULL_CIRCLE_DEG = 360.0
DEGREES = re.compile(r"\d{1,3}(?:\.\d+)?", re.ASCII)
LARGEST_NUMBER = 36
"""Up to it numbers may be those of points (8, 16) or tens of degrees, so they stay as they are."""
LETTERS = str.maketrans({"北": "N", "东": "E", "南": "S", "西": "W", "風": "", "风": "", "偏": "", "-": "", " ": ""})
TWO_OF_THREE = 3


def as_compass_points(texts: Sequence[str | None]) -> list[str | None]:
    """The texts as points of the compass; those that say no direction, such as calm or 999, stay as they are."""
    numbers = (float(text) for text in texts if text and DEGREES.fullmatch(text))
    is_in_degrees = max((number for number in numbers if number <= FULL_CIRCLE_DEG), default=0.0) > LARGEST_NUMBER
    return [text and _point(text, is_in_degrees) for text in texts]


def _point(text: str, is_in_degrees: bool) -> str:
    if DEGREES.fullmatch(text):
        sector = round(float(text) / FULL_CIRCLE_DEG * len(POINTS)) % len(POINTS)
        return POINTS[sector] if is_in_degrees and float(text) <= FULL_CIRCLE_DEG else text
    letters = Counter(text.translate(LETTERS).upper())
    vertical, horizontal = ("".join(sign for sign in pair if letters[sign]) for pair in ("NS", "EW"))
    point = vertical + horizontal
    if letters.total() == TWO_OF_THREE and point:
        point = (vertical if letters[vertical] > 1 else horizontal) + point
    return point if point in POINTS and Counter(point) == letters else text
