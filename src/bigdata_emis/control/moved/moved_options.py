"""The options `--rebound` and `--detour` of a scenario, as a person writes them.

Belongs here: reading and checking an option, and what the registry adds. Does not: what is moved (rebound, detour).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from bigdata_emis import schema
from bigdata_emis.codes import VehicleClass
from bigdata_emis.control.moved.detour_links import DetourLinks, read_detour_links
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region

OUTSIDE, NEIGHBOURS = "outside", "neighbours"
LONGEST_FIGURE = 9
MOST_HOURS = 240
"""Ten days: further no day is projected (control/projection)."""
REBOUND, DETOUR = "--rebound", "--detour"
FORMATS = {
    REBOUND: "write for instance share=0.5,hours=24",
    DETOUR: "write for instance share=0.3,classes=HeavyT+MediumT,to=outside or "
    "share=0.3,classes=HeavyT,to=neighbours,links=closed.csv",
}
CLASS_SIGN = "+"
LINKS = "links"


@dataclass(frozen=True)
class Rebound:
    """Production that is made up in the hours after the event.

    capacity_per_h: of every production line of the registry, None where it is not registered.
    """

    share: float
    hours: int
    capacity_per_h: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Detour:
    """Banned traffic that drives on: of these classes, outside the region or on links; links: None for every link."""

    share: float
    vehicle_classes: Sequence[str]
    destination: str
    links: DetourLinks | None = None


@dataclass(frozen=True)
class MovedOptions:
    """What a scenario is asked to move; None: nothing."""

    rebound: Rebound | None = None
    detour: Detour | None = None


NOTHING_MOVED = MovedOptions()


def load_moved_options(region: Region, rebound: str, detour: str) -> MovedOptions:
    """The options as they are written, empty for none, with capacities and links of the registry.

    Raises:
        InputError: an option has another form, a value out of range, or a file of links with an error.
    """
    made_up, driven = parse_rebound(rebound) if rebound else None, parse_detour(detour) if detour else None
    if made_up is None and driven is None:
        return NOTHING_MOVED
    from bigdata_emis.storage import database  # its libraries take half a second
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    prepare_registry()  # a registry of an earlier version is migrated

    if made_up is not None:
        lines = database.read("production_line", region.region_id)
        capacities = lines["production_line_id"].to_pylist(), lines["capacity_per_h"].to_pylist()
        made_up = Rebound(made_up.share, made_up.hours, dict(zip(*capacities, strict=True)))
    if driven is None:
        return MovedOptions(made_up)
    own, file = driven
    links = read_detour_links(file, database.read("road_link", region.region_id)) if file else None
    return MovedOptions(made_up, join_detour(own, links))


def parse_rebound(text: str) -> Rebound:
    """Share and hours of `share=0.5,hours=24`.

    Raises:
        InputError: it has another form, or a value out of range.
    """
    terms = _parse_terms(text, REBOUND, required=("share", "hours"))
    hours = terms["hours"]
    if not (hours.isascii() and hours.isdigit() and len(hours) <= LONGEST_FIGURE and 1 <= int(hours) <= MOST_HOURS):
        raise InputError(
            f"{REBOUND}: hours is '{shorten(hours)}': expected a whole number from 1 to {MOST_HOURS}", FORMATS[REBOUND]
        )
    return Rebound(_parse_share(terms["share"], REBOUND), int(hours))


def join_detour(detour: Detour, links: DetourLinks | None) -> Detour:
    """The option with its links.

    Raises:
        InputError: traffic that leaves the region has links that take it, or no link takes that of neighbours.
    """
    if links is not None and detour.destination == OUTSIDE and links.has_open:
        raise InputError(
            f"{DETOUR}: to={OUTSIDE} with links of role open: expected closed links only",
            f"leave them out, or write to={NEIGHBOURS}",
        )
    if links is not None and detour.destination == NEIGHBOURS and not any(links.receivers):
        raise InputError(
            f"{DETOUR}: no closed link shares an end with a link that is not closed",
            "name links that take the traffic, with role open",
        )
    return Detour(detour.share, detour.vehicle_classes, detour.destination, links)


def parse_detour(text: str) -> tuple[Detour, Path | None]:
    """Share, classes and destination of an option, and its file of links, whose path may hold commas.

    Raises:
        InputError: it has another form, an unknown class or destination, or a value out of range.
    """
    terms = _parse_terms(text, DETOUR, required=("share", "classes", "to"), optional=(LINKS,))
    listed, destination, file = terms["classes"].split(CLASS_SIGN), terms["to"], terms.get(LINKS, "")
    known = [code for code in schema.codes()["vehicle_class"] if code != VehicleClass.ALL]
    for code in listed:
        if code not in known:
            raise InputError(
                f"{DETOUR}: vehicle class '{shorten(code)}' is unknown", f"use one or more of {', '.join(known)}"
            )
    if len(set(listed)) < len(listed):
        raise InputError(f"{DETOUR}: a vehicle class is repeated", FORMATS[DETOUR])
    if destination not in (OUTSIDE, NEIGHBOURS):
        raise InputError(
            f"{DETOUR}: to is '{shorten(destination)}': expected {OUTSIDE} or {NEIGHBOURS}", FORMATS[DETOUR]
        )
    if destination == NEIGHBOURS and not file:
        raise InputError(
            f"{DETOUR}: to={NEIGHBOURS} without links: expected a CSV with the columns link_id and role",
            FORMATS[DETOUR],
        )
    return Detour(_parse_share(terms["share"], DETOUR), sorted(listed), destination), Path(file) if file else None


def _parse_terms(text: str, option: str, *, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, str]:
    terms: dict[str, str] = {}
    names = "|".join((*required, *optional))
    for part in re.split(rf",(?=\s*(?:{names})\s*=)", text):
        name, sign, value = (one.strip() for one in part.partition("="))
        is_known = name in (*required, *optional) and name not in terms
        if not sign or not value or not is_known or ("," in value and name != LINKS):
            raise InputError(
                f"{option} '{shorten(text)}': expected {', '.join(required)}, each once with a value", FORMATS[option]
            )
        terms[name] = value
    missing = [name for name in required if name not in terms]
    if missing:
        raise InputError(f"{option} '{shorten(text)}' has no {missing[0]}: no default is used", FORMATS[option])
    return terms


def _parse_share(text: str, option: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = float("nan")
    if not (isfinite(share) and 0 < share <= 1):
        raise InputError(f"{option}: share is '{shorten(text)}': expected above 0 and at most 1", "write 0.3 for 30 %")
    return share
