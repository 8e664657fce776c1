"""Imports point down, stages meet in tables only, and each outside library has its rooms."""

from pathlib import Path

import pytest

from tests.contracts.package_sources import MODULES, name_of, part_of, source_of

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


def ours(path: Path) -> set[str]:
    """The rooms of ours that a module imports."""
    names = (name.split(".") for name in source_of(path).imports)
    return {words[1] for words in names if words[0] == "bigdata_emis" and words[1] != "__version__"}


def test_imports_are_written_in_full() -> None:
    assert [name_of(path) for path in MODULES if any(n.startswith(".") for n in source_of(path).imports)] == []


def test_every_part_has_its_layer() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__"} <= set(RANK), "say in which layer it lies"


def test_imports_point_down() -> None:
    up = {
        name_of(path): sorted(not_below)
        for path in MODULES
        if (own := part_of(path)) != "__init__"
        if (not_below := {n for n in ours(path) - {own} if RANK.get(n, len(LAYERS)) >= RANK[own]})
    }
    assert up == {}, "what a module imports lies below it"


def test_arithmetic_and_inner_stages_do_not_touch_the_world() -> None:
    outside = {
        name_of(path): name
        for path in MODULES
        if part_of(path) in PURE
        for name in source_of(path).imports
        if name.split(".")[0] == "bigdata_emis" and name.split(".")[1] in WORLD and not name.startswith(PURE_OF_ENGINE)
    }
    assert outside == {}


@pytest.mark.parametrize(
    ("room", "allowed"), [("equations", {"equations"}), ("statistics", {"statistics", "equations", "arrays", "codes"})]
)
def test_arithmetic_imports_nothing_of_ours_but_arithmetic(room: str, allowed: set[str]) -> None:
    assert {name_of(p): ours(p) - allowed for p in MODULES if part_of(p) == room and ours(p) - allowed} == {}


@pytest.mark.parametrize("library", ALLOWED_ROOMS)
def test_a_library_that_reaches_out_is_imported_in_its_rooms_only(library: str) -> None:
    users = {
        part_of(p)
        for p in MODULES
        if any(name == library or name.startswith(library + ".") for name in source_of(p).imports)
    }
    assert users <= ALLOWED_ROOMS[library]


def test_only_the_engine_makes_sessions() -> None:
    assert {part_of(p) for p in MODULES if "builder" in source_of(p).attributes} <= {"engine"}


def test_nothing_slow_is_imported_for_an_emergency_recalculation() -> None:
    """Great Expectations takes seconds to import, pyspark half a second: a recalculation takes less than one in all."""
    late = [path for path in MODULES if part_of(path) in ("control", "storage", "reference")]
    slow = {
        name_of(p): name
        for p in late
        for name in source_of(p).imports
        if name.split(".")[0] in ("great_expectations", "pyspark", "pandas")
    }
    assert not slow
    assert not {
        name_of(p)
        for p in late
        for name in source_of(p).imports
        if name.startswith("bigdata_emis.publish.gate.great_expectations_run")
    }
