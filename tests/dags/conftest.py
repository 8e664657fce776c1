"""The DAG files, read as Airflow reads them: a folder of their own, a region with every feed, and no database."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

HOME = tempfile.TemporaryDirectory(prefix="emis-dags-")
# Airflow reads its settings when it is first imported.
os.environ.setdefault("AIRFLOW_HOME", HOME.name)
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__CORE__UNIT_TEST_MODE", "False")

DAGS = Path(__file__).parents[2] / "dags"
FEEDS = (
    "power",
    "district_energy",
    "measured_activity",
    "cems",
    "signalling",
    "traffic",
    "truck",
    "gate",
    "area_activity",
    "air_quality",
    "weather",
    "forecast",
)
REGION = """
name_en = "Town"
name_zh = "城"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:4326"
cell_m = 3000
x_origin_m = 0
y_origin_m = 0
columns = 2
rows = 2
[options]
"""


def make_region(root: Path, name: str, options: str = "", feeds: tuple[str, ...] = FEEDS) -> None:
    """A region folder with these feeds."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(REGION + options, "utf-8")
    (folder / "feeds.toml").write_text(
        "".join(f'[{feed}]\nformat = "csv"\ndrop = "drop/{{day}}.csv"\n' for feed in feeds), "utf-8"
    )


@pytest.fixture(scope="session")
def bag_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a live region `town`, an archived one `once`, and three odd ones."""
    home = tmp_path_factory.mktemp("home")
    make_region(home / "regions", "town")
    make_region(home / "regions", "once", 'last_day = "2019-12-31"\n')
    make_region(home / "regions", "bare", feeds=())
    make_region(home / "regions", "城市", feeds=("air_quality",))
    make_region(home / "regions", "broken", "no value\n")
    return home


@pytest.fixture(scope="session")
def session_bag(bag_home: Path) -> Any:
    """Every DAG of the folder, read once in that home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMIS_HOME", str(bag_home))
        patch.delenv("EMIS_REGIONS", raising=False)
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(dag_folder=str(DAGS))


@pytest.fixture
def bag(session_bag: Any, bag_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The DAGs of those regions and of `nys`, in the home that they were read in."""
    monkeypatch.setenv("EMIS_HOME", str(bag_home))
    return session_bag
