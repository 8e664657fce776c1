"""The versions on which a recalculation rests: of published days what was published, or, if asked, the newest computed.

Belongs here: which version of each table, and what is known of the days. Does not: reading rows (recalculate).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.window import Window

INVENTORY = "emission_hourly"
AHEAD = "traffic_restriction_ahead"
INPUTS = (INVENTORY, "control_source", "counted_emission", "road_emission_factor_hourly", AHEAD, "traffic_hourly")

EMISSIONS = ("source_id", "pollutant_code", "hour_utc", "emission_g", "method_code")
INTERVALS = ("emission_g_p05", "emission_g_p95")
"""The columns of the inventory that a recalculation reads."""

DayVersions = dict[str, Version]


@dataclass(frozen=True)
class ProjectionBasis:
    """Days after the last published one that are projected, and the published days on which that rests.

    by_table: versions of the recent days; left_out_days: recent days on which a scenario was in force.
    """

    days: list[date]
    by_table: Mapping[str, DayVersions]
    left_out_days: list[date]

    @property
    def recent_days(self) -> list[date]:
        """The published days on which the projection rests, oldest first."""
        return sorted(map(date.fromisoformat, self.by_table[INVENTORY]))


@dataclass(frozen=True)
class InventoryVersions:
    """The versions by table and day, and which days have none.

    is_draft: they are the newest computed, whatever is published.
    unpublished_days: days with an inventory that nobody published; replaced_days: days that were computed again after
    they were published. mass_kg: of each published day, by pollutant and method; capture_shares: of its feeds.
    projection: days after the last published one, where they were asked for.
    """

    by_table: Mapping[str, DayVersions]
    is_draft: bool
    unpublished_days: list[date] = field(default_factory=list)
    replaced_days: list[date] = field(default_factory=list)
    mass_kg: dict[date, dict[str, dict[str, float]]] = field(default_factory=dict)
    capture_shares: dict[date, dict[str, float]] = field(default_factory=dict)
    projection: ProjectionBasis | None = None

    @property
    def projected_days(self) -> list[date]:
        """The days that are projected."""
        return [] if self.projection is None else self.projection.days

    def inputs(self) -> dict[str, DayVersions]:
        """Every version that is read, by table and day, those of the projection included."""
        recent: Mapping[str, DayVersions] = {} if self.projection is None else self.projection.by_table
        return {table: dict(sorted({**recent.get(table, {}), **own}.items())) for table, own in self.by_table.items()}

    @property
    def days(self) -> list[date]:
        """The days with an inventory."""
        return sorted(map(date.fromisoformat, self.by_table[INVENTORY]))

    def mass_share_by_method(self) -> dict[str, dict[str, float]]:
        """Share of the mass of each pollutant that came by each method, over the days of the window."""
        kg: dict[str, dict[str, float]] = {}
        for day in self.days:
            for pollutant, methods in self.mass_kg.get(day, {}).items():
                sums = kg.setdefault(pollutant, {})
                for method, mass in methods.items():
                    sums[method] = sums.get(method, 0.0) + mass
        totals = {pollutant: sum(methods.values()) for pollutant, methods in kg.items()}
        return {p: {m: v / totals[p] for m, v in sorted(kg[p].items())} for p in sorted(kg) if totals[p] > 0}

    def feed_capture_share(self) -> dict[str, float]:
        """Mean capture rate of each feed over the days of which the manifest states it."""
        shares: dict[str, list[float]] = {}
        for day in self.days:
            for feed, share in self.capture_shares.get(day, {}).items():
                shares.setdefault(feed, []).append(share)
        return {feed: sum(values) / len(values) for feed, values in sorted(shares.items())}


def published_versions(store: Store, days: Sequence[date]) -> InventoryVersions:
    """What the manifests of the published days name.

    The control basis may be written after its day is published; then it is the newest one before the inventory was
    computed again.

    Raises:
        InputError: a manifest cannot be read.
        RefusedError: a version that a manifest names is not in the lake.
    """
    manifests = {day: manifest for day in days if (manifest := _read_manifest(store, day)) is not None}
    by_table: dict[str, DayVersions] = {table: {} for table in INPUTS}
    replaced = []
    for day, manifest in manifests.items():
        inventory, later = _inventory(store, day, manifest)
        by_table[INVENTORY][str(day)] = inventory
        replaced += [day] if later else []
        for table in INPUTS[1:]:
            version = _input(store, table, day, manifest, before=later)
            if version is not None:
                by_table[table][str(day)] = version
    return InventoryVersions(
        by_table,
        is_draft=False,
        unpublished_days=[day for day in days if day not in manifests and store.versions(INVENTORY, [day])],
        replaced_days=replaced,
        mass_kg={day: _mass_by_method(manifest) for day, manifest in manifests.items()},
        capture_shares={day: _capture_shares(manifest) for day, manifest in manifests.items()},
    )


def newest_versions(store: Store, days: Sequence[date]) -> InventoryVersions:
    """The newest computed version of every day, published or not."""
    by_table = {table: {v.day: v for v in store.versions(table, days)} for table in INPUTS}
    return InventoryVersions(by_table, is_draft=True)


def days_with_inventory(region: Region, window: Window, inventory: InventoryVersions) -> list[date]:
    """The days of the window that have an inventory or are projected.

    Raises:
        InputError: the window is outside every inventory and projection.
        RefusedError: its days were computed, and none was published.
    """
    computable = [*inventory.days, *inventory.projected_days]
    if computable:
        return sorted(computable)
    what = f"region {region.region_id} has no published inventory from {window.from_utc.isoformat()}"
    what += f" to {window.to_utc.isoformat()}"
    if inventory.unpublished_days:
        days = ", ".join(map(str, inventory.unpublished_days))
        raise RefusedError(
            f"{what}: {days} was computed and is not published",
            "publish it with emis day, or see what a draft says with --draft-inventory",
        )
    first = window.days(region.time_zone)[0]
    raise InputError(what, f"give another window, or run emis day --region {region.region_id} --date {first}")


def _read_manifest(store: Store, day: date) -> dict[str, Any] | None:
    name = f"manifest/day={day}.json"
    content = store.read_document(name, tree=PUBLISHED)
    if content is None:
        return None
    try:
        manifest = json.loads(content)
        _named_inventory(manifest)
    except (ValueError, KeyError, TypeError, StopIteration):
        raise InputError(
            f"{name} of region {store.region_id} is damaged: expected a JSON object that names {INVENTORY}",
            "publish the day again: emis run publish",
        ) from None
    return dict(manifest)


def _named_inventory(manifest: Mapping[str, Any]) -> str:
    return str(next(file["version"] for file in manifest["files"] if file["table"] == INVENTORY))


def _inventory(store: Store, day: date, manifest: Mapping[str, Any]) -> tuple[Version, Version | None]:
    """The published version of a day, and the first version computed after it."""
    versions = store.versions(INVENTORY, [day])
    named = _named_inventory(manifest)
    at = max((number for number, version in enumerate(versions) if version.version == named), default=None)
    if at is None:
        raise _missing_version(INVENTORY, day, named)
    return versions[at], versions[at + 1] if at + 1 < len(versions) else None


def _input(
    store: Store, table: str, day: date, manifest: Mapping[str, Any], *, before: Version | None
) -> Version | None:
    """The version of another table that belongs to a published day; None when the day has none."""
    versions = store.versions(table, [day])
    named = manifest.get("input_versions", {}).get(table)
    if named is None:
        earlier = [v for v in versions if before is None or v.known_utc < before.known_utc]
        return earlier[-1] if earlier else None
    found = [version for version in versions if version.version == named]
    if not found:
        raise _missing_version(table, day, named)
    return found[-1]


def _missing_version(table: str, day: date, version: str) -> RefusedError:
    return RefusedError(
        f"{day} was published with version {version} of {table}, which is not in the lake",
        f"run the day again: emis day --date {day}",
    )


def _mass_by_method(manifest: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Mass of each pollutant by method, in kg; empty for a manifest that does not state it."""
    shares = manifest.get("completeness", {}).get("mass_share_by_method", {})
    totals = manifest.get("total_kg", {})
    return {p: {m: share * totals.get(p, 0.0) for m, share in methods.items()} for p, methods in shares.items()}


def _capture_shares(manifest: Mapping[str, Any]) -> dict[str, float]:
    shares = {feed: facts.get("complete_share") for feed, facts in manifest.get("feeds", {}).items()}
    return {feed: float(share) for feed, share in shares.items() if share is not None}
