"""What a person sees while many lines are trained."""

from bigdata_emis.relate.models.batches import PAUSE_S, SILENT_S, Progress, line_done, under_way


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.second = 0.0

    def __call__(self) -> float:
        return self.second


def test_a_batch_tells_how_much_is_done_and_how_long_the_rest_may_take(capsys):
    clock = Hand()
    progress = Progress("train", 1_000, clock)
    clock.second = 10.0
    progress.reach(250)
    assert capsys.readouterr().err == "train: 250 of 1,000 lines, 10 s, about 30 s to go\n"


def test_work_that_nobody_waits_for_says_nothing(capsys):
    clock = Hand()
    progress = Progress("train", 10, clock)
    clock.second = SILENT_S
    progress.reach(10)
    assert capsys.readouterr().err == ""


def test_within_a_long_batch_a_line_speaks_when_none_has_for_a_while(capsys):
    clock = Hand()
    with under_way(Progress("train", 100, clock)):
        for second in (1.0, 2.0, PAUSE_S + 1, PAUSE_S + 2):
            clock.second = second
            line_done()
    assert capsys.readouterr().err == "train: 3 of 100 lines, 11 s, about 356 s to go\n"


def test_a_line_done_where_nobody_waits_is_not_counted(capsys):
    progress = Progress("train", 100)
    line_done()
    assert progress.done == 0
    assert capsys.readouterr().err == ""
