"""Raw files by name: of one folder, over those of a lake below it."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.raw_files import RawFiles, safe_name


@pytest.fixture
def folders(tmp_path) -> RawFiles:
    return RawFiles(Files(str(tmp_path)), str(tmp_path / "draft"), str(tmp_path / "lake"))


def test_files_are_read_from_both_folders_and_written_to_the_first(tmp_path, folders):
    RawFiles(Files(str(tmp_path)), str(tmp_path / "lake")).write("a", b"below")
    folders.write("b", b"above")
    assert folders.names() == ["a", "b"]
    assert (folders.read("a"), folders.read("b")) == (b"below", b"above")
    assert [path.name for path in (tmp_path / "lake").iterdir()] == ["a"]


def test_a_file_of_the_first_folder_hides_one_below_and_is_the_only_one_that_is_deleted(tmp_path, folders):
    RawFiles(Files(str(tmp_path)), str(tmp_path / "lake")).write("a", b"below")
    folders.write("a", b"above")
    assert folders.read("a") == b"above"
    folders.delete("a")
    folders.delete("a")
    assert folders.read("a") == b"below"


def test_unfinished_files_are_no_files_and_a_missing_one_is_refused(tmp_path, folders):
    assert folders.names() == []
    folders.write("a", b"1")
    (tmp_path / "draft" / "a.host-1.part").write_bytes(b"half")
    assert folders.names() == ["a"]
    with pytest.raises(InputError, match="draft/b cannot be read: .*; check its permissions"):
        folders.read("b")


def test_a_name_has_no_character_that_leads_elsewhere():
    assert safe_name("../../x y/页.csv") == ".._.._x_y__.csv"
