"""`emis day` prints what late rows changed before the receipts, and ends with status 4 where a late day failed."""

from types import SimpleNamespace

import pytest

from bigdata_emis.cli.commands.day_command import _end, _late_lines
from bigdata_emis.errors import PartialError

LATE = {"region": "r", "from": "a", "to": "b", "days": [], "skipped": 0, "waiting": [], "failed": {}}
WHOLE = SimpleNamespace(failures=[], partial_reasons=[])


def test_a_day_without_late_rows_says_nothing_of_them():
    assert (_late_lines(LATE), _late_lines({})) == ([], [])


def test_days_that_wait_are_listed_with_their_command():
    lines = _late_lines(LATE | {"waiting": ["2015-12-19"]})
    assert lines[0] == "late rows 迟到数据:"
    assert lines[-1].endswith("emis backfill --region r --from 2015-12-19 --to 2015-12-19 --late")


def test_a_whole_day_with_a_late_day_that_failed_ends_as_partial():
    _end(WHOLE, "2015-12-21", LATE)
    with pytest.raises(PartialError, match="2015-12-19: no room") as problem:
        _end(WHOLE, "2015-12-21", LATE | {"failed": {"2015-12-19": "no room"}})
    assert "--from 2015-12-19 --to 2015-12-19 --late" in problem.value.remedy


def test_a_partial_day_says_why():
    with pytest.raises(PartialError, match="2015-12-21 is published as partial: power 0.5"):
        _end(SimpleNamespace(failures=[], partial_reasons=["power 0.5"]), "2015-12-21", {})
