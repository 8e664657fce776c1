"""Names of readings, and the flag of those that a person released."""

import datetime as dt

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.collect.asking.released_rows import mark_released, name_readings, read_releases, write_release
from bigdata_emis.schema.arrow import arrow_schema
from tests.collect.feed_builders import DAY, START, lake

TABLE = "power_quarantine"


def readings(*energies: float | None, table: str = "power_reading") -> pa.Table:
    base = {"meter_id": "m1", "interval_start_utc": START, "interval_min": 60.0, "flag_codes": [], "reason_codes": []}
    rows = [base | {"energy_kwh": energy, "record_number": n} for n, energy in enumerate(energies, 1)]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(table)))


def test_a_reading_has_the_same_name_in_the_readings_and_in_the_quarantine():
    in_quarantine = name_readings(readings(7.5, table=TABLE), TABLE)
    assert in_quarantine == name_readings(readings(7.5), TABLE)
    assert len(set(name_readings(readings(7.5, 7.6, None), TABLE))) == 3


def test_the_name_does_not_depend_on_the_order_of_arrival_nor_on_the_zone_of_the_column():
    first, second = name_readings(readings(1.0, 7.5), TABLE)[1], name_readings(readings(7.5), TABLE)[0]
    plain = readings(7.5)
    times = plain["interval_start_utc"].cast(pa.timestamp("us"))
    without_zone = plain.set_column(plain.column_names.index("interval_start_utc"), "interval_start_utc", times)
    assert first == second == name_readings(without_zone, TABLE)[0]


def test_a_released_reading_is_flagged_once(tmp_path):
    store, rows = lake(tmp_path), readings(7.5, 8.5)
    write_release(store, "power", DAY, name_readings(rows, TABLE)[1], {"actor": "Li"})
    marked = mark_released(rows, store, "power", [DAY])
    assert marked["flag_codes"].to_pylist() == [[], ["released"]]
    assert mark_released(marked, store, "power", [DAY]).equals(marked)


def test_the_first_release_of_a_reading_stays(tmp_path):
    store = lake(tmp_path)
    write_release(store, "power", DAY, "a", {"actor": "Li"})
    write_release(store, "power", DAY, "a", {"actor": "Wang"})
    assert read_releases(store, "power", DAY) == {"a": {"actor": "Li"}}
    assert read_releases(store, "power", DAY + dt.timedelta(days=1)) == {}
