"""`emis export` from the command line: the closing as lines or JSON, and the exit status of wrong use."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.commands.export_command import export_lines
from bigdata_emis.errors import InputError
from tests.publish.export.exported_town import publish_exported_town
from tests.publish.published_town import FIRST

TOML = """name_en = "Town"
name_zh = "城"
time_zone = "Asia/Shanghai"
is_simulated = true

[grid]
projection = "+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84 +units=m +no_defs"
cell_m = 3000.0
x_origin_m = -3000.0
y_origin_m = -3000.0
columns = 3
rows = 2

[rules]
alert = "2017"
"""


@pytest.fixture
def out(home: Path) -> Path:
    publish_exported_town(home)
    folder = home / "regions" / "town"
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(TOML, "utf-8")
    return home / "out"


def arguments(out: Path, *more: str, format_: str = "ioapi") -> list[str]:
    return ["export", "--region", "town", "--date", str(FIRST), "--format", format_, "--out", str(out), *more]


def test_the_answer_is_one_json_document(out: Path) -> None:
    result = CliRunner().invoke(app, arguments(out, "--json"))
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["closing"]["closes"] is True
    assert Path(document["folder"]).is_dir()


def test_lines_show_the_closing_and_the_folder(out: Path) -> None:
    result = CliRunner().invoke(app, arguments(out))
    assert "0.024" in result.output
    assert f"town_{FIRST}_ioapi" in result.output


def test_an_unknown_format_is_refused(out: Path) -> None:
    result = CliRunner().invoke(app, arguments(out, format_="grib"))
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_status == 2
    assert not out.exists()


def write_grid(out: Path, projection: str) -> str:
    path = out.parent / "d02.toml"
    text = TOML.partition("[grid]")[2].partition("[rules]")[0]
    plane = text.partition('projection = "')[2].partition('"')[0]
    path.write_text('name = "d02"\n[grid]' + text.replace(plane, projection or plane), "utf-8")
    return str(path)


def test_a_grid_of_the_user_has_a_folder_of_its_own_and_its_loss_is_shown(out: Path) -> None:
    result = CliRunner().invoke(app, arguments(out, "--grid", write_grid(out, ""), "--allow-outside", "0.25"))
    assert result.exit_code == 0, result.output
    assert "beyond grid d02: NOx 6.0 kg (25.00%)" in result.output
    assert [path.name for path in out.iterdir()] == [f"town_{FIRST}_ioapi_d02"]


@pytest.mark.parametrize(
    ("projection", "more", "message"),
    [
        ("", (), r"beyond grid d02 lie NOx 6\.0 kg \(25\.00%\), .*expected at most 1\.00%.*--allow-outside 0\.25"),
        ("EPSG:4326", (), "has axes in degree: expected a plane in metres"),
        ("", ("--allow-outside", "30"), "--allow-outside 30: expected a share from 0 to 1"),
    ],
    ids=["too much outside", "degrees", "percent"],
)
def test_an_unusable_grid_is_refused_in_one_line_and_nothing_is_written(
    projection: str, more: tuple[str, ...], message: str, out: Path
) -> None:
    result = CliRunner().invoke(app, arguments(out, "--grid", write_grid(out, projection), *more))
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_status == 2
    assert "\n" not in str(result.exception)
    assert re.search(message, str(result.exception))
    assert not out.exists()


def test_lines_name_how_profiles_were_chosen() -> None:
    row = {"pollutant": "NOx", "published_kg": 2000.0, "file_kg": 1500.0, "outside_kg": 500.0, "clipped_kg": 0.0}
    document = {
        "closing": {"pollutants": [{**row, "difference_share": 0.0}]},
        "grid": {"name": "d02", "outside": [{"pollutant": "NOx", "outside_kg": 500.0, "outside_share": 0.25}]},
        "profiles": {"NOx": {"own_profile": 1.0}},
        "files": [{"name": "a.ncf", "bytes": 1234}],
        "folder": "out",
    }
    text = "\n".join(export_lines(document))
    assert "beyond grid d02: NOx 500.0 kg (25.00%)" in text
    assert "NOx: own_profile 100.0%" in text
    assert "a.ncf  1,234 B" in text
