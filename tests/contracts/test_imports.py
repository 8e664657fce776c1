"""Imports point down, stages meet in tables only, and each outside library has its rooms."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bigdata_emis.settings import PACKAGE

STAGES = ("collect", "clean", "relate", "inventory", "control", "publish", "report")
LAYERS = (
    ("errors", "arrays", "codes"),
    ("equations",),
    ("statistics",),
    ("schema", "settings", "window", "text_file"),
    ("text_values", "pdf_file"),
    ("flow", "region", "reference"),
    ("storage", "engine", "activity_model", "gridding"),
    ("context",),
    STAGES,
    ("run",),
    ("workflow", "validate", "docgen"),
    ("upkeep",),
    ("demo",),
    ("cli",),
    ("airflow",),
    ("devstack", "__main__"),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
PURE = ("clean", "relate", "inventory", "equations", "statistics", "activity_model", "gridding")
WORLD = ("storage", "engine", "settings", "run")
PURE_OF_ENGINE = "bigdata_emis.engine.columns"
# The rooms that may import a library which reaches out of the process.
ALLOWED_ROOMS = {
    "sqlalchemy": {"storage", "schema", "collect"},  # collect asks the databases of providers
    "psycopg": {"storage", "devstack"},
    "alembic": {"storage", "docgen"},
    "great_expectations": {"publish"},
    "requests": {"collect", "demo", "airflow", "devstack"},
    "pysail": {"engine"},
    "pyarrow.fs": {"storage"},
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Dotted names of all imports of a module, also those inside functions."""
    return tuple(import_names(path))


def import_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the import in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    names = (name.split(".") for name in imported(path))
    return {words[1] for words in names if words[0] == "bigdata_emis" and words[1] != "__version__"}


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_point_down(path: Path) -> None:
    own = part(path)
    if own == "__init__":
        return
    assert own in RANK, f"say in which layer '{own}' lies"
    up = {name for name in ours(path) - {own} if RANK.get(name, len(LAYERS)) >= RANK[own]}
    assert not up, f"{named(path)} imports {sorted(up)}, which do not lie below it"


@pytest.mark.parametrize("path", [p for p in MODULES if part(p) in PURE], ids=named)
def test_arithmetic_and_inner_stages_do_not_touch_the_world(path: Path) -> None:
    outside = [
        name for name in imported(path) if not name.startswith(PURE_OF_ENGINE) and name.split(".")[0] == "bigdata_emis"
    ]
    assert not {name.split(".")[1] for name in outside} & set(WORLD)


@pytest.mark.parametrize("path", [p for p in MODULES if part(p) == "equations"], ids=named)
def test_equations_import_nothing_of_ours_but_equations(path: Path) -> None:
    assert ours(path) <= {"equations"}


@pytest.mark.parametrize("path", [p for p in MODULES if part(p) == "statistics"], ids=named)
def test_statistics_import_nothing_of_ours_but_arithmetic(path: Path) -> None:
    assert ours(path) <= {"statistics", "equations", "arrays", "codes"}


@pytest.mark.parametrize("library", ALLOWED_ROOMS)
def test_a_library_that_reaches_out_is_imported_in_its_rooms_only(library: str) -> None:
    users = {part(p) for p in MODULES if any(name == library or name.startswith(library + ".") for name in imported(p))}
    assert users <= ALLOWED_ROOMS[library]


def test_only_the_engine_makes_sessions() -> None:
    makers = {
        part(p)
        for p in MODULES
        if "builder" in {n.attr for n in ast.walk(ast.parse(p.read_text("utf-8"))) if isinstance(n, ast.Attribute)}
    }
    assert makers <= {"engine"}


def test_nothing_slow_is_imported_for_an_emergency_recalculation() -> None:
    """Great Expectations takes seconds to import, pyspark half a second: a recalculation takes less than one in all."""
    late = [path for path in MODULES if part(path) in ("control", "storage", "reference")]
    slow = {
        named(p): name
        for p in late
        for name in imported(p)
        if name.split(".")[0] in ("great_expectations", "pyspark", "pandas")
    }
    assert not slow
    assert not {
        named(p)
        for p in late
        for name in imported(p)
        if name.startswith("bigdata_emis.publish.gate.great_expectations_run")
    }
