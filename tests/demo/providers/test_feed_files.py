"""Files of the simulated feeds: drops, archives, JSON records and instants as text."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.demo.plan import HTTP_FROM, day_start_us
from bigdata_emis.demo.providers.feed_files import (
    FeedFiles,
    format_beijing_time,
    format_json_records,
    format_utc,
    to_number_column,
)
from bigdata_emis.window import HOUR_US

DROP_DAY = date(2015, 12, 14)
METERS = pa.table({"meterNo": ["M2", "M1"]})


def write(folder, suffix: str, day: date) -> None:
    event = day_start_us(day) + np.array([1, 0]) * HOUR_US
    files = FeedFiles(folder, folder / "archive", suffix)
    files.write("power", day, records=METERS, event_us=event, arrival_us=event + HOUR_US)


def test_a_parquet_drop_has_the_records_of_the_day_in_order_of_time(tmp_path):
    write(tmp_path, "parquet", DROP_DAY)
    assert pq.read_table(tmp_path / "drop/power/2015-12-14.parquet")["meterNo"].to_pylist() == ["M1", "M2"]


def test_a_compressed_csv_drop_has_the_same_bytes_each_time(tmp_path):
    write(tmp_path / "a", "csv.gz", DROP_DAY)
    write(tmp_path / "b", "csv.gz", DROP_DAY)
    first, second = (tmp_path / name / "drop/power/2015-12-14.csv.gz" for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert pd.read_csv(first)["meterNo"].tolist() == ["M1", "M2"]


def test_from_the_first_http_day_on_the_rows_go_to_the_archive_with_their_arrival(tmp_path):
    write(tmp_path, "csv.gz", HTTP_FROM)
    assert not (tmp_path / "drop").exists()
    table = pa.ipc.open_file(str(tmp_path / "archive/power/2015-12-20.arrow")).read_all()
    assert table["record"].to_pylist() == ['{"meterNo":"M1"}', '{"meterNo":"M2"}']
    assert (table["arrival_us"].to_numpy() - table["event_us"].to_numpy()).tolist() == [HOUR_US, HOUR_US]


def test_a_record_is_a_json_object_with_null_where_there_is_no_value():
    table = pa.table({"link_id": ["R1", "R2"], "flow": pa.array([12.5, None], pa.float64())})
    assert format_json_records(table).to_pylist() == ['{"link_id":"R1","flow":12.5}', '{"link_id":"R2","flow":null}']


def test_an_instant_is_text_in_utc_or_in_beijing_time():
    instant = np.array([day_start_us(date(2015, 12, 13))])
    assert format_utc(instant).to_pylist() == ["2015-12-12T16:00:00Z"]
    assert format_beijing_time(instant).to_pylist() == ["2015-12-13T00:00:00+08:00"]


def test_a_number_that_is_missing_becomes_null():
    assert to_number_column(np.array([1.5, np.nan])).to_pylist() == [1.5, None]
