"""A feed as its region declares it in feeds.toml: where it is, how it is asked, what its columns are called.

Belongs here: the declared feed and its checks. Does not: asking it (client) or reading its answers (decode, values).
"""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import TYPES

FORMATS = ("json", "csv", "parquet")
TEXTS = ("drop", "address", "auth_secret", "time_zone")
COUNTS = ("page_size", "attempts")
SPANS = ("late_h", "timeout_s", "wait_s", "longest_wait_s")
KNOWN = frozenset(
    {
        "format",
        "drop",
        "address",
        "http_from",
        "page_size",
        "auth_secret",
        "late_h",
        "columns",
        "factors",
        "constants",
        "time_zone",
        "timeout_s",
        "attempts",
        "wait_s",
        "longest_wait_s",
        "cadence_min",
        "kind",
        "name_en",
        "name_zh",
        "source",
    }
)


@dataclass(frozen=True)
class Feed:
    """One feed of a region.

    columns: our field to the provider's name. factors: our field to what its value is multiplied by. constants: our field to a
    value that the provider does not send. time_zone: that of times without offset, when it is not the region's.
    """

    feed_id: str
    table_name: str
    format: str
    folder: Path
    time_zone: str
    drop: str = ""
    address: str = ""
    http_from: date | None = None
    page_size: int = 5000
    auth_secret: str = ""
    late_h: float = 0
    timeout_s: float = 60
    attempts: int = 5
    wait_s: float = 0.5
    longest_wait_s: float = 60
    columns: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The fields that come from the provider: all of the table but those that collecting itself fills."""
        filled = {"record_number", "flag_codes", *self.constants}
        return tuple(name for name in schema.table(self.table_name).names if name not in filled)

    def provider_name(self, name: str) -> str:
        """What the provider calls one of our fields."""
        return self.columns.get(name, name)

    def comes_by_http(self, day: date) -> bool:
        """Whether the readings of a local day are asked for over HTTP, or taken from the file drop."""
        if not self.address:
            return False
        return not self.drop or (self.http_from is not None and day >= self.http_from)


def read_feed(region: Region, feed_id: str, table_name: str) -> Feed:
    """The feed of a region by its name in feeds.toml.

    Raises InputError when it is not declared, has neither drop nor address, names a field that its table does not have, or when a
    setting is of the wrong kind.
    """
    where = f"{region.folder / 'feeds.toml'}, [{feed_id}]"
    given = region.feeds.get(feed_id)
    if not isinstance(given, dict):
        raise InputError(f"{where} is missing", "declare the feed or leave its stage out")
    _check(given, table_name, where)
    spec = {key: value for key, value in given.items() if key in Feed.__dataclass_fields__}
    spec["columns"] = {ours: theirs for theirs, ours in given.get("columns", {}).items()}
    spec["http_from"] = _day(given.get("http_from"), where)
    spec.setdefault("time_zone", region.time_zone)
    return Feed(feed_id=feed_id, table_name=table_name, folder=region.folder, **spec)


def resolve(text: str, where: str) -> str:
    """The text with each {NAME} in capitals replaced from the environment. Raises InputError when one is not set."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if not found:
            raise InputError(f"{where}: the environment variable {match[1]} is not set", f"export {match[1]}=…")
        return found

    return re.sub(r"\{([A-Z][A-Z0-9_]*)\}", value, text)


def _check(given: dict[str, Any], table_name: str, where: str) -> None:
    unknown = sorted(given.keys() - KNOWN)
    if unknown:
        raise InputError(f"{where}: '{unknown[0]}' is no setting of a feed", f"known: {', '.join(sorted(KNOWN))}")
    if given.get("format") not in FORMATS:
        raise InputError(f"{where}: format '{given.get('format')}' is unknown", f"use one of {', '.join(FORMATS)}")
    if not given.get("drop") and not given.get("address"):
        raise InputError(f"{where} has neither drop nor address", "say where the feed comes from")
    _check_kinds(given, where)
    names = schema.table(table_name).names
    surplus = [name for part in ("factors", "constants") for name in given.get(part, {}) if name not in names]
    if surplus:
        raise InputError(f"{where}: {table_name} has no field '{surplus[0]}'", f"it has {', '.join(names)}")
    _check_values(given, where)


def _check_kinds(given: dict[str, Any], where: str) -> None:
    for name in sorted(given.keys() & {*TEXTS}):
        if not isinstance(given[name], str):
            _refuse(where, f"{name} is '{given[name]}'", "give a text")
    for name in sorted(given.keys() & {*COUNTS, *SPANS}):
        least, kind = (1, int) if name in COUNTS else (0, (int, float))
        if not _is_number(given[name]) or not isinstance(given[name], kind) or given[name] < least:
            _refuse(
                where,
                f"{name} is '{given[name]}'",
                f"give a {'whole ' if name in COUNTS else ''}number from {least} on",
            )
    _check_tables(given, where)


def _check_tables(given: dict[str, Any], where: str) -> None:
    for name in sorted(given.keys() & {"columns", "factors", "constants"}):
        if not isinstance(given[name], dict):
            _refuse(where, f"{name} is '{given[name]}'", "give a table of names")
    for theirs, ours in given.get("columns", {}).items():
        if not isinstance(ours, str):
            _refuse(where, f"columns.{theirs} is '{ours}'", "give the name of our field")


def _check_values(given: dict[str, Any], where: str) -> None:
    """Factors and constants must fit the kind of their field."""
    for name, factor in given.get("factors", {}).items():
        if schema.field(name).kind not in ("number", "integer"):
            _refuse(where, f"{name} is no number and has no factor", "take it out of factors")
        if not _is_number(factor):
            _refuse(where, f"the factor of {name} is '{factor}'", "give a number")
    for name, constant in given.get("constants", {}).items():
        try:
            pa.array([constant], TYPES[schema.field(name).kind])
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            _refuse(where, f"the constant of {name} is '{constant}'", f"give a value of kind {schema.field(name).kind}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    raise InputError(f"{where}: {what}", remedy)


def _day(value: Any, where: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{where}: http_from '{value}' is not a date", "write it as 2015-12-20") from None
