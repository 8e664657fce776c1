"""What a field, a code and a table are, and how their declarations are read.

Belongs here: the declared objects. Does not: their renderings (arrow.py, spark.py, sql.py, docgen/data_dictionary.py).
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bigdata_emis.errors import SchemaError

HERE = Path(__file__).parent
KINDS = ("string", "integer", "number", "boolean", "instant", "date", "strings")
LAYERS = ("registry", "lake", "published", "edge")


@dataclass(frozen=True)
class Field:
    """One column, the same in Python, Parquet, SQL and documents.

    The unit is written as Pint does; '1' for shares and counts, '' for none.
    """

    name: str
    kind: str
    unit: str
    minimum: float | None
    maximum: float | None
    code_list: str
    title_en: str
    title_zh: str
    note: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SchemaError(f"field {self.name}: kind '{self.kind}' is unknown", f"use one of {', '.join(KINDS)}")


@dataclass(frozen=True)
class Code:
    """One value of a code list."""

    code_list: str
    code: str
    title_en: str
    title_zh: str
    note: str


@dataclass(frozen=True)
class Convention:
    """How the numbers of a table are to be read: one sentence or two, in both languages."""

    name: str
    text_en: str
    text_zh: str


@dataclass(frozen=True)
class Table:
    """A table with its fields and key. Lake tables are partitioned by the local day of their `time` field.

    Tables of the layer `published` are written for readers outside only; rows of the layer `edge` are reduced in memory
    and never written.

    as_received: the table holds what providers sent; values out of bounds and unknown codes stay for `clean` to flag.
    is_sparse: a row says that something passed; an hour without a row lacks no reading.
    expected: the registry table each of whose rows should have a row every hour; completeness is counted against it.
    ended: the field with the time from which a row no longer counts; a run does not read rows that ended before its
        known time.
    conventions: how its numbers are to be read.
    """

    name: str
    layer: str
    title_en: str
    title_zh: str
    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    time: str
    as_received: bool = False
    is_sparse: bool = False
    expected: str = ""
    ended: str = ""
    conventions: tuple[Convention, ...] = ()

    def __post_init__(self) -> None:
        names = self.names
        for name in (*self.key, *self.required, *filter(None, (self.time, self.ended))):
            if name not in names:
                raise SchemaError(f"table {self.name}: '{name}' is not among its fields", "correct schema/tables")
        if self.layer not in LAYERS or not self.key or len(set(names)) < len(names):
            raise SchemaError(f"table {self.name}: layer, key or fields are wrong", "correct schema/tables")

    @property
    def names(self) -> tuple[str, ...]:
        """The field names in order."""
        return tuple(f.name for f in self.fields)


@cache
def fields() -> dict[str, Field]:
    """Every declared field by name. Raises SchemaError when one is declared twice."""
    declared: dict[str, Field] = {}
    for path in sorted((HERE / "fields").glob("*.csv")):
        for row in _rows(path):
            if row["name"] in declared:
                raise SchemaError(f"field {row['name']} is declared twice", f"delete one, see {path.name}")
            declared[row["name"]] = _field(row)
    return declared


@cache
def codes() -> dict[str, dict[str, Code]]:
    """Every code list: name of the list, then code, to the declared code."""
    lists: dict[str, dict[str, Code]] = {}
    for row in _rows(HERE / "codes.csv"):
        lists.setdefault(row["code_list"], {})[row["code"]] = Code(**row)
    return lists


@cache
def conventions() -> dict[str, Convention]:
    """Every convention by name."""
    return {row["name"]: Convention(**row) for row in _rows(HERE / "conventions.csv")}


@cache
def tables() -> dict[str, Table]:
    """Every declared table by name."""
    declared: dict[str, Table] = {}
    for path in sorted((HERE / "tables").glob("*.toml")):
        for name, spec in tomllib.loads(path.read_text("utf-8")).items():
            if name in declared:
                raise SchemaError(f"table {name} is declared twice", f"delete one, see {path.name}")
            declared[name] = _table(name, spec)
    return declared


def field(name: str) -> Field:
    """The field of that name. Raises SchemaError when there is none."""
    try:
        return fields()[name]
    except KeyError:
        raise SchemaError(f"field '{name}' is not declared", "add it to schema/fields/*.csv") from None


def table(name: str) -> Table:
    """The table of that name. Raises SchemaError when there is none."""
    try:
        return tables()[name]
    except KeyError:
        raise SchemaError(f"table '{name}' is not declared", f"use one of {', '.join(sorted(tables()))}") from None


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise SchemaError(
                f"{path.name} row {number}: expected {len(rows[0])} columns", "put text that holds a comma in quotes"
            )
    return rows


def _field(row: dict[str, str]) -> Field:
    bounds = {side: float(row[side]) if row[side] else None for side in ("minimum", "maximum")}
    return Field(
        name=row["name"],
        kind=row["kind"],
        unit=row["unit"],
        minimum=bounds["minimum"],
        maximum=bounds["maximum"],
        code_list=row["code_list"],
        title_en=row["title_en"],
        title_zh=row["title_zh"],
        note=row["note"],
    )


def _table(name: str, spec: Mapping[str, Any]) -> Table:
    def words(key: str) -> tuple[str, ...]:
        value = spec.get(key, [])
        return tuple(str(word) for word in value) if isinstance(value, list) else ()

    return Table(
        name=name,
        layer=str(spec["layer"]),
        title_en=str(spec["title_en"]),
        title_zh=str(spec["title_zh"]),
        grain=str(spec["grain"]),
        fields=_fields_of_table(name, words("fields"), spec),
        key=words("key"),
        required=words("required"),
        time=str(spec.get("time", "")),
        as_received=bool(spec.get("as_received", False)),
        is_sparse=bool(spec.get("is_sparse", False)),
        expected=str(spec.get("expected", "")),
        ended=str(spec.get("ended", "")),
        conventions=tuple(_convention(name, word) for word in words("conventions")),
    )


def _fields_of_table(table_name: str, names: tuple[str, ...], spec: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a table.

    `titles` replaces the English and the Chinese title, `code_lists` the code list, where a field means more here.
    """
    titles, code_lists = spec.get("titles", {}), spec.get("code_lists", {})
    if surplus := {*titles, *code_lists} - set(names):
        what = f"table {table_name}: titles or code lists of {sorted(surplus)}, which are not its fields"
        raise SchemaError(what, "remove them")
    titled = (
        replace(field(n), title_en=titles[n][0], title_zh=titles[n][1]) if n in titles else field(n) for n in names
    )
    return tuple(replace(f, code_list=code_lists[f.name]) if f.name in code_lists else f for f in titled)


def _convention(table_name: str, name: str) -> Convention:
    try:
        return conventions()[name]
    except KeyError:
        raise SchemaError(
            f"table {table_name}: convention '{name}' is not declared", "add it to schema/conventions.csv"
        ) from None
