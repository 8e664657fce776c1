"""Rules of own fleets and traffic restrictions: whole fleets, one rule an hour, places that have links.

Belongs here: refusals at registration, with file, row and column. Does not: which fleet holds in an hour
(inventory/fleets/day_fleets), the usual fleet (registry_rules).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import FleetDay
from bigdata_emis.collect.registry.csv_text import row_place
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.window import HOURS_PER_DAY

SHARE_TOLERANCE = 1e-6
FLEET, RESTRICTION = "local_fleet", "traffic_restriction"
SELECTORS = (
    "city_name",
    "county_id",
    "road_class_code",
    "fleet_day_code",
    "from_local_hour",
    "to_local_hour",
    "valid_from",
    "valid_to",
    "is_counted_on_road",
)
RESTRICTED = (
    "city_name",
    "county_id",
    "road_class_code",
    "vehicle_class_code",
    "fuel_code",
    "stage_threshold_code",
    "banned_share",
    "compliance_share",
)
"""What a restriction bans where, and how much of it."""
WORKDAYS = (FleetDay.MONDAY, FleetDay.TUESDAY, FleetDay.WEDNESDAY, FleetDay.THURSDAY, FleetDay.FRIDAY)
DAYS_OFF = (FleetDay.SATURDAY, FleetDay.SUNDAY)
Row = Mapping[str, Any]


def check_own_fleets(frames: Mapping[str, pa.Table], region_folder: Path) -> None:
    """Raise InputError for the first fleet or restriction that cannot be used, or whose place has no link.

    Refused are shares that do not sum to 1, rows of a fleet that hold in other hours than its first, hours without
    their end, validity that ends before it begins, two fleets of which neither is more specific, a restriction that is
    there twice, and a county that is in two cities.
    """
    folder = region_folder / "registry"
    fleets: dict[str, list[Row]] = {}
    for row in frames[FLEET].to_pylist():
        fleets.setdefault(row["local_fleet_id"], []).append(row)
    restrictions = frames[RESTRICTION].to_pylist()
    if not (fleets or restrictions):
        return
    for rows in fleets.values():
        _check_selectors(rows, folder)
        _check_shares(rows, folder)
    listed = [(FLEET, rows[0]) for rows in fleets.values()] + [(RESTRICTION, row) for row in restrictions]
    _check_places(listed, frames["road_link"], folder)
    for table, row in listed:
        _check_times(table, row, folder)
    _check_overlaps([rows[0] for rows in fleets.values()], folder)
    _check_equal_restrictions(restrictions, folder)


def _check_selectors(rows: Sequence[Row], folder: Path) -> None:
    for row in rows[1:]:
        for name in SELECTORS:
            if row[name] != rows[0][name]:
                raise InputError(
                    f"{_place(FLEET, row, folder)}, column {name}: '{_text(row[name])}'; another row of fleet "
                    f"{shorten(row['local_fleet_id'])} has '{_text(rows[0][name])}'",
                    "give all rows of a fleet the same place and hours, or another local_fleet_id",
                )


def _check_shares(rows: Sequence[Row], folder: Path) -> None:
    total = sum(row["fleet_share"] for row in rows)
    if abs(total - 1) > SHARE_TOLERANCE:
        raise InputError(
            f"{_place(FLEET, rows[0], folder)}, column fleet_share: the {len(rows)} rows of fleet "
            f"{shorten(rows[0]['local_fleet_id'])} sum to {total:.6g}; expected 1",
            "correct a share, or add the class of vehicles that is missing",
        )


def _check_places(listed: Iterable[tuple[str, Row]], road_link: pa.Table, folder: Path) -> None:
    """Refuse a city or county without a link: it is most often written in another way there."""
    pairs = set(zip(road_link["city_name"].to_pylist(), road_link["county_id"].to_pylist(), strict=True))
    city_of: dict[str, str] = {}
    for city, county in sorted((city or "", county) for city, county in pairs if county):
        if city_of.setdefault(county, city) != city:
            raise InputError(
                f"table road_link: links of county_id {shorten(county)} are in the cities "
                f"'{shorten(city_of[county])}' and '{shorten(city)}'",
                "give all links of a county the same city_name",
            )
    for table, row in listed:
        city, county = row["city_name"], row["county_id"]
        if not any((not city or city == one) and (not county or county == other) for one, other in pairs):
            name = "county_id" if county else "city_name"
            raise InputError(
                f"{_place(table, row, folder)}, column {name}: no road link has '{shorten(county or city)}'"
                + (f" in city_name '{shorten(city)}'" if county and city else ""),
                "write city_name and county_id as in road_link.csv, or give the links theirs there",
            )


def _check_times(table: str, row: Row, folder: Path) -> None:
    first, end = row["from_local_hour"], row["to_local_hour"]
    if (first is None) != (end is None):
        name = "to_local_hour" if end is None else "from_local_hour"
        raise InputError(f"{_place(table, row, folder)}, column {name}: it is empty", "give both hours, or neither")
    if first is not None and first == end:
        raise InputError(
            f"{_place(table, row, folder)}, column to_local_hour: {end} is the first hour, too",
            "leave both empty for every hour of the day",
        )
    if row["valid_from"] and row["valid_to"] and row["valid_from"] > row["valid_to"]:
        raise InputError(
            f"{_place(table, row, folder)}, column valid_to: {row['valid_to']} is before valid_from "
            f"{row['valid_from']}",
            "give the first and the last day on which it holds",
        )


def _check_overlaps(fleets: Sequence[Row], folder: Path) -> None:
    """Refuse two fleets that are equally specific and hold in the same hour: which applies would be chance."""
    for first, second in combinations(fleets, 2):
        if _pattern(first) == _pattern(second) and _share_an_hour(first, second):
            raise InputError(
                f"{_place(FLEET, second, folder)}: fleet {shorten(second['local_fleet_id'])} holds in hours in which "
                f"fleet {shorten(first['local_fleet_id'])} does, and neither is more specific",
                "correct their hours, days or dates, so that one of them holds",
            )


def _check_equal_restrictions(restrictions: Sequence[Row], folder: Path) -> None:
    """Refuse a restriction that another one repeats in hours that they share: both would act, each on what is left."""
    equal: dict[tuple[Any, ...], list[Row]] = {}
    for row in restrictions:
        for first in equal.setdefault(tuple(row[name] for name in RESTRICTED), []):
            if _share_an_hour(first, row):
                raise InputError(
                    f"{_place(RESTRICTION, row, folder)}: restriction {shorten(row['traffic_restriction_id'])} repeats "
                    f"{shorten(first['traffic_restriction_id'])} in hours in which both hold",
                    "keep one of them, or correct their hours, days or dates; of two that add up give the common share",
                )
        equal[tuple(row[name] for name in RESTRICTED)].append(row)


def _pattern(row: Row) -> tuple[Any, ...]:
    """Place and road class, and how closely the time is described; only fleets that agree in it can be in doubt."""
    place = (row["county_id"] or row["city_name"], bool(row["county_id"]), row["road_class_code"])
    return (*place, len(_days(row)) == 1, bool(row["fleet_day_code"]), row["from_local_hour"] is not None)


def _share_an_hour(first: Row, second: Row) -> bool:
    begins = max((one["valid_from"] for one in (first, second) if one["valid_from"]), default=None)
    ends = min((one["valid_to"] for one in (first, second) if one["valid_to"]), default=None)
    is_in_dates = begins is None or ends is None or begins <= ends
    return is_in_dates and bool(_days(first) & _days(second)) and bool(_hours(first) & _hours(second))


def _days(row: Row) -> frozenset[str]:
    code = row["fleet_day_code"]
    of_group = {FleetDay.WORKDAY: WORKDAYS, FleetDay.DAY_OFF: DAYS_OFF, None: (*WORKDAYS, *DAYS_OFF)}
    return frozenset(of_group.get(code, (code,)))


def _hours(row: Row) -> frozenset[int]:
    first, end = row["from_local_hour"], row["to_local_hour"]
    if first is None or end is None:
        return frozenset(range(HOURS_PER_DAY))
    return frozenset(range(first, end)) if first < end else frozenset((*range(first, HOURS_PER_DAY), *range(end)))


def _place(table: str, row: Row, folder: Path) -> str:
    names = ("local_fleet_id", "vehicle_class_code", "fuel_code", "emission_stage_code")
    key = names if table == FLEET else ("traffic_restriction_id",)
    return row_place(folder, table, {name: row[name] for name in key})


def _text(value: Any) -> str:
    return "" if value is None else shorten(str(value))
