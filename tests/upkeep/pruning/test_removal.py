"""Deleting: files in their order, then folders that are empty; what is gone already is no error."""

from pathlib import Path

from bigdata_emis.storage.files import Files
from bigdata_emis.upkeep.pruning.removal import Removal, RemovalKind, delete_files, file_sizes


def removal(*paths: Path, folders: tuple[Path, ...] = ()) -> Removal:
    words = (RemovalKind.RAW, "power", "2026-01-01", "x")
    return Removal(*words, 0, tuple(map(str, paths)), tuple(map(str, folders)))


def test_files_and_empty_folders_go(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "x").write_bytes(b"123")
    assert file_sizes(Files(str(tmp_path)), [str(folder / "x"), str(folder / "gone")]) == 3
    delete_files(Files(str(tmp_path)), removal(folder / "x", folder / "gone", folders=(folder,)))
    assert not folder.exists()


def test_a_folder_in_which_something_else_lies_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "new").write_bytes(b"1")
    delete_files(Files(str(tmp_path)), removal(folders=(tmp_path / "a", tmp_path / "b")))
    assert (tmp_path / "a" / "new").exists()


def test_of_a_link_only_the_link_goes(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    delete_files(Files(str(tmp_path)), removal(tmp_path / "link"))
    assert (tmp_path / "precious").exists()
