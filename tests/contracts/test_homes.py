"""Tests work in homes of their own: data of the checkout, and what the shell names, are neither read nor written."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bigdata_emis.settings import settings
from tests.conftest import CHECKOUT_DATA, HOMES

CHECKOUT = Path(__file__).parents[2]
# Files of tests without a home fixture, which read the registry of the current home or call commands.
CHOSEN = ("tests/collect/shapes/test_register_increments.py", "tests/storage/test_files.py", "tests/test_region.py")
HOMES_SEEN: set[Path] = set()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_has_an_empty_home_that_no_other_test_has(turn: int) -> None:
    folder = settings().home
    assert folder.is_relative_to(HOMES.name)
    assert list(folder.iterdir()) == []
    assert folder not in HOMES_SEEN
    HOMES_SEEN.add(folder)
    (folder / "note").write_text(str(turn))


def test_a_test_that_asks_for_a_home_gets_the_folder_that_it_is_given(home: Path, tmp_path: Path) -> None:
    assert settings().home == home == tmp_path


@pytest.mark.parametrize("name", ["EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS"])
def test_no_place_of_the_shell_is_seen(name: str) -> None:
    assert name not in os.environ


@pytest.mark.parametrize(
    "reach",
    [
        lambda folder: (folder / "note").read_text(),
        lambda folder: (folder / "note").write_text(""),
        lambda folder: list(folder.iterdir()),
        lambda folder: folder.mkdir(exist_ok=True),
        lambda folder: sqlite3.connect(folder / "emis.sqlite"),
    ],
    ids=["read", "write", "list", "create", "connect"],
)
def test_a_test_that_reaches_for_data_of_the_checkout_fails(reach: Callable[[Path], object]) -> None:
    with pytest.raises(RuntimeError, match=r"a test reached for .*var"):
        reach(Path(CHECKOUT_DATA))


def test_a_path_from_the_checkout_is_data_of_it_and_a_folder_of_that_name_elsewhere_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CHECKOUT)
    with pytest.raises(RuntimeError, match="a test reached for var/note"):
        Path("var/note").read_text()
    (tmp_path / "elsewhere" / "var").mkdir(parents=True)
    (tmp_path / "elsewhere" / "var" / "note").write_text("of a test")
    shutil.rmtree(tmp_path / "elsewhere")


def test_a_run_beside_a_broken_registry_leaves_it_unread_and_untouched(tmp_path: Path) -> None:
    """The default home is var/ of the folder in which a command runs: here one that no command could use."""
    data = tmp_path / "var"
    data.mkdir()
    (data / "emis.sqlite").write_text("no database")
    broken = f"sqlite:///{data / 'emis.sqlite'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(CHECKOUT / file) for file in CHOSEN)],
        cwd=tmp_path,
        env={name: text for name, text in os.environ.items() if name != "EMIS_HOME"}
        | {"EMIS_DATABASE": broken, "EMIS_LAKE": str(data), "PYTHONPATH": f"{CHECKOUT / 'src'}:{CHECKOUT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert [(file.name, file.read_text()) for file in data.iterdir()] == [("emis.sqlite", "no database")]
