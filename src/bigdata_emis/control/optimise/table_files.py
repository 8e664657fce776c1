"""Small tables that a user gives to an optimisation: costs, targets, required and forbidden steps.

Belongs here: reading and refusing them. Does not: what they mean (cost_table, orders).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis import schema
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import read_csv_rows
from bigdata_emis.text_values import bounds_problem, read_value

REMARK = "#"


@dataclass(frozen=True)
class TableRow:
    """One row: its texts and numbers by column; a number of an empty cell is absent."""

    place: str
    texts: dict[str, str]
    numbers: dict[str, float]

    def error(self, what: str, remedy: str) -> InputError:
        """The refusal of this row."""
        return InputError(f"{self.place}: {what}", remedy)


def read_table_file(
    path: Path, *, required: Sequence[str] = (), optional: Sequence[str] = (), numbers: Sequence[str] = ()
) -> Iterator[TableRow]:
    """The rows of a CSV with these columns; the columns of `optional` may be absent, and their cells empty.

    Raises:
        InputError: a column is missing or unknown, a cell is empty, or a value does not fit its field.
    """
    table = read_csv_rows(path, remark=REMARK)
    columns = [*required, *optional, *numbers]
    needed = [*required, *(name for name in numbers if name not in optional)]
    missing = [name for name in needed if name not in table.header]
    unknown = [shorten(name) for name in table.header if name not in columns]
    if missing or unknown:
        what = f"{path}, header: missing {missing}, unknown {unknown}"
        raise InputError(what, f"use the columns {', '.join(columns)}")
    for line, cells in zip(table.lines, table.rows, strict=True):
        texts = dict(zip(table.header, cells, strict=True))
        place = f"{path}, row {line}"
        for name in needed:
            if not texts[name]:
                raise InputError(f"{place}, column {name}: the cell is empty, expected a value", "fill the cell")
        amounts = {name: _number(texts[name], name, place) for name in numbers if texts.get(name)}
        _check_codes(texts, place)
        yield TableRow(place, texts, amounts)


def _number(text: str, name: str, place: str) -> float:
    where = f"{place}, column {name}: '{shorten(text)}'"
    try:
        value = float(read_value(text, "number"))
    except ValueError as problem:
        raise InputError(where, str(problem)) from None
    problem_text = bounds_problem(value, schema.field(name))
    if problem_text:
        raise InputError(where, problem_text)
    return value


def _check_codes(texts: dict[str, str], place: str) -> None:
    for name, text in texts.items():
        if not text.isprintable():
            raise InputError(f"{place}, column {name}: '{shorten(text)}' holds a control character", "remove it")
        code_list = schema.field(name).code_list
        if text and code_list and text not in schema.codes()[code_list]:
            what = f"{place}, column {name}: '{shorten(text)}' is not a known {code_list}"
            raise InputError(what, f"use one of {', '.join(list(schema.codes()[code_list])[:12])}")
