"""A run with a wrong day, a wrong window or nothing to learn from is refused before any stage starts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.airflow.run_checks import next_day, require_day, require_training_data, require_window
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window

# 2026-07-15 21:00 in the time zone of nys, where the 16th has not begun; in UTC it has.
NOW = datetime(2026, 7, 16, 2, tzinfo=UTC)
WINDOW = Window(datetime(2019, 7, 1, 5, tzinfo=UTC), datetime(2019, 7, 3, 5, tzinfo=UTC))


@pytest.mark.parametrize("key", ["2026-07-15", "2019-02-28", "1970-01-01"])
def test_a_day_that_has_begun_is_accepted(home: Path, key: str) -> None:
    assert require_day(load_region("nys"), key, now=NOW) == date.fromisoformat(key)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "the run has no partition key"),
        ("", "the run has no partition key"),
        ("2015-02-30", "partition key '2015-02-30' is not a date"),
        ("soon", "'soon' is not a date"),
        ("20190715", "'20190715' is not written as YYYY-MM-DD; write 2019-07-15"),
        ("2019-W29-1", "is not written as YYYY-MM-DD"),
        ("2019-07-15T00:00", "is not a date"),
        ("2026-07-16", "2026-07-16 has not begun in Etc/GMT\\+5, where it is 2026-07-15"),
        ("1066-10-14", "is not in the years 1970 to 2200"),
    ],
)
def test_another_partition_key_is_refused(home: Path, key: str | None, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        require_day(load_region("nys"), key, now=NOW)


def test_the_window_of_a_day_ends_with_the_next_day() -> None:
    assert next_day(date(2015, 12, 31)) == date(2016, 1, 1)


def test_a_window_is_read_in_local_time(home: Path) -> None:
    assert require_window(load_region("nys"), "2019-07-01", "2019-07-03") == WINDOW
    with pytest.raises(InputError, match="before it starts"):
        require_window(load_region("nys"), "2019-07-03", "2019-07-01")


def test_a_training_window_without_rows_is_refused_and_one_with_rows_is_not(home: Path) -> None:
    region = load_region("nys")
    store, stages = open_lake(region), [flow.stage("train_activity")]
    with pytest.raises(InputError, match="no day from 2019-07-01 to 2019-07-02 has rows in line_energy_hourly"):
        require_training_data(region, WINDOW, store, stages)
    for table in ("line_energy_hourly", "measured_activity_hourly"):
        write_rows(store, table, date(2019, 6, 30))
        with pytest.raises(InputError, match=f"has rows in {table}"):
            require_training_data(region, WINDOW, store, stages)
        write_rows(store, table, date(2019, 7, 2))
    require_training_data(region, WINDOW, store, stages)


def write_rows(store, table: str, day: date) -> None:
    """One row at noon of a day; what its other columns hold does not matter here."""
    declared = arrow_schema(schema.table(table))
    instant = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
    row = {field.name: _any_value(field.type, instant) for field in declared}
    store.write(table, pa.Table.from_pylist([row], declared), [day], known_utc=NOW, run_id="run")


def _any_value(kind: pa.DataType, instant: datetime) -> object:
    if pa.types.is_timestamp(kind):
        return instant
    if pa.types.is_list(kind):
        return []
    if pa.types.is_boolean(kind):
        return False
    return "x" if pa.types.is_string(kind) else 0
