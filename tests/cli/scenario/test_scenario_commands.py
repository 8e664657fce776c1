"""The commands about scenarios, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.scenario.scenario_commands import scenario_commands
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected
from bigdata_emis.storage.lake import open_lake
from tests.control.results.recalculated_town import write_town
from tests.publish.scenarios.drafts import publish_inventory, scenario_of, write_draft

TOWN = """name_en = "Town"
name_zh = "镇"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 0
y_origin_m = 0
columns = 1
rows = 1
"""
OF_SCENARIO = ["--region", "nys", "--scenario", "orange-1"]


@pytest.fixture
def draft(home: Path) -> Path:
    publish_inventory()
    write_draft("orange-1")
    return home


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call(*arguments, "--json"))
    return answer


def upgrade_to(revision: str) -> None:
    """The registry as it was at an earlier revision."""
    with connected(write=True, migrate=True) as connection:
        config = Config(attributes={"connection": connection, "version_table": database.VERSION_TABLE})
        config.set_main_option("script_location", str(database.sql_folder() / "migrations"))
        command.upgrade(config, revision)


@pytest.mark.parametrize(
    "words",
    [
        ("approve", "--by", "Li"),
        ("outcome",),
        ("scenario", "lift", "--by", "Li"),
        ("scenario", "retire", "--by", "Li"),
        ("scenario", "publish"),
        ("alert", "issue"),
    ],
)
def test_a_command_that_acts_migrates_the_registry_of_an_earlier_version_first(
    home: Path, words: tuple[str, ...]
) -> None:
    upgrade_to("0018")
    with pytest.raises(InputError, match="scenario"):
        CliRunner().invoke(app, [*words, "--region", "nys", "--scenario", "x"], catch_exceptions=False)
    assert database.can_be_read()


def test_a_scenario_is_approved_shown_lifted_and_retired_by_command(draft: Path) -> None:
    approved = document("approve", *OF_SCENARIO, "--by", "wang")
    assert (approved["status"], approved["scenario_status"], approved["by"]) == ("approved", "in_force", "wang")
    listed = document("scenario", "list", "--region", "nys")["scenarios"]
    assert [(s["scenario"], s["status"], s["authentication"]) for s in listed] == [("orange-1", "in_force", "command")]
    lifted = document("scenario", "lift", *OF_SCENARIO, "--at", "2019-07-15T12:00", "--by", "li", "--note", "clean")
    assert (lifted["status"], lifted["in_force_to_utc"]) == ("lifted", "2019-07-15T17:00:00+00:00")
    shown = call("scenario", "show", *OF_SCENARIO)
    assert "orange-1 is lifted from 2019-07-15 12:00 -05:00; clean" in shown
    assert document("scenario", "retire", *OF_SCENARIO, "--by", "li")["status"] == "retired"
    assert scenario_of("orange-1")["status"] == "retired"
    assert "retired" in call("scenario", "list", "--region", "nys", "--status", "retired")


def test_an_approved_scenario_is_published_again_by_command(draft: Path) -> None:
    manifest = Path(document("approve", *OF_SCENARIO, "--by", "wang")["manifest"])
    manifest.unlink()
    assert document("scenario", "publish", *OF_SCENARIO)["manifest"] == str(manifest)
    assert manifest.is_file()


def test_the_commands_are_those_of_the_help() -> None:
    assert {c.name or c.callback.__name__ for c in scenario_commands.registered_commands if c.callback} == {
        "list",
        "show",
        "waterfall",
        "gap",
        "lift",
        "retire",
        "publish",
    }


def test_waterfall_and_gap_of_a_recalculated_scenario_by_command(home: Path) -> None:
    (home / "regions" / "town").mkdir(parents=True)
    (home / "regions" / "town" / "region.toml").write_text(TOWN, "utf-8")
    listed = write_town(open_lake(load_region("town")), home)
    window = ["--from", "2015-12-20", "--to", "2015-12-21", "--measures", str(listed)]
    scenario = document("recalc", "--region", "town", "--level", "orange", *window)["scenario"]
    asked = ["--region", "town", "--scenario", scenario, "--pollutant", "NOx"]
    waterfall = document("scenario", "waterfall", *asked)
    assert sum(row["added_kg"] for row in waterfall["rows"]) == pytest.approx(348.0)
    idle = [row["measure"] for row in waterfall["rows"] if not row["own_kg"]]
    assert waterfall["without_effect"] == {"NOx": idle}
    printed = call("scenario", "waterfall", *asked, "--order", "cut")
    assert "2 measures cut nothing when all are in force" in printed
    assert "2015-12-20 00:00 +08:00 to 2015-12-21 00:00 +08:00" in printed
    assert document("scenario", "gap", *asked, "--target", "0.25")["rows"][0]["source"] == "foundry-1"
    assert "CANNOT BE CLOSED" in call("scenario", "gap", *asked, "--target", "0.3")


def test_a_scenario_that_cannot_be_computed_again_is_refused_in_one_line(draft: Path) -> None:
    result = CliRunner().invoke(app, ["scenario", "gap", *OF_SCENARIO, "--pollutant", "NOx"])
    assert isinstance(result.exception, RefusedError)
    assert "scenario orange-1 has no stored measures" in str(result.exception)
