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


def dropped(number: int, *values: tuple) -> tuple[Pass, pa.Table]:
    meters, energies = zip(*values, strict=True)
    frame = pa.table({"meter_id": pa.array(meters, pa.string()), "energy_kwh": pa.array(energies, pa.float64())})
    return Pass(number, ARRIVED, (StoredAnswer(f"drop-a-{number}.csv", f"{number}", "csv"),)), frame


def merge_files(home: Path, *files: tuple[Pass, pa.Table], **changes: object) -> list[tuple]:
    parsed = {found.number: frame for found, frame in files}
    passes = [found for found, _ in files]
    feed = power_feed(**changes)
    merged = merge_passes(passes, lambda found: parsed[found.number], store=lake(home), feed=feed, landing_day=DAY)
    return listed(merged)


def test_a_row_that_a_newer_file_of_the_day_lacks_is_withdrawn_and_logged(tmp_path, caplog):
    files = dropped(1, ("a", 1.0), ("b", 2.0), ("c", 3.0)), dropped(2, ("a", 1.0), ("b", 5.0))
    assert merge_files(tmp_path, *files) == [("b", 2.0, 1), ("a", 1.0, 2), ("b", 5.0, 2)]
    assert "1 rows of earlier files are withdrawn, drop-a-2.csv lacks them" in caplog.text


def test_a_withdrawn_row_that_comes_back_is_a_row_again(tmp_path):
    files = dropped(1, ("a", 1.0), ("b", 2.0)), dropped(2, ("a", 1.0)), dropped(3, ("a", 1.0), ("b", 2.0))
    assert merge_files(tmp_path, *files) == [("a", 1.0, 3), ("b", 2.0, 3)]


def test_an_empty_file_withdraws_nothing(tmp_path):
    empty, _ = dropped(2, ("a", 1.0))
    none = pa.table({"meter_id": pa.array([], pa.string()), "energy_kwh": pa.array([], pa.float64())})
    assert merge_files(tmp_path, dropped(1, ("a", 1.0)), (empty, none)) == [("a", 1.0, 1)]


def test_files_that_hold_only_new_rows_withdraw_nothing(tmp_path):
    files = dropped(1, ("a", 1.0)), dropped(2, ("b", 2.0))
    assert merge_files(tmp_path, *files, drop_rows="new") == [("a", 1.0, 1), ("b", 2.0, 2)]


def test_an_answer_over_http_withdraws_nothing_since_it_may_be_of_a_part_of_the_day(tmp_path):
    merged, _ = merge(tmp_path, received(1, "a"), received(2, "b"))
    assert listed(merged) == [("a", 1.0, 1), ("b", 1.0, 2)]
