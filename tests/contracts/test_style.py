"""Sizes that keep a module one idea and a function one step, and paths that must not be in the repository."""

import subprocess
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE
from tests.contracts.package_sources import MODULES, name_of, source_of

REPOSITORY = PACKAGE.parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 40
DAG_LINES = 40
WRITTEN = [path for path in MODULES if path != PACKAGE / "codes.py"]  # codes.py is generated
DAGS = sorted((REPOSITORY / "dags").glob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_a_module_is_short() -> None:
    lines = {name_of(path): source_of(path).line_count for path in WRITTEN}
    assert {name: count for name, count in lines.items() if count > MODULE_LINES} == {}


def test_a_module_says_what_belongs_in_it() -> None:
    """Open with a sentence, then with what belongs here and what does not."""
    assert [name_of(path) for path in WRITTEN if not source_of(path).docstring] == []
    modules = [path for path in WRITTEN if path.name != "__init__.py"]
    assert [name_of(path) for path in modules if "elongs here" not in source_of(path).docstring] == []


def test_a_function_is_short() -> None:
    functions = ((name_of(path), *function) for path in WRITTEN for function in source_of(path).function_lines)
    assert [function for function in functions if function[-1] > FUNCTION_LINES] == []


@pytest.mark.parametrize("path", DAGS, ids=named)
def test_a_dag_is_wiring_only(path: Path) -> None:
    source = source_of(path)
    assert source.line_count <= DAG_LINES
    roots = {name.split(".")[0] for name in source.imports}
    assert not roots & {"pandas", "pyspark", "sqlalchemy", "pyarrow", "numpy"}


def test_no_file_names_a_path_of_one_machine() -> None:
    """A path of somebody's machine works nowhere else."""
    places = ("/" + "work/", "/" + "root/", "/" + "home/")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a clone")
    texts = [
        REPOSITORY / name
        for name in listed.stdout.splitlines()
        if Path(name).suffix in {".py", ".md", ".toml", ".csv", ".sql", ".yaml"}
    ]
    with_path = [
        named(p) for p in texts if p.is_file() and any(place in p.read_text("utf-8", "replace") for place in places)
    ]
    assert not with_path
