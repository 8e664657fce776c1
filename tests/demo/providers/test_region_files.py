"""The region folder says that it is simulated, and its registry has the declared columns only."""

import json
import tomllib

import pandas as pd
import pytest

from bigdata_emis.demo.providers import region_files
from bigdata_emis.demo.providers.region_files import write_region_files, write_registry
from tests.demo.builders import TINY


@pytest.fixture
def folder(tmp_path):
    write_region_files(tmp_path, seed=7, size=TINY, version="9")
    return tmp_path


def test_the_region_file_has_seed_size_and_grid_and_says_simulated(folder):
    region = tomllib.loads((folder / "region.toml").read_text("utf-8"))
    assert region["is_simulated"] is True
    assert "simulated" in region["name_en"]
    assert "模拟" in region["name_zh"]
    assert (region["options"]["seed"], region["options"]["size"], region["grid"]["cell_m"]) == (7, "tiny", 3000)


def test_each_feed_says_whether_it_is_simulated_or_measured(folder):
    text = (folder / "feeds.toml").read_text("utf-8")
    comment = dict(
        (line.strip("[]"), before)
        for before, line in zip(text.splitlines(), text.splitlines()[1:], strict=False)
        if line.startswith("[") and "." not in line
    )
    assert comment.keys() == {name for name in tomllib.loads(text)}
    measured = {name for name, words in comment.items() if words.startswith("# Measured")}
    assert measured == {"air_quality", "weather"}
    assert all(words.startswith("# Simulated") for name, words in comment.items() if name not in measured)


def test_the_readme_lists_what_is_real_and_what_is_simulated(folder):
    text = (folder / "README.md").read_text("utf-8")
    assert "seed 7, size tiny, generator version 9" in text
    assert "Nothing here is an observation" in text
    assert "模拟" in text


def test_the_boundaries_are_one_polygon_a_county(folder):
    features = json.loads((folder / "boundaries.geojson").read_text("utf-8"))["features"]
    assert len(features) == 200
    assert {feature["geometry"]["type"] for feature in features} <= {"Polygon", "MultiPolygon"}


def test_every_county_has_its_name_and_city_in_both_languages(folder):
    features = json.loads((folder / "boundaries.geojson").read_text("utf-8"))["features"]
    of_code = {feature["properties"]["county_id"]: feature["properties"] for feature in features}
    chaoyang = {"name": "朝阳区", "name_en": "Chaoyang District", "city": "北京", "city_en": "Beijing"}
    assert of_code["110105"] == {"county_id": "110105", **chaoyang}
    english = [f"{one['name_en']}, {one['city_en']}" for one in of_code.values()]
    assert all(name.isascii() for name in english)
    assert len(set(english)) == 200


def test_the_registry_has_no_column_of_the_truth_and_large_tables_are_parquet(tmp_path, monkeypatch):
    monkeypatch.setattr(region_files, "LARGEST_CSV_ROWS", 1)
    links = pd.DataFrame({"link_id": ["R1", "R2"], "length_km": [1.0, 2.0], "flow_factor": [0.9, 1.1]})
    write_registry(tmp_path, {"road_link": links, "station": pd.DataFrame({"station_id": ["S1"]})})
    assert pd.read_parquet(tmp_path / "registry/road_link.parquet").columns.tolist() == ["link_id", "length_km"]
    assert pd.read_csv(tmp_path / "registry/station.csv").to_dict("list") == {"station_id": ["S1"]}
