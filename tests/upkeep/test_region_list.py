"""Every region folder is listed once, also one that cannot be read."""

import dataclasses
from pathlib import Path

import pytest

from bigdata_emis.settings import settings
from bigdata_emis.upkeep.region_list import list_regions
from tests.upkeep.conftest import Village


def test_regions_of_home_and_package_are_listed(village: Village) -> None:
    by_name = {listed.region_id: listed for listed in list_regions(settings())}
    assert {"nys", "village"} <= set(by_name)
    assert by_name["village"].folder == village.folder


def test_a_folder_that_cannot_be_read_is_listed_with_its_problem(village: Village) -> None:
    (village.folder / "region.toml").write_text("name_en = 3", "utf-8")
    (listed,) = [one for one in list_regions(settings()) if one.region_id == "village"]
    assert listed.region is None
    assert "name_en = 3" in listed.problem


def test_of_two_folders_with_one_name_the_first_counts(village: Village, tmp_path: Path) -> None:
    first = tmp_path / "first" / "village"
    first.mkdir(parents=True)
    (first / "region.toml").write_text("", "utf-8")
    where = dataclasses.replace(settings(), regions=(first.parent, village.folder.parent))
    assert [listed.folder for listed in list_regions(where)] == [first]


@pytest.mark.parametrize(
    "make", [lambda file: file.mkdir(), lambda file: file.symlink_to("nowhere")], ids=["folder", "link"]
)
def test_a_folder_whose_region_file_is_no_file_is_listed_with_its_problem(village: Village, make) -> None:
    (village.folder / "region.toml").unlink()
    make(village.folder / "region.toml")
    (listed,) = [one for one in list_regions(settings()) if one.region_id == "village"]
    assert listed.problem == f"{village.folder / 'region.toml'} is not a file: write it, or remove it"


def test_a_folder_that_must_not_be_entered_is_listed_with_its_problem(village: Village, monkeypatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "lstat", refuse)
    monkeypatch.setattr(Path, "is_file", refuse)
    (listed,) = [one for one in list_regions(settings()) if one.region_id == "village"]
    assert f"{village.folder} cannot be read: [Errno 13] Permission denied" in listed.problem
