"""What a published day looks like from outside: where its manifest lies, how whole it is, and what it lacks.

Belongs here: the facts that an asset event and the last task of a run pass on. Does not: computing them
(publish/day_quality).
"""

import json
from datetime import date
from typing import Any

from bigdata_emis.errors import InputError, PartialError
from bigdata_emis.region import Region

FACTS = ("completeness", "is_partial", "partial_reasons")


def published_day(region: Region, day: date) -> dict[str, Any]:
    """Day, path of the manifest, completeness, and whether and why it is partial.

    Raises InputError when the day is not published.
    """
    from bigdata_emis.storage.lake import open_lake

    store, name = open_lake(region), f"manifest/day={day}.json"
    content = store.read_document(name, tree="published")
    if content is None:
        raise InputError(f"{day} of region {region.region_id} is not published", "run the stage publish")
    manifest = json.loads(content)
    path = store.layout.document_file(name, tree="published")
    return {"day": day.isoformat(), "manifest": path, **{fact: manifest[fact] for fact in FACTS}}


def require_whole_day(region: Region, day: date) -> dict[str, Any]:
    """The facts of a published day. Raises PartialError, with the reasons, when it is partial."""
    facts = published_day(region, day)
    if facts["is_partial"]:
        reasons = "; ".join(facts["partial_reasons"])
        raise PartialError(
            f"{day} is published as partial 已发布，但不完整: {reasons}",
            "run the day again when the readings have arrived",
        )
    return facts
