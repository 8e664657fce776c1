"""Which table a provider's rows are read as, where only a reduction of them is stored in the table of the feed.

Belongs here: the pairs of tables, and keys of feeds.toml that do not go with a reduction. Does not: the reductions.
"""

from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.region import as_toml

EDGE_TABLES = {"truck_reading": "truck_position", "gate_reading": "gate_record"}
"""By the table that is stored, the table as which the rows are read."""
STORED_TABLES = {edge: stored for stored, edge in EDGE_TABLES.items()}
PRIVATE_FIELDS = frozenset({"vehicle_id"})
"""Fields of which no value is shown or stored."""
PARTIAL_KEYS = {
    "cursor_column": "rows that changed are not all rows of their hours",
    "cumulative": "a reduction counts rows, it reads no counters",
}
"""Keys with which an answer would not hold all rows of its hours."""


def received_table(table_name: str) -> str:
    """The table as which the rows of a feed are read; for most feeds the table that is stored."""
    return EDGE_TABLES.get(table_name, table_name)


def check_reducible(given: dict[str, Any], table_name: str, where: str) -> None:
    """Refuse a reduced feed whose answers would not hold all rows of their hours, so that counts would be too small.

    Raises:
        InputError: with key, value and what to do.
    """
    if table_name not in STORED_TABLES:
        return
    for key, reason in PARTIAL_KEYS.items():
        if given.get(key):
            raise InputError(
                f"{where}, {key} = {as_toml(given[key])}: {reason}, and only counts are stored", "remove it"
            )
    if given.get("drop_rows") == "new":
        what = f'{where}, drop_rows = "new": files of new rows do not hold all rows of their hours'
        raise InputError(what, "ask the provider for whole days, and remove it; only counts are stored")
