"""Rules between the rows of a registry: shares that sum to 1, devices that exist, size fractions within their total.

Belongs here: rules over several rows or tables. Does not: single values, keys and references (register).
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.collect.registry.counted_area_rules import check_counted_areas
from bigdata_emis.collect.registry.fleet_rules import check_own_fleets
from bigdata_emis.collect.registry.reported_activity import check_reported_activity
from bigdata_emis.collect.registry.unit_rules import check_units
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.region import Region
from bigdata_emis.schema.mass_units import G_PER_T
from bigdata_emis.storage.registries.validity import DATED_TABLES

SHARE_TOLERANCE = 1e-6
FLEET_TOLERANCE = 1e-6
FACTOR_TOLERANCE = 1e-9
HOURS_A_YEAR = 8760
MINUTES_PER_HOUR = 60
BETWEEN_ENTERPRISES = "meter_between_enterprises"
TOTAL_WITHOUT_LINES = "district_total_without_lines"
Frames = Mapping[str, pa.Table]
Row = dict[str, Any]


def check_rules(frames: Frames, region: Region) -> None:
    """Raise InputError for the first rule that the registry of a region breaks."""
    meter = frames["meter"]
    line_of_meter = dict(zip(meter["meter_id"].to_pylist(), meter["production_line_id"].to_pylist(), strict=True))
    _check_alert_rules(region)
    _check_intervals(meter)
    for name in DATED_TABLES:
        _check_validity(name, frames[name])
    for meter_id, rows in _group_rows(frames["meter_share"], "meter_id").items():
        _check_shares(meter_id, rows)
        _check_own_line(meter_id, line_of_meter[meter_id], rows)
    _check_devices(frames["abatement_device"], reference.read("control_efficiency", region.folder))
    containment = Containment(reference.read("pollutant_part", region.folder))
    for line_id, rows in _group_rows(frames["emission_factor"], "production_line_id").items():
        _check_factors(line_id, rows, containment)
    _check_fleet(frames["fleet_mix"], frames["road_link"])
    check_own_fleets(frames, region.folder)
    check_units(frames, region.folder)
    check_counted_areas(frames, region.folder)
    check_reported_activity(frames, region.folder)
    _check_annual_mass(frames, reference.read("emission_limit", region.folder))


def count_unusual(frames: Frames) -> dict[str, int]:
    """Count entries that are unusual but may be right, by kind.

    Counted are meters whose lines belong to several enterprises, as in a park with one transformer, and totals of an
    industry in a district in which no line of it is registered: nothing can be compared with them.
    """
    counts = {BETWEEN_ENTERPRISES: _between_enterprises(frames), TOTAL_WITHOUT_LINES: _totals_without_lines(frames)}
    return {kind: count for kind, count in counts.items() if count}


def _between_enterprises(frames: Frames) -> int:
    line = frames["production_line"]
    enterprise = dict(zip(line["production_line_id"].to_pylist(), line["enterprise_id"].to_pylist(), strict=True))
    shares = _group_rows(frames["meter_share"], "meter_id").values()
    owners = [{enterprise[row["production_line_id"]] for row in rows} for rows in shares]
    return sum(len(enterprises) > 1 for enterprises in owners)


def _totals_without_lines(frames: Frames) -> int:
    places = {
        row["enterprise_id"]: {row["district_id"], row["county_id"], row["city_name"]}
        for row in frames["enterprise"].to_pylist()
    }
    registered = {
        (place, row["industry_code"], row["activity_unit_code"])
        for row in frames["production_line"].to_pylist()
        for place in places[row["enterprise_id"]]
    }
    columns = ("district_id", "industry_code", "activity_unit_code")
    totals = frames["district_emission_annual"].to_pylist()
    return sum(tuple(row[name] for name in columns) not in registered for row in totals)


def _check_alert_rules(region: Region) -> None:
    versions = sorted(set(reference.read("alert_rule", region.folder)["rule_version"].to_pylist()))
    if region.rules.get("alert", versions[0]) not in versions:
        what = f'{region.folder / "region.toml"}, rules.alert = "{shorten(region.rules["alert"])}": no such version'
        raise InputError(what, f"use one of {', '.join(versions)}, or leave it out for the one valid on the day")
    areas = sorted(set(reference.read("alert_rule", region.folder)["plan_area"].to_pylist()))
    if region.rules.get("alert_area", areas[0]) not in areas:
        what = f'{region.folder / "region.toml"}, rules.alert_area = "{shorten(region.rules["alert_area"])}": no plan'
        raise InputError(what, f"use one of {', '.join(areas)}, or leave it out for key regions")


def _check_intervals(meter: pa.Table) -> None:
    """Refuse a meter whose readings do not fill hours: all of them would be quarantined, or counted wrongly."""
    for meter_id, interval_min in zip(meter["meter_id"].to_pylist(), meter["interval_min"].to_pylist(), strict=True):
        if MINUTES_PER_HOUR % interval_min:
            what = f"table meter, meter_id {meter_id}: interval_min = {interval_min:g} does not divide an hour"
            raise InputError(what, "give readings of 1, 5, 10, 15, 30 or 60 minutes")


def _check_validity(name: str, frame: pa.Table) -> None:
    columns = (frame[column].to_pylist() for column in (f"{name}_id", "valid_from", "valid_to"))
    for entry_id, first, last in zip(*columns, strict=True):
        if first and last and first > last:
            what = f"table {name}, {name}_id {shorten(entry_id)}: valid_from {first} is after valid_to {last}"
            raise InputError(what, "give the first and the last day on which it measures, or leave them empty")


def _check_shares(meter_id: str, rows: list[Row]) -> None:
    stated = sum(row["energy_share"] for row in rows if row["energy_share"] is not None)
    has_open = any(row["energy_share"] is None for row in rows)
    if stated > 1 + SHARE_TOLERANCE or (not has_open and stated < 1 - SHARE_TOLERANCE):
        what = f"table meter_share, meter {meter_id}: the parts of its {len(rows)} lines sum to {stated:g}"
        raise InputError(what, "make them sum to 1, or leave some empty to split the rest by reference energy")


def _check_own_line(meter_id: str, own_line: str, rows: list[Row]) -> None:
    """Refuse a shared meter for which table meter names a line that does not share it: the tables contradict."""
    lines = [row["production_line_id"] for row in rows]
    if own_line not in lines:
        measured = ", ".join(lines[:3])
        what = f"table meter_share, meter {meter_id}: it measures {measured} but table meter says line {own_line}"
        raise InputError(what, "name one of its lines in table meter, or add the line to meter_share")


def _check_fleet(fleet_mix: pa.Table, road_link: pa.Table) -> None:
    """Refuse a road class of which the vehicles of an hour are not the whole fleet, or are unknown."""
    key = ["road_class_code", "local_hour"]
    sums = fleet_mix.group_by(key, use_threads=False).aggregate([("fleet_share", "sum")])
    for road, hour, total in zip(*(sums[name].to_pylist() for name in (*key, "fleet_share_sum")), strict=True):
        if total is None or abs(total - 1) > FLEET_TOLERANCE:
            what = f"table fleet_mix, road_class_code {road}, local_hour {hour}: the shares sum to {total or 0:g}"
            raise InputError(what, "make them sum to 1: a class of vehicles is probably missing")
    without = sorted(set(road_link["road_class_code"].to_pylist()) - set(sums["road_class_code"].to_pylist()))
    if without and fleet_mix.num_rows:
        what = f"table road_link has roads of class {without[0]}, of which table fleet_mix has no vehicles"
        raise InputError(what, "add the fleet of each hour of that class to fleet_mix.csv")


def _check_devices(abatement_device: pa.Table, control_efficiency: pa.Table) -> None:
    devices = set(control_efficiency["device_name"].to_pylist())
    for row in abatement_device.to_pylist():
        if row["device_name"] not in devices:
            what = f"table abatement_device, line {row['production_line_id']}: device '{row['device_name']}' is unknown"
            raise InputError(what, f"reference/control_efficiency has {', '.join(sorted(devices))}"[:400])


def _check_factors(line_id: str, rows: list[Row], containment: Containment) -> None:
    """The registry's own factors of a line: after abatement, a size fraction is no more than its total."""
    after_abatement = {
        row["pollutant_code"]: row["emission_factor_g_per_unit"] * (1 - (row["removal_share"] or 0.0)) for row in rows
    }
    for part, whole in containment.pairs(set(after_abatement)):
        part_g, whole_g = after_abatement[part], after_abatement[whole]
        if part_g > whole_g * (1 + FACTOR_TOLERANCE):
            what = (
                f"table emission_factor, line {line_id}: "
                f"{part_g:g} g of {part} a unit after abatement, but {whole_g:g} g of {whole}"
            )
            raise InputError(what, f"{part} is a part of {whole}: correct one of the factors or removals")


def _check_annual_mass(frames: Frames, emission_limit: pa.Table) -> None:
    """Refuse a registry that adds up to more of a pollutant in a year than any country emits: a unit is wrong.

    Lines count with their own factors at full capacity.
    """
    limits = dict(
        zip(*(emission_limit[name].to_pylist() for name in ("pollutant_code", "national_emission_t")), strict=True)
    )
    masses: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for pollutant, annual_t, where in (*_annual_of_areas(frames), *_annual_of_lines(frames)):
        masses[pollutant].append((annual_t, where))
    for pollutant, parts in masses.items():
        total_t, limit_t = sum(annual_t for annual_t, _ in parts), limits.get(pollutant, math.inf)
        if total_t > limit_t:
            largest_t, where = max(parts)
            what = f"{where}: {largest_t:.3g} t of {pollutant} a year, of {total_t:.3g} t in the whole registry"
            raise InputError(
                f"{what}; expected less than any country emits, {limit_t:g} t", "check the units of this row"
            )


def _annual_of_areas(frames: Frames) -> Iterator[tuple[str, float, str]]:
    for row in frames["area_emission_annual"].to_pylist():
        where = f"table area_emission_annual, activity_area_id {row['activity_area_id']}"
        yield row["pollutant_code"], row["annual_emission_t"], where


def _annual_of_lines(frames: Frames) -> Iterator[tuple[str, float, str]]:
    line = frames["production_line"]
    capacity = dict(zip(line["production_line_id"].to_pylist(), line["capacity_per_h"].to_pylist(), strict=True))
    for row in frames["emission_factor"].to_pylist():
        passed_share = 1 - (row["removal_share"] or 0.0)
        full_g = row["emission_factor_g_per_unit"] * passed_share * (capacity[row["production_line_id"]] or 0.0)
        where = f"table emission_factor, production_line_id {row['production_line_id']} at full capacity"
        yield row["pollutant_code"], full_g * HOURS_A_YEAR / G_PER_T, where


def _group_rows(frame: pa.Table, name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in frame.to_pylist():
        groups[row[name]].append(row)
    return groups
