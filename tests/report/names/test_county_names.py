"""Counties by name: from the outlines of the region, else by code."""

import json
from dataclasses import replace

from bigdata_emis.report.names.county_names import chinese_only, county_names, county_words
from tests.report.city_day import CITY


def region_with(folder, *properties):
    features = [{"type": "Feature", "properties": one, "geometry": None} for one in properties]
    (folder / "boundaries.geojson").write_text(json.dumps({"features": features}, ensure_ascii=False), "utf-8")
    return replace(CITY, folder=folder)


def test_counties_of_two_cities_with_one_name_are_distinct_by_their_city(tmp_path):
    named = [{"county_id": code, "name": "桥西区", "city": city} for code, city in (("1", "石家庄"), ("2", "邢台"))]
    names = county_names(region_with(tmp_path, *named))
    assert [name["zh"] for name in names.values()] == ["石家庄桥西区", "邢台桥西区"]
    assert county_words(names, "2") == {"en": "邢台桥西区", "zh": "邢台桥西区"}


def test_a_county_without_a_name_has_its_code_and_no_county_says_so(tmp_path):
    names = county_names(region_with(tmp_path, {"name": "outline without a code"}))
    assert names == {}
    assert county_words(names, "110101")["zh"] == "110101"
    assert county_words(names, "")["zh"] == "无区县"


def test_a_region_without_outlines_has_no_names(tmp_path):
    assert county_names(replace(CITY, folder=tmp_path)) == {}


def test_a_county_with_an_english_name_has_it_with_its_city(tmp_path):
    both = {"county_id": "1", "name": "桥西区", "city": "石家庄", "name_en": "Qiaoxi", "city_en": "Shijiazhuang"}
    names = county_names(region_with(tmp_path, both, {"county_id": "2", "name": "桥东区", "city": "邢台"}))
    assert county_words(names, "1") == {"en": "Qiaoxi, Shijiazhuang", "zh": "石家庄桥西区"}
    assert chinese_only([names["1"]]) == []
    assert names["石家庄"] == {"en": "Shijiazhuang", "zh": "石家庄"}
    assert len(chinese_only(names.values())) == 1
