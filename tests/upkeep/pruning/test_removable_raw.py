"""The order in which the files of a raw folder are deleted, and feeds without a declaration."""

from collections.abc import Callable
from datetime import timedelta

from bigdata_emis.upkeep.pruning.removable_raw import raw_feeds, removable_raw
from tests.upkeep.conftest import NOW, Village


def test_records_of_passes_go_before_the_answers_that_they_name(make_village: Callable[[str], Village]) -> None:
    village = make_village('[power]\nformat = "csv"\ndrop = "{day}.csv"\n')
    folder = village.home / "lake" / "raw" / "village" / "power" / "day=2026-01-01"
    folder.mkdir(parents=True)
    for name in ("a-0123456789abcdef.csv", "pass-000001.json"):
        (folder / name).write_bytes(b"1")
    (feed,), others = raw_feeds(village.region, village.store)
    assert others == []
    (removal,) = removable_raw(village.store, feed, limit_utc=NOW + timedelta(days=36_500))
    assert [path.rsplit("/", 1)[1] for path in removal.paths] == ["pass-000001.json", "a-0123456789abcdef.csv"]


def test_a_lake_without_answers_has_no_feeds(village: Village) -> None:
    assert raw_feeds(village.region, village.store) == ([], [])
