"""Passes of the raw archive that a person has excluded: by their number, who did so and why.

Belongs here: the record of a feed and landing day. Does not: who may exclude what (workflow.archive.pass_desk), or
the raw files, which stay as they are (raw_archive).
"""

from datetime import date
from typing import Any

from bigdata_emis.collect.passes.decision_documents import AGAIN, read_decisions, write_decisions
from bigdata_emis.errors import InputError
from bigdata_emis.storage.lake import Store

ExcludedPasses = dict[int, dict[str, Any]]
"""By the number of a pass what was recorded when it was excluded."""


def read_excluded(store: Store, feed_id: str, landing_day: date) -> ExcludedPasses:
    """The passes of a feed and landing day that are excluded. Raises InputError for a damaged record."""
    name = _document(feed_id, landing_day)
    records = read_decisions(store, name)
    if not all(number.isdecimal() for number in records):
        raise InputError(f"{name} is damaged", AGAIN)
    return {int(number): record for number, record in records.items()}


def write_excluded(store: Store, feed_id: str, landing_day: date, excluded: ExcludedPasses) -> None:
    """Record which passes are excluded, in place of what was recorded before."""
    records = {str(number): record for number, record in excluded.items()}
    write_decisions(store, _document(feed_id, landing_day), records)


def _document(feed_id: str, landing_day: date) -> str:
    return f"excluded/{feed_id}/{landing_day}.json"
