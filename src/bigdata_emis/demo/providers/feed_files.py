"""Files of the simulated feeds: file drops for the first days, archives of the replay server for the last days.

Belongs here: how a day of readings is written. Does not: the readings themselves.
"""

import gzip
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import HTTP_FROM

US_PER_MINUTE = 60_000_000
BEIJING_OFFSET_US = 8 * 60 * US_PER_MINUTE


@dataclass(frozen=True)
class FeedFiles:
    """Writer of the daily files of every feed."""

    region_folder: Path
    archive: Path
    drop_suffix: str

    def write(self, feed_id: str, day: date, *, records: pa.Table, event_us: Integers, arrival_us: Integers) -> None:
        """Write one local day of a feed, in order of time: a drop, or an archive from HTTP_FROM on."""
        order = np.argsort(event_us, kind="stable")
        ordered = records.take(pa.array(order))
        if day < HTTP_FROM:
            self._write_drop(self.region_folder / "drop" / feed_id / f"{day}.{self.drop_suffix}", ordered)
        else:
            self._write_archive(self.archive / feed_id / f"{day}.arrow", ordered, event_us[order], arrival_us[order])

    def _write_drop(self, path: Path, records: pa.Table) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.drop_suffix == "parquet":
            pq.write_table(records, path, compression="zstd")
            return
        text = io.BytesIO()
        pacsv.write_csv(records, text, pacsv.WriteOptions(quoting_style="needed"))
        path.write_bytes(gzip.compress(text.getvalue(), compresslevel=1, mtime=0))

    def _write_archive(self, path: Path, records: pa.Table, event_us: Integers, arrival_us: Integers) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table({"event_us": event_us, "arrival_us": arrival_us, "record": format_json_records(records)})
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())


def format_json_records(records: pa.Table) -> pa.Array:
    """Format each row as a JSON object; the texts must hold no character that JSON escapes."""
    parts: list[object] = []
    for number, name in enumerate(records.column_names):
        column = records[name].combine_chunks()
        text = (
            pc.binary_join_element_wise('"', column, '"', "")
            if pa.types.is_string(column.type)
            else column.cast(pa.string())
        )
        parts += [("{" if number == 0 else ",") + f'"{name}":', pc.fill_null(text, "null")]
    return pc.binary_join_element_wise(*parts, "}", "")


def format_utc(event_us: Integers) -> pa.Array:
    """Format instants as ISO text in UTC."""
    return _format_instants(event_us, 0, "Z")


def format_beijing_time(event_us: Integers) -> pa.Array:
    """Format instants as ISO text in Beijing time with its offset."""
    return _format_instants(event_us, BEIJING_OFFSET_US, "+08:00")


def _format_instants(event_us: Integers, offset_us: int, suffix: str) -> pa.Array:
    instants, position = np.unique(event_us, return_inverse=True)
    texts = [text + suffix for text in pd.to_datetime(instants + offset_us, unit="us").strftime("%Y-%m-%dT%H:%M:%S")]
    return pa.array(texts, pa.string()).take(pa.array(position))


def to_number_column(values: Floats) -> pa.Array:
    """Return the numbers as a column, with null for NaN."""
    return pa.array(values, from_pandas=True)
