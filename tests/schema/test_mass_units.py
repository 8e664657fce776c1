"""Numbers that turn one unit into another have one home."""

import ast
from pathlib import Path

import bigdata_emis
from bigdata_emis import window
from bigdata_emis.schema import mass_units

PACKAGE = Path(bigdata_emis.__file__).parent
CONVERSIONS = {1e3, 1e6, 24, 3_600_000_000}
ENDINGS = ("_PER_KG", "_PER_T", "_PER_DAY", "HOUR_US", "HOURS_OF_DAY", "MICROSECONDS")


def test_they_are_what_their_names_say() -> None:
    assert mass_units.G_PER_T == mass_units.G_PER_KG * mass_units.KG_PER_T
    assert window.HOUR_US == 3600 * window.MICROSECONDS_PER_S


def test_no_other_module_declares_one() -> None:
    declared = [
        f"{path.relative_to(PACKAGE)}: {target.id}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in ("mass_units.py", "window.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value in CONVERSIONS
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.endswith(ENDINGS)
    ]
    assert declared == []
