"""What a field, a code and a table are, and how their declarations are read.

Belongs here: the declared objects. Does not: renderings (arrow.py, sql.py, expectations.py, dictionary.py).
"""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bigdata_emis.errors import SchemaError

HERE = Path(__file__).parent
KINDS = ("string", "integer", "number", "boolean", "instant", "date", "strings")
LAYERS = ("registry", "lake")


@dataclass(frozen=True)
class Field:
    """One column, the same in Python, Parquet, SQL and prose. Unit as Pint writes it; '1' for shares and counts, '' for none."""

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
class Table:
    """A table by its fields and key. Lake tables are partitioned by local day of their `time` field, when they have one.

    as_received: holds what providers sent, so values beyond the bounds and unknown codes are kept for clean to flag.
    expected: the registry table each of whose rows should have a row every hour; completeness is counted against it.
    ended: the field with the time from which a row no longer counts; a run does not read rows that had ended before what it knows.
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
    expected: str = ""
    ended: str = ""

    def __post_init__(self) -> None:
        names = self.names
        for name in (*self.key, *self.required, *filter(None, (self.time, self.ended))):
            if name not in names:
                raise SchemaError(f"table {self.name}: '{name}' is not among its fields", "mend schema/tables")
        if self.layer not in LAYERS or not self.key or len(set(names)) < len(names):
            raise SchemaError(f"table {self.name}: layer, key or fields are wrong", "mend schema/tables")

    @property
    def names(self) -> tuple[str, ...]:
        """The field names in order."""
        return tuple(f.name for f in self.fields)


@cache
def fields() -> dict[str, Field]:
    """Every declared field by name. Raises SchemaError when one is declared twice."""
    found: dict[str, Field] = {}
    for path in sorted((HERE / "fields").glob("*.csv")):
        for row in _rows(path):
            if row["name"] in found:
                raise SchemaError(f"field {row['name']} is declared twice", f"delete one, see {path.name}")
            found[row["name"]] = _field(row)
    return found


@cache
def codes() -> dict[str, dict[str, Code]]:
    """Every code list: list name, then code, to its titles."""
    found: dict[str, dict[str, Code]] = {}
    for row in _rows(HERE / "codes.csv"):
        found.setdefault(row["code_list"], {})[row["code"]] = Code(**row)
    return found


@cache
def tables() -> dict[str, Table]:
    """Every declared table by name."""
    found: dict[str, Table] = {}
    for path in sorted((HERE / "tables").glob("*.toml")):
        for name, spec in tomllib.loads(path.read_text("utf-8")).items():
            if name in found:
                raise SchemaError(f"table {name} is declared twice", f"delete one, see {path.name}")
            found[name] = _table(name, spec)
    return found


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
        raise SchemaError(f"table '{name}' is not declared", f"known: {', '.join(sorted(tables()))}") from None


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


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


def _table(name: str, spec: dict[str, object]) -> Table:
    def words(key: str) -> tuple[str, ...]:
        value = spec.get(key, [])
        return tuple(str(word) for word in value) if isinstance(value, list) else ()

    return Table(
        name=name,
        layer=str(spec["layer"]),
        title_en=str(spec["title_en"]),
        title_zh=str(spec["title_zh"]),
        grain=str(spec["grain"]),
        fields=tuple(field(f) for f in words("fields")),
        key=words("key"),
        required=words("required"),
        time=str(spec.get("time", "")),
        as_received=bool(spec.get("as_received", False)),
        expected=str(spec.get("expected", "")),
        ended=str(spec.get("ended", "")),
    )
