"""Base and cut of the rows of a list by the published inventory of a day, as columns of its export.

Belongs here: the numbers of the inventory for matched lines. Does not: those that the list states (list_export), which
line a row is about (matching).

base_kg_per_d = Σ emission_g of the lines of the row and day ÷ 1000; cut_kg_per_d = base × the largest applied share of
the measures of the row at a level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import ListItemStatus, Pollutant
from bigdata_emis.control.emergency_list.list_versions import Row
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry, NotMatched
from bigdata_emis.control.emergency_list.sheets.headings import OWN_HEADING
from bigdata_emis.control.inventory_versions import INVENTORY, published_versions
from bigdata_emis.control.scenarios_in_force import has_scenario_in_force
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore

POLLUTANTS = (Pollutant.SO2, Pollutant.NOX, Pollutant.VOCS, Pollutant.PM10, Pollutant.PM2_5)
PARTICLES = "PM"
"""What a list calls particles of every size."""
LEVELS = {"yellow": "黄色", "orange": "橙色", "red": "红色"}
INVENTORY_HEADING = f"{OWN_HEADING}排放清单"
SOURCE_HEADING = f"{INVENTORY_HEADING}来源"
LOOK_BACK_DAYS = 30
GRAMS_PER_KG, DIGITS = 1000.0, 6


@dataclass(frozen=True)
class InventoryBase:
    """The emission of lines on a published day, in kg/d by line and pollutant, and which version that is.

    newer_days: published days after it that were not taken, because measures were in force on them.
    """

    day: date
    version: str
    is_under_measures: bool
    kg_per_d: dict[str, dict[str, float]]
    newer_days: tuple[date, ...] = ()
    is_asked_for: bool = False

    @property
    def choice(self) -> str:
        """Which day it is and why, in both languages."""
        if self.is_asked_for:
            return f"{self.day}, as asked for 指定日期"
        if self.is_under_measures:
            why = "the newest published day; measures were in force on every one 最近发布日，各日均有减排措施"
            return f"{self.day}, {why}"
        passed = ", ".join(map(str, self.newer_days))
        over = f"; not {passed}, with measures in force 其后发布日有减排措施" if passed else ""
        return f"{self.day}, the newest published day without measures in force 最近的无减排措施发布日{over}"

    @property
    def mark(self) -> str:
        """Day and version, and whether measures were in force, so that the emission is not the normal one."""
        return f"{self.day} 版本{self.version}{'（当日有减排措施）' if self.is_under_measures else ''}"


def read_inventory_base(region: Region, day: date | None = None) -> InventoryBase | None:
    """The published inventory of a day; without one the newest on which no measures were in force; None: there is none.

    Raises InputError when the day that was asked for is not published.
    """
    store = open_lake(region)
    candidates = [day] if day else store.days(INVENTORY)[-LOOK_BACK_DAYS:]
    versions = published_versions(store, candidates)
    if day and not versions.days:
        raise InputError(f"{day} of region {region.region_id} is not published", "give another --date, or publish it")
    if not versions.days:
        return None
    free = [one for one in versions.days if not has_scenario_in_force(store, one)]
    chosen = max(free or versions.days)
    pinned = ScenarioStore(store, "list", {INVENTORY: versions.by_table[INVENTORY]})
    rows = pinned.read(INVENTORY, [chosen], columns=["source_id", "pollutant_code", "emission_g"])
    sums = rows.group_by(["source_id", "pollutant_code"]).aggregate([("emission_g", "sum")])
    kg: dict[str, dict[str, float]] = {}
    for row in sums.filter(pc.is_in(sums["pollutant_code"], pa.array(list(map(str, POLLUTANTS))))).to_pylist():
        kg.setdefault(row["source_id"], {})[row["pollutant_code"]] = row["emission_g_sum"] / GRAMS_PER_KG
    version = versions.by_table[INVENTORY][str(chosen)].version
    newer = tuple(sorted(one for one in versions.days if one > chosen))
    return InventoryBase(chosen, version, chosen not in free, kg, newer_days=newer, is_asked_for=bool(day))


def inventory_headings() -> list[str]:
    """The headings of the columns, in their order."""
    bases = [_base_heading(pollutant) for pollutant in POLLUTANTS]
    cuts = [_cut_heading(level, pollutant) for level in LEVELS for pollutant in POLLUTANTS]
    return [*bases, *cuts, SOURCE_HEADING]


def inventory_values(items: Sequence[Row], registry: ListRegistry, base: InventoryBase) -> dict[str, str | float]:
    """The values of one row of the list, by heading; what is not known has none.

    A row that matches no line says why. A level with a measure that needs a person has no cut.
    """
    match = registry.match(items[0])
    present = [line for line in match.lines if line in base.kg_per_d]
    if not present:
        why = match.reason or NotMatched.NOT_IN_INVENTORY
        return {SOURCE_HEADING: f"未匹配（{base.day}）：{why.in_chinese}"}
    values: dict[str, str | float] = {SOURCE_HEADING: f"{base.mark} 生产线 {'、'.join(present)}"}
    for pollutant in POLLUTANTS:
        kg = sum(base.kg_per_d[line].get(pollutant, 0.0) for line in present)
        values[_base_heading(pollutant)] = round(kg, DIGITS)
        for level in LEVELS:
            share = _cut_share([item for item in items if item["alert_level_code"] == level], pollutant)
            if share is not None:
                values[_cut_heading(level, pollutant)] = round(kg * share, DIGITS)
    return values


def _cut_share(items: Sequence[Row], pollutant: str) -> float | None:
    """The largest share of the measures of a level about the plant itself; None where one of them is not known."""
    own = [item for item in items if not item["vehicle_class_codes"]]
    if not own or any(not _is_known(item) for item in own):
        return None
    return max(item["applied_cut_share"] if _is_about(item, pollutant) else 0.0 for item in own)


def _is_known(item: Row) -> bool:
    is_accepted = item["list_item_status_code"] == ListItemStatus.ACCEPTED
    return is_accepted and item["applied_cut_share"] is not None


def _is_about(item: Row, pollutant: str) -> bool:
    named = item["list_pollutant_codes"] or []
    is_particle = pollutant in (Pollutant.PM10, Pollutant.PM2_5) and PARTICLES in named
    return not named or pollutant in named or is_particle


def _base_heading(pollutant: str) -> str:
    return f"{INVENTORY_HEADING}{pollutant}基准(千克/天)"


def _cut_heading(level: str, pollutant: str) -> str:
    return f"{INVENTORY_HEADING}{LEVELS[level]}{pollutant}减量(千克/天)"
