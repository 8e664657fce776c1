"""Reading a text file that a person wrote, and the one line that says why it cannot be read."""

import os
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.text_file import read_csv_rows, read_text_file, with_remarks


def file(folder: Path, content: bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(content)
    return path


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert read_text_file(file(tmp_path, "\ufeff首钢\n".encode())) == "首钢\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            "a\nb\n东".encode("gb18030"), "line 3: byte 4 is not UTF-8; save the file as UTF-8", id="encoding"
        ),
        pytest.param("ab".encode("utf-16"), "line 1: byte 0 is not UTF-8", id="utf-16"),
        pytest.param(b"a\nb\0c\n", "line 2: holds a NUL character; save", id="NUL"),
        pytest.param(b"a" * 11, "has 11 bytes: expected at most 10; split the file", id="size"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_text_file(file(tmp_path, content), largest_bytes=10)


@pytest.mark.parametrize("name", ["", "none.csv", "x" * 300, "a\0b", "/dev/zero"])
def test_what_is_no_file_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="give the path of a file"):
        read_text_file(tmp_path / name)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe is not a file; give the path of a file, not of a folder or a device"):
        read_text_file(tmp_path / "pipe")


def test_remarks_above_a_header_are_read_over(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(with_remarks("a,b\n1,2\n", ["simulated", "模拟数据"]), "utf-8")
    read = read_csv_rows(tmp_path / "m.csv", remark="#")
    assert (read.header, read.rows, read.lines) == (["a", "b"], [["1", "2"]], [4])
    assert with_remarks("a\n", []) == "a\n"
