"""Totals and sector shares of a region beside a named published inventory, with what the year is estimated from.

Belongs here: the year from the hours at hand, ratios, and the marks. Does not: the published figures
(reference/published_inventory), the lines of the command (cli/inventory).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from bigdata_emis import reference
from bigdata_emis.codes import Sector
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.report.scenario_section import code_title
from bigdata_emis.schema.mass_units import G_PER_T
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window

TOLERANCE_SHARE = 0.2
"""Farther than this from the published figure, a value is marked."""
YEAR_H = 8760
NAMED, REST, ALL = "named", "rest", "all"
NOT_ESTIMATED = "not_estimated"
ESTIMATED = ("estimate_t", "scaled_t", "ratio", "year_share", "hours_share")
REST_TITLE = {"en": "all other sectors", "zh": "其余源类"}
ROUNDING = 1e-9
Key = tuple[str, str]
"""Sector and pollutant."""


@dataclass(frozen=True)
class InventoryEstimate:
    """Masses in tonnes by sector and pollutant; a sector and pollutant without a row is not estimated.

    area_year_t: annual totals of area sources. other_hours_t: plants and roads in the hours at hand. hours_t: every
    source in the hours at hand.
    """

    hours: int
    area_year_t: Mapping[Key, float]
    other_hours_t: Mapping[Key, float]
    hours_t: Mapping[Key, float]

    def year_t(self, key: Key) -> float:
        """A year: the annual totals of area sources, and plants and roads as if every hour were like those at hand."""
        return self.area_year_t.get(key, 0.0) + self.scaled_t(key)

    def scaled_t(self, key: Key) -> float:
        """The part of the year that is scaled from the hours at hand."""
        return self.other_hours_t.get(key, 0.0) * YEAR_H / self.hours

    def in_hours_t(self, key: Key) -> float:
        """Every source in the hours at hand."""
        return self.hours_t.get(key, 0.0)


def compare_with_published(region: Region, day: date | None = None) -> dict[str, Any]:
    """The published figures of a region, each beside the estimate from one published day, by default from all.

    Raises:
        InputError: there is no published inventory for the region, or the day (any day) is not published.
    """
    published = published_rows(region)
    view = PublishedView(open_lake(region))
    days = _published_days(region, view, day)
    estimate = inventory_estimate(region, view, days)
    rows = [row for one in published for row in comparison_rows(one, estimate)]
    return {
        "region": region.region_id,
        "simulated": region.is_simulated,
        "from_day": days[0].isoformat(),
        "to_day": days[-1].isoformat(),
        "days": len(days),
        "hours": estimate.hours,
        "year_hours": YEAR_H,
        "tolerance_share": TOLERANCE_SHARE,
        "basis": _basis(days, estimate.hours),
        "inventories": _inventories(published),
        "rows": rows,
    }


def published_rows(region: Region) -> list[dict[str, Any]]:
    """The rows of published_inventory for this region. Raises InputError when there is none."""
    table = reference.read("published_inventory", region.folder)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["region_id"], region.region_id)).to_pylist()
    if not rows:
        raise InputError(
            f"no published inventory is known for region {region.region_id}",
            f"write its figures with their source to {region.folder / 'reference' / 'published_inventory.csv'}",
        )
    return rows


def inventory_estimate(region: Region, view: PublishedView, days: Sequence[date]) -> InventoryEstimate:
    """The masses of these days, and the annual totals of area sources as they were on the last of them."""
    areas = {row["activity_area_id"]: row["sector_code"] for row in _registry("activity_area", region)}
    columns = ["source_id", "sector_code", "pollutant_code", "emission_g"]
    emission = view.read("emission_hourly", days, columns=columns)
    sums = (
        emission.group_by(columns[:3], use_threads=False)
        .aggregate([("emission_g", "sum")])
        .sort_by([(name, "ascending") for name in columns[:3]])
    )
    every, other = defaultdict[Key, float](float), defaultdict[Key, float](float)
    for row in sums.to_pylist():
        key, mass_t = (row["sector_code"], row["pollutant_code"]), row["emission_g_sum"] / G_PER_T
        every[key] += mass_t
        if row["source_id"] not in areas:
            other[key] += mass_t
    year = defaultdict[Key, float](float)
    for (area, pollutant), mass_t in sorted(_area_totals(region, view, days[-1]).items()):
        year[areas[area], pollutant] += mass_t
    return InventoryEstimate(_hours(region, days), dict(year), dict(other), dict(every))


def comparison_rows(published: Mapping[str, Any], estimate: InventoryEstimate) -> Iterator[dict[str, Any]]:
    """The sectors that the inventory names, the others, and all: t, ratio, and shares on two bases.

    The others and all follow from the published share, so they carry its rounding.
    """
    pollutant, named_t, share = (published[name] for name in ("pollutant_code", "annual_emission_t", "total_share"))
    total_t = named_t / share
    of_pollutant = {key for key in {**estimate.area_year_t, **estimate.hours_t} if key[1] == pollutant}
    is_whole = Sector.ALL in published["sector_codes"]
    named = set() if is_whole else {key for key in of_pollutant if key[0] in published["sector_codes"]}
    groups = [] if is_whole else [(NAMED, named, named_t), (REST, of_pollutant - named, total_t - named_t)]
    for group, keys, published_t in [*groups, (ALL, of_pollutant, total_t)]:
        yield {
            "inventory": published["inventory_name"],
            "pollutant": pollutant,
            "confidence": published["confidence"],
            "group": group,
            "sectors": sorted({key[0] for key in keys}) if group != NAMED else list(published["sector_codes"]),
            "title": _group_title(group, published["sector_codes"]),
            **_compared(keys, of_pollutant, estimate, published_t, total_t),
        }


def _compared(
    keys: set[Key], of_pollutant: set[Key], estimate: InventoryEstimate, published_t: float, total_t: float
) -> dict[str, Any]:
    """A group beside its published figure; its values are null where the estimate has no row of it."""
    published = {"published_t": published_t, "published_share": published_t / total_t}
    if not keys:
        return {**published, **dict.fromkeys(ESTIMATED), "marks": [NOT_ESTIMATED]}
    year_t, scaled_t, hours_t = (_sum(of, keys) for of in (estimate.year_t, estimate.scaled_t, estimate.in_hours_t))
    ratio, year_share, hours_share = (
        year_t / published_t,
        _share(year_t, _sum(estimate.year_t, of_pollutant)),
        _share(hours_t, _sum(estimate.in_hours_t, of_pollutant)),
    )
    values = (year_t, scaled_t, ratio, year_share, hours_share)
    published_share = published["published_share"]
    ratios = {
        "total": ratio,
        "year_share": (year_share or 0.0) / published_share,
        "hours_share": (hours_share or 0.0) / published_share,
    }
    marks = [name for name, one in ratios.items() if is_beyond(one)]
    return {**published, **dict(zip(ESTIMATED, values, strict=True)), "marks": marks}


def is_beyond(ratio: float) -> bool:
    """Whether a ratio to the published figure is farther from 1 than the tolerance."""
    return abs(ratio - 1) > TOLERANCE_SHARE + ROUNDING


def _sum(mass_t: Callable[[Key], float], keys: set[Key]) -> float:
    return sum(mass_t(key) for key in sorted(keys))


def _share(part_t: float, whole_t: float) -> float | None:
    return part_t / whole_t if whole_t else None


def _group_title(group: str, sector_codes: Sequence[str]) -> dict[str, str]:
    if group == REST:
        return REST_TITLE
    titles = [code_title("sector", code) for code in (sector_codes if group == NAMED else [Sector.ALL])]
    return {language: " + ".join(title[language] for title in titles) for language in ("en", "zh")}


def _published_days(region: Region, view: PublishedView, day: date | None) -> list[date]:
    days = [one for one in view.days("emission_hourly") if view.manifest(one) is not None]
    if day is not None and day not in days:
        raise InputError(
            f"{day} is not published in region {region.region_id}",
            f"compute it: emis day --region {region.region_id} --date {day}",
        )
    if not days:
        raise InputError(f"region {region.region_id} has no published day", "compute one: emis day")
    return days if day is None else [day]


def _area_totals(region: Region, view: PublishedView, day: date) -> dict[Key, float]:
    """The annual emission by area and pollutant that the day was computed with: what was counted, else registered."""
    registered = _registry("area_emission_annual", region)
    totals = {(row["activity_area_id"], row["pollutant_code"]): row["annual_emission_t"] for row in registered}
    columns = ["activity_area_id", "pollutant_code", "annual_emission_t"]
    counted = view.read("counted_emission", [day], columns=columns).group_by(columns[:2], use_threads=False)
    for row in counted.aggregate([("annual_emission_t", "sum")]).to_pylist():
        totals[row["activity_area_id"], row["pollutant_code"]] = row["annual_emission_t_sum"]
    return totals


def _registry(table: str, region: Region) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = database.read(table, region.region_id).to_pylist()
    return rows


def _hours(region: Region, days: Sequence[date]) -> int:
    return sum(day_window(day, region.time_zone).hours for day in days)


def _basis(days: Sequence[date], hours: int) -> dict[str, str]:
    """What the year is estimated from, in both languages."""
    first, last = days[0].isoformat(), days[-1].isoformat()
    span = first if first == last else f"{first} .. {last} ({len(days)} days)"
    return {
        "en": f"year = annual totals of area sources + plants and roads of {hours} h ({span}) × {YEAR_H}/{hours}; the "
        "season, the holidays and the orders of those hours are scaled along. Shares of the hours are unscaled, area "
        "sources in them follow the season.",
        "zh": f"年量 = 面源年排放量 + 企业与道路 {hours} 小时（{span}）排放量 × {YEAR_H}/{hours}；"
        "这些小时的季节、假日与管控影响一并放大。时段占比未作放大，其中面源随季节变化。",
    }


def _inventories(published: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each inventory once: name, year and source."""
    by_name = {row["inventory_name"]: row for row in published}
    return [{"name": name, "year": row["reference_year"], "source": row["source"]} for name, row in by_name.items()]
