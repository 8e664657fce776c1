"""CSV files as columns of texts: separator, title rows and headers of several rows.

Belongs here: where the header is and what separates cells. Does not: encodings (text_encoding), or values (values).
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.csv as pacsv

from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.formats.text_encoding import UTF_8, decode_text

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT_LINES = 20
LEAST_FILLED_SHARE = 0.75
"""Share of the cells of a row that are filled in data; a title row of a printed report has fewer."""


@dataclass(frozen=True)
class FileLayout:
    """How the text of a file is laid out; what is empty is detected."""

    encoding: str = ""
    separator: str = ""
    skip_rows: int = 0
    header_rows: int = 1
    sheet: str = ""


@dataclass(frozen=True)
class TextTable:
    """The wanted columns of a file as texts, its number of rows, all its column names, and how it was written."""

    columns: dict[str, pa.ChunkedArray]
    row_count: int
    names: tuple[str, ...]
    written_as: str


def read_delimited(
    content: bytes, layout: FileLayout, column_names: Sequence[str] | None, where: str, limits: Limits
) -> TextTable:
    """The columns of a CSV file; `column_names` are those wanted, None for all.

    Raises:
        TooLargeError: it has more rows than the feed allows.
        FeedError: it is no text of the encoding.
        ValueError: it is empty, a column is repeated, or a row has another length.
    """
    text, encoding = decode_text(content, where, layout.encoding)
    body = _without_lines(text, layout.skip_rows)
    if not body.strip():
        raise ValueError("the file is empty")
    limits.check_rows(_count_lines(body) - layout.header_rows, where)
    separator = layout.separator or detect_separator(body.partition("\n")[0])
    names = read_header(body, separator, layout.header_rows)
    wanted = list(dict.fromkeys(names)) if column_names is None else [n for n in column_names if n in names]
    check_no_repeated_column(names, wanted)
    frame = (
        pacsv.read_csv(
            io.BytesIO(body.encode(UTF_8)),
            read_options=pacsv.ReadOptions(skip_rows=layout.header_rows, column_names=names),
            parse_options=pacsv.ParseOptions(delimiter=separator),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                include_columns=wanted or names[:1],
            ),
        )
        if _has_rows(body, layout.header_rows)
        else pa.table({name: pa.array([], pa.string()) for name in wanted})
    )
    columns = {name: frame[name] for name in wanted}
    return TextTable(columns, frame.num_rows, tuple(names), f"{encoding}, '{separator}'")


def detect_separator(header: str) -> str:
    """The separator of which a header line has most outside quotes; a comma when it has none."""
    plain = "".join(header.split('"')[0::2])
    return max(SEPARATORS, key=plain.count)


def read_header(text: str, separator: str, row_count: int) -> list[str]:
    """The names of the columns: the cells of the header rows above each other, joined with a blank.

    An empty cell of a row that is not the last is that of the merged cell to its left.
    """
    rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), row_count))
    return join_header([[cell.strip().strip("\u3000") for cell in row] for row in rows])


def join_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns from header rows of cells."""
    if len(rows) == 1:
        return list(rows[0])
    width = max((len(row) for row in rows), default=0)
    filled = []
    for number, row in enumerate(rows):
        cells = [*row, *[""] * (width - len(row))]
        is_last = number == len(rows) - 1
        filled.append(cells if is_last else _fill_merged(cells, rows[number + 1 :]))
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*filled, strict=True)]


def check_no_repeated_column(given: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise ValueError when a wanted column comes twice."""
    repeated = [name for name in wanted if given.count(name) > 1]
    if repeated:
        raise ValueError(f"column '{repeated[0]}' comes {given.count(repeated[0])} times")


def likely_header(content: bytes, layout: FileLayout, where: str) -> tuple[int, int]:
    """How many title rows there likely are above the header, and how many rows the header has.

    The header are the rows without a digit just above the first row that is filled as data are.
    """
    text, _ = decode_text(content, where, layout.encoding)
    lines = text.splitlines()[:LOOKED_AT_LINES]
    separator = layout.separator or max(SEPARATORS, key=lambda sign: max((x.count(sign) for x in lines), default=0))
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    filled = [sum(map(bool, row)) for row in rows]
    first = next((number for number, count in enumerate(filled) if count == max(filled)), 0)
    data = first + 1 if rows and _is_heading(rows[first]) else first
    start = data
    while start > 0 and filled[start - 1] > 1 and _is_heading(rows[start - 1]):
        start -= 1
    return (start, data - start) if data > start else (0, 1)


def _is_heading(row: Sequence[str]) -> bool:
    """Whether no cell begins with a digit, as those of data do."""
    return not any(cell[:1].isdigit() or (cell[-1:].isdigit() and any(c in cell for c in "-:：")) for cell in row)


def _fill_merged(cells: list[str], below: Sequence[Sequence[str]]) -> list[str]:
    """The cells of a header row, each empty one with a cell below as that to its left."""
    filled: list[str] = []
    for column, cell in enumerate(cells):
        has_below = any(column < len(row) and row[column] for row in below)
        filled.append(cell if cell or not has_below or not filled else filled[-1])
    return filled


def _without_lines(text: str, count: int) -> str:
    for _ in range(count):
        text = text.partition("\n")[2]
    return text


def _has_rows(text: str, header_rows: int) -> bool:
    return bool(_without_lines(text.replace("\r\n", "\n").replace("\r", "\n"), header_rows).strip())


def _count_lines(text: str) -> int:
    """The most lines that a text can have, empty ones at its end left out."""
    stripped = text.rstrip()
    return max(stripped.count("\n"), stripped.count("\r")) + 1
