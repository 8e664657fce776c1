"""The generated folder: the same from the same seed, whole, readable through the front door, and said to be simulated."""

import hashlib
import shutil
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.demo import generate as making
from bigdata_emis.demo import plan
from bigdata_emis.demo.truth.truth import FOLDER

LEAST = plan.Size("least", 130, 300, 40, 20, 5, 15, "csv.gz", "vehicle", 12_000.0)


def content(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan.SIZES["least"] = LEAST
    place = tmp_path_factory.mktemp("demo")
    making.generate(seed=1, size="least", home=place)
    return place


@pytest.fixture
def region(home: Path) -> Path:
    return home / making.REGION


def test_the_same_seed_gives_the_same_bytes(home, tmp_path):
    making.generate(seed=1, size="least", home=tmp_path)
    assert content(tmp_path) == content(home)


def test_another_seed_replaces_what_lay_there(home, tmp_path):
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    making.generate(seed=2, size="least", home=tmp_path)
    ours, theirs = content(tmp_path), content(home)
    assert ours.keys() == theirs.keys()
    assert ours["regions/jjj/registry/meter.csv"] != theirs["regions/jjj/registry/meter.csv"]


def test_what_is_there_already_is_not_made_again(home):
    before = (home / making.REGION / "feeds.toml").stat().st_mtime_ns
    told: list[str] = []
    making.generate(seed=1, size="least", home=home, progress=lambda what, number, steps: told.append(what))
    assert (told, (home / making.REGION / "feeds.toml").stat().st_mtime_ns) == ([], before)


def test_the_folder_says_that_it_is_simulated(region):
    assert tomllib.loads((region / "region.toml").read_text("utf-8"))["is_simulated"] is True
    assert "simulated" in (region / "README.md").read_text("utf-8")


def test_feeds_drop_their_first_seven_days_and_serve_the_last_three(region, home):
    feeds = tomllib.loads((region / "feeds.toml").read_text("utf-8"))
    assert set(feeds) == {p.name for p in (home / making.ARCHIVE).iterdir()}
    for name in feeds:
        assert len(list((region / "drop" / name).iterdir())) == 7
        assert len(list((home / making.ARCHIVE / name).iterdir())) == (7 if name == "forecast" else 3)


def test_power_comes_in_the_providers_names_and_the_mapping_says_whose_they_are(region):
    columns = tomllib.loads((region / "feeds.toml").read_text("utf-8"))["power"]["columns"]
    assert columns == {"meterNo": "meter_id", "startTime": "interval_start_utc", "kWh": "energy_kwh"}


def test_the_truth_names_only_sources_of_the_registry(region, home):
    import pandas as pd

    files = (("production_line", "production_line_id"), ("road_link", "link_id"), ("activity_area", "activity_area_id"))
    known = set().union(*(set(pd.read_csv(region / "registry" / f"{name}.csv")[key]) for name, key in files))
    true = pq.read_table(home / FOLDER / "emission_hourly" / "2015-12-20.parquet")
    assert set(true["source_id"].unique().to_pylist()) <= known
    assert set(true["sector_code"].unique().to_pylist()) <= set(schema.codes()["sector"])
    assert true.num_rows == true.group_by(["source_id", "pollutant_code", "hour_utc"]).aggregate([]).num_rows
