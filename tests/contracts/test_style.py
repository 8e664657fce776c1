"""Sizes that keep a module one idea and a function one step, and paths that must not be in the repository."""

import ast
import subprocess
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE

REPOSITORY = PACKAGE.parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 40
DAG_LINES = 40
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "codes.py")  # codes.py is generated
DAGS = sorted((REPOSITORY / "dags").glob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short_and_says_what_belongs_in_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MODULE_LINES
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring, "open with a sentence"
    assert path.name == "__init__.py" or "elongs here" in docstring, "open with what belongs here and what does not"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_function_is_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not {f.name: lines for f in functions if (lines := _body_lines(f)) > FUNCTION_LINES}


@pytest.mark.parametrize("path", DAGS, ids=named)
def test_a_dag_is_wiring_only(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= DAG_LINES
    roots = {name.split(".")[0] for name in _imported(ast.parse(text))}
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


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines after signature and docstring: a stage's parameters are its tables, and may be many."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _imported(tree: ast.Module) -> list[str]:
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
