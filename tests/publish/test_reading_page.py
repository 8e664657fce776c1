"""Every example of docs/reading.md runs on a published town and gives the value on paper."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from bigdata_emis.publish.export.user_grid import read_user_grid
from bigdata_emis.settings import PACKAGE
from tests.publish.published_town import declared, publish_town

PAGE = PACKAGE.parents[1] / "docs" / "reading.md"
PUBLISHED_ON_PAGE = "var/lake/published/jjj"
OF_TOWN = {"2015-12-20": "2015-12-19", "2015-12-21": "2015-12-20"}
"""The days of the page are those of the demonstration; the days of the town are one earlier each."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS"):
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("home")
        patch.setenv("EMIS_HOME", str(home))
        folder = publish_town(home)
    write_scenarios(folder)
    return folder


def write_scenarios(published: Path) -> None:
    """Two approved scenarios of the second day; the later one is in force from 12:00 UTC on, the earlier one before."""
    midnight = datetime(2015, 12, 20, tzinfo=UTC)
    hours = [midnight + timedelta(hours=number) for number in range(16)]
    source = {"source_id": "L1", "pollutant_code": "NOx"}
    folder = published / "control_hourly" / "day=2015-12-20"
    folder.mkdir(parents=True)
    for scenario, cut_g in (("orange-1", 100.0), ("red-2", 300.0)):
        rows = [{"scenario_id": scenario, **source, "hour_utc": at, "cut_emission_g": cut_g} for at in hours]
        pq.write_table(declared("control_hourly", rows), folder / f"{scenario}.parquet")
    noon, end = (midnight + timedelta(hours=number) for number in (12, 16))
    in_force = [("orange-1", midnight, noon), ("red-2", noon, end)]
    named = [
        {"scenario_id": scenario, "from_utc": start.isoformat(), "to_utc": stop.isoformat()}
        for scenario, start, stop in in_force
    ]
    (published / "scenario").mkdir()
    (published / "scenario" / "in_force.json").write_text(json.dumps(named), "utf-8")


def examples(language: str, published: Path) -> list[str]:
    """The examples in one language, with the folder and the days of the town."""
    page = re.sub("|".join(OF_TOWN), lambda day: OF_TOWN[day[0]], PAGE.read_text("utf-8"))
    blocks = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return [block.replace(PUBLISHED_ON_PAGE, published.as_posix()) for block in blocks]


@pytest.fixture(scope="module")
def results(published: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that the Python examples leave, run one after another."""
    names: dict[str, Any] = {"__name__": "reading"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("study"))
        for block in examples("python", published):
            exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - the page is a file of this repository
        names["binary"] = Path("primary_pm25_g.bin").read_bytes()
    return names


def test_the_first_example_adds_up_both_local_days(results: dict[str, Any]) -> None:
    assert results["nox_t"].to_dict() == {"industrial_process": pytest.approx(24 * (1000 + 2000) / 1e6)}


def test_unit_title_and_conventions_are_read_from_the_schema(results: dict[str, Any]) -> None:
    assert (results["unit"], results["title"]) == ("gram", "emission of the day")
    assert "NOx is a mass of NO2" in results["conventions"]


def test_a_day_in_utc_is_sixteen_hours_of_one_local_day_and_eight_of_the_next(results: dict[str, Any]) -> None:
    rows = results["in_utc"].query("pollutant_code == 'NOx'")
    assert results["hours_present"] == 24
    assert rows["emission_g"].sum() == pytest.approx(16 * 1000 + 8 * 2000)


def test_the_field_holds_primary_pm25_in_its_cell_and_leaves_the_rest_outside(results: dict[str, Any]) -> None:
    field = results["primary_pm25_g"]
    assert field.shape == (24, 2, 3)
    assert np.argwhere(field[0]).tolist() == [[1, 2]]
    assert field[[0, 15, 16], 1, 2].tolist() == pytest.approx([450.0, 450.0, 900.0])  # 3/4 of 600 g, then of 1200 g


def test_fortran_reads_the_file_with_the_column_first(results: dict[str, Any]) -> None:
    as_fortran = np.frombuffer(results["binary"], dtype="<f4").reshape((3, 2, 24), order="F")
    assert as_fortran[2, 1, 0] == pytest.approx(450.0)


def test_griddesc_has_the_parameters_of_the_grid(results: dict[str, Any]) -> None:
    lines = results["griddesc"].splitlines()
    assert lines[1:3] == ["'TOWN'", "2, 36.0, 42.0, 116.8, 116.8, 39.3"]
    assert lines[5] == "'TOWN', -3000.0, -3000.0, 3000.0, 3000.0, 3, 2, 1"
    assert 0 < results["moved_m"] < 20  # six kilometres from the origin


def test_the_manifest_names_files_with_their_checksums(results: dict[str, Any]) -> None:
    assert len(results["manifest"]["files"]) == 4
    assert isinstance(results["is_whole"], bool)


def test_polars_adds_up_the_region(results: dict[str, Any]) -> None:
    kg = dict(results["region_kg"].iter_rows())
    assert kg["NOx"] == pytest.approx(72.0)


def test_the_examples_in_sql_run_and_give_the_values_on_paper(published: Path) -> None:
    by_cell, by_stack, by_model, in_force = (duckdb.sql(text).fetchall() for text in examples("sql", published))
    ((longitude, latitude, kg_per_km2),) = by_cell
    assert (longitude, latitude) == (pytest.approx(116.852, abs=1e-3), pytest.approx(39.3135, abs=1e-3))
    assert kg_per_km2 == pytest.approx(24 * 2 * 0.75 / 9, rel=0.01)
    ((source, name, stack, *_, line_emission_g),) = by_stack
    assert (source, name, stack, line_emission_g) == ("L1", "Steel", "S1", pytest.approx(48_000.0))
    assert [(pollutant, cut_kg) for _, pollutant, cut_kg in in_force] == [("NOx", pytest.approx(12 * 0.1 + 4 * 0.3))]
    assert by_model == [("registered_intensity", None, pytest.approx(0.072))]


def test_the_example_in_r_runs(published: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    (block,) = examples("r", published)
    done = subprocess.run([rscript, "-e", block], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_example_of_a_grid_of_ones_own_is_read(published: Path, tmp_path: Path) -> None:
    (block,) = examples("toml", published)
    (tmp_path / "d02.toml").write_text(block, "utf-8")
    user = read_user_grid(tmp_path / "d02.toml", None)
    assert user is not None
    assert (user.grid.columns, user.grid.rows, user.grid.cell_m, user.grid.x_origin_m) == (200, 160, 3000, -300_000)


def test_an_example_is_in_a_language_that_a_test_runs() -> None:
    """Fortran is checked by its order of indices alone."""
    languages = set(re.findall(r"```(\w+)\n", PAGE.read_text("utf-8")))
    assert languages == {"python", "sql", "r", "fortran", "toml"}
