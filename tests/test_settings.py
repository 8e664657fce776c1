"""The variables of the environment: what is refused before anything is written."""

import os
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings


@pytest.mark.parametrize("lake", ["s3://bucket/lake", "file:///lake", "lake"])
def test_a_lake_is_a_path_or_an_address_of_a_known_scheme(
    home: Path, monkeypatch: pytest.MonkeyPatch, lake: str
) -> None:
    monkeypatch.setenv("EMIS_LAKE", lake)
    assert settings().lake == lake


def test_a_lake_of_an_unknown_scheme_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_LAKE", "ftp://host/lake")
    with pytest.raises(
        InputError,
        match="EMIS_LAKE 'ftp://host/lake' has an unknown scheme; set it to a path, or to an address of s3://, file://",
    ):
        _ = settings().lake


@pytest.mark.parametrize("lake", ["s3://", "s3:///", "file://", " "])
def test_a_lake_that_is_nowhere_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, lake: str) -> None:
    monkeypatch.setenv("EMIS_LAKE", lake)
    with pytest.raises(InputError, match=f"EMIS_LAKE '{lake}' names no place"):
        _ = settings().lake


@pytest.mark.parametrize("below", ["", "deeper"], ids=["a file", "below a file"])
def test_a_home_that_is_no_folder_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    (home / "note").write_text("")
    monkeypatch.setenv("EMIS_HOME", str(home / "note" / below))
    with pytest.raises(InputError, match="note.* cannot be created: .*; name a folder that you can write to"):
        settings()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_home_that_cannot_be_created_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.chmod(0o500)
    monkeypatch.setenv("EMIS_HOME", str(home / "new"))
    with pytest.raises(InputError, match="cannot be created: Permission denied"):
        settings()
