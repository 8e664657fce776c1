"""The table of validation tasks, and what is refused before any data are read."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.tasks import TASKS, task_lines, validate


def test_every_task_has_a_line_and_a_function():
    assert len(task_lines()) == len(TASKS)
    assert all(task.load_judge().__name__.startswith("validate_") for task in TASKS.values())


def test_an_unknown_task_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="moon.*nys"):
        validate("moon", tmp_path, fit=(2001,), score=(2002,))


def test_an_option_that_a_task_does_not_have_is_refused(tmp_path):
    with pytest.raises(InputError, match="no option --truth-late-weeks"):
        validate("nys", tmp_path, options={"truth_late_weeks": 1})


def test_a_page_that_cannot_be_written_is_refused_before_the_data_are_read(tmp_path):
    for page, message in ((tmp_path / "no" / "page.html", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=message):
            validate("nys", tmp_path / "nowhere", page=page)
