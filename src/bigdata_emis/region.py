"""A region: everything that is local, read from its folder as data. The code knows no city.

Belongs here: region.toml and where its files lie. Does not: registry rows (collect.registry) or feeds' clients (collect).
"""

import csv
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings

LEAST_ANONYMITY_COUNT = 10

KEYS = Path(schema.__file__).parent / "region_keys.csv"
PAGE = "see docs/generated/region.md"
READING = "_reading"
FORECAST = "forecast"


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

    @property
    def anonymity_count(self) -> int:
        """Counts of devices below it are suppressed. Raises InputError when the region sets one that allows too little anonymity."""
        count = self.options.get("anonymity_count", LEAST_ANONYMITY_COUNT)
        if isinstance(count, bool) or not isinstance(count, int) or count < LEAST_ANONYMITY_COUNT:
            what = f"region {self.region_id}: anonymity_count is {count}"
            raise InputError(what, f"set it to a whole number from {LEAST_ANONYMITY_COUNT} on in region.toml")
        return count


def load_region(region_id: str) -> Region:
    """The region of that name, from the first folder of EMIS_REGIONS, EMIS_HOME/regions and the package that has it.

    Raises InputError when no folder has it, when region.toml or feeds.toml cannot be read, and for a key that is missing,
    unknown or of a wrong kind.
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
        region = Region(
            region_id=region_id,
            folder=folder,
            name_en=spec["name_en"],
            name_zh=spec["name_zh"],
            time_zone=spec["time_zone"],
            is_simulated=spec["is_simulated"],
            grid=Grid(**spec["grid"]),
            rules=spec.get("rules", {}),
            options=spec.get("options", {}),
            feeds=feeds,
        )
    except (KeyError, TypeError) as problem:
        raise InputError(f"{folder / 'region.toml'}: {problem} is missing or wrong", PAGE) from None
    _check(region, folder / "region.toml")
    _check_names(region.options, known_keys("options"), "[options] key", folder / "region.toml")
    _check_names(feeds, feed_names(), "feed", folder / "feeds.toml")
    for name, declared in feeds.items():
        if not isinstance(declared, dict):
            raise InputError(f"{folder / 'feeds.toml'}: feed {name} is '{declared}'", f"write it as a table [{name}]")
    return region


@cache
def known_keys(table: str) -> tuple[str, ...]:
    """The documented keys of a table of region.toml."""
    with KEYS.open(encoding="utf-8", newline="") as lines:
        return tuple(
            row["key"] for row in csv.DictReader(lines) if (row["file"], row["table"]) == ("region.toml", table)
        )


def feed_names() -> tuple[str, ...]:
    """The feeds that a region can have: one for each table of readings, and the forecast."""
    return (*sorted(name.removesuffix(READING) for name in schema.tables() if name.endswith(READING)), FORECAST)


def _check(region: Region, path: Path) -> None:
    """Refuse the first value that is not of its kind."""
    wrong = next((name for name in ("name_en", "name_zh") if not isinstance(getattr(region, name), str)), None)
    if wrong:
        raise InputError(f"{path}: {wrong} is not a text", PAGE)
    if not isinstance(region.is_simulated, bool):
        raise InputError(f"{path}: is_simulated is '{region.is_simulated}'", "write true or false, without quotes")
    for name in ("rules", "options"):
        if not isinstance(getattr(region, name), dict):
            raise InputError(f"{path}: {name} is not a table", f"write it as [{name}]")
    for name, version in region.rules.items():
        if not isinstance(version, str):
            raise InputError(f"{path}: [rules] {name} is '{version}'", "write it in quotes")
    try:
        ZoneInfo(region.time_zone)
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        raise InputError(
            f"{path}: time_zone '{region.time_zone}' is unknown", "write an IANA name such as Asia/Shanghai"
        ) from None
    _check_grid(region.grid, path)


def _check_grid(grid: Grid, path: Path) -> None:
    if not isinstance(grid.projection, str) or not grid.projection:
        raise InputError(
            f"{path}: [grid] projection is '{grid.projection}'", "write PROJ or EPSG words, for instance EPSG:32650"
        )
    for name in ("cell_m", "x_origin_m", "y_origin_m", "columns", "rows"):
        value = getattr(grid, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number:
            raise InputError(f"{path}: [grid] {name} is '{value}'", "write a number, without quotes")
        if name in ("columns", "rows") and not isinstance(value, int):
            raise InputError(f"{path}: [grid] {name} is '{value}'", "write a whole number")
        if name in ("cell_m", "columns", "rows") and value <= 0:
            raise InputError(f"{path}: [grid] {name} is '{value}'", "write a number above 0")


def _check_names(given: dict[str, Any], known: tuple[str, ...], what: str, path: Path) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InputError(f"{path}: {what} '{unknown[0]}' is unknown", f"known: {', '.join(known)}")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8", "save it as UTF-8") from None
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"{path}: {problem}", "mend the file") from None
