"""The table of the benchmark."""

import pytest

from bench.__main__ import Row, add_ratios, build_table, check_totals, format_cells, parse_arguments


def row(contender, work_s, cpu_s=1.0):
    return Row("power", contender, work_s, work_s + 1, cpu_s, 100.0)


def test_ratios_are_over_the_fastest_plain_script_and_over_the_copy():
    ours, *_ = add_ratios(
        [row("sail", 6.0, 9.0), row("polars", 2.0, 3.0), row("duckdb", 3.0, 2.0), row("read+write", 1)]
    )
    assert (ours.to_best_rival, ours.cpu_to_best_rival, ours.to_floor) == (3.0, 4.5, 6.0)
    assert list(format_cells(ours)) == ["6.00", "7.00", "9.00", "100", "3.0", "4.5", "6.0", ""]


def test_without_a_plain_script_there_are_no_ratios():
    (ours,) = add_ratios([Row("training_all", "sail", 6.0, 7.0, 9.0, 100.0)])
    assert ours.to_best_rival is None


def test_different_totals_end_the_benchmark():
    assert check_totals(row("sail", 1), None, {"rows": 1.0}) is None
    assert check_totals(row("polars", 1), {"rows": 1.0}, {"rows": 1.0})
    with pytest.raises(SystemExit, match="polars has different totals: rows: 1.0 and 2.0"):
        check_totals(row("polars", 1), {"rows": 1.0}, {"rows": 2.0})


def test_an_unknown_workload_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "S", "--workloads", "power,moon"])
    with pytest.raises(SystemExit):
        parse_arguments()
    assert "use power, traffic" in capsys.readouterr().err


def test_the_table_has_one_row_for_each_contender():
    assert build_table([row("sail", 1), row("polars", 1)], "size S").row_count == 2
