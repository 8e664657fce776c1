"""The folders show the flow: few modules each, unique names, a stage under its own name, a test for each module."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.settings import PACKAGE

TESTS = PACKAGE.parents[1] / "tests"
MOST_MODULES = 12
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
FOLDERS = sorted({path.parent for path in MODULES})
# The tasks of validation are parallel rooms: each has its own `task`, `data`, `plots` and models.
PARALLEL_ROOMS = PACKAGE / "validate"
# The one door through which a stage is imported by the name that flow.py gives it.
IMPORTS_BY_NAME = {"run/stage.py"}
# The tasks of validation are run by their name.
DOOR_OF_TASKS = "bigdata_emis.validate.tasks"
# Generated, or type aliases only: nothing to test.
WITHOUT_BEHAVIOUR = {"codes.py", "arrays.py"}


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def is_parallel(path: Path) -> bool:
    return path.is_relative_to(PARALLEL_ROOMS) and path.parent != PARALLEL_ROOMS


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_a_folder_holds_few_modules(folder: Path) -> None:
    assert len([path for path in MODULES if path.parent == folder]) <= MOST_MODULES


def test_a_module_name_occurs_once() -> None:
    places = defaultdict(list)
    for path in MODULES:
        if not is_parallel(path):
            places[path.stem].append(named(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(named(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("stage", flow.STAGES, ids=lambda stage: stage.name)
def test_a_stage_lies_in_the_folder_of_its_verb_under_its_own_name(stage: flow.Stage) -> None:
    file = "collect_feeds" if stage.feed else stage.name
    assert stage.module == f"bigdata_emis.{stage.verb}.{file}"
    assert (PACKAGE / stage.verb / f"{file}.py").is_file()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nothing_is_imported_through_a_string(path: Path) -> None:
    calls = {name for name in called_names(path) if name in ("import_module", "__import__")}
    assert not calls or named(path) in IMPORTS_BY_NAME


def called_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


@pytest.mark.parametrize("path", [p for p in MODULES if named(p) not in WITHOUT_BEHAVIOUR], ids=named)
def test_a_module_has_a_mirrored_test_that_imports_it(path: Path) -> None:
    test = TESTS / path.relative_to(PACKAGE).with_name(f"test_{path.name}")
    door = DOOR_OF_TASKS if is_parallel(path) and path.stem == "task" else module_name(path)
    has_test = test.is_file() and door in imported_names(test)
    assert has_test, f"write tests/{test.relative_to(TESTS).as_posix()}, and import {door} there"


def module_name(path: Path) -> str:
    return ".".join(("bigdata_emis", *path.relative_to(PACKAGE).with_suffix("").parts))


def imported_names(path: Path) -> set[str]:
    """Dotted names of all that a file imports, modules and what they hold."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
