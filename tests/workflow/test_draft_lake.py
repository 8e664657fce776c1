"""What is written to a draft is seen through the draft alone, until all of it is put in place."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import Store
from bigdata_emis.workflow.draft_lake import DraftApproval, DraftStore

DAYS = [date(2019, 1, 1), date(2019, 1, 2)]
TABLE = "emission_total_daily"
FIRST, LATER, NEXT = (datetime(2019, month, 1, tzinfo=UTC) for month in (2, 3, 4))


def rows(*grams: float) -> pa.Table:
    """One row per day, from the first day on."""
    starts = [datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(len(grams))]
    plain = {"sector_code": "all", "pollutant_code": "SO2", "emission_g_p05": 0.0, "emission_g_p95": 99.0}
    filled = [
        {**plain, "from_utc": start, "to_utc": start + timedelta(days=1), "emission_g": g}
        for start, g in zip(starts, grams, strict=True)
    ]
    return pa.Table.from_pylist(filled, arrow_schema(schema.table(TABLE)))


def emission_g(store: Store) -> list[float]:
    return store.read(TABLE, DAYS)["emission_g"].to_pylist()


@pytest.fixture
def lake(tmp_path: Path) -> Store:
    store = Store(str(tmp_path), "a", "UTC")
    store.write(TABLE, rows(1.0, 2.0), DAYS, known_utc=FIRST, run_id="first")
    return store


def test_a_draft_covers_the_lake_day_by_day_and_the_lake_does_not_see_it(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    draft.write(TABLE, rows(7.0), DAYS[:1], known_utc=LATER, run_id="later")
    assert (emission_g(draft), emission_g(lake)) == ([7.0, 2.0], [1.0, 2.0])
    assert [version.run_id for version in draft.versions(TABLE, DAYS)] == ["later", "first"]
    assert [version.run_id for version in lake.versions(TABLE, DAYS)] == ["first", "first"]
    draft.clear()
    assert emission_g(draft) == [1.0, 2.0]


def test_what_is_put_in_place_is_the_newest_version_and_putting_it_twice_changes_nothing(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    draft.write(TABLE, rows(7.0), DAYS[:1], known_utc=LATER, run_id="later")
    for _ in range(2):
        draft.put_in_place([TABLE], DAYS, known_utc=LATER, run_id="later")
        assert [(version.day, version.run_id) for version in lake.versions(TABLE, DAYS)] == [
            ("2019-01-01", "first"),
            ("2019-01-01", "later"),
            ("2019-01-02", "first"),
        ]
    assert emission_g(lake) == [7.0, 2.0]
    assert lake.read(TABLE, DAYS, as_of=FIRST)["emission_g"].to_pylist() == [1.0, 2.0]


def approval(lake: Store) -> DraftApproval:
    draft = DraftStore(lake, "month")
    versions = draft.newest_lake_versions([TABLE], DAYS)
    return DraftApproval("later", LATER, versions, versions, {DAYS[1]: ["SO2 is 4 times its usual mass"]})


def test_a_draft_has_its_approval_until_it_is_cleared(lake: Store) -> None:
    draft, approved = DraftStore(lake, "month"), approval(lake)
    assert draft.approval() is None
    draft.approve(approved)
    assert DraftStore(lake, "month").approval() == approved
    assert [list(versions) for versions in approved.input_versions.values()] == [[TABLE], [TABLE]]
    assert DraftStore(lake, "another").approval() is None
    draft.clear()
    assert draft.approval() is None


@pytest.mark.parametrize("grams", [3.0, 4.0, 5.0, 6.0])
def test_what_an_interrupted_run_had_approved_comes_before_what_is_computed_after_it(lake: Store, grams: float) -> None:
    """Whatever the checksums of the contents are, also when both runs began at the same time."""
    draft = DraftStore(lake, "month")
    for amount, known_utc in ((7.0, LATER), (grams, NEXT), (grams + 9, NEXT)):
        draft.write(TABLE, rows(amount), DAYS[:1], known_utc=known_utc, run_id="")
        draft.put_in_place([TABLE], DAYS[:1], known_utc=known_utc, run_id="")
        draft.clear()
        newest = lake.versions(TABLE, DAYS[:1])[-1]
        lake.publish_set(f"day={DAYS[0]}", [newest], {})
        assert (
            pq.read_table(lake.published_path(newest), partitioning=None)["emission_g"].to_pylist()
            == [amount]
            == emission_g(lake)[:1]
        )
    assert lake.read(TABLE, DAYS[:1], as_of=LATER)["emission_g"].to_pylist() == [7.0]


def test_a_day_of_a_draft_is_outdated_by_a_newer_run_and_by_other_rows_under_it(lake: Store) -> None:
    draft, approved = DraftStore(lake, "month"), approval(lake)
    assert [draft.is_outdated([TABLE], day, approved) for day in DAYS] == [False, False]
    # Began before the draft and ended after it: an input of the draft now has other rows.
    lake.write(TABLE, rows(3.0), DAYS[:1], known_utc=FIRST + timedelta(days=1), run_id="slow")
    assert [draft.is_outdated([], day, approved) for day in DAYS] == [True, False]
    lake.write(TABLE, rows(0.0, 4.0), DAYS[1:], known_utc=NEXT, run_id="next")
    assert [draft.has_newer([TABLE], day, approved) for day in DAYS] == [False, True]


def test_content_that_the_lake_already_has_is_a_version_of_the_draft_too(lake: Store) -> None:
    """Else the draft would answer that it has the day, and give no file of it."""
    draft = DraftStore(lake, "month")
    (version,) = draft.write(TABLE, rows(1.0), DAYS[:1], known_utc=LATER, run_id="later")
    assert (version.run_id, version.known_utc) == ("later", LATER.isoformat())
    assert draft.own_versions(TABLE, DAYS) == draft.versions(TABLE, DAYS[:1]) == [version]
    assert [len(draft.paths(TABLE, [day])) for day in DAYS] == [1, 1]
    assert draft.days(TABLE) == DAYS
    assert emission_g(draft) == [1.0, 2.0]


def test_an_empty_day_of_a_draft_hides_the_day_of_the_lake(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    draft.write(TABLE, rows(), DAYS[:1], known_utc=LATER, run_id="later")
    assert emission_g(draft) == [2.0]
    assert not draft.equals_lake([TABLE], DAYS[0])


def test_a_draft_with_the_content_of_the_lake_equals_it_and_putting_it_in_place_adds_no_version(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    draft.write(TABLE, rows(1.0, 5.0), DAYS, known_utc=LATER, run_id="later")
    assert [draft.equals_lake([TABLE], day) for day in DAYS] == [True, False]
    draft.put_in_place([TABLE], DAYS, known_utc=LATER, run_id="later")
    assert [version.run_id for version in lake.versions(TABLE, DAYS)] == ["first", "first", "later"]


def test_a_version_that_was_dated_in_the_future_before_the_draft_began_does_not_outdate_it(lake: Store) -> None:
    ahead = datetime(2099, 1, 1, tzinfo=UTC)
    lake.write(TABLE, rows(3.0), DAYS[:1], known_utc=ahead, run_id="clock ahead")
    draft, approved = DraftStore(lake, "month"), approval(lake)
    draft.write(TABLE, rows(7.0), DAYS[:1], known_utc=LATER, run_id="later")
    assert draft.days_dated_ahead([TABLE], DAYS, LATER) == DAYS[:1]
    for _ in range(2):  # also when the draft was put in place half before its process was killed
        assert not draft.has_newer([TABLE], DAYS[0], approved)
        draft.put_in_place([TABLE], DAYS[:1], known_utc=LATER, run_id="later")
    assert emission_g(lake) == [7.0, 2.0]
    lake.write(TABLE, rows(8.0), DAYS[:1], known_utc=NEXT, run_id="next")
    assert draft.has_newer([TABLE], DAYS[0], approved)


def test_a_second_process_that_wants_the_same_draft_is_refused(lake: Store, tmp_path: Path) -> None:
    with DraftStore(lake, "month").lock_draft():
        with (
            pytest.raises(InputError, match="region a: another process works on month .*; wait until"),
            DraftStore(lake, "month").lock_draft(),
        ):
            pass
        with DraftStore(lake, "another").lock_draft():
            pass
    with DraftStore(lake, "month").lock_draft():
        pass


def test_a_draft_sees_the_documents_and_answers_of_the_lake_and_keeps_its_own_to_itself(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    lake.write_document("manifest.json", b"lake", tree="published")
    lake.raw_files("power", DAYS[0]).write("1.csv", b"first")
    assert draft.read_document("manifest.json", tree="published") == b"lake"
    draft.write_document("manifest.json", b"draft", tree="published")
    draft.raw_files("power", DAYS[0]).write("2.csv", b"second")
    assert draft.read_document("manifest.json", tree="published") == b"draft"
    assert lake.read_document("manifest.json", tree="published") == b"lake"
    assert draft.raw_files("power", DAYS[0]).names() == ["1.csv", "2.csv"]
    assert lake.raw_files("power", DAYS[0]).names() == ["1.csv"]


def test_what_a_draft_publishes_is_not_published_in_the_lake(lake: Store, tmp_path: Path) -> None:
    draft = DraftStore(lake, "month")
    version = lake.versions(TABLE, DAYS[:1])[0]
    draft.publish_set(f"day={DAYS[0]}", [version], {})
    assert draft.published_path(version).startswith(str(tmp_path / "draft" / "a" / "month" / "published"))
    assert not (tmp_path / "published").exists()


def test_a_damaged_approval_is_refused_with_a_remedy(lake: Store) -> None:
    draft = DraftStore(lake, "month")
    draft.files.write(f"{draft.layout.root}/judged.json", b"{}")
    with pytest.raises(InputError, match=r"judged\.json is damaged; delete the folder"):
        draft.approval()
