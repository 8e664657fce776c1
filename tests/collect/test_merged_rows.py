"""Rows of overlapping passes: one row each, with its last arrival, and none parsed twice."""

import datetime as dt
from pathlib import Path

import pyarrow as pa

from bigdata_emis.collect.merged_rows import merge_passes, merge_rows
from bigdata_emis.collect.raw_archive import Pass, StoredAnswer
from tests.collect.feed_builders import DAY, lake, power_feed

ARRIVED = dt.datetime(2015, 12, 21, tzinfo=dt.UTC)


def rows(number: int, *values: tuple) -> pa.Table:
    meters, energies = zip(*values, strict=True) if values else ((), ())
    columns = {"meter": pa.array(meters, pa.string()), "kWh": pa.array(energies, pa.float64())}
    return pa.table(columns | {"pass_number": pa.array([number] * len(values), pa.int64())})


def listed(merged: pa.Table) -> list[tuple]:
    return [tuple(row.values()) for row in merged.to_pylist()]


def received(number: int, content: str) -> Pass:
    return Pass(number, ARRIVED, (StoredAnswer(f"{content}.csv", content, "csv"),))


class Parser:
    """Gives the rows of a pass, and notes which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, found: Pass) -> pa.Table:
        self.asked.append(found.number)
        return rows(found.number, (found.answers[0].sha256, 1.0)).drop_columns(["pass_number"])


def merge(home: Path, *passes: Pass, **changes: object) -> tuple[pa.Table, list[int]]:
    parser = Parser()
    merged = merge_passes(list(passes), parser, store=lake(home), feed=power_feed(**changes), landing_day=DAY)
    return merged, parser.asked


def test_a_row_that_a_later_pass_repeats_is_one_row_with_the_later_pass():
    merged = merge_rows(rows(1, ("a", 1.0), ("b", None)), rows(2, ("a", 1.0), ("c", 2.0)))
    assert listed(merged) == [("b", None, 1), ("a", 1.0, 2), ("c", 2.0, 2)]


def test_a_correction_that_is_taken_back_comes_last_again():
    merged = rows(1, ("a", 100.0))
    for number, energy in ((2, 150.0), (3, 100.0)):
        merged = merge_rows(merged, rows(number, ("a", energy)))
    assert listed(merged) == [("a", 150.0, 2), ("a", 100.0, 3)]


def test_a_row_that_one_pass_sends_twice_stays_twice_and_missing_values_are_equal():
    merged = merge_rows(rows(1, ("a", None), ("a", None)), rows(2, ("a", None)))
    assert listed(merged) == [("a", None, 1), ("a", None, 2)]
    assert listed(merge_rows(merged, rows(3, ("a", None), ("a", None)))) == [("a", None, 3)] * 2


def test_a_pass_without_rows_changes_nothing():
    assert listed(merge_rows(rows(1, ("a", 1.0)), rows(2))) == [("a", 1.0, 1)]


def test_only_passes_that_were_not_merged_before_are_parsed(home):
    first, second = received(1, "x"), received(2, "y")
    assert merge(home, first)[1] == [1]
    merged, asked = merge(home, first, second)
    assert (listed(merged), asked) == ([("x", 1.0, 1), ("y", 1.0, 2)], [2])
    again, asked = merge(home, first, second)
    assert (again.equals(merged), asked) == (True, [])


def test_the_file_can_be_deleted_or_damaged_and_the_rows_are_the_same(home, caplog):
    passes = [received(1, "x"), received(2, "y")]
    merged, _ = merge(home, *passes)
    (file,) = (home / "lake" / "parsed").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    again, asked = merge(home, *passes)
    assert (again.equals(merged), asked) == (True, [1, 2])
    assert "is parsed again: its bytes are not those that were written" in caplog.text
    for file in (home / "lake" / "parsed").rglob("*.parquet"):
        file.unlink()
    assert merge(home, *passes)[0].equals(merged)


def test_another_declaration_of_the_feed_parses_all_again(home):
    merge(home, received(1, "x"))
    assert merge(home, received(1, "x"), factors={"energy_kwh": 2.0})[1] == [1]
    assert merge(home, received(1, "x"), factors={"energy_kwh": 2.0}, timeout_s=5)[1] == []


def test_one_file_is_stored_for_a_raw_archive(home):
    for count in (1, 2, 3):
        merge(home, *(received(number, f"c{number}") for number in range(1, count + 1)))
    assert len(list((home / "lake" / "parsed").rglob("*.parquet"))) == 1
