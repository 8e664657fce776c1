"""Runs of flags, half-open: also at both ends, and none where nothing is true."""

import numpy as np
import pytest

from bigdata_emis.statistics.flag_runs import find_runs


@pytest.mark.parametrize(
    ("flags", "runs"),
    [("", []), ("000", []), ("111", [(0, 3)]), ("1001", [(0, 1), (3, 4)]), ("0110100", [(1, 3), (4, 5)])],
)
def test_a_run_is_given_by_its_first_position_and_the_one_after_it(flags: str, runs: list[tuple[int, int]]) -> None:
    assert find_runs(np.array([flag == "1" for flag in flags], dtype=bool)) == runs
