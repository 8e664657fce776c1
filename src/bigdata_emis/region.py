"""A region: everything that is local, read from its folder as data. The code knows no city.

Belongs here: region.toml and where its files lie. Does not: registry rows (collect.registry) or feeds' clients (collect).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings


@dataclass(frozen=True)
class Grid:
    """A regular grid in a projected plane; the south-west corner of cell r0c0 is at (x_origin_m, y_origin_m)."""

    projection: str
    cell_m: float
    x_origin_m: float
    y_origin_m: float
    columns: int
    rows: int


@dataclass(frozen=True)
class Region:
    """One region folder, read and checked."""

    region_id: str
    folder: Path
    name_en: str
    name_zh: str
    time_zone: str
    is_simulated: bool
    grid: Grid
    rules: dict[str, str]
    options: dict[str, Any]
    feeds: dict[str, dict[str, Any]]


def load_region(region_id: str) -> Region:
    """The region of that name, from the first folder of EMIS_REGIONS, EMIS_HOME/regions and the package that has it.

    Raises InputError when no folder has it, or when region.toml or feeds.toml cannot be read.
    """
    if not region_id or "/" in region_id or region_id.startswith("."):
        raise InputError(f"region '{region_id}' is not a name", "give the name of a region folder, for instance nys")
    for root in settings().regions:
        if (root / region_id / "region.toml").is_file():
            return _read(region_id, root / region_id)
    known = sorted({p.parent.name for root in settings().regions for p in root.glob("*/region.toml")})
    raise InputError(f"region '{region_id}' is unknown", f"known: {', '.join(known)}; `emis demo` makes jjj")


def _read(region_id: str, folder: Path) -> Region:
    spec = _toml(folder / "region.toml")
    feeds = _toml(folder / "feeds.toml") if (folder / "feeds.toml").is_file() else {}
    try:
        return Region(
            region_id=region_id, folder=folder, name_en=spec["name_en"], name_zh=spec["name_zh"],
            time_zone=spec["time_zone"], is_simulated=spec["is_simulated"], grid=Grid(**spec["grid"]),
            rules=spec.get("rules", {}), options=spec.get("options", {}), feeds=feeds,
        )  # fmt: skip
    except (KeyError, TypeError) as problem:
        raise InputError(f"{folder / 'region.toml'}: {problem} is missing or wrong", "see docs/generated/region.md") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"{path}: {problem}", "mend the file") from None
