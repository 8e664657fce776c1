"""Small tables of a user are read strictly."""

from pathlib import Path

import pytest

from bigdata_emis.control.optimise.table_files import read_table_file
from bigdata_emis.errors import InputError


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, "utf-8")
    return path


def test_rows_have_their_texts_and_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "# remark\nsource_id,cut_share\nkiln,0.5\nmill,\n")
    rows = list(read_table_file(path, required=("source_id",), optional=("cut_share",), numbers=("cut_share",)))
    assert [(row.texts["source_id"], row.numbers) for row in rows] == [("kiln", {"cut_share": 0.5}), ("mill", {})]
    assert str(rows[0].error("wrong", "fix it")) == f"{path}, row 3: wrong; fix it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,colour\nkiln,red\n", r"unknown \['colour'\]; use the columns source_id"),
        ("cut_share\n1\n", r"missing \['source_id'\]"),
        ("source_id\nkil\x07n\n", "holds a control character"),
        ("source_id,cut_share\n,1\n", "row 2, column source_id: the cell is empty"),
        ("source_id,cut_share\nkiln,1.5\n", "column cut_share: '1.5'; it must not be above 1"),
        ("source_id,cut_share\nkiln,1_0\n", "column cut_share: '1_0'"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(
            read_table_file(
                write(tmp_path, text), required=("source_id",), optional=("cut_share",), numbers=("cut_share",)
            )
        )
