"""What is written into a draft is seen through the draft alone, until all of it is put in place."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import Store
from bigdata_emis.workflow.draft_lake import DraftStore, Judged

DAYS = [date(2019, 1, 1), date(2019, 1, 2)]
TABLE = "emission_total_daily"
FIRST, LATER, NEXT = (datetime(2019, month, 1, tzinfo=UTC) for month in (2, 3, 4))


def rows(*grams: float) -> pa.Table:
    """One row a day from the first on."""
    starts = [datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(len(grams))]
    plain = {"sector_code": "all", "pollutant_code": "SO2", "emission_g_p05": 0.0, "emission_g_p95": 99.0}
    made = [
        {**plain, "from_utc": start, "to_utc": start + timedelta(days=1), "emission_g": g}
        for start, g in zip(starts, grams, strict=True)
    ]
    return pa.Table.from_pylist(made, arrow_schema(schema.table(TABLE)))


def seen(store: Store) -> list[float]:
    return store.read(TABLE, DAYS)["emission_g"].to_pylist()


@pytest.fixture
def lake(tmp_path: Path) -> Store:
    made = Store(str(tmp_path), "a", "UTC")
    made.write(TABLE, rows(1.0, 2.0), DAYS, known_utc=FIRST, run_id="first")
    return made


def test_a_draft_covers_the_lake_day_by_day_and_the_lake_does_not_see_it(lake: Store) -> None:
    draft = DraftStore.of(lake, "month")
    draft.write(TABLE, rows(7.0), DAYS[:1], known_utc=LATER, run_id="later")
    assert (seen(draft), seen(lake)) == ([7.0, 2.0], [1.0, 2.0])
    assert [version.run_id for version in draft.versions(TABLE, DAYS)] == ["later", "first"]
    assert [version.run_id for version in lake.versions(TABLE, DAYS)] == ["first", "first"]
    draft.clear()
    assert seen(draft) == [1.0, 2.0]


def test_what_is_put_in_place_is_the_newest_version_and_putting_it_twice_changes_nothing(lake: Store) -> None:
    draft = DraftStore.of(lake, "month")
    draft.write(TABLE, rows(7.0), DAYS[:1], known_utc=LATER, run_id="later")
    for _ in range(2):
        draft.put_in_place([TABLE], DAYS, known_utc=LATER, run_id="later")
        assert [(version.day, version.run_id) for version in lake.versions(TABLE, DAYS)] == [
            ("2019-01-01", "first"),
            ("2019-01-01", "later"),
            ("2019-01-02", "first"),
        ]
    assert seen(lake) == [7.0, 2.0]
    assert lake.read(TABLE, DAYS, as_of=FIRST)["emission_g"].to_pylist() == [1.0, 2.0]


def judged(lake: Store) -> Judged:
    draft = DraftStore.of(lake, "month")
    return Judged("later", LATER, draft.lies_under([TABLE], DAYS))


def test_a_draft_says_what_of_it_was_judged_until_it_is_cleared(lake: Store) -> None:
    draft, told = DraftStore.of(lake, "month"), judged(lake)
    assert draft.judged() is None
    draft.mark_judged(told)
    assert DraftStore.of(lake, "month").judged() == told
    assert [list(versions) for versions in told.made_from.values()] == [[TABLE], [TABLE]]
    assert DraftStore.of(lake, "another").judged() is None
    draft.clear()
    assert draft.judged() is None


@pytest.mark.parametrize("grams", [3.0, 4.0, 5.0, 6.0])
def test_what_a_killed_run_had_judged_lies_before_what_is_made_after_it(lake: Store, grams: float) -> None:
    """Whatever the digests of the contents are, and also where both runs began at the same time."""
    draft = DraftStore.of(lake, "month")
    for amount, known_utc in ((7.0, LATER), (grams, NEXT), (grams + 9, NEXT)):
        draft.write(TABLE, rows(amount), DAYS[:1], known_utc=known_utc, run_id="")
        draft.put_in_place([TABLE], DAYS[:1], known_utc=known_utc, run_id="")
        draft.clear()
        newest = lake.versions(TABLE, DAYS[:1])[-1]
        assert (
            pq.read_table(lake.publish(newest), partitioning=None)["emission_g"].to_pylist()
            == [amount]
            == seen(lake)[:1]
        )
    assert lake.read(TABLE, DAYS[:1], as_of=LATER)["emission_g"].to_pylist() == [7.0]


def test_a_day_of_a_draft_is_overtaken_by_a_newer_run_and_by_other_rows_under_it(lake: Store) -> None:
    draft, told = DraftStore.of(lake, "month"), judged(lake)
    assert [draft.is_overtaken([TABLE], day, told) for day in DAYS] == [False, False]
    # Begun before the draft and ended after it: the day of another table that the draft was made from has other rows.
    lake.write(TABLE, rows(3.0), DAYS[:1], known_utc=FIRST + timedelta(days=1), run_id="slow")
    assert [draft.is_overtaken([], day, told) for day in DAYS] == [True, False]
    lake.write(TABLE, rows(0.0, 4.0), DAYS[1:], known_utc=NEXT, run_id="next")
    assert [draft.has_newer([TABLE], day, told) for day in DAYS] == [False, True]


def test_a_second_process_that_wants_the_same_draft_is_told_to_wait(lake: Store, tmp_path: Path) -> None:
    with DraftStore.of(lake, "month").alone():
        with (
            pytest.raises(InputError, match="region a: another process works on month .*; wait until"),
            DraftStore.of(lake, "month").alone(),
        ):
            pass
        with DraftStore.of(lake, "another").alone():
            pass
    with DraftStore.of(lake, "month").alone():
        pass
