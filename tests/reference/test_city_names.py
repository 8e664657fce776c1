"""Cities in both languages, whichever they are written in."""

import json
from pathlib import Path

from bigdata_emis.reference.city_names import BOUNDARIES, city_name


def folder(tmp_path: Path) -> Path:
    properties = [
        {"county_id": "110101", "city": "北京", "city_en": "Beijing"},
        {"county_id": "130281", "city": "唐山"},
    ]
    features = [{"properties": one} for one in properties] + [{"properties": None}]
    (tmp_path / BOUNDARIES).write_text(json.dumps({"features": features}), "utf-8")
    return tmp_path


def test_a_city_has_both_names_whichever_is_given(tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert city_name(place, "Beijing") == city_name(place, "北京") == ("Beijing", "北京")


def test_a_city_that_the_outlines_do_not_name_is_as_written(tmp_path: Path) -> None:
    assert city_name(folder(tmp_path), "唐山") == ("唐山", "唐山")
    assert city_name(tmp_path / "nowhere", "Paris") == ("Paris", "Paris")
