"""The recalculated town (recalculated_town) with options that move emission, and what they rest on.

NOx, kg: the foundry emits 10 an hour and is cut by a fifth: 48 in the day. The link emits 20 an hour: trucks of stage
III a half, newer ones a quarter; of trucks all old ones and half of the newer ones are banned: 300 in the day.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis.control.moved.detour_links import DetourLinks
from bigdata_emis.control.moved.moved_options import NEIGHBOURS, OUTSIDE, Detour, MovedOptions, Rebound
from bigdata_emis.control.recalculate import RecalculationResult, recalculate
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window
from tests.control.optimise.published_region import DAY, KG, KNOWN, WINDOW, frame, region_of, tables
from tests.control.published_days import publish_days
from tests.control.results.recalculated_town import write_town

NEXT = DAY + timedelta(days=1)
AFTER = Window(WINDOW.to_utc, WINDOW.to_utc + timedelta(hours=24))
FOUNDRY_T_PER_H = 5.0
"""Of the foundry in the whole day: 2,000 g NOx a tonne."""
TRUCKS_AWAY = {"link-1": 0}


def town(folder: Path, *, after_kg: Mapping[str, float] | None = None) -> tuple[Region, Store]:
    """The published day with the activity of the foundry, and the next day with NOx of lines, kg an hour."""
    region, store = region_of(folder), Store(str(folder / "lake"), "test", "Asia/Shanghai")
    write_town(store, folder)
    activity = [
        {
            "source_id": "foundry-1",
            "hour_utc": hour,
            **dict.fromkeys(("activity", "activity_p05", "activity_p95"), FOUNDRY_T_PER_H),
            "activity_unit_code": "t",
            "method_code": "modelled",
        }
        for hour in WINDOW.hour_starts_utc()
    ]
    store.write("activity_hourly", frame("activity_hourly", activity), [DAY], known_utc=KNOWN, run_id="test")
    if after_kg is not None:
        publish_next_day(store, after_kg)
    return region, store


def publish_next_day(store: Store, nox_kg_per_h: Mapping[str, float]) -> None:
    """The next day of the inventory, with NOx of some lines only."""
    rows = [
        {
            "source_id": source,
            "sector_code": "industrial_process",
            "pollutant_code": "NOx",
            "hour_utc": hour,
            **dict.fromkeys(("emission_g", "emission_g_p05", "emission_g_p95"), kg * KG),
            "method_code": "modelled",
        }
        for source, kg in nox_kg_per_h.items()
        for hour in AFTER.hour_starts_utc()
    ]
    store.write("emission_hourly", frame("emission_hourly", rows), [NEXT], known_utc=KNOWN, run_id="test")
    sources = [
        {**row, "hour_utc": AFTER.from_utc, "grade_source_code": "enterprise" if "grade_code" in row else None}
        for row in tables()["control_source"]
    ]
    store.write("control_source", frame("control_source", sources), [NEXT], known_utc=KNOWN, run_id="test")
    publish_days(store, [NEXT])


def recalculate_moved(region: Region, store: Store, options: MovedOptions, **other: Any) -> RecalculationResult:
    """A scenario of the listed measures with options."""
    request: dict[str, Any] = {
        "region": region,
        "level": "orange",
        "window": WINDOW,
        "measures_file": region.folder / "town.csv",
        "name": "town",
        "known_utc": KNOWN,
        "store": store,
        "run_id": "test",
        "options": options,
    }
    return recalculate(**{**request, **other})


def rebound(share: float, hours: int, capacity_t_per_h: float | None = 6.0) -> MovedOptions:
    """Production of the foundry that is made up; the mill has a capacity and no activity."""
    return MovedOptions(rebound=Rebound(share, hours, {"foundry-1": capacity_t_per_h, "mill-1": 8.0}))


def detour(share: float, receivers: Mapping[str, float] | None = None) -> MovedOptions:
    """Trucks that leave link-1: outside the region, or on links with their parts of the traffic."""
    if receivers is None:
        return MovedOptions(detour=Detour(share, ["HeavyT"], OUTSIDE))
    links = DetourLinks(TRUCKS_AWAY, [receivers], has_open=True)
    return MovedOptions(detour=Detour(share, ["HeavyT"], NEIGHBOURS, links))


def moved_kg(result: RecalculationResult, pollutant: str = "NOx") -> dict[tuple[str, str], float]:
    """What the document of a scenario says that it moves, by kind and outcome."""
    return {
        (row["kind"], row["outcome"]): row["moved_kg"]
        for row in result.document().get("moved", [])
        if row["pollutant"] == pollutant
    }


def hourly(store: Store) -> list[dict[str, Any]]:
    """The rows of control_moved_hourly of both days."""
    table: pa.Table = store.read("control_moved_hourly", [DAY, NEXT])
    return list(table.to_pylist())
