"""Passes of the raw archive that a person has excluded: by their number, who did so and why.

Belongs here: the record of a feed and landing day. Does not: who may exclude what (workflow.archive.pass_desk), or
the raw files, which stay as they are (raw_archive).
"""

import json
from datetime import date
from typing import Any

from bigdata_emis.storage.lake import Store

ExcludedPasses = dict[int, dict[str, Any]]
"""By the number of a pass what was recorded when it was excluded."""


def read_excluded(store: Store, feed_id: str, landing_day: date) -> ExcludedPasses:
    """The passes of a feed and landing day that are excluded."""
    content = store.read_document(_document(feed_id, landing_day))
    return {int(number): record for number, record in json.loads(content).items()} if content else {}


def write_excluded(store: Store, feed_id: str, landing_day: date, excluded: ExcludedPasses) -> None:
    """Record which passes are excluded, in place of what was recorded before."""
    content = json.dumps(excluded, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    store.write_document(_document(feed_id, landing_day), content.encode())


def _document(feed_id: str, landing_day: date) -> str:
    return f"excluded/{feed_id}/{landing_day}.json"
