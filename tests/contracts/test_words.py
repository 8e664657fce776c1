"""The words of the glossary: what it retires is absent, and the files that texts name exist."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE

REPOSITORY = PACKAGE.parents[1]
GLOSSARY = REPOSITORY / "docs" / "glossary.md"
FOLDERS = (
    "src",
    "tests",
    "dags",
    "bench",
    "docs",
    "sql",
    "docker",
    "examples",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
SUFFIXES = (".py", ".md", ".csv", ".toml", ".sql", ".yaml", ".html", ".js", ".css", ".example")
VENDORED = ("echarts.min.js",)
# How flow.py names the file of any stage.
PLACEHOLDERS = {"verb/name.py"}
PYTHON_PATH = re.compile(r"(?<![\w./{}*-])([\w-]+(?:/[\w-]+)*\.py)\b")


@cache
def texts() -> dict[str, str]:
    """Every text file of the repository that a person reads, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a clone")
    paths = [REPOSITORY / name for name in listed.stdout.splitlines()]
    return {
        path.relative_to(REPOSITORY).as_posix(): path.read_text("utf-8")
        for path in paths
        if path.is_file() and path.suffix in SUFFIXES and path.name not in VENDORED
    }


def retired_words() -> list[str]:
    """The first column of the table below the heading "Retired words"."""
    table = GLOSSARY.read_text("utf-8").split("## Retired words")[1].split("\n## ")[0]
    cells = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    return [word.strip() for cell in cells if cell != "Retired" for word in cell.split(",")]


def test_the_glossary_retires_words() -> None:
    assert {"told", "dear"} <= set(retired_words())


@pytest.mark.parametrize("word", retired_words())
def test_a_retired_word_is_absent(word: str) -> None:
    pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])".replace(r"\ ", r"[\s#*-]+"), re.IGNORECASE)
    places = {
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}"
        for name, text in texts().items()
        if name != "docs/glossary.md"
        for hit in pattern.finditer(text)
        if not is_own_list(name)
    }
    assert sorted(places) == []


def is_own_list(name: str) -> bool:
    return name == Path(__file__).relative_to(REPOSITORY).as_posix()


def test_python_files_that_texts_name_exist() -> None:
    files = [name for name in texts() if name.endswith(".py")]
    missing = {
        f"{name}: {path}"
        for name, text in texts().items()
        for path in PYTHON_PATH.findall(prose(name, text))
        if path not in PLACEHOLDERS and not any(file == path or file.endswith(f"/{path}") for file in files)
    }
    assert sorted(missing) == []


def prose(name: str, text: str) -> str:
    """The whole of a document; of a Python file its docstrings."""
    if not name.endswith(".py"):
        return text
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, owners)]
    return "\n".join(ast.get_docstring(node) or "" for node in nodes)
