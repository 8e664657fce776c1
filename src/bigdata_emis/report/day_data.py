"""The numbers of one day's page, read from what is published and brought to a few arrays.

Belongs here: selection and sums for the page. Does not: drawing (assets) or writing (day_page.py).
"""

import base64
import json
import zlib
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.associations import associations, changes
from bigdata_emis.report.balance_rows import audits, contradictions
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

SHOWN = ("NOx", "PM2.5", "PM_condensable", "SO2", "VOCs", "CO", "PM10", "CO2")
DRAWN = ("cell_id", "sector_code", "pollutant_code", "hour_utc", "emission_g")
BEFORE = "emission_before_audit_g"
ALL_SECTORS = "all"
TOP = 20
LEVELS = 65535
G_PER_KG = 1000.0
OUTSIDE = "outside"


def day_data(region: Region, day: date, store: Store, *, scenario: str | None) -> dict[str, Any]:
    """Everything the page draws. Raises InputError when the day has no inventory."""
    gridded = store.read("emission_gridded_hourly", [day], columns=list(DRAWN))
    if gridded.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no inventory of {day}", f"emis day --region {region.region_id} --date {day}"
        )
    hours = list(day_window(day, region.time_zone).hour_starts_utc())
    emitted = set(gridded["pollutant_code"].unique().to_pylist())
    pollutants = [p for p in SHOWN if p in emitted]
    names = _names(region)
    return {
        "region": {
            "id": region.region_id,
            "en": region.name_en,
            "zh": region.name_zh,
            "simulated": region.is_simulated,
        },
        "day": day.isoformat(),
        "hours": [hour.astimezone(ZoneInfo(region.time_zone)).strftime("%H:%M") for hour in hours],
        "pollutants": [{"code": p, **_titles("pollutant", p)} for p in pollutants],
        "map": _map(region, gridded, pollutants, hours),
        "series": _series(gridded, pollutants, hours),
        "totals": _totals(day, store, pollutants, hours),
        "top": _top(day, store, pollutants, names),
        "audit": audits(day, store, names),
        "feeds": _feeds(region, day, store),
        "balance": contradictions(day, store),
        "association": associations(day, store),
        "change": changes(day, store, time_zone=region.time_zone),
        "ledger": _ledger(region, store, scenario or _newest_scenario(region, day)),
        "alerts": _alerts(region, day),
    }


def _titles(code_list: str, code: str) -> dict[str, str]:
    known = schema.codes()[code_list].get(code)
    return {"en": known.title_en if known else code, "zh": known.title_zh if known else code}


def _map(region: Region, gridded: pa.Table, pollutants: list[str], hours: list[datetime]) -> dict[str, Any]:
    drawn = pc.is_in(gridded["pollutant_code"], pa.array(pollutants))
    inside = gridded.filter(pc.and_(drawn, pc.not_equal(gridded["cell_id"], OUTSIDE)))
    cells = inside["cell_id"].combine_chunks().dictionary_encode()
    names = cells.dictionary.to_pylist()
    places = [tuple(int(part) for part in name[1:].split("c")) for name in names]
    shape = (len(pollutants), len(hours), len(names))
    place = (
        np.ravel_multi_index((*_positions(inside, pollutants, hours), cells.indices.to_numpy()), shape)
        if names
        else np.empty(0, np.int64)
    )
    values = np.bincount(
        place, weights=inside["emission_g"].to_numpy() / G_PER_KG, minlength=int(np.prod(shape))
    ).reshape(shape)
    grid = region.grid
    return {
        "rows": [row for row, _ in places],
        "columns": [column for _, column in places],
        "cell_km": grid.cell_m / 1000,
        "width": grid.columns,
        "height": grid.rows,
        "lines": _boundaries(region),
        "values": {p: _packed(values[i]) for i, p in enumerate(pollutants)},
    }


def _positions(frame: pa.Table, pollutants: list[str], hours: list[datetime]) -> tuple[Any, Any]:
    """Index of pollutant and hour of each row."""
    pollutant = pc.index_in(frame["pollutant_code"], pa.array(pollutants)).to_numpy()
    hour = pc.index_in(frame["hour_utc"], pa.array(hours, pa.timestamp("us", tz="UTC"))).to_numpy()
    return pollutant, hour


def _packed(hourly: np.ndarray) -> dict[str, Any]:
    """Square-root scaled to sixteen bits and deflated: small in the page, and faint cells stay visible."""
    largest = float(hourly.max()) if hourly.size else 0.0
    scaled = np.round(np.sqrt(hourly / largest) * LEVELS) if largest else hourly
    return {"max": largest, "packed": base64.b64encode(zlib.compress(scaled.astype("<u2").tobytes(), 9)).decode()}


def _boundaries(region: Region) -> list[list[list[float]]]:
    """Boundary lines of the region folder in grid kilometres; none when it has none."""
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


def _series(gridded: pa.Table, pollutants: list[str], hours: list[datetime]) -> dict[str, list[dict[str, Any]]]:
    sums = gridded.group_by(["pollutant_code", "sector_code", "hour_utc"]).aggregate([("emission_g", "sum")])
    series: dict[str, dict[str, list[float]]] = {p: {} for p in pollutants}
    position = {hour: i for i, hour in enumerate(hours)}
    for row in sums.to_pylist():
        if row["pollutant_code"] in series:
            line = series[row["pollutant_code"]].setdefault(row["sector_code"], [0.0] * len(hours))
            line[position[row["hour_utc"]]] += row["emission_g_sum"] / G_PER_KG
    return {
        p: [{"code": s, **_titles("sector", s), "kg": [round(v, 3) for v in kg]} for s, kg in sorted(lines.items())]
        for p, lines in series.items()
    }


def _totals(day: date, store: Store, pollutants: list[str], hours: list[datetime]) -> dict[str, dict[str, Any]]:
    """The 90 % interval of all sectors together in kg: of the day and of each hour; pollutants without totals are left out."""
    found: dict[str, dict[str, Any]] = {
        p: {"day": None, "p05": [0.0] * len(hours), "p95": [0.0] * len(hours)} for p in pollutants
    }
    position = {hour: i for i, hour in enumerate(hours)}
    for name in ("emission_total_hourly", "emission_total_daily"):
        frame = store.read(name, [day])
        whole = pc.and_(
            pc.equal(frame["sector_code"], ALL_SECTORS),
            pc.is_in(frame["pollutant_code"], pa.array(pollutants, pa.string())),
        )
        for row in frame.filter(whole).to_pylist():
            bounds = [round(row[bound] / G_PER_KG, 3) for bound in ("emission_g_p05", "emission_g_p95")]
            told = found[row["pollutant_code"]]
            if "hour_utc" in row:
                told["p05"][position[row["hour_utc"]]], told["p95"][position[row["hour_utc"]]] = bounds
            else:
                told["day"] = bounds
    return {p: told for p, told in found.items() if told["day"]}


def _top(
    day: date, store: Store, pollutants: list[str], names: dict[str, dict[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    """The largest sources of each pollutant, and what they were before an audit of the month where one moved them."""
    columns = ["source_id", "sector_code", "pollutant_code", "emission_g", "method_code", BEFORE]
    emission = store.read("emission_hourly", [day], columns=columns)
    emission = emission.append_column("without_audit_g", pc.coalesce(emission[BEFORE], emission["emission_g"]))
    wanted = [("emission_g", "sum"), ("without_audit_g", "sum"), (BEFORE, "count")]
    sums = emission.group_by(["pollutant_code", "source_id", "sector_code", "method_code"]).aggregate(wanted)
    best = {}
    for pollutant in pollutants:
        rows = (
            sums.filter(pc.equal(sums["pollutant_code"], pollutant))
            .sort_by([("emission_g_sum", "descending")])
            .slice(0, TOP)
        )
        best[pollutant] = [
            {
                "id": r["source_id"],
                **names.get(r["source_id"], {"en": r["source_id"], "zh": r["source_id"]}),
                "sector": _titles("sector", r["sector_code"]),
                "method": _titles("method", r["method_code"]),
                "kg": round(r["emission_g_sum"] / G_PER_KG, 3),
                "before_kg": round(r["without_audit_g_sum"] / G_PER_KG, 3) if r[f"{BEFORE}_count"] else None,
            }
            for r in rows.to_pylist()
        ]
    return best


def _names(region: Region) -> dict[str, dict[str, str]]:
    """Readable names of sources: a line is called after its enterprise, an area by its own name."""
    owners = {r["enterprise_id"]: r for r in database.read("enterprise", region.region_id).to_pylist()}
    named: dict[str, dict[str, str]] = {}
    for line in database.read("production_line", region.region_id).to_pylist():
        owner = owners[line["enterprise_id"]]
        named[line["production_line_id"]] = {
            "en": owner["name_en"] or owner["enterprise_id"],
            "zh": owner["name_zh"] or "",
        }
    for area in database.read("activity_area", region.region_id).to_pylist():
        named[area["activity_area_id"]] = {
            "en": area["name_en"] or area["activity_area_id"],
            "zh": area["name_zh"] or "",
        }
    return named


def _feeds(region: Region, day: date, store: Store) -> list[dict[str, Any]]:
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


def _ledger(region: Region, store: Store, scenario: str | None) -> dict[str, Any] | None:
    if scenario is None:
        return None
    known = database.read("scenario", region.region_id).to_pylist()
    about = next((row for row in known if row["scenario_id"] == scenario), None)
    if about is None:
        raise InputError(f"scenario '{scenario}' is unknown in {region.region_id}", "make it with emis recalc")
    first = about["from_utc"].astimezone(ZoneInfo(region.time_zone)).date()
    rows = [row for row in store.read("control_ledger", [first]).to_pylist() if row["scenario_id"] == scenario]
    rows.sort(key=lambda row: (row["target_share"] is None, row["pollutant_code"]))
    return {
        "scenario": scenario,
        "level": _titles("alert_level", about["alert_level_code"]),
        "from": _local(about["from_utc"], region),
        "to": _local(about["to_utc"], region),
        "rows": [
            {
                "pollutant": r["pollutant_code"],
                **_titles("pollutant", r["pollutant_code"]),
                "baseline_kg": r["baseline_emission_g"] / G_PER_KG,
                "cut_kg": r["cut_emission_g"] / G_PER_KG,
                "cut_share": r["cut_share"],
                "target_share": r["target_share"],
                "met": r["is_met"],
            }
            for r in rows
        ],
    }


def _newest_scenario(region: Region, day: date) -> str | None:
    """The scenario last made for a window that has hours of the day and was not turned down; none when there is none."""
    rows = [row for row in database.read("scenario", region.region_id).to_pylist() if row["status"] != "rejected"]
    newest = max((row for row in rows if _touches(row, region, day)), key=lambda row: row["known_utc"], default=None)
    return newest["scenario_id"] if newest else None


def _touches(row: dict[str, Any], region: Region, day: date) -> bool:
    whole = day_window(day, region.time_zone)
    return bool(row["from_utc"] and row["to_utc"] and row["from_utc"] < whole.to_utc and row["to_utc"] > whole.from_utc)


def _alerts(region: Region, day: date) -> list[dict[str, Any]]:
    """The decisions whose time has hours of the day."""
    rows = [row for row in database.read("alert", region.region_id).to_pylist() if _touches(row, region, day)]
    return [
        {
            "level": _titles("alert_level", r["alert_level_code"]),
            "reason": {"en": r["note"], "zh": r["note_zh"] or r["note"]},
            "rule": r["rule_version"],
            "from": _local(r["from_utc"], region),
            "to": _local(r["to_utc"], region),
        }
        for r in rows
    ]


def _local(instant: datetime | None, region: Region) -> str:
    return instant.astimezone(ZoneInfo(region.time_zone)).strftime("%Y-%m-%d %H:%M") if instant else ""
