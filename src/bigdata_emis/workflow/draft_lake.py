"""The lake as a month sees it that is being made again: what it writes lies beside the lake, unseen, until all of it is put in place.

Belongs here: where a draft lies, who may write it, and how it becomes the lake. Does not: which days and tables are made (restate).
"""

import json
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from bigdata_emis.errors import InputError
from bigdata_emis.storage import locks
from bigdata_emis.storage.lake import Store, Version

TREE = "draft"
JUDGED = "judged.json"


class Judged(NamedTuple):
    """What a draft holds that has passed the gate: which run made it and when, and on which versions of the lake each day stands."""

    run_id: str
    known_utc: datetime
    made_from: dict[date, dict[str, str]]


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
        found = (
            Store.paths(self, table_name, [day]) if day in mine else self.lake.paths(table_name, [day], as_of=as_of)
            for day in days
        )
        return [path for paths in found for path in paths]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """The versions of these days: of the draft where it has them, else of the lake."""
        mine = set(self.days(table_name))
        found = (
            Store.versions(self, table_name, [day]) if day in mine else self.lake.versions(table_name, [day])
            for day in days
        )
        return [version for versions in found for version in versions]

    def clear(self) -> None:
        """Forget the draft; first of all that it was judged, so that what is left of it is never put in place."""
        if self._exists(f"{self._base}/{JUDGED}"):
            self._fs.delete_file(f"{self._base}/{JUDGED}")
        self._fs.delete_dir_contents(self._base, missing_dir_ok=True)

    def mark_judged(self, judged: Judged) -> None:
        """Note that every one of these days has passed the gate, before the first of them becomes visible."""
        told = {
            "run_id": judged.run_id,
            "known_utc": judged.known_utc.astimezone(UTC).isoformat(),
            "made_from": {day.isoformat(): versions for day, versions in judged.made_from.items()},
        }
        self._write_bytes(f"{self._base}/{JUDGED}", json.dumps(told).encode())

    def judged(self) -> Judged | None:
        """What a draft holds that has passed the gate and may be half in place; None of any other draft."""
        path = f"{self._base}/{JUDGED}"
        if not self._exists(path):
            return None
        try:
            told = json.loads(self._read_bytes(path))
            made_from = {date.fromisoformat(text): versions for text, versions in told["made_from"].items()}
            return Judged(told["run_id"], datetime.fromisoformat(told["known_utc"]), made_from)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{path} is damaged", "remove the folder that it lies in, and restate the month again"
            ) from None

    def lies_under(self, table_names: Iterable[str], days: Iterable[date]) -> dict[date, dict[str, str]]:
        """The newest version in the lake of each of these tables, by day; an empty text where there is none."""
        names = list(table_names)
        return {
            day: {name: "".join(v.version for v in self.lake.versions(name, [day])[-1:]) for name in names}
            for day in days
        }

    def is_overtaken(self, table_names: Iterable[str], day: date, judged: Judged) -> bool:
        """Whether the lake has a newer run of a day of these tables than the draft, or other rows than those that the draft was made from."""
        made_from = judged.made_from[day]
        return self.has_newer(table_names, day, judged) or self.lies_under(made_from, [day])[day] != made_from

    def has_newer(self, table_names: Iterable[str], day: date, judged: Judged) -> bool:
        """Whether the lake has a version of a day of one of these tables that became known after what the draft holds."""
        newest = [version for name in table_names for version in self.lake.versions(name, [day])[-1:]]
        return any(datetime.fromisoformat(version.known_utc) > judged.known_utc for version in newest)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the lock of this draft until the block ends. Raises InputError when another process holds it."""
        path = self.lock_folder() / f"{self.name}.lock"
        return locks.alone(
            path,
            what=f"region {self.region_id}: another process works on {self.name}",
            remedy="wait until it has ended, then do it again",
        )

    def turn(
        self, days: Collection[date], *, reads: Collection[str] = (), writes: Collection[str] = ()
    ) -> AbstractContextManager[None]:
        """Of days of a draft nobody else knows, so they need no turn; what is of no day (the registry) is not in it."""
        return nullcontext() if days else self.lake.turn(days, reads=reads, writes=writes)

    def lock_folder(self) -> Path:
        """Where the locks of the lake lie."""
        return self.lake.lock_folder()

    def put_in_place(
        self, table_names: Iterable[str], days: Iterable[date], *, known_utc: datetime, run_id: str
    ) -> None:
        """Make these days of the draft the newest versions of the lake. What is there already stays as it is."""
        days = list(days)
        for version in (found for name in table_names for found in Store.versions(self, name, days)):
            day, content = date.fromisoformat(version.day), self._read_bytes(version.path)
            self.lake._switch(
                self.lake._keep(version.table, day, content, version.rows, known_utc, run_id, version.complete_share)
            )
