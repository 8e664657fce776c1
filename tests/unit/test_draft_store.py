"""What is written into a draft is seen through the draft alone, until all of it is put in place."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.draft_store import DraftStore
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.store import Store

DAYS = [date(2019, 1, 1), date(2019, 1, 2)]
TABLE = "emission_total_daily"
FIRST, LATER = datetime(2019, 2, 1, tzinfo=UTC), datetime(2019, 3, 1, tzinfo=UTC)


def rows(*grams: float) -> pa.Table:
    """One row a day from the first on."""
    starts = [datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(len(grams))]
    plain = {"sector_code": "all", "pollutant_code": "SO2", "emission_g_p05": 0.0, "emission_g_p95": 99.0}
    made = [{**plain, "from_utc": start, "to_utc": start + timedelta(days=1), "emission_g": g} for start, g in zip(starts, grams, strict=True)]
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
            ("2019-01-01", "first"), ("2019-01-01", "later"), ("2019-01-02", "first"),
        ]  # fmt: skip
    assert seen(lake) == [7.0, 2.0]
    assert lake.read(TABLE, DAYS, as_of=FIRST)["emission_g"].to_pylist() == [1.0, 2.0]


def test_a_draft_says_which_days_were_judged_until_it_is_cleared(lake: Store) -> None:
    draft = DraftStore.of(lake, "month")
    assert draft.judged_days() is None
    draft.mark_judged(DAYS)
    assert DraftStore.of(lake, "month").judged_days() == DAYS
    assert DraftStore.of(lake, "another").judged_days() is None
    draft.clear()
    assert draft.judged_days() is None
