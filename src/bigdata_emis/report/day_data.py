"""The numbers of a day's page, selected and summed from published tables.

Belongs here: selection and sums for the page.
Does not: drawing (assets), or writing the page (day_page).
"""

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Method, Pollutant, Sector
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.analysis_failures import analysis_failures
from bigdata_emis.report.associations import association_section, change_section
from bigdata_emis.report.balance_rows import audit_section, district_balance_section
from bigdata_emis.report.names.code_names import pollutant_words, rule_words
from bigdata_emis.report.names.county_names import county_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.scenario_section import code_title, local_time, overlaps_day, scenario_section
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

SHOWN_POLLUTANTS = (
    Pollutant.NOX,
    Pollutant.PM2_5,
    Pollutant.PM_CONDENSABLE,
    Pollutant.SO2,
    Pollutant.VOCS,
    Pollutant.CO,
    Pollutant.PM10,
    Pollutant.CO2,
)
GRIDDED_COLUMNS = ("cell_id", "sector_code", "pollutant_code", "hour_utc", "emission_g")
BEFORE_AUDIT = "emission_before_audit_g"
METHOD_ORDER = (
    Method.MEASURED,
    Method.CORRECTED,
    Method.MODELLED,
    Method.UNCONTROLLED,
    Method.COUNTED,
    Method.PROXY_SCALED,
    Method.TRAFFIC_SCALED,
    Method.WEATHER_SCALED,
    Method.PROFILE,
)
"""From what was measured to what no reading of the day moved."""
SHOWN_DAYS = 5
MAX_SOURCES = 20
LEVELS = 65535
OUTSIDE = "outside"


def day_data(region: Region, day: date, store: Store, *, scenario: str | None) -> dict[str, Any]:
    """All numbers that the page shows.

    Raises:
        InputError: the day has no inventory, or the scenario is unknown.
    """
    gridded = store.read("emission_gridded_hourly", [day], columns=list(GRIDDED_COLUMNS))
    if gridded.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no inventory of {day}; {_days_with_inventory(store)}",
            f"name one of them with --date, or compute it: emis day --region {region.region_id} --date {day}",
        )
    hours = list(day_window(day, region.time_zone).hour_starts_utc())
    emitted = set(gridded["pollutant_code"].unique().to_pylist())
    pollutants = [str(pollutant) for pollutant in SHOWN_POLLUTANTS if pollutant in emitted]
    names = source_names(region)
    return {
        "region": {
            "id": region.region_id,
            "en": region.name_en,
            "zh": region.name_zh,
            "simulated": region.is_simulated,
        },
        "day": day.isoformat(),
        "hours": [hour.astimezone(ZoneInfo(region.time_zone)).strftime("%H:%M") for hour in hours],
        "signs": {str(p): pollutant_words(p) for p in sorted(emitted | set(schema.codes()["pollutant"]))},
        "pollutants": [{"code": p, **code_title("pollutant", p)} for p in pollutants],
        "map": _grid_map(region, gridded, pollutants, hours),
        "series": _sector_series(gridded, pollutants, hours),
        "totals": _total_bounds(day, store, pollutants, hours),
        "top": _largest_sources(day, store, pollutants, names),
        "methods": _method_shares(day, store, pollutants),
        "audit": audit_section(day, store, names),
        "feeds": _feed_completeness(region, day, store),
        "balance": district_balance_section(day, store, county_names(region)),
        "failures": analysis_failures(region, day_window(day, region.time_zone)),
        "association": association_section(day, store),
        "change": change_section(day, store, time_zone=region.time_zone),
        "ledger": scenario_section(region, day, store, scenario=scenario),
        "alerts": _alert_entries(region, day),
    }


def _days_with_inventory(store: Store) -> str:
    """Which days have an inventory, the last ones where there are many."""
    days = [str(day) for day in sorted(store.days("emission_gridded_hourly"))]
    if not days:
        return "no day has one"
    more = f"{len(days) - SHOWN_DAYS} earlier ones and " if len(days) > SHOWN_DAYS else ""
    return f"days with one: {more}{', '.join(days[-SHOWN_DAYS:])}"


def _grid_map(region: Region, gridded: pa.Table, pollutants: list[str], hours: list[datetime]) -> dict[str, Any]:
    is_shown = pc.is_in(gridded["pollutant_code"], pa.array(pollutants))
    inside = gridded.filter(pc.and_(is_shown, pc.not_equal(gridded["cell_id"], OUTSIDE)))
    cells = inside["cell_id"].combine_chunks().dictionary_encode()
    cell_ids = cells.dictionary.to_pylist()
    positions = [tuple(int(part) for part in cell_id[1:].split("c")) for cell_id in cell_ids]
    shape = (len(pollutants), len(hours), len(cell_ids))
    at = (
        np.ravel_multi_index((*_array_positions(inside, pollutants, hours), cells.indices.to_numpy()), shape)
        if cell_ids
        else np.empty(0, np.int64)
    )
    values = np.bincount(at, weights=inside["emission_g"].to_numpy() / G_PER_KG, minlength=int(np.prod(shape))).reshape(
        shape
    )
    grid = region.grid
    return {
        "rows": [row for row, _ in positions],
        "columns": [column for _, column in positions],
        "cell_km": grid.cell_m / 1000,
        "width": grid.columns,
        "height": grid.rows,
        "lines": _boundaries(region),
        "values": {p: _pack_levels(values[i]) for i, p in enumerate(pollutants)},
    }


def _array_positions(frame: pa.Table, pollutants: list[str], hours: list[datetime]) -> tuple[Any, Any]:
    """The index of pollutant and hour of each row."""
    pollutant = pc.index_in(frame["pollutant_code"], pa.array(pollutants)).to_numpy()
    hour = pc.index_in(frame["hour_utc"], pa.array(hours, INSTANT)).to_numpy()
    return pollutant, hour


def _pack_levels(hourly: Floats) -> dict[str, Any]:
    """The square root of the values in sixteen bits, deflated: small in the page, and faint cells stay visible."""
    largest = float(hourly.max()) if hourly.size else 0.0
    scaled = np.round(np.sqrt(hourly / largest) * LEVELS) if largest else hourly
    return {"max": largest, "packed": base64.b64encode(zlib.compress(scaled.astype("<u2").tobytes(), 9)).decode()}


def _boundaries(region: Region) -> list[list[list[float]]]:
    """Boundary lines of the region folder, in grid kilometres; empty without boundaries.geojson."""
    path = region.folder / "boundaries.geojson"
    if not path.is_file():
        return []
    transform = Transformer.from_crs("EPSG:4326", region.grid.projection, always_xy=True)
    rings: list[list[list[float]]] = []
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for polygon in polygons:
            x, y = transform.transform(*np.array([point[:2] for point in polygon[0]]).T)
            kilometres = np.column_stack([x - region.grid.x_origin_m, y - region.grid.y_origin_m]) / 1000
            rings.append(np.round(kilometres, 1).tolist())
    return rings


def _sector_series(gridded: pa.Table, pollutants: list[str], hours: list[datetime]) -> dict[str, list[dict[str, Any]]]:
    sums = gridded.group_by(["pollutant_code", "sector_code", "hour_utc"]).aggregate([("emission_g", "sum")])
    series: dict[str, dict[str, list[float]]] = {p: {} for p in pollutants}
    position = {hour: i for i, hour in enumerate(hours)}
    for row in sums.to_pylist():
        if row["pollutant_code"] in series:
            line = series[row["pollutant_code"]].setdefault(row["sector_code"], [0.0] * len(hours))
            line[position[row["hour_utc"]]] += row["emission_g_sum"] / G_PER_KG
    return {
        p: [{"code": s, **code_title("sector", s), "kg": [round(v, 3) for v in kg]} for s, kg in sorted(lines.items())]
        for p, lines in series.items()
    }


def _total_bounds(day: date, store: Store, pollutants: list[str], hours: list[datetime]) -> dict[str, dict[str, Any]]:
    """The 90 % interval of all sectors together in kg, of the day and of each hour.

    Pollutants without totals are left out.
    """
    bounds_by_pollutant: dict[str, dict[str, Any]] = {
        p: {"day": None, "p05": [0.0] * len(hours), "p95": [0.0] * len(hours)} for p in pollutants
    }
    position = {hour: i for i, hour in enumerate(hours)}
    for name in ("emission_total_hourly", "emission_total_daily"):
        frame = store.read(name, [day])
        whole = pc.and_(
            pc.equal(frame["sector_code"], Sector.ALL),
            pc.is_in(frame["pollutant_code"], pa.array(pollutants, pa.string())),
        )
        for row in frame.filter(whole).to_pylist():
            bounds = [round(row[bound] / G_PER_KG, 3) for bound in ("emission_g_p05", "emission_g_p95")]
            entry = bounds_by_pollutant[row["pollutant_code"]]
            if "hour_utc" in row:
                entry["p05"][position[row["hour_utc"]]], entry["p95"][position[row["hour_utc"]]] = bounds
            else:
                entry["day"] = bounds
    return {p: entry for p, entry in bounds_by_pollutant.items() if entry["day"]}


def _largest_sources(
    day: date, store: Store, pollutants: list[str], names: Mapping[str, Words]
) -> dict[str, list[dict[str, Any]]]:
    """The largest sources of each pollutant, with their emission before benchmarking where an audit changed it."""
    columns = ["source_id", "sector_code", "pollutant_code", "emission_g", "method_code", BEFORE_AUDIT]
    emission = store.read("emission_hourly", [day], columns=columns)
    emission = emission.append_column("without_audit_g", pc.coalesce(emission[BEFORE_AUDIT], emission["emission_g"]))
    wanted = [("emission_g", "sum"), ("without_audit_g", "sum"), (BEFORE_AUDIT, "count")]
    sums = emission.group_by(["pollutant_code", "source_id", "sector_code", "method_code"]).aggregate(wanted)
    largest = {}
    for pollutant in pollutants:
        rows = (
            sums.filter(pc.equal(sums["pollutant_code"], pollutant))
            .sort_by([("emission_g_sum", "descending")])
            .slice(0, MAX_SOURCES)
        )
        largest[pollutant] = [
            {
                "id": r["source_id"],
                **names.get(r["source_id"], words(r["source_id"])),
                "sector": code_title("sector", r["sector_code"]),
                "method": code_title("method", r["method_code"]),
                "kg": round(r["emission_g_sum"] / G_PER_KG, 3),
                "before_kg": round(r["without_audit_g_sum"] / G_PER_KG, 3) if r[f"{BEFORE_AUDIT}_count"] else None,
            }
            for r in rows.to_pylist()
        ]
    return largest


def _method_shares(day: date, store: Store, pollutants: list[str]) -> dict[str, Any]:
    """Titles of the methods that have mass, and a row of shares for each pollutant with mass.

    A sum is taken in one thread, so that its last digit is the same in every run.
    """
    emission = store.read("emission_hourly", [day], columns=["pollutant_code", "method_code", "emission_g"])
    sums = emission.group_by(["pollutant_code", "method_code"], use_threads=False).aggregate([("emission_g", "sum")])
    grams = {(r["pollutant_code"], r["method_code"]): r["emission_g_sum"] for r in sums.to_pylist()}
    used = {method for (_, method), mass in grams.items() if mass}
    methods = [str(method) for method in METHOD_ORDER if method in used]
    rows = []
    for pollutant in pollutants:
        masses = [grams.get((pollutant, method), 0.0) for method in methods]
        total = pc.sum(sums.filter(pc.equal(sums["pollutant_code"], pollutant))["emission_g_sum"]).as_py()
        if total:
            rows.append(
                {
                    "pollutant": pollutant,
                    "sign": pollutant_words(pollutant),
                    "shares": [mass / total for mass in masses],
                }
            )
    return {"methods": [{"code": method, **code_title("method", method)} for method in methods], "rows": rows}


def _feed_completeness(region: Region, day: date, store: Store) -> list[dict[str, Any]]:
    rows = []
    for feed in sorted(region.feeds):
        table = f"{feed}_hourly"
        if table not in schema.tables():
            continue
        versions = store.versions(table, [day])
        share = versions[-1].complete_share if versions else 0.0
        rows.append(
            {
                "code": feed,
                "en": schema.table(table).title_en,
                "zh": schema.table(table).title_zh,
                "rows": versions[-1].rows if versions else 0,
                "share": share,
            }
        )
    return rows


def _alert_entries(region: Region, day: date) -> list[dict[str, Any]]:
    """The alerts with hours of the day."""
    rows = [row for row in database.read("alert", region.region_id).to_pylist() if overlaps_day(row, region, day)]
    return [
        {
            "level": code_title("alert_level", r["alert_level_code"]),
            "reason": {"en": r["note"], "zh": r["note_zh"] or r["note"]},
            "rule": rule_words(r["rule_version"]),
            "from": local_time(r["from_utc"], region),
            "to": local_time(r["to_utc"], region),
        }
        for r in rows
    ]
