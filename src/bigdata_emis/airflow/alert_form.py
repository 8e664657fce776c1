"""The operator's form of a recalculation, checked again before anything runs.

Belongs here: rules between the fields of the form, and the command that follows from it. Does not: the recalculation,
or any Airflow.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import load_region
from bigdata_emis.window import Window, parse_instant

FIELDS = ("region", "level", "regional_level", "cities", "from", "to", "name", "measures")
LONGEST_CITIES = 500
NAME = re.compile(r"\w[\w-]{0,39}")
NOT_SELECTABLE = (AlertLevel.NONE, AlertLevel.BLUE)


def levels() -> dict[str, str]:
    """The levels that call for measures, each with its title in Chinese and English."""
    return {
        code: f"{level.title_zh} {level.title_en}"
        for code, level in schema.codes()["alert_level"].items()
        if code not in NOT_SELECTABLE
    }


def recalculation_arguments(form: Mapping[str, Any], *, measures_folder: Path) -> list[str]:
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
    _check_cities(form.get("cities"))
    start, end = (parse_instant(_text(form, name), region.time_zone) for name in ("from", "to"))
    window = Window(start, end)
    arguments = ["recalc", "--region", region.region_id, "--level", level]
    arguments += ["--from", window.from_utc.isoformat(), "--to", window.to_utc.isoformat()]
    if form.get("name"):
        arguments += ["--name", _name(str(form["name"]))]
    if form.get("measures"):
        arguments += ["--measures", str(_store_measures(str(form["measures"]), measures_folder))]
    return [*arguments, "--json"]


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


def _check_cities(cities: Any) -> None:
    """The cities of the alert, separated by commas; empty for all."""
    text = str(cities or "")
    if not text.isprintable() or len(text) > LONGEST_CITIES:
        raise InputError("field 'cities' is no list of names", f"use at most {LONGEST_CITIES} printable characters")


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"field '{name}' is empty", "fill it in")
    return value


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InputError(f"field 'name': '{text}' is not a name", "use up to 40 letters, digits, - and _")
    return text


def _store_measures(text: str, folder: Path) -> Path:
    """Store a list of measures under its content hash, so that a repeated check changes nothing; remove a wrong one."""
    from bigdata_emis.control.scenario.measures import read_measures

    content = text.replace("\r\n", "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"measures-{hashlib.sha256(content).hexdigest()[:16]}.csv"
    path.write_bytes(content)
    try:
        read_measures(path)
    except InputError:
        path.unlink()
        raise
    return path
