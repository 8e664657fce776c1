"""Lines are trained in batches, and stderr says how far the training is."""

import pyarrow as pa
import pytest

from bigdata_emis.relate.models.batches import (
    PAUSE_S,
    SILENT_S,
    Batch,
    TrainingProgress,
    activate_progress,
    count_trained_line,
    run_batches,
    split_into_batches,
)


class ManualClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.second = 0.0

    def __call__(self) -> float:
        return self.second


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def test_batches_hold_the_lines_in_order_of_their_ids():
    assert split_into_batches(["c", "a", "b"], 2) == [Batch("a", "b", 2), Batch("c", "c", 1)]
    assert split_into_batches([], 2) == []


def test_each_batch_is_trained_in_turn():
    batches = split_into_batches(["a", "b", "c"], 2)
    results = list(run_batches("train", batches, lambda batch: pa.table({"first": [batch.first]})))
    assert [table["first"].to_pylist() for table in results] == [["a"], ["c"]]


def test_a_report_says_how_much_is_done_and_how_long_the_rest_takes(capsys):
    clock = ManualClock()
    progress = TrainingProgress("train", 1000, clock)
    clock.second = 10.0
    progress.set_trained(250)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("train ")
    assert "250/1000 lines in 0:00:10 about 0:00:30 remaining" in printed.err
    assert printed.err.count("\n") == 1


def test_work_that_is_done_at_once_reports_nothing(capsys):
    clock = ManualClock()
    progress = TrainingProgress("train", 10, clock)
    clock.second = SILENT_S
    progress.set_trained(10)
    assert capsys.readouterr().err == ""


def test_within_a_long_batch_lines_report_at_most_once_in_a_pause(capsys):
    clock = ManualClock()
    with activate_progress(TrainingProgress("train", 100, clock)):
        for second in (1.0, 2.0, PAUSE_S + 1, PAUSE_S + 2):
            clock.second = second
            count_trained_line()
    printed = capsys.readouterr().err
    assert "3/100 lines in 0:00:11 about 0:05:56 remaining" in " ".join(printed.split())
    assert printed.count("\n") == 1


def test_a_line_trained_without_active_progress_is_not_counted(capsys):
    progress = TrainingProgress("train", 100)
    count_trained_line()
    assert progress.trained == 0
    assert capsys.readouterr().err == ""
