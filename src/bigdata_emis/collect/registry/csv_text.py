"""Read a CSV file of the registry as texts, and a column of texts as values of its declared type.

Belongs here: columns of a registry file with the lines of its rows. Does not: keys, bounds and references (register).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.errors import InputError, shorten
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.schema.model import Field
from bigdata_emis.text_file import read_csv_rows
from bigdata_emis.text_values import read_value

LARGEST_FILE_BYTES = 1 << 29
REMARK = "# "
"""What a remark above the header begins with; below the header there are none."""


@dataclass(frozen=True)
class TextColumns:
    """The columns of a CSV file, and the line on which each row begins."""

    columns: dict[str, list[str]]
    lines: list[int]


def read_text_columns(path: Path) -> TextColumns:
    """The columns of a CSV file in UTF-8, with or without byte-order mark.

    Raises:
        InputError: the file is not UTF-8, has no header, a repeated column, or a row of another length.
    """
    table = read_csv_rows(path, remark=REMARK, largest_bytes=LARGEST_FILE_BYTES)
    columns = {name: [row[i] for row in table.rows] for i, name in enumerate(table.header)}
    return TextColumns(columns, table.lines)


def typed_column(texts: Sequence[str], lines: Sequence[int], declared: Field, path: Path) -> pa.Array:
    """Texts as values of the declared type; an empty text is a missing value.

    Raises:
        InputError: with row and value, for the first text that is no such value.
    """
    values: list[Any] = []
    for line, text in zip(lines, texts, strict=True):
        try:
            values.append(read_value(text, declared.kind) if text else None)
        except ValueError as problem:
            what = f"{path}, row {line}, column {declared.name}: '{shorten(text)}'"
            raise InputError(what, str(problem)) from None
    return pa.array(values, TYPES[declared.kind])


def row_place(folder: Path, table: str, key: Mapping[str, Any]) -> str:
    """The registry file of a table and the row with a key, as an editor counts rows; the key if it is written apart."""
    path = folder / f"{table}.csv"
    if path.is_file():
        texts = read_text_columns(path)
        columns, rows = [texts.columns[name] for name in key], texts.lines
    else:
        path = folder / f"{table}.parquet"
        frame = pq.read_table(path, columns=list(key), partitioning=None)
        columns, rows = [frame[name].to_pylist() for name in key], list(range(1, frame.num_rows + 1))
    keys = list(zip(*([str(value).strip() for value in column] for column in columns), strict=True))
    wanted = tuple(map(str, key.values()))
    return f"{path}, row {rows[keys.index(wanted)]}" if wanted in keys else f"{path}, {', '.join(wanted)}"
