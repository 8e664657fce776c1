"""A declared table as an Arrow schema, and the check that a frame conforms to it.

Belongs here: the Arrow schema with units in its metadata, and the check of type, key and bounds. Does not: files.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Integers, Positions
from bigdata_emis.errors import SchemaError
from bigdata_emis.schema.model import Field, Table, codes

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "strings": pa.list_(pa.string()),
}


MOST_RUNS = 1000
"""Above so many runs of rows in order, rows are moved one by one."""


def arrow_field(declared: Field, *, nullable: bool) -> pa.Field:
    """The Arrow field of a column, with unit and both titles in its metadata."""
    metadata = {"unit": declared.unit or "none", "title_en": declared.title_en, "title_zh": declared.title_zh}
    return pa.field(declared.name, TYPES[declared.kind], nullable=nullable, metadata=metadata)


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table: key and required fields are not nullable."""
    required = {*table.key, *table.required}
    return pa.schema(
        [arrow_field(f, nullable=f.name not in required) for f in table.fields],
        metadata={
            "table": table.name,
            "title_en": table.title_en,
            "title_zh": table.title_zh,
            "grain": table.grain,
            "key": ",".join(table.key),
            **_conventions(table),
        },
    )


def _conventions(table: Table) -> dict[str, str]:
    """How the numbers of a table are to be read, as metadata; none where the table declares nothing."""
    if not table.conventions:
        return {}
    return {
        "conventions_en": " ".join(convention.text_en for convention in table.conventions),
        "conventions_zh": "".join(convention.text_zh for convention in table.conventions),
    }


def empty(table: Table) -> pa.Table:
    """The table with no rows."""
    return arrow_schema(table).empty_table()


def conform(frame: pa.Table, table: Table) -> pa.Table:
    """The frame with exactly the declared columns and types, sorted by key so that a rerun gives the same bytes.

    Raises:
        SchemaError: a column is missing or not declared, a type cannot be cast, a required value is null, a value is
            out of bounds or an unknown code, or a key occurs twice.
    """
    _check_names(frame, table)
    cast = pa.table([_cast(frame[f.name], f, table) for f in table.fields], names=list(table.names))
    for declared in table.fields:
        _check_values(cast[declared.name], declared, table)
    ordered = _sort_by_key(cast.combine_chunks(), table)
    return ordered.cast(arrow_schema(table))


def _check_names(frame: pa.Table, table: Table) -> None:
    given, declared = set(frame.column_names), set(table.names)
    if given != declared:
        raise SchemaError(
            f"table {table.name}: missing {sorted(declared - given)}, surplus {sorted(given - declared)}",
            "give exactly the columns of the data dictionary",
        )


def _cast(column: pa.ChunkedArray, declared: Field, table: Table) -> pa.ChunkedArray:
    target = TYPES[declared.kind]
    try:
        if declared.kind == "instant" and pa.types.is_timestamp(column.type) and column.type.tz is None:
            raise pa.ArrowInvalid("instant without time zone")
        if pa.types.is_dictionary(column.type) and declared.kind == "string":
            # Stays encoded until the end, so that a text is compared once for each value, not once for each row.
            return column.unify_dictionaries()
        return column.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        raise SchemaError(
            f"table {table.name}, column {declared.name}: {str(problem).splitlines()[0]}",
            f"give {declared.kind} values",
        ) from None


def _check_values(column: pa.ChunkedArray, declared: Field, table: Table) -> None:
    where = f"table {table.name}, column {declared.name}"
    if declared.name in {*table.key, *table.required} and column.null_count:
        raise SchemaError(f"{where}: {column.null_count} of {len(column)} values are missing", "fill the column")
    if declared.kind == "number" and pc.any(pc.is_nan(column), min_count=0).as_py():
        raise SchemaError(f"{where}: holds NaN", "write a missing value as null")
    if table.as_received:
        return
    if declared.kind in ("number", "integer") and len(column) > column.null_count:
        extremes = pc.min_max(column).as_py()
        if declared.minimum is not None and extremes["min"] < declared.minimum:
            raise SchemaError(
                f"{where}: {extremes['min']} is below {declared.minimum:g}", "correct the value at its source"
            )
        if declared.maximum is not None and extremes["max"] > declared.maximum:
            raise SchemaError(
                f"{where}: {extremes['max']} is above {declared.maximum:g}", "correct the value at its source"
            )
    if declared.code_list:
        _check_codes(column, declared, where)


def _check_codes(column: pa.ChunkedArray, declared: Field, where: str) -> None:
    members = codes()[declared.code_list]
    flat = pc.list_flatten(column) if declared.kind == "strings" else column
    is_encoded = pa.types.is_dictionary(column.type) and column.num_chunks
    values = column.chunk(0).dictionary if is_encoded else pc.unique(flat)
    unknown = [value for value in values.to_pylist() if value is not None and value not in members]
    if unknown:
        shown = ", ".join(map(str, unknown[:3]))
        raise SchemaError(
            f"{where}: unknown {declared.code_list} {shown}", f"use one of {', '.join(sorted(members))[:200]}"
        )


def _sort_by_key(frame: pa.Table, table: Table) -> pa.Table:
    """The rows in order of the key. Raises SchemaError when a key occurs twice.

    The key columns are ranked and packed into one integer per row: ten times cheaper than comparing strings.
    """
    packed = _packed_key(frame, table)
    steps = np.diff(packed)
    if (steps < 0).any():
        order = np.argsort(packed, kind="stable")
        frame, steps = _reorder(frame, order), np.diff(packed[order])
    repeated = np.flatnonzero(steps == 0)
    if len(repeated):
        key = {name: frame[name][int(repeated[0])].as_py() for name in table.key}
        raise SchemaError(f"table {table.name}: key repeats, {key}", "give one row for each key; remove the duplicate")
    return frame


def _reorder(frame: pa.Table, order: Positions) -> pa.Table:
    """The rows in this order; text is moved as dictionary indices, several times cheaper than as text.

    Where whole runs of rows only change places, as where an engine wrote them in parts, the runs are moved.
    """
    begins = np.concatenate([[0], np.flatnonzero(np.diff(order) != 1) + 1, [len(order)]])
    if len(begins) <= MOST_RUNS:
        lengths = np.diff(begins)
        runs = [frame.slice(int(order[at]), int(count)) for at, count in zip(begins[:-1], lengths, strict=True)]
        return pa.concat_tables(runs).combine_chunks()
    columns = []
    for column in frame.columns:
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
            columns.append(_encoded(column).take(pa.array(order)).dictionary_decode())
        else:
            columns.append(column.take(pa.array(order)))
    return pa.table(columns, names=frame.column_names)


def _packed_key(frame: pa.Table, table: Table) -> Integers:
    """One integer per row that orders rows as the key does."""
    packed = np.zeros(frame.num_rows, dtype=np.int64)
    for name in table.key:
        ranks, count = _ranks(frame[name])
        if packed.size and (int(packed.max()) + 1) * count >= np.iinfo(np.int64).max:
            packed = np.unique(packed, return_inverse=True)[1].astype(np.int64)
        packed = packed * count + ranks
    return packed


def _ranks(column: pa.ChunkedArray) -> tuple[Integers, int]:
    """The rank of each value among the distinct values, and the number of distinct values."""
    encoded = _encoded(column)
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy()], max(len(order), 1)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return (
        column.combine_chunks() if pa.types.is_dictionary(column.type) else column.combine_chunks().dictionary_encode()
    )
