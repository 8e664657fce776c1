"""Sizes that keep a module one idea and a function one thought, and words that must not be in the repository."""

import ast
import subprocess
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE

REPOSITORY = PACKAGE.parents[1]
MODULE_LINES = 250
FUNCTION_LINES = 40
DAG_LINES = 40
MODULES = sorted(PACKAGE.rglob("*.py"))
DAGS = sorted((REPOSITORY / "dags").glob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short_and_says_what_belongs_in_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MODULE_LINES
    told = ast.get_docstring(ast.parse(text)) or ""
    assert told, "open with a sentence"
    assert path.name == "__init__.py" or "elongs here" in told, "open with what belongs here and what does not"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_function_is_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert not {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}


@pytest.mark.parametrize("path", DAGS, ids=named)
def test_a_dag_is_wiring_only(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= DAG_LINES
    roots = {name.split(".")[0] for name in _imported(ast.parse(text))}
    assert not roots & {"pandas", "pyspark", "sqlalchemy", "pyarrow", "numpy"}


def test_files_that_are_kept_name_no_machine() -> None:
    """A path of somebody's machine works nowhere else."""
    places = ("/" + "work/", "/" + "root/", "/" + "home/")
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone")
    texts = [REPOSITORY / name for name in listed.stdout.splitlines() if Path(name).suffix in {".py", ".md", ".toml", ".csv", ".sql", ".yaml"}]
    found = [named(p) for p in texts if p.is_file() and any(place in p.read_text("utf-8", "replace") for place in places)]
    assert not found


def _imported(tree: ast.Module) -> list[str]:
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
