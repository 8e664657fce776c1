"""A declared table as an Arrow schema, and a frame made to fit it.

Belongs here: the Arrow rendering with units in the metadata, and the check of type, key and bounds. Does not: files.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.errors import SchemaError
from bigdata_emis.schema.model import Field, Table

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "strings": pa.list_(pa.string()),
}


def arrow_field(declared: Field, *, nullable: bool) -> pa.Field:
    """One Arrow field with unit and both titles in its metadata."""
    metadata = {"unit": declared.unit or "none", "title_en": declared.title_en, "title_zh": declared.title_zh}
    return pa.field(declared.name, TYPES[declared.kind], nullable=nullable, metadata=metadata)


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table: key and required fields are not nullable."""
    firm = {*table.key, *table.required}
    return pa.schema(
        [arrow_field(f, nullable=f.name not in firm) for f in table.fields],
        metadata={
            "table": table.name,
            "title_en": table.title_en,
            "title_zh": table.title_zh,
            "grain": table.grain,
            "key": ",".join(table.key),
        },
    )


def empty(table: Table) -> pa.Table:
    """The table with no rows."""
    return arrow_schema(table).empty_table()


def conform(frame: pa.Table, table: Table) -> pa.Table:
    """The frame with exactly the declared columns, types and key order, sorted by key so that a rerun gives the same bytes.

    Raises SchemaError for a missing or surplus column, a type that cannot be cast, a null, a bound or a repeated key.
    """
    _check_names(frame, table)
    cast = pa.table([_cast(frame[f.name], f, table) for f in table.fields], names=list(table.names))
    for declared in table.fields:
        _check_values(cast[declared.name], declared, table)
    ordered = _by_key(cast.combine_chunks(), table)
    return ordered.cast(arrow_schema(table))


def repeated_key_count(frame: pa.Table, table: Table) -> int:
    """How many rows repeat the key of another."""
    packed = _packed_key(frame, table)
    steps = np.diff(packed)
    return int(((np.diff(np.sort(packed)) if (steps < 0).any() else steps) == 0).sum())


def _check_names(frame: pa.Table, table: Table) -> None:
    given, wanted = set(frame.column_names), set(table.names)
    if given != wanted:
        raise SchemaError(
            f"table {table.name}: missing {sorted(wanted - given)}, surplus {sorted(given - wanted)}",
            "give exactly the columns of the data dictionary",
        )


def _cast(column: pa.ChunkedArray, declared: Field, table: Table) -> pa.ChunkedArray:
    target = TYPES[declared.kind]
    try:
        if declared.kind == "instant" and pa.types.is_timestamp(column.type) and column.type.tz is None:
            raise pa.ArrowInvalid("instant without time zone")
        if pa.types.is_dictionary(column.type) and declared.kind == "string":
            return (
                column.unify_dictionaries()
            )  # stays encoded until the end: text is then met once a value, not once a row
        return column.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        raise SchemaError(
            f"table {table.name}, column {declared.name}: {str(problem).splitlines()[0]}",
            f"give {declared.kind} values",
        ) from None


def _check_values(column: pa.ChunkedArray, declared: Field, table: Table) -> None:
    where = f"table {table.name}, column {declared.name}"
    if declared.name in {*table.key, *table.required} and column.null_count:
        raise SchemaError(
            f"{where}: {column.null_count} of {len(column)} values are missing", "the column must be filled"
        )
    if declared.kind == "number" and pc.any(pc.is_nan(column), min_count=0).as_py():
        raise SchemaError(f"{where}: holds NaN", "a missing value is null")
    if table.as_received:
        return
    if declared.kind in ("number", "integer") and len(column) > column.null_count:
        extremes = pc.min_max(column).as_py()
        if declared.minimum is not None and extremes["min"] < declared.minimum:
            raise SchemaError(
                f"{where}: {extremes['min']} is below {declared.minimum:g}", "mend the value at its source"
            )
        if declared.maximum is not None and extremes["max"] > declared.maximum:
            raise SchemaError(
                f"{where}: {extremes['max']} is above {declared.maximum:g}", "mend the value at its source"
            )
    if declared.code_list:
        _check_codes(column, declared, where)


def _check_codes(column: pa.ChunkedArray, declared: Field, where: str) -> None:
    from bigdata_emis.schema.model import codes

    known = codes()[declared.code_list]
    flat = pc.list_flatten(column) if declared.kind == "strings" else column
    met = column.chunk(0).dictionary if pa.types.is_dictionary(column.type) and column.num_chunks else pc.unique(flat)
    unknown = [value for value in met.to_pylist() if value is not None and value not in known]
    if unknown:
        shown = ", ".join(map(str, unknown[:3]))
        raise SchemaError(f"{where}: unknown {declared.code_list} {shown}", f"known: {', '.join(sorted(known))[:200]}")


def _by_key(frame: pa.Table, table: Table) -> pa.Table:
    """The rows in order of the key, each key once.

    The key columns are ranked and packed into one integer a row: ten times cheaper than comparing strings row by row.
    """
    packed = _packed_key(frame, table)
    steps = np.diff(packed)
    if (steps < 0).any():
        order = np.argsort(packed, kind="stable")
        frame, steps = _taken(frame, order), np.diff(packed[order])
    repeated = np.flatnonzero(steps == 0)
    if len(repeated):
        key = {name: frame[name][int(repeated[0])].as_py() for name in table.key}
        raise SchemaError(f"table {table.name}: key repeats, {key}", "one row a key; remove the duplicate")
    return frame


def _taken(frame: pa.Table, order: "np.ndarray[Any, np.dtype[np.intp]]") -> pa.Table:
    """The rows in this order; text is moved as dictionary indices, which is several times cheaper than as text."""
    columns = []
    for column in frame.columns:
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
            columns.append(_encoded(column).take(pa.array(order)).dictionary_decode())
        else:
            columns.append(column.take(pa.array(order)))
    return pa.table(columns, names=frame.column_names)


def _packed_key(frame: pa.Table, table: Table) -> "np.ndarray[Any, np.dtype[np.int64]]":
    packed = np.zeros(frame.num_rows, dtype=np.int64)
    for name in table.key:
        ranks, count = _ranks(frame[name])
        if packed.size and (int(packed.max()) + 1) * count >= np.iinfo(np.int64).max:
            packed = np.unique(packed, return_inverse=True)[1].astype(np.int64)
        packed = packed * count + ranks
    return packed


def _ranks(column: pa.ChunkedArray) -> tuple["np.ndarray[Any, np.dtype[np.int64]]", int]:
    """Each value's place among the distinct values, and how many these are."""
    encoded = _encoded(column)
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[encoded.indices.to_numpy()], max(len(order), 1)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return (
        column.combine_chunks() if pa.types.is_dictionary(column.type) else column.combine_chunks().dictionary_encode()
    )
