"""A text file that a person writes, read whole: UTF-8, of bounded size, without NUL characters; and a CSV as rows.

Belongs here: what makes a file unreadable as text or as rows, in one line. Does not: what the text means (region,
reference, collect/registry, control/scenario).
"""

import csv
import io
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from bigdata_emis.errors import InputError, shorten

LARGEST_BYTES = 1 << 26
LARGEST_CELL_CHARACTERS = 1 << 22
NUL = "\0"


def read_text_file(path: Path, *, largest_bytes: int = LARGEST_BYTES) -> str:
    """The text of a file, without a byte-order mark.

    Raises:
        InputError: it is no file, is larger than `largest_bytes`, cannot be read, is not UTF-8, or holds a NUL.
    """
    require_file(path, largest_bytes)
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror}", "give a file that can be read") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise InputError(f"{path}, line {line}: byte {problem.start} is not UTF-8", "save the file as UTF-8") from None
    if NUL in text:
        line = text.count("\n", 0, text.index(NUL)) + 1
        raise InputError(f"{path}, line {line}: holds a NUL character", "save the file as plain UTF-8 text")
    return text


@dataclass(frozen=True)
class CsvRows:
    """The rows of a CSV file, all as long as its header, each with the line of the file on which it begins."""

    header: list[str]
    lines: list[int]
    rows: list[list[str]]


def read_csv_rows(
    path: Path, *, remark: str, largest_bytes: int = LARGEST_BYTES, columns: Sequence[str] = ()
) -> CsvRows:
    """The rows of a CSV file. Empty lines, and remarks above the header, are skipped but counted.

    Below the header a line that begins so is a row, since an identifier may begin so: `# 3炉` is a furnace. Columns at
    the end without name and values, as spreadsheets write them, are left out. `columns` are all that the file has, in
    any order, where that is known.

    Raises:
        InputError: the file is no text or no CSV, the header is missing, has an empty name, names a column twice or is
            not of these columns, or a row has another length.
    """
    csv.field_size_limit(LARGEST_CELL_CHARACTERS)
    text = read_text_file(path, largest_bytes=largest_bytes)
    numbered = _without_empty_columns(list(_numbered_rows(text, remark, path)))
    header = [name.strip() for name in numbered[0][1]] if numbered else []
    if not header or len(set(header)) < len(header) or "" in header:
        what = f"{path}: the header is missing, has an empty name or names a column twice"
        raise InputError(what, "the first line names the columns")
    if columns and set(header) != set(columns):
        raise _other_columns(path, header, columns)
    for line, row in numbered[1:]:
        if len(row) != len(header):
            what = f"{path}, row {line}: {len(row)} values for {len(header)} columns"
            is_remark = bool(row) and row[0].startswith(remark.strip())
            remedy = "remarks are written above the header" if is_remark else "quote values with commas"
            raise InputError(what, f"correct the row; {remedy}")
    return CsvRows(header, [line for line, _ in numbered[1:]], [row for _, row in numbered[1:]])


def _other_columns(path: Path, header: Sequence[str], columns: Sequence[str]) -> InputError:
    """What is wrong with the first column that is missing, renamed or surplus."""
    missing = [name for name in columns if name not in header]
    surplus = [name for name in header if name not in columns]
    if missing and surplus:
        what = f"{path}: column '{missing[0]}' is missing and column '{shorten(surplus[0])}' is unknown"
        return InputError(what, f"rename it if it is the same; expected {', '.join(columns)}")
    if missing:
        return InputError(f"{path}: column '{missing[0]}' is missing", f"add it; expected {', '.join(columns)}")
    return InputError(f"{path}: column '{shorten(surplus[0])}' is unknown", f"remove it; expected {', '.join(columns)}")


def _numbered_rows(text: str, remark: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line on which it begins: a quoted value may hold line breaks."""
    lines = enumerate(io.StringIO(text, newline=""), 1)
    kept = list(dropwhile(lambda numbered: _is_above_header(numbered[1], remark), lines))
    reader = csv.reader((line for _, line in kept), strict=True)
    first = 0
    try:
        for row in reader:
            if row:
                yield kept[first][0], [cell.strip() for cell in row]
            first = reader.line_num
    except csv.Error as problem:
        line = kept[min(first, len(kept) - 1)][0]
        raise InputError(f"{path}, row {line}: {shorten(problem)}", "correct the quotes of this row") from None


def _is_above_header(line: str, remark: str) -> bool:
    return not line.strip() or line.startswith(remark)


def _without_empty_columns(numbered: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Rows without the columns at the end that have neither a name nor a value."""
    if not numbered or numbered[0][1][-1] or not any(numbered[0][1]):
        return numbered
    width = max(n for n, name in enumerate(numbered[0][1], 1) if name)
    if any(any(row[width:]) for _, row in numbered[1:]):
        return numbered
    return [(line, row[:width]) for line, row in numbered]


def require_file(path: Path, largest_bytes: int, *, remedy: str = "split the file") -> None:
    """Refuse a path that is no file, as a folder or a pipe, and a file that is too large.

    Raises:
        InputError: says which of them it is; remedy: for one that is too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise InputError(f"{path}: {reason}", "give the path of a file") from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is not a file", "give the path of a file, not of a folder or a device")
    if status.st_size > largest_bytes:
        raise InputError(f"{path} has {status.st_size:,} bytes: expected at most {largest_bytes:,}", remedy)


def with_remarks(text: str, sentences: Iterable[str], *, remark: str = "#") -> str:
    """The text of a CSV below remarks, one a line, which its readers here skip: what limits the numbers of the file."""
    return "".join([*(f"{remark} {sentence}\n" for sentence in sentences), text])
