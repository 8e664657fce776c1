"""`emis recalc`: what its options mean, and what is refused before anything is computed."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.scenario.recalc_command import recalc
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from tests.cli.scenario.test_scenario_commands import TOWN
from tests.control.results.recalculated_town import write_town

WINDOW = ("--region", "town", "--level", "orange", "--from", "2015-12-20", "--to", "2015-12-21")


@pytest.fixture
def listed(home: Path) -> Path:
    """The town with a published day; its list of measures."""
    (home / "regions" / "town").mkdir(parents=True)
    (home / "regions" / "town" / "region.toml").write_text(TOWN, "utf-8")
    return write_town(open_lake(load_region("town")), home)


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["recalc", *WINDOW, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_answer_says_whether_a_list_was_used_and_what_the_scenario_would_supersede(listed: Path) -> None:
    document: dict[str, Any] = json.loads(call("--measures", str(listed), "--json"))
    assert (document["list"], document["supersedes"]) == (None, [])
    nox = next(row for row in document["ledger"] if row["pollutant"] == "NOx")
    assert nox["cut_kg"] == pytest.approx(348.0)


def test_who_asks_and_why_is_in_the_audit_trail(listed: Path) -> None:
    call("--measures", str(listed), "--by", "Li", "--note", " first look ")
    act = database.read("audit", "town").to_pylist()[-1]
    assert act["actor"] == "Li"
    assert act["note"].endswith("first look")


def test_an_accounting_table_that_is_no_workbook_is_refused_before_anything_is_computed(listed: Path) -> None:
    table = listed.parent / "table.csv"
    with pytest.raises(InputError, match=r"expected a file \*.xlsx"):
        recalc(region="town", level="orange", from_="2015-12-20", to="2015-12-21", measures=listed, accounting=table)
    assert database.read("scenario", "town").num_rows == 0
