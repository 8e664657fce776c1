"""A region: everything that is local, read from its folder as data. The code knows no city.

Belongs here: region.toml and the file of a user's grid as checked objects, and where a region's files lie. Does not:
registry rows (collect/registry) or the clients of its feeds (collect).
"""

import json
import os
import re
import tomllib
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from bigdata_emis import schema
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.schema.region_keys import RegionKey, region_keys
from bigdata_emis.settings import settings
from bigdata_emis.text_file import read_text_file
from bigdata_emis.window import HOUR, is_time_zone, odd_offset

SIMULATED_EN = "SIMULATED: the feeds of this region are simulated; no plant may be judged by it."
SIMULATED_ZH = "模拟数据：本区域数据源均为模拟，不得据此评价任何企业。"
"""What everything about a simulated region says before any number."""
SIMULATED_KEY = "simulated"
"""The key by which a program sees it, in documents, manifests and the metadata of files."""

LEAST_ANONYMITY_COUNT = 10
MOST_CELLS = 1_000_000
LONGEST_REGION_ID = 60
FOLDER_SEPARATORS = frozenset("/\\:")

PAGE = "see docs/generated/region.md"
TABLES = ("grid", "rules", "options", "retention")
READING = "_reading"
FORECAST = "forecast"
GRID_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
"""A name of at most 16 characters, as I/O API has them, which is also part of names of files."""


def _require_time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise ValueError(name)
    return name


# What a value may be; `description` and `examples` are the words of the refusal.
Text = Annotated[str, Field(strict=True, description="a text in quotes", examples=['"Asia"'])]
Flag = Annotated[bool, Field(strict=True, description="true or false without quotes", examples=["true"])]
Number = Annotated[
    float, Field(strict=True, allow_inf_nan=False, description="a number without quotes", examples=["-500.5"])
]
Length = Annotated[
    float, Field(strict=True, gt=0, allow_inf_nan=False, description="a number above 0", examples=["3000"])
]
Count = Annotated[int, Field(strict=True, gt=0, description="a whole number above 0", examples=["180"])]
Projection = Annotated[
    str, Field(strict=True, min_length=1, description="a projection as PROJ or EPSG text", examples=['"EPSG:32650"'])
]
TimeZone = Annotated[
    str,
    Field(strict=True, description="an IANA time zone", examples=['"Asia/Shanghai"']),
    AfterValidator(_require_time_zone),
]
Rules = Annotated[dict[str, Text], Field(description="a table of versions in quotes", examples=['{alert = "2024"}'])]
Options = Annotated[dict[str, Any], Field(description="a table", examples=["{anonymity_count = 10}"])]
Feeds = Annotated[dict[str, dict[str, Any]], Field(description="a table", examples=['{format = "csv"}'])]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Grid:
    """A regular grid in a projected plane; the south-west corner of cell r0c0 is at (x_origin_m, y_origin_m)."""

    projection: Projection
    cell_m: Length
    x_origin_m: Number
    y_origin_m: Number
    columns: Count
    rows: Count


@dataclass(frozen=True)
class Region:
    """One region folder, read and checked."""

    region_id: str
    folder: Path
    name_en: Text
    name_zh: Text
    time_zone: TimeZone
    is_simulated: Flag
    grid: Annotated[Grid, Field(description="a table", examples=['{projection = "EPSG:32650", …}'])]
    rules: Rules
    options: Options
    feeds: Feeds
    retention: Options = field(default_factory=dict)

    @property
    def notices(self) -> dict[str, str]:
        """What everything about this region says before any number, by language; nothing where it is measured."""
        return {"zh": SIMULATED_ZH, "en": SIMULATED_EN} if self.is_simulated else {}

    @property
    def anonymity_count(self) -> int:
        """Smaller counts of devices are suppressed. Raises InputError when the region sets one that is too small."""
        count = self.options.get("anonymity_count", LEAST_ANONYMITY_COUNT)
        if isinstance(count, bool) or not isinstance(count, int) or count < LEAST_ANONYMITY_COUNT:
            expected = f"a whole number, {LEAST_ANONYMITY_COUNT} or more"
            raise _refusal(self.folder / "region.toml", "options.anonymity_count", count, expected, "12")
        return count


def load_region(region_id: str) -> Region:
    """The region of that name, from the first folder of EMIS_REGIONS, EMIS_HOME/regions and the package that has it.

    Raises:
        InputError: no folder has it, region.toml or feeds.toml cannot be read, or a key is missing, unknown or has a
            wrong value.
    """
    if not _is_folder_name(region_id):
        expected = f"expected at most {LONGEST_REGION_ID} letters, no / or . first"
        raise InputError(
            f"region '{shorten(region_id)}' is not a name: {expected}",
            "give the name of a region folder, for instance nys",
        )
    for root in settings().regions:
        if (root / region_id / "region.toml").is_file():
            return _read(region_id, root / region_id)
    region_ids = sorted({p.parent.name for root in settings().regions for p in root.glob("*/region.toml")})
    raise InputError(
        f"region '{region_id}' is unknown", f"use one of {', '.join(region_ids)}; `emis demo` generates jjj"
    )


def load_grid(file: Path) -> tuple[str, Grid]:
    """The name and the grid of a TOML file: `name`, and a table [grid] as region.toml has it.

    Raises:
        InputError: the file cannot be read, or a key is missing, unknown or has a wrong value.
    """
    content = _read_toml(file)
    _require_known(content, ("name", "grid"), f"{file}, ")
    name, given = content.get("name", _MISSING), content.get("grid", _MISSING)
    if not isinstance(name, str) or not GRID_NAME.fullmatch(name):
        raise _refusal(file, "name", name, "1 to 16 letters, digits or _, a letter first", '"d02"')
    if not isinstance(given, dict):
        raise _refusal(file, "grid", given, "a table", '{projection = "EPSG:32650", …}')
    _require_known(given, tuple(Grid.__pydantic_fields__), f"{file}, grid.")  # type: ignore[attr-defined]
    try:
        grid = Grid(**given)
    except ValidationError as problem:
        location = ("grid", *(str(part) for part in problem.errors()[0]["loc"]))
        raise _refusal_at(location, content, file) from None
    for key, declared in region_keys("region.toml", "grid").items():
        if not declared.allows(given[key]):
            raise _out_of_range(file, f"grid.{key}", given[key], declared)
    _require_few_cells(grid, file)
    return name, grid


def feed_names() -> tuple[str, ...]:
    """The feeds that a region can have: one for each table of readings, and the forecast."""
    return (*sorted(name.removesuffix(READING) for name in schema.tables() if name.endswith(READING)), FORECAST)


def _read(region_id: str, folder: Path) -> Region:
    file, feeds_file = folder / "region.toml", folder / "feeds.toml"
    content = _read_toml(file)
    # A folder or a link that leads nowhere is not "no feeds": reading it says what is wrong.
    feeds = _read_toml(feeds_file) if os.path.lexists(feeds_file) else {}
    _require_known(content, (*region_keys("region.toml", ""), *TABLES), f"{file}, ")
    given = {"rules": {}, "options": {}, **content, "region_id": region_id, "folder": folder, "feeds": feeds}
    try:
        region = Region(**given)
    except ValidationError as problem:
        location = tuple(str(part) for part in problem.errors()[0]["loc"])
        raise _refusal_at(location, given, feeds_file if location[0] == "feeds" else file) from None
    options = region_keys("region.toml", "options")
    _require_known(region.options, tuple(options), f"{file}, options.")
    _require_known(feeds, feed_names(), f"{feeds_file}, ")
    for table in ("rules", "retention"):
        _require_known(getattr(region, table), tuple(region_keys("region.toml", table)), f"{file}, {table}.")
    _require_ranges(content, "", file)
    for table in TABLES:
        _require_ranges(content.get(table, {}), table, file)
    _require_few_cells(region.grid, file)
    _require_whole_hours(region.time_zone, file)
    return region


def _is_folder_name(text: str) -> bool:
    """Whether a text may name the folder of a region: one part of a path, visible, and short enough for its files."""
    is_one_part = not FOLDER_SEPARATORS & set(text) and not text.startswith(".") and text == text.strip()
    return 0 < len(text) <= LONGEST_REGION_ID and is_one_part and text.isprintable()


def _require_ranges(given: dict[str, Any], table: str, file: Path) -> None:
    """Refuse the first value that is not of the declared kind or not in the declared range of its key."""
    for name, key in region_keys(file.name, table).items():
        if name in given and not key.allows(given[name]):
            raise _out_of_range(file, f"{table}.{name}" if table else name, given[name], key)


def _require_few_cells(grid: Grid, file: Path) -> None:
    if grid.columns * grid.rows > MOST_CELLS:
        what = f"{file}, grid.columns × grid.rows = {grid.columns * grid.rows:,}: expected at most {MOST_CELLS:,} cells"
        raise InputError(what, "use larger cells (cell_m), or a smaller grid")


def _require_whole_hours(time_zone: str, file: Path) -> None:
    """Tables hold whole hours of UTC, so that a local day must begin at one."""
    offset = odd_offset(time_zone)
    if offset is not None:
        what = f'{file}, time_zone = "{time_zone}": its days begin {offset / HOUR:+g} h from UTC, expected whole hours'
        raise InputError(what, f'write for instance time_zone = "Etc/GMT{-(offset // HOUR):+d}"; {PAGE}')


def _refusal_at(location: tuple[str, ...], given: dict[str, Any], file: Path) -> InputError:
    """The refusal of the value at a location such as ("grid", "columns"), in the words of its declaration."""
    value: Any = given
    for part in location:
        value = value.get(part, _MISSING) if isinstance(value, dict) else _MISSING
    is_of_grid = location[0] == "grid" and len(location) > 1
    owner: Any = Grid if is_of_grid else Region
    fields = owner.__pydantic_fields__
    key = ".".join(location[1:] if location[0] == "feeds" else location)
    declared = fields.get(location[1] if is_of_grid else location[0])
    if declared is None:
        return _refusal(file, key, value, f"one of {', '.join(fields)}", "")
    return _refusal(file, key, value, str(declared.description), str((declared.examples or [""])[0]))


def as_toml(value: Any) -> str:
    """A value of a TOML file as a message shows it."""
    try:
        return shorten(str(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str))
    except (ValueError, RecursionError):
        return "a value too large to be shown"


def _out_of_range(file: Path, path: str, value: Any, key: RegionKey) -> InputError:
    """The refusal of a value that does not fit the declaration of its key."""
    declared: Any = Grid.__pydantic_fields__.get(key.key)  # type: ignore[attr-defined]
    examples = declared.examples if declared else [key.example.partition(" = ")[2]]
    return _refusal(file, path, value, key.expected, str(examples[0]))


def _refusal(file: Path, key: str, value: Any, expected: str, example: str) -> InputError:
    key = shorten(key)
    shown = f"{key} is missing" if value is _MISSING else f"{key} = {as_toml(value)}"
    remedy = f"write for instance {key.rsplit('.', 1)[-1]} = {example}" if example else "correct its name or remove it"
    return InputError(f"{file}, {shown}: expected {expected}", f"{remedy}; {PAGE}")


def _require_known(given: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    unknown = next((name for name in given if name not in allowed), None)
    if unknown is not None:
        nearest = get_close_matches(unknown, allowed, n=1)
        what = f"{where}{shorten(unknown)} is unknown: expected one of {', '.join(allowed)}"
        raise InputError(what, f"write {nearest[0]}, or remove it" if nearest else "correct its name or remove it")


def _read_toml(path: Path) -> dict[str, Any]:
    text = read_text_file(path)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as problem:
        raise InputError(f"{path}: {shorten(problem)}", "correct the file") from None


_MISSING = object()
