"""The folders show the flow: few modules each, unique names, a stage under its own name, a test for each module."""

from collections import defaultdict
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.settings import PACKAGE
from tests.conftest import GROUPS
from tests.contracts.package_sources import MODULES, name_of, source_of

TESTS = PACKAGE.parents[1] / "tests"
MOST_MODULES = 12
NAMED = [path for path in MODULES if path.name != "__init__.py"]
FOLDERS = sorted({path.parent for path in NAMED})
# The tasks of validation are parallel rooms: each has its own `task`, `data`, `plots` and models.
PARALLEL_ROOMS = PACKAGE / "validate"
# The one door through which a stage is imported by the name that flow.py gives it.
IMPORTS_BY_NAME = {"run/stage.py"}
# The tasks of validation are run by their name.
DOOR_OF_TASKS = "bigdata_emis.validate.tasks"
# Generated, or type aliases only: nothing to test.
WITHOUT_BEHAVIOUR = {"codes.py", "arrays.py"}


def is_parallel(path: Path) -> bool:
    return path.is_relative_to(PARALLEL_ROOMS) and path.parent != PARALLEL_ROOMS


def test_a_folder_holds_few_modules() -> None:
    counts = {name_of(folder): sum(path.parent == folder for path in NAMED) for folder in FOLDERS}
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_a_module_name_occurs_once() -> None:
    places = defaultdict(list)
    for path in NAMED:
        if not is_parallel(path):
            places[path.stem].append(name_of(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for path in NAMED:
        for name in source_of(path).class_names:
            places[name].append(name_of(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("stage", flow.STAGES, ids=lambda stage: stage.name)
def test_a_stage_lies_below_the_folder_of_its_verb_under_its_own_name(stage: flow.Stage) -> None:
    file = "collect_feeds" if stage.feed else stage.name
    assert stage.module == f"bigdata_emis.{'.'.join(filter(None, (stage.verb, stage.room)))}.{file}"
    assert (PACKAGE / stage.verb / stage.room / f"{file}.py").is_file()


def test_nothing_is_imported_through_a_string() -> None:
    users = {name_of(path) for path in NAMED if source_of(path).called & {"import_module", "__import__"}}
    assert users - IMPORTS_BY_NAME == set()


def test_a_module_has_a_mirrored_test_that_imports_it() -> None:
    missing = [
        f"write {test.relative_to(TESTS.parent).as_posix()}, and import {door} there"
        for path in NAMED
        if name_of(path) not in WITHOUT_BEHAVIOUR
        for test, door in [mirrored(path)]
        if not (test.is_file() and door in imported_names(test))
    ]
    assert missing == []


def mirrored(path: Path) -> tuple[Path, str]:
    """The test of a module, and what it has to import."""
    test = TESTS / path.relative_to(PACKAGE).with_name(f"test_{path.name}")
    return test, DOOR_OF_TASKS if is_parallel(path) and path.stem == "task" else module_name(path)


def module_name(path: Path) -> str:
    return ".".join(("bigdata_emis", *path.relative_to(PACKAGE).with_suffix("").parts))


def imported_names(path: Path) -> set[str]:
    """Dotted names of all that a file imports, modules and what they hold."""
    source = source_of(path)
    return {*source.imports, *source.import_modules}


def test_the_files_whose_tests_are_grouped_exist() -> None:
    files = [words.split("::")[0] for words in GROUPS if words.startswith("tests/")]
    assert [words for words in files if not (TESTS.parent / words).exists()] == []
