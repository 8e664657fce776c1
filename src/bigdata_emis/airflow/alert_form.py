"""The form by which an operator asks for a recalculation, checked again before anything runs.

Belongs here: rules between the fields of the form, and the command that it amounts to. Does not: the recalculation, or any Airflow.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.window import Window, parse_instant

FIELDS = ("region", "level", "from", "to", "name", "measures")
NAME = re.compile(r"\w[\w-]{0,39}")
NOT_ASKED_FOR = ("none", "blue")


def levels() -> dict[str, str]:
    """The levels that can be asked for, each with its title in Chinese and English."""
    return {
        code: f"{made.title_zh} {made.title_en}"
        for code, made in schema.codes()["alert_level"].items()
        if code not in NOT_ASKED_FOR
    }


def recalculation_arguments(form: Mapping[str, Any], *, measures_folder: Path) -> list[str]:
    """The arguments of `emis` for a filled form; a list of measures in it is kept in the folder under its content's hash.

    Raises InputError for an unknown or missing field, a region or level that there is not, a window that ends before it
    starts or is not of whole hours, a name that is no name, and a bad list of measures.
    """
    unknown = sorted(set(form) - set(FIELDS))
    if unknown:
        raise InputError(f"field '{unknown[0]}' is unknown", f"the form has {', '.join(FIELDS)}")
    region = load_region(_text(form, "region"))
    level = _text(form, "level")
    if level not in levels():
        raise InputError(f"level '{level}' is unknown", f"use one of {', '.join(levels())}")
    start, end = (parse_instant(_text(form, name), region.time_zone) for name in ("from", "to"))
    window = Window(start, end)
    arguments = ["recalc", "--region", region.region_id, "--level", level]
    arguments += ["--from", window.from_utc.isoformat(), "--to", window.to_utc.isoformat()]
    if form.get("name"):
        arguments += ["--name", _name(str(form["name"]))]
    if form.get("measures"):
        arguments += ["--measures", str(_keep(str(form["measures"]), measures_folder))]
    return [*arguments, "--json"]


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"field '{name}' is empty", "fill it")
    return value


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InputError(f"field 'name': '{text}' is not a name", "use up to 40 letters, digits, - and _")
    return text


def _keep(text: str, folder: Path) -> Path:
    """The same list is the same file, so that a repeated check changes nothing; a bad one is not kept."""
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
