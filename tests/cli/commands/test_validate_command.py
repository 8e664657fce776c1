"""`emis validate`: its list of tasks, and years that are not years."""

import json

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.commands.validate_command import validate
from bigdata_emis.errors import InputError

RUNNER = CliRunner()


def test_the_list_names_every_task_as_json():
    ran = RUNNER.invoke(app, ["validate", "list", "--json"])
    assert ran.exit_code == 0
    listed = " ".join(map(str, json.loads(ran.stdout)["tasks"]))
    assert all(task in listed for task in ("nys", "avert", "gas-turbine", "beijing", "steel", "traffic"))


@pytest.mark.parametrize("years", ["20 17", "2017;2018", "1", "99999", "二〇一七", "2017,"])
def test_years_that_are_not_years_are_refused_in_one_line(years, tmp_path):
    with pytest.raises(InputError, match=r"is not a list of years from 1\d{3} to \d{4}") as refusal:
        validate("avert", tmp_path, fit=years)
    assert "\n" not in str(refusal.value)
