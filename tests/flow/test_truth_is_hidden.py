"""The hidden truth of the demonstration is out of reach of every stage."""

import ast
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.demo.generate import ARCHIVE, REGION
from bigdata_emis.demo.truth.truth import FOLDER
from bigdata_emis.settings import PACKAGE, settings

SECRET = ("bigdata_emis.demo.truth",)
STAGES = {stage.verb for stage in flow.STAGES} | {"run", "storage", "engine"}
OUTSIDE = [p for p in sorted(PACKAGE.rglob("*.py")) if p.relative_to(PACKAGE).parts[0] != "demo"]


def strings_and_imports(path: Path) -> tuple[list[str], list[str]]:
    tree = ast.parse(path.read_text("utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    imports = [f"{n.module}.{alias.name}" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for alias in n.names]
    imports += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
    return texts, imports


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_module_outside_the_demonstration_refers_to_the_truth(path: Path) -> None:
    texts, imports = strings_and_imports(path)
    assert not [t for t in texts if FOLDER.as_posix() in t or "truth_emission" in t or t == FOLDER.parts[0]]
    assert not [name for name in imports if name.startswith(SECRET)]


@pytest.mark.parametrize(
    "path",
    [p for p in OUTSIDE if p.relative_to(PACKAGE).parts[0] in STAGES],
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_no_stage_and_no_room_of_storage_engine_or_run_imports_the_demonstration(path: Path) -> None:
    assert not [name for name in strings_and_imports(path)[1] if name.startswith("bigdata_emis.demo")]


def test_the_truth_lies_outside_the_lake_the_region_folder_and_the_providers_archive(home: Path) -> None:
    truth = settings().home / FOLDER
    for reachable in (Path(settings().lake), settings().home / REGION, settings().home / ARCHIVE):
        assert not truth.is_relative_to(reachable)
        assert not reachable.is_relative_to(truth)
