"""The lake as a month sees it that is being made again: what it writes lies beside the lake, unseen, until all of it is put in place.

Belongs here: where a draft lies, and how it becomes the lake. Does not: which days and tables are made (restate).
"""

import json
from collections.abc import Iterable
from datetime import date, datetime

from bigdata_emis.store import Store, Version

TREE = "draft"
JUDGED = "judged.json"


class DraftStore(Store):
    """The lake of a region; a day of a table that the draft holds is read from it, every other one from the lake.

    draft/<region>/<name>/{current,history}/... as the lake itself, and judged.json once all of it may become visible.
    """

    lake: Store
    name: str

    @classmethod
    def of(cls, store: Store, name: str) -> "DraftStore":
        """The same lake, with a draft of this name over it."""
        made = cls.__new__(cls)
        vars(made).update(vars(store), lake=store, name=name, _base=f"{store._base}/{TREE}/{store.region_id}/{name}")
        return made

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days: of the draft where it has them, else of the lake; what was known at a time is the lake's alone."""
        mine = set(self.days(table_name)) if as_of is None else set()
        found = (Store.paths(self, table_name, [day]) if day in mine else self.lake.paths(table_name, [day], as_of=as_of) for day in days)
        return [path for paths in found for path in paths]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """The versions of these days: of the draft where it has them, else of the lake."""
        mine = set(self.days(table_name))
        found = (Store.versions(self, table_name, [day]) if day in mine else self.lake.versions(table_name, [day]) for day in days)
        return [version for versions in found for version in versions]

    def clear(self) -> None:
        """Forget the draft; first of all that it was judged, so that what is left of it is never put in place."""
        if self._exists(f"{self._base}/{JUDGED}"):
            self._fs.delete_file(f"{self._base}/{JUDGED}")
        self._fs.delete_dir_contents(self._base, missing_dir_ok=True)

    def mark_judged(self, days: Iterable[date]) -> None:
        """Note that every one of these days has passed the gate, before the first of them becomes visible."""
        self._write_bytes(f"{self._base}/{JUDGED}", json.dumps([day.isoformat() for day in days]).encode())

    def judged_days(self) -> list[date] | None:
        """The days of a draft that has passed the gate and may be half in place; None of any other draft."""
        path = f"{self._base}/{JUDGED}"
        return [date.fromisoformat(text) for text in json.loads(self._read_bytes(path))] if self._exists(path) else None

    def put_in_place(self, table_names: Iterable[str], days: Iterable[date], *, known_utc: datetime, run_id: str) -> None:
        """Make these days of the draft the newest versions of the lake. What is there already stays as it is."""
        days = list(days)
        for version in (found for name in table_names for found in Store.versions(self, name, days)):
            day, content = date.fromisoformat(version.day), self._read_bytes(version.path)
            self.lake._switch(self.lake._keep(version.table, day, content, version.rows, known_utc, run_id, version.complete_share))
