"""The facts of a published day that an asset event passes on, and the last task, which reports a partial one."""

import json
from datetime import date
from pathlib import Path

import pytest

from bigdata_emis.airflow.published_day import published_day, require_whole_day
from bigdata_emis.errors import InputError, PartialError
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake

DAY = date(2019, 7, 15)


def publish_manifest(reasons: list[str]) -> None:
    manifest = {"completeness": {"hours": 24}, "is_partial": bool(reasons), "partial_reasons": reasons, "files": []}
    store = open_lake(load_region("nys"))
    store.write_document(f"manifest/day={DAY}.json", json.dumps(manifest).encode(), tree="published")


def test_a_whole_day_passes_with_the_path_of_its_manifest(home: Path) -> None:
    publish_manifest([])
    facts = require_whole_day(load_region("nys"), DAY)
    assert facts == {
        "day": "2019-07-15",
        "manifest": str(home / "lake" / "published" / "nys" / "manifest" / "day=2019-07-15.json"),
        "completeness": {"hours": 24},
        "is_partial": False,
        "partial_reasons": [],
    }
    assert Path(facts["manifest"]).is_file()


def test_a_partial_day_fails_with_its_reasons_and_is_published_all_the_same(home: Path) -> None:
    publish_manifest(["feed power brought no rows", "hour 5 is missing"])
    with pytest.raises(PartialError, match="2019-07-15 is published as partial.*: feed power .*; hour 5 is missing;"):
        require_whole_day(load_region("nys"), DAY)
    assert published_day(load_region("nys"), DAY)["is_partial"] is True


def test_a_day_that_is_not_published_has_no_facts(home: Path) -> None:
    with pytest.raises(InputError, match="2019-07-15 of region nys is not published"):
        published_day(load_region("nys"), DAY)
