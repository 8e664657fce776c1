"""Files of measured data are looked for in two places; a missing or unreadable one is named with its remedy."""

from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.data_files import find_file, require_file, unreadable_file


def test_the_folder_of_the_data_set_comes_before_the_folder_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    assert find_file(tmp_path, "set", "a.csv") == tmp_path / "a.csv"
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.csv").write_text("2")
    assert find_file(tmp_path, "set", "a.csv") == tmp_path / "set" / "a.csv"


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    assert find_file(tmp_path, "set", "a.csv") is None


def test_a_missing_file_is_named_in_the_folder_of_its_data_set(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        require_file(tmp_path, "set", "a.csv")
    assert str(refused.value) == f"{tmp_path}/set/a.csv is missing; give --data the folder that holds it"


def test_an_unreadable_file_says_the_first_line_of_the_reason() -> None:
    problem = ValueError("x" * 130 + "\nand a second line")
    assert str(unreadable_file(Path("a.csv"), problem, "write it again")) == f"a.csv: {'x' * 120}; write it again"


def test_an_unreadable_file_without_a_reason_still_has_a_message() -> None:
    assert str(unreadable_file(Path("a.csv"), OSError(), "write it again")) == "a.csv: cannot be read; write it again"
