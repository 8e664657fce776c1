"""`make clean` never touches results and data; `make clean-data` removes them only for who types their path."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
CACHES = (".venv", "build", "dist", ".mypy_cache", "src/__pycache__")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with our Makefile, caches, and data of which a part looks like a cache."""
    shutil.copy(PACKAGE.parents[1] / "Makefile", tmp_path)
    for name in (*CACHES, "var/lake", "var/regions/__pycache__"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def make(checkout: Path, target: str, answer: str) -> int:
    return subprocess.run(
        ["make", target], cwd=checkout, input=answer, capture_output=True, text=True, check=False
    ).returncode


def test_clean_removes_what_can_be_made_again_and_nothing_else(checkout: Path) -> None:
    assert make(checkout, "clean", "") == 0
    assert [name for name in CACHES if (checkout / name).exists()] == []
    assert (checkout / "var" / "lake").is_dir()
    assert (checkout / "var" / "regions" / "__pycache__").is_dir()


@pytest.mark.parametrize("answer", ["", "yes\n", "var\n"])
def test_data_stay_without_their_path(checkout: Path, answer: str) -> None:
    assert make(checkout, "clean-data", answer) != 0
    assert (checkout / "var" / "lake").is_dir()


def test_data_go_for_who_types_their_path(checkout: Path) -> None:
    assert make(checkout, "clean-data", f"{checkout}/var\n") == 0
    assert not (checkout / "var").exists()
