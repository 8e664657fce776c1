"""Manifests of published days, for tests of what rests on them."""

import json
from collections.abc import Iterable
from datetime import date

from bigdata_emis.control.inventory_versions import INPUTS, INVENTORY
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED


def publish_days(store: Store, days: Iterable[date], **more: object) -> None:
    """Name the newest version of every table in the manifest of each day."""
    for day in days:
        newest = {table: store.versions(table, [day])[-1].version for table in INPUTS if store.versions(table, [day])}
        inventory = {"table": INVENTORY, "version": newest.pop(INVENTORY)}
        document = {"files": [inventory], "input_versions": newest, **more}
        store.write_document(f"manifest/day={day}.json", json.dumps(document).encode(), tree=PUBLISHED)
