"""What persons decided about passes or readings, as it is stored: a record by name, in one document.

Belongs here: reading and writing such a document. Does not: what was decided (excluded_passes, released_rows).
"""

import json
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.storage.lake import Store

Decisions = dict[str, dict[str, Any]]
AGAIN = "the audit trail has what was decided: delete the file, and decide again"


def read_decisions(store: Store, name: str) -> Decisions:
    """The records of a document by their names; none where there is no document.

    Raises:
        InputError: it is damaged, so that nobody knows what was decided.
    """
    content = store.read_document(name)
    if content is None:
        return {}
    try:
        records = json.loads(content)
    except ValueError:
        records = None
    if not isinstance(records, dict) or not all(isinstance(record, dict) for record in records.values()):
        raise InputError(f"{name} is damaged", AGAIN)
    return records


def write_decisions(store: Store, name: str, records: Decisions) -> None:
    """Store the records in place of those that were there."""
    content = json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    store.write_document(name, content.encode())
