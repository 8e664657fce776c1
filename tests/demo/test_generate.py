"""The generated region: the same bytes from the same seed, complete, and called simulated in each folder."""

import hashlib
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.demo import plan
from bigdata_emis.demo.generate import ARCHIVE, REGION, generate
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
    folder = tmp_path_factory.mktemp("demo")
    generate(seed=1, size="least", home=folder)
    return folder


@pytest.fixture
def region(home: Path) -> Path:
    return home / REGION


def test_the_same_seed_gives_the_same_bytes(home, tmp_path):
    generate(seed=1, size="least", home=tmp_path)
    assert content(tmp_path) == content(home)


def test_another_seed_replaces_the_region(home, tmp_path):
    shutil.copytree(home, tmp_path, dirs_exist_ok=True, symlinks=True)
    generate(seed=2, size="least", home=tmp_path)
    new, old = content(tmp_path), content(home)
    assert new.keys() == old.keys()
    assert new["regions/jjj/registry/meter.csv"] != old["regions/jjj/registry/meter.csv"]


def test_a_region_of_the_same_seed_and_size_is_left_as_it_is(home):
    before = (home / REGION / "feeds.toml").stat().st_mtime_ns
    messages: list[str] = []
    generate(seed=1, size="least", home=home, progress=lambda what, number, steps: messages.append(what))
    assert (messages, (home / REGION / "feeds.toml").stat().st_mtime_ns) == ([], before)


def test_every_folder_says_that_its_content_is_simulated(region, home):
    assert tomllib.loads((region / "region.toml").read_text("utf-8"))["is_simulated"] is True
    for folder in (region, home / ARCHIVE, home / FOLDER):
        notice = (folder / "README.md").read_text("utf-8")
        assert "simulated" in notice
        assert "模拟" in notice


def test_progress_says_that_days_are_simulated(tmp_path):
    messages: list[str] = []
    generate(seed=3, size="least", home=tmp_path, progress=lambda what, number, steps: messages.append(what))
    assert messages[0] == "drawing enterprises, roads and areas (simulated)"
    assert messages[1:-1] == [f"simulating {day}" for day in plan.simulated_days()]


def test_feeds_drop_their_first_seven_days_and_serve_the_last_three(region, home):
    feeds = tomllib.loads((region / "feeds.toml").read_text("utf-8"))
    assert set(feeds) == {p.name for p in (home / ARCHIVE).iterdir() if p.is_dir()}
    for name in feeds:
        assert len(list((region / "drop" / name).iterdir())) == 7
        assert len(list((home / ARCHIVE / name).iterdir())) == (7 if name == "forecast" else 3)


def test_power_has_the_names_of_its_provider_and_the_region_maps_them(region):
    columns = tomllib.loads((region / "feeds.toml").read_text("utf-8"))["power"]["columns"]
    assert columns == {"meterNo": "meter_id", "startTime": "interval_start_utc", "kWh": "energy_kwh"}


def test_the_truth_names_only_sources_of_the_registry(region, home):
    files = (("production_line", "production_line_id"), ("road_link", "link_id"), ("activity_area", "activity_area_id"))
    registered = set().union(*(set(pd.read_csv(region / "registry" / f"{name}.csv")[key]) for name, key in files))
    true = pq.read_table(home / FOLDER / "emission_hourly" / "2015-12-20.parquet")
    assert set(true["source_id"].unique().to_pylist()) <= registered
    assert set(true["sector_code"].unique().to_pylist()) <= set(schema.codes()["sector"])
    assert true.num_rows == true.group_by(["source_id", "pollutant_code", "hour_utc"]).aggregate([]).num_rows


def test_untreated_hours_of_the_truth_are_of_registered_lines_within_the_simulated_days(region, home):
    hours = pq.read_table(home / FOLDER / "untreated_hour.parquet").to_pandas()
    lines = pd.read_csv(region / "registry" / "production_line.csv")["production_line_id"]
    first = pd.Timestamp(plan.day_start_us(plan.FIRST_DAY), unit="us", tz="UTC")
    assert 0 < hours["production_line_id"].nunique() < 0.1 * len(lines)
    assert set(hours["production_line_id"]) <= set(lines)
    assert hours["hour_utc"].between(first, first + pd.Timedelta(days=10), inclusive="left").all()
    assert not hours.duplicated().any()
