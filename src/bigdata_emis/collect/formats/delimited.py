"""CSV files as columns of texts: separator, title rows and headers of several rows.

Belongs here: where the header is and what separates cells. Does not: encodings (text_encoding), or values (values).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.formats.text_encoding import UTF_8, decode_text

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT_LINES = 20
LEAST_FILLED_SHARE = 0.75
"""Share of the cells of a row that are filled in data; a title row of a printed report has fewer."""
LINE_END = re.compile(r"\r\n?|\n")
TWICE_ENDED = "\r\r\n"
"""A line end of Windows that a program in text mode has written again."""
LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body|table)\b", re.IGNORECASE)


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
    if WEB_PAGE.match(text):
        raise ValueError("it is a web page, perhaps that of a log-in or of an error")
    body = _without_lines(text.replace(TWICE_ENDED, "\n"), layout.skip_rows)
    if not body.strip():
        raise ValueError("the file is empty")
    separator = layout.separator or detect_separator(LINE_END.split(body, maxsplit=1)[0])
    names, rest = read_header(body, separator, layout.header_rows)
    limits.check_rows(_count_lines(rest) if rest.strip() else 0, where)
    wanted = list(dict.fromkeys(names)) if column_names is None else [n for n in column_names if n in names]
    check_no_repeated_column(names, wanted)
    cells = _with_last_cell(names, rest, separator)
    frame = (
        _read_rows(rest, separator, cells, [*(wanted or names[:1]), *cells[len(names) :]])
        if rest.strip()
        else pa.table({name: pa.array([], pa.string()) for name in wanted})
    )
    _check_last_cell(frame, names)
    columns = {name: frame[name] for name in wanted}
    return TextTable(columns, frame.num_rows, tuple(names), f"{encoding}, '{separator}'")


def _read_rows(text: str, separator: str, names: list[str], wanted: list[str]) -> pa.Table:
    """The wanted columns of rows without a header, as texts."""
    return pacsv.read_csv(
        io.BytesIO(text.encode(UTF_8)),
        read_options=pacsv.ReadOptions(column_names=names),
        parse_options=pacsv.ParseOptions(delimiter=separator, newlines_in_values='"' in text),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, include_columns=wanted
        ),
    )


def _with_last_cell(names: list[str], text: str, separator: str) -> list[str]:
    """The names of the cells of a row: one more without a name where rows end with a separator and the header not."""
    first: list[str] = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    return [*names, ""] if len(first) == len(names) + 1 and not first[-1].strip() else names


def _check_last_cell(frame: pa.Table, names: Sequence[str]) -> None:
    """Refuse rows of which only some end with an empty cell: the others have a value without a name."""
    if "" in names or "" not in frame.column_names:
        return
    is_filled = pc.not_equal(pc.utf8_trim_whitespace(frame[""]), "")
    if pc.any(is_filled).as_py():
        row = pc.index(is_filled, True).as_py() + 1
        raise ValueError(f"row {row} below the header has {len(names) + 1} values, and the header {len(names)} names")


def detect_separator(header: str) -> str:
    """The separator of which a header line has most outside quotes; a comma when it has none."""
    plain = "".join(header.split('"')[0::2])
    return max(SEPARATORS, key=plain.count)


def read_header(text: str, separator: str, row_count: int) -> tuple[list[str], str]:
    """The names of the columns, and the text below the header: its cells above each other, joined with a blank.

    An empty cell of a row that is not the last is that of the merged cell to its left. A cell may have several lines.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = list(islice(reader, row_count))
    return join_header([[column_name(cell) for cell in row] for row in rows]), _without_lines(text, reader.line_num)


def column_name(cell: str) -> str:
    """The name in a cell of a header: without outer blanks, and on one line."""
    return LINE_BREAKS.sub(" ", cell.strip().strip("\u3000"))


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
    """The text below so many lines, which may end as those of any system."""
    end = 0
    for _ in range(count):
        found = LINE_END.search(text, end)
        if found is None:
            return ""
        end = found.end()
    return text[end:]


def _count_lines(text: str) -> int:
    """The most lines that a text can have, empty ones at its end left out."""
    stripped = text.rstrip()
    return max(stripped.count("\n"), stripped.count("\r")) + 1
