"""The operator's form of a recalculation, checked again before anything runs.

Belongs here: rules between the fields of the form, and the command that follows from it. Does not: the recalculation,
or any Airflow.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.errors import EmisError, InputError, shorten
from bigdata_emis.region import Region, load_region
from bigdata_emis.window import Window, parse_instant

FIELDS = (
    *("region", "level", "regional_level", "cities", "from", "to", "list", "name", "measures"),
    *("rebound", "detour", "detour_links", "note"),
)
LONGEST_CITIES, LONGEST_NOTE = 500, 400
ACT = "alert form"
NAME = re.compile(r"\w[\w-]{0,39}")
NOT_SELECTABLE = (AlertLevel.NONE, AlertLevel.BLUE)


def levels() -> dict[str, str]:
    """The levels that call for measures, each with its title in Chinese and English."""
    return {
        code: f"{level.title_zh} {level.title_en}"
        for code, level in schema.codes()["alert_level"].items()
        if code not in NOT_SELECTABLE
    }


def check_form(form: Mapping[str, Any], *, measures_folder: Path, actor: str, known_utc: datetime) -> list[str]:
    """The arguments of `emis` for a filled form; a form that is refused is an attempt in the audit trail.

    Raises:
        InputError: as recalculation_arguments; a city or list is unknown, or the window outside every inventory.
        RefusedError: the days of the window were computed, and none was published.
    """
    try:
        arguments = recalculation_arguments(form, measures_folder=measures_folder, actor=actor)
        _check_world(form, arguments)
        return arguments
    except EmisError as problem:
        _record(form.get("region"), actor, problem, known_utc)
        raise


def recalculation_arguments(form: Mapping[str, Any], *, measures_folder: Path, actor: str = "") -> list[str]:
    """The arguments of `emis` for a filled form; its list of measures is stored in the folder, named by content hash.

    Raises:
        InputError: a field is unknown or missing, the region or level does not exist, the window ends before it starts
            or is not of whole hours, the name has other characters than a name, or the list of measures is wrong.
    """
    unknown = sorted(set(form) - set(FIELDS))
    if unknown:
        raise InputError(f"field '{unknown[0]}' is unknown", f"use the fields {', '.join(FIELDS)}")
    region = load_region(_text(form, "region"))
    level = _text(form, "level")
    if level not in levels():
        raise InputError(f"level '{level}' is unknown", f"use one of {', '.join(levels())}")
    level = _with_prompt(level, form.get("regional_level"))
    window = _window(form, region)
    _cities(form.get("cities"))
    arguments = ["recalc", "--region", region.region_id, "--level", level]
    arguments += ["--from", window.from_utc.isoformat(), "--to", window.to_utc.isoformat()]
    if form.get("name"):
        arguments += ["--name", _name(str(form["name"]))]
    if form.get("measures"):
        arguments += ["--measures", str(_store_measures(str(form["measures"]), measures_folder))]
    if form.get("list"):
        arguments += ["--list", str(form["list"])]
    arguments += _moved(form, measures_folder)
    if form.get("note"):
        arguments += ["--note", _note(str(form["note"]))]
    if actor:
        arguments += ["--by", actor]
    return [*arguments, "--json"]


def _moved(form: Mapping[str, Any], folder: Path) -> list[str]:
    """The options of rebound and detour; the links of a detour are stored in the folder, named by content hash."""
    from bigdata_emis.control.moved.moved_options import parse_detour, parse_rebound

    rebound, detour = (str(form.get(name) or "").strip() for name in ("rebound", "detour"))
    links = str(form.get("detour_links") or "")
    if rebound:
        parse_rebound(rebound)
    if "links" in detour or (links and not detour):
        raise InputError(
            "fields 'detour' and 'detour_links': expected a detour without links=, and its links as CSV text",
            "write the option in 'detour' and paste link_id,role in 'detour_links'",
        )
    if links:
        detour = f"{detour},links={_store_text(links, folder, 'links')}"
    if detour:
        parse_detour(detour)
    return [*(["--rebound", rebound] if rebound else []), *(["--detour", detour] if detour else [])]


def _window(form: Mapping[str, Any], region: Region) -> Window:
    start, end = (parse_instant(_text(form, name), region.time_zone) for name in ("from", "to"))
    return Window(start, end)


def _check_world(form: Mapping[str, Any], arguments: Sequence[str]) -> None:
    """Check what the form names against what the region has: cities, list version, links of a detour, inventory."""
    from bigdata_emis.control.alert.forecast_cities import require_known_cities
    from bigdata_emis.control.emergency_list.list_measures import measures_for_window
    from bigdata_emis.control.inventory_versions import days_with_inventory
    from bigdata_emis.control.moved.moved_options import load_moved_options
    from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
    from bigdata_emis.storage.lake import open_lake

    region = load_region(_text(form, "region"))
    window = _window(form, region)
    require_known_cities(region, _cities(form.get("cities")), window)
    if form.get("list"):
        measures_for_window(region, str(form["list"]), window)
    given = dict(pairwise(arguments))
    load_moved_options(region, given.get("--rebound", ""), given.get("--detour", ""))
    versions = published_or_projected_versions(open_lake(region), window.days(region.time_zone))
    days_with_inventory(region, window, versions)


def _record(region: Any, actor: str, problem: EmisError, known_utc: datetime) -> None:
    """Record a refused form, where its region can be loaded."""
    from bigdata_emis.storage.registries.attempt_record import is_refusal, record_refusal

    if not is_refusal(problem):
        return
    try:
        region_id = load_region(str(region or "")).region_id
    except EmisError:
        return
    record_refusal(region_id, act=ACT, actor=actor, problem=problem, known_utc=known_utc)


def _with_prompt(level: str, regional_level: Any) -> str:
    """The higher of the level and that of the regional prompt, which may be empty."""
    if not regional_level:
        return level
    if regional_level not in levels():
        raise InputError(
            f"field 'regional_level': '{shorten(regional_level)}' is unknown", f"use one of {', '.join(levels())}"
        )
    order = list(levels())
    return max(level, str(regional_level), key=order.index)


def _cities(cities: Any) -> list[str]:
    """The cities of the alert, separated by commas; none for all."""
    text = str(cities or "")
    if not text.isprintable() or len(text) > LONGEST_CITIES:
        raise InputError("field 'cities' is no list of names", f"use at most {LONGEST_CITIES} printable characters")
    return [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]


def _note(text: str) -> str:
    """Why, in one line that is no option of the command."""
    line = text.strip()
    if not line.isprintable() or len(line) > LONGEST_NOTE or line.startswith("-"):
        what = f"field 'note': expected one line of at most {LONGEST_NOTE} printable characters, not from -"
        raise InputError(what, "shorten it, in one line")
    return line


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"field '{name}' is empty", "fill it in")
    return value


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InputError(f"field 'name': '{text}' is not a name", "use up to 40 letters, digits, - and _")
    return text


def _store_text(text: str, folder: Path, kind: str) -> Path:
    """Store a pasted text under its content hash, so that a repeated check changes nothing."""
    content = text.replace("\r\n", "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{hashlib.sha256(content).hexdigest()[:16]}.csv"
    path.write_bytes(content)
    return path


def _store_measures(text: str, folder: Path) -> Path:
    """Store a list of measures; remove a wrong one."""
    from bigdata_emis.control.scenario.measures import read_measures

    path = _store_text(text, folder, "measures")
    try:
        read_measures(path)
    except InputError:
        path.unlink()
        raise
    return path
