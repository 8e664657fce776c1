"""Resources used by a command and its process tree."""

import os
import sys

import pytest

from bench.measure import find_descendants, measure_command, read_cpu_seconds, read_proportional_kb

MISSING_PID = 2**22 + 1


def run(code, tmp_path):
    return measure_command([sys.executable, "-c", code], cwd=tmp_path, environment=dict(os.environ))


def test_output_and_memory_of_a_command_are_measured(tmp_path):
    usage = run("block = bytearray(60_000_000); print(len(block))", tmp_path)
    assert usage.output == "60000000\n"
    assert usage.peak_mb > 57
    assert 0 < usage.cpu_s <= usage.wall_s * os.cpu_count()


def test_a_command_that_fails_ends_with_its_last_lines(tmp_path):
    with pytest.raises(SystemExit, match="no such engine"):
        run("raise SystemExit('no such engine')", tmp_path)


def test_a_process_is_part_of_its_own_tree_and_has_memory_and_cpu_time():
    pid = os.getpid()
    assert pid in find_descendants(pid)
    assert pid in find_descendants(os.getppid())
    assert read_proportional_kb(pid) > 1000
    assert read_cpu_seconds(pid) > 0


def test_a_process_that_has_ended_uses_nothing():
    assert find_descendants(MISSING_PID) == {MISSING_PID}
    assert read_proportional_kb(MISSING_PID) == 0
    assert read_cpu_seconds(MISSING_PID) is None
