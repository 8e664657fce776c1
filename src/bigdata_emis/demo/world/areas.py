"""Simulated area sources: annual totals spread over counties, cities and sites, with true and reported activity.

Belongs here: the register of activity areas, their true and their reported activity. Does not: their true course
over the year and the day (truth/area_truth).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import shapely

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import Industry, Pollutant, Sector
from bigdata_emis.demo.alert_orders import ordered_area_cut
from bigdata_emis.demo.plan import (
    Size,
    alert_hours,
    draw_autocorrelated,
    draw_lognormal,
    random_stream,
    read_shipped,
    simulated_days,
)
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.places import CITIES, COORDINATE_STEP_DEGREES, counties, draw_points, settlements
from bigdata_emis.window import HOURS_PER_DAY

TONNE_PER_KT, G_PER_TONNE, DAYS_PER_YEAR = 1_000, 1_000_000, 365
COUNTING_CITIES = ("北京", "天津")
"""Their counties register machines one by one; the others have annual totals only."""
COUNT_ERROR_SD = 0.1  # relative; of registered numbers of machines and vehicles
PETROL_CAR = ("LPV_mini_small", "gasoline")
SITE_SIDE_DEGREES = 0.01
RURAL_SECTOR = Sector.AGRICULTURE
HOURLY_ERROR_SD = 0.2  # of the logarithm: an hour of an area against its usual course
PROFILE_ERROR_SD = 0.15  # of the logarithm: the true diurnal course against that of the industry, by hour
INDEX_READING_SD = 0.05
AREA_COMPLIANCE_SHARE = 0.85


@dataclass(frozen=True)
class Areas:
    """Registered area sources, and their truth.

    machine, vehicle_stock: what some areas count; the inventory computes their totals from it.
    is_watched, obeys: by area. true_annual: by area and pollutant.
    profile_error: `(areas, local hours)`, true diurnal course ÷ that of the industry, mean 1 over the day.
    """

    activity_area: pd.DataFrame
    area_emission_annual: pd.DataFrame
    machine: pd.DataFrame
    vehicle_stock: pd.DataFrame
    true_annual: pd.DataFrame
    is_watched: Flags
    obeys: Flags
    profile_error: Floats


def draw_areas(seed: int, size: Size) -> Areas:
    """Draw every area source.

    The share of a county follows its density weight; true totals differ from the registered ones by the stated error.
    """
    random = random_stream(seed, "areas")
    table = read_shipped("area_sources.csv")
    kinds = table[["industry_code", "sector_code", "spread", "has_index"]].drop_duplicates()
    frames = [_draw_areas_of_class(random, kind, size) for kind in kinds.itertuples(index=False)]
    area = pd.concat(frames, ignore_index=True)
    area["activity_area_id"] = [f"A{i:05d}" for i in range(1, len(area) + 1)]
    annual = area[["activity_area_id", "industry_code", "weight"]].merge(
        table, on="industry_code", validate="many_to_many"
    )
    annual["annual_emission_t"] = (annual["annual_emission_kt"] * TONNE_PER_KT * annual["weight"]).round(3)
    shared = draw_lognormal(random, table["relative_sd_share"].to_numpy() * 0.5, len(table))
    by_kind = annual.groupby(["industry_code", "pollutant_code"], sort=False).ngroup().to_numpy()
    own = draw_lognormal(random, annual["relative_sd_share"].to_numpy() * 0.75**0.5, len(annual))
    true_annual = annual[["activity_area_id", "sector_code", "pollutant_code"]].assign(
        true_annual_t=annual["annual_emission_t"] * shared[by_kind] * own
    )
    registered = annual[["activity_area_id", "pollutant_code", "annual_emission_t", "relative_sd_share", "source"]]
    watched = area["has_index"].eq("yes").to_numpy()
    obeys = random.random(len(area)) < AREA_COMPLIANCE_SHARE
    return Areas(
        area.drop(columns=["weight", "has_index"]),
        registered,
        _count_machines(random_stream(seed, "machines"), area, true_annual),
        _count_vehicles(random_stream(seed, "vehicle_stock"), area, true_annual),
        true_annual,
        watched,
        obeys,
        _profile_error(random, area),
    )


def _count_machines(random: np.random.Generator, area: pd.DataFrame, true_annual: pd.DataFrame) -> pd.DataFrame:
    """Draw the machines that the counties of some cities count: as many as emit their true NOx, with an error."""
    kinds = read_shipped("machine_kinds.csv")
    work_kwh = kinds["rated_power_kw"] * kinds["work_share"] * kinds["working_h"]
    of_one_t = float((kinds["number_share"] * work_kwh * kinds["nox_g_per_kwh"]).sum()) / G_PER_TONNE
    counting = area[area["industry_code"].eq(Industry.NONROAD_MACHINERY) & area["city_name"].isin(COUNTING_CITIES)]
    nox_t = _true_t(true_annual, counting["activity_area_id"], Pollutant.NOX)
    number = nox_t / of_one_t * draw_lognormal(random, COUNT_ERROR_SD, len(counting))
    rows = counting[["activity_area_id"]].assign(number=number).merge(kinds.drop(columns="source"), how="cross")
    rows = rows.assign(
        machine_group_id=[f"G{i:05d}" for i in range(1, len(rows) + 1)],
        machine_count=np.ceil(rows["number"] * rows["number_share"]).astype(int),
        load_factor_share=None,
        source="simulated",
    )
    return rows.drop(columns=["number", "number_share", "work_share", "nox_g_per_kwh"])


def _count_vehicles(random: np.random.Generator, area: pd.DataFrame, true_annual: pd.DataFrame) -> pd.DataFrame:
    """Draw the petrol cars of each city by stage: as many as truly lose its vapour while parked, with an error."""
    loss = read_shipped("petrol_vapour.csv").set_index("fuel_code")["parked_g_per_d"]
    stages = read_shipped("fleet_stages.csv").set_index(["vehicle_class_code", "fuel_code"]).loc[[PETROL_CAR]]
    parking = area[area["industry_code"].eq(Industry.PARKED_VEHICLES)]
    lost_g = _true_t(true_annual, parking["activity_area_id"], Pollutant.VOCS) * G_PER_TONNE
    number = lost_g / (loss[PETROL_CAR[1]] * DAYS_PER_YEAR) * draw_lognormal(random, COUNT_ERROR_SD, len(parking))
    rows = parking[["activity_area_id"]].assign(number=number).merge(stages.reset_index(), how="cross")
    count = np.ceil(rows["number"] * rows["stage_share"]).astype(int)
    return rows.assign(vehicle_count=count, source="simulated").drop(columns=["number", "stage_share"])


def _true_t(true_annual: pd.DataFrame, area_ids: pd.Series, pollutant: str) -> Floats:
    """Return the true annual emission of these areas in tonnes, `(areas,)`."""
    of_pollutant = true_annual[true_annual["pollutant_code"].eq(pollutant)].set_index("activity_area_id")
    return of_pollutant["true_annual_t"].reindex(area_ids).to_numpy(dtype=float)


def _profile_error(random: np.random.Generator, area: pd.DataFrame) -> Floats:
    kinds, curve_row = np.unique(area["industry_code"].to_numpy(dtype=str), return_inverse=True)
    error = np.exp(PROFILE_ERROR_SD * random.standard_normal((len(kinds), HOURS_PER_DAY)))
    return np.asarray((error / error.mean(axis=1, keepdims=True))[curve_row])


def draw_index(seed: int, areas: Areas) -> Shares:
    """Draw the activity of each area relative to its usual activity, `(areas, hours)`."""
    random = random_stream(seed, "area_index")
    hours = len(simulated_days()) * HOURS_PER_DAY
    noise = draw_autocorrelated(random, len(areas.obeys), steps=hours, persistence_share=0.9)
    index = np.exp(np.float32(HOURLY_ERROR_SD) * noise)
    remaining = np.where(areas.obeys, 1 - ordered_area_cut(areas.activity_area["industry_code"]), 1.0)
    return np.asarray(index * np.where(alert_hours()[None, :], remaining[:, None], 1.0), dtype=np.float32)


def day_index_readings(seed: int, day_number: int, *, areas: Areas, index: Shares) -> pd.DataFrame:
    """Return the reported activity indices of the watched areas on one day."""
    random = random_stream(seed, f"area readings {day_number}")
    watched = np.flatnonzero(areas.is_watched)
    true = index[watched, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY]
    read = true * np.exp(INDEX_READING_SD * random.standard_normal(true.shape))
    ids = areas.activity_area["activity_area_id"].to_numpy()[watched]
    return pd.DataFrame(
        {
            "area_row": np.tile(np.arange(len(watched)), HOURS_PER_DAY),
            "activity_area_id": np.tile(ids, HOURS_PER_DAY),
            "hour_number": np.repeat(np.arange(HOURS_PER_DAY), len(watched)),
            "activity_index": read.T.ravel().round(3),
        }
    )


def _draw_areas_of_class(random: np.random.Generator, kind: "tuple[str, str, str, str]", size: Size) -> pd.DataFrame:
    code, sector, spread, has_index = kind
    places = (
        _draw_sites(random, size.workshops)
        if spread == "site"
        else _county_places()
        if spread == "county"
        else _city_places(sector == RURAL_SECTOR)
    )
    weight = places["weight"] * draw_lognormal(random, 0.3, len(places))
    return places.assign(
        industry_code=code,
        sector_code=sector,
        has_index=has_index,
        weight=weight / weight.sum(),
        name_en=[f"{code.replace('_', ' ')}, {place} (simulated)" for place in places["name_en"]],
        name_zh=[f"{place} {_title(code)}（模拟）" for place in places["name_zh"]],
    )


def _title(code: str) -> str:
    from bigdata_emis.schema.model import codes

    return codes()["industry"][code].title_zh


def _county_places() -> pd.DataFrame:
    """Return the built-up areas of the counties."""
    frame = counties()
    return pd.DataFrame(
        {
            "name_en": frame["name_en"] + ", " + frame["city_name"].map(CITIES),
            "name_zh": frame["city_name"] + frame["county_name"],
            "city_name": frame["city_name"],
            "county_id": frame["county_id"],
            "geometry_wkt": [square.wkt for square in settlements()],
            "weight": frame["density_weight"],
        }
    )


@cache
def _city_places(is_rural: bool) -> pd.DataFrame:
    """Return whole cities for agriculture, and the built-up areas of their counties for other sectors."""
    frame = counties()
    frame = frame.assign(shape=frame["geometry"] if is_rural else list(settlements()))
    rows = []
    for city, part in frame.groupby("city_name", sort=True):
        outline = shapely.unary_union(part["shape"].to_numpy())
        simple = outline.buffer(0.01).simplify(0.02) if is_rural else outline
        rows.append(
            {
                "name_en": CITIES[str(city)],
                "name_zh": city,
                "city_name": city,
                "county_id": None,
                "geometry_wkt": shapely.set_precision(simple, COORDINATE_STEP_DEGREES).wkt,
                "weight": part["density_weight"].sum(),
            }
        )
    return pd.DataFrame(rows)


def _draw_sites(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Draw clusters of small workshops: squares of about one kilometre."""
    points = draw_points(random, count)
    frame = counties().iloc[points.county_row]
    corners = zip(points.longitude_deg, points.latitude_deg, strict=True)
    squares = [shapely.box(x, y, x + SITE_SIDE_DEGREES, y + SITE_SIDE_DEGREES).normalize() for x, y in corners]
    number = np.arange(1, count + 1)
    return pd.DataFrame(
        {
            "name_en": [f"cluster {n}" for n in number],
            "name_zh": [f"集群{n}" for n in number],
            "city_name": frame["city_name"].to_numpy(),
            "county_id": frame["county_id"].to_numpy(),
            "geometry_wkt": [shapely.to_wkt(s, rounding_precision=5) for s in squares],
            "weight": draw_lognormal(random, 0.8, count),
        }
    )
