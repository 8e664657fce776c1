"""Reference tables of named values: `parameter_name`, `parameter_value`.

Belongs here: a value by its name. Does not: what a value means (the code that reads it).
"""

import pyarrow as pa

from bigdata_emis.errors import InputError

NAME, VALUE = "parameter_name", "parameter_value"


class Parameters(dict[str, float]):
    """The values of a table by name. Asking for a name without a row raises InputError."""

    def __init__(self, table_name: str, table: pa.Table) -> None:
        super().__init__(zip(table[NAME].to_pylist(), map(float, table[VALUE].to_pylist()), strict=True))
        self.table_name = table_name

    def __missing__(self, name: str) -> float:
        raise InputError(
            f"reference table {self.table_name} has no row {name}",
            "add the row, with its source, or take it from the table that is shipped",
        )
