"""Answers of providers that a retention policy allows to delete, with what was parsed of them.

Belongs here: when a folder of the raw archive is old. Does not: deleting it (prune).
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bigdata_emis import flow
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.raw_archive import PASS_NAME, covered_period
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store
from bigdata_emis.upkeep.pruning.removal import Removal, RemovalKind, file_sizes, folder_names
from bigdata_emis.window import day_window

DAY_NAME = re.compile(r"day=(\d{4}-\d{2}-\d{2})")


def raw_feeds(region: Region, store: Store) -> tuple[list[Feed], list[str]]:
    """The feeds with a raw archive: those that the region declares, and the names of the others, which are kept.

    Only the declaration says which days a file covers. Raises InputError when a declaration cannot be read.
    """
    tables = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}
    names = folder_names(store.files, f"{store.layout.root}/raw/{region.region_id}")
    declared = [name for name in names if name in region.feeds and name in tables]
    return [read_feed(region, name, tables[name]) for name in declared], [n for n in names if n not in declared]


def removable_raw(store: Store, feed: Feed, *, limit_utc: datetime) -> Iterator[Removal]:
    """The folders of a feed of which every covered day, and the last arrival, lie before the limit."""
    root = f"{store.layout.root}/raw/{store.region_id}/{feed.feed_id}"
    for name in folder_names(store.files, root):
        found = DAY_NAME.fullmatch(name)
        if found:
            day = date.fromisoformat(found[1])
            paths = _paths(store, feed.feed_id, day)
            if _last_use_utc(store, feed, day, paths) <= limit_utc:
                folders = (store.layout.raw_folder(feed.feed_id, day), store.layout.parsed_folder(feed.feed_id, day))
                size = file_sizes(store.files, paths)
                yield Removal(
                    RemovalKind.RAW, feed.feed_id, str(day), f"{len(paths)} files", size, tuple(paths), folders
                )


def _paths(store: Store, feed_id: str, day: date) -> list[str]:
    """Every file of a folder, the records of passes first: an answer that no pass names is not read."""
    raw = list(store.files.list_files(store.layout.raw_folder(feed_id, day)))
    records = [path for path in raw if PASS_NAME.fullmatch(path.rsplit("/", 1)[1])]
    parsed = store.files.list_files(store.layout.parsed_folder(feed_id, day))
    return [*records, *(path for path in raw if path not in records), *parsed]


def _last_use_utc(store: Store, feed: Feed, day: date, paths: list[str]) -> datetime:
    """When the last day that a folder covers ended, or when its last file arrived, whichever is later."""
    end = day_window(covered_period(feed, day).end, store.time_zone).from_utc
    infos = store.files.system.get_file_info(paths)
    arrivals: list[datetime] = [info.mtime for info in infos if info.mtime is not None]
    return max([end, *(arrival.astimezone(UTC) for arrival in arrivals)])
