"""Other sources: area totals shared out over counties, cities and sites, and the activity of those that are watched.

Belongs here: the register of activity areas, their true and their reported activity. Does not: how an inventory profiles them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import shapely

from bigdata_emis import reference
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.demo.plan import (
    FIRST_DAY,
    HOURS_PER_DAY,
    Size,
    alert_hours,
    autocorrelated,
    days,
    lognormal,
    shipped,
    stream,
)
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.places import CITIES, COORDINATE_STEP_DEGREES, counties, draw_points, settlements

TONNE_PER_KT, G_PER_TONNE = 1_000, 1_000_000
SITE_SIDE_DEGREES = 0.01
RURAL_SECTOR = "agriculture"
HOURLY_ERROR_SD = 0.2  # how far an hour of an area strays from its profile
PROFILE_ERROR_SD = 0.15  # how far the true diurnal course of a trade strays from the profile in each local hour
INDEX_READING_SD = 0.05
ALERT_INDEX = {"construction_site": 0.15, "scattered_workshop": 0.5}  # what is left of the activity of those who obey
AREA_COMPLIANCE_SHARE = 0.85


@dataclass(frozen=True)
class Areas:
    """Registry frames as told; per area whether it is watched and obeys; per area and pollutant the true annual total.

    profile_error: by area (row) and local hour (column), how the true diurnal course differs from the profile; its mean is 1.
    """

    activity_area: pd.DataFrame
    area_emission_annual: pd.DataFrame
    true_annual: pd.DataFrame
    is_watched: Flags
    obeys: Flags
    profile_error: Floats


def draw_areas(seed: int, size: Size) -> Areas:
    """Every area source; the share of a county follows its density weight, true totals differ by the admitted error."""
    random = stream(seed, "areas")
    table = shipped("area_sources.csv")
    kinds = table[["industry_code", "sector_code", "spread", "has_index"]].drop_duplicates()
    frames = [_areas_of(random, kind, size) for kind in kinds.itertuples(index=False)]
    area = pd.concat(frames, ignore_index=True)
    area["activity_area_id"] = [f"A{i:05d}" for i in range(1, len(area) + 1)]
    annual = area[["activity_area_id", "industry_code", "weight"]].merge(
        table, on="industry_code", validate="many_to_many"
    )
    annual["annual_emission_t"] = (annual["annual_emission_kt"] * TONNE_PER_KT * annual["weight"]).round(3)
    shared = lognormal(random, table["relative_sd_share"].to_numpy() * 0.5, len(table))
    by_kind = annual.groupby(["industry_code", "pollutant_code"], sort=False).ngroup().to_numpy()
    own = lognormal(random, annual["relative_sd_share"].to_numpy() * 0.75**0.5, len(annual))
    true_annual = annual[["activity_area_id", "sector_code", "pollutant_code"]].assign(
        true_annual_t=annual["annual_emission_t"] * shared[by_kind] * own
    )
    told = annual[["activity_area_id", "pollutant_code", "annual_emission_t", "relative_sd_share", "source"]]
    watched = area["has_index"].eq("yes").to_numpy()
    obeys = random.random(len(area)) < AREA_COMPLIANCE_SHARE
    return Areas(
        area.drop(columns=["weight", "has_index"]), told, true_annual, watched, obeys, _profile_error(random, area)
    )


def _profile_error(random: np.random.Generator, area: pd.DataFrame) -> Floats:
    kinds, kind_row = np.unique(area["industry_code"].to_numpy(dtype=str), return_inverse=True)
    error = np.exp(PROFILE_ERROR_SD * random.standard_normal((len(kinds), HOURS_PER_DAY)))
    return np.asarray((error / error.mean(axis=1, keepdims=True))[kind_row])


def true_index(seed: int, areas: Areas) -> Shares:
    """Activity of each area (row) in each hour (column) against what is normal for that hour; 1 is normal."""
    random = stream(seed, "area_index")
    hours = len(days()) * HOURS_PER_DAY
    noise = autocorrelated(random, len(areas.obeys), steps=hours, persistence_share=0.9)
    index = np.exp(np.float32(HOURLY_ERROR_SD) * noise)
    left = areas.activity_area["industry_code"].map(ALERT_INDEX).fillna(1.0).to_numpy(dtype=float)
    left = np.where(areas.obeys, left, 1.0)
    return np.asarray(index * np.where(alert_hours()[None, :], left[:, None], 1.0), dtype=np.float32)


def day_index_readings(seed: int, day_number: int, *, areas: Areas, index: Shares) -> pd.DataFrame:
    """What is reported of the watched areas through a day."""
    random = stream(seed, f"area readings {day_number}")
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


def day_area_emission(day_number: int, *, areas: Areas, index: Shares) -> tuple[pd.DataFrame, Shares]:
    """Per area and pollutant (rows of the frame) the true emission in grams of each hour (columns) of a day."""
    area_row = np.searchsorted(
        areas.activity_area["activity_area_id"].to_numpy(dtype=str),
        areas.true_annual["activity_area_id"].to_numpy(dtype=str),
    )
    day = FIRST_DAY + timedelta(days=day_number)
    kinds = areas.activity_area[["sector_code", "industry_code"]]
    names = list(zip(kinds["sector_code"].astype(str), kinds["industry_code"].astype(str), strict=True))
    profiles = {key: hourly_share(*key, day) for key in set(names)}
    share = np.stack([profiles[key] for key in names]) * areas.profile_error
    factor = index[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY] * share
    grams = areas.true_annual["true_annual_t"].to_numpy()[:, None] * G_PER_TONNE * factor[area_row]
    return areas.true_annual[["activity_area_id", "sector_code", "pollutant_code"]], np.asarray(grams, dtype=np.float32)


def hourly_share(sector_code: str, industry_code: str, day: date) -> Floats:
    """Share of the year's total in each local hour of a day.

    A month has its weight among the twelve; an hour has its weekday and hour weight among all hours of its month.
    """
    weights = _weights(sector_code, industry_code)
    of_year = weights["month"][day.month] / sum(weights["month"].values())
    month = [date(day.year, day.month, n) for n in range(1, monthrange(day.year, day.month)[1] + 1)]
    of_month = sum(weights["weekday"][d.isoweekday()] for d in month) * sum(weights["hour"].values())
    in_day = np.array([weights["hour"][hour] for hour in range(HOURS_PER_DAY)])
    return np.asarray(of_year * weights["weekday"][day.isoweekday()] * in_day / of_month)


@cache
def _weights(sector_code: str, industry_code: str) -> dict[str, dict[int, float]]:
    table = reference.read("area_temporal_profile").to_pandas()
    of_sector = table[table["sector_code"] == sector_code]
    own = of_sector[of_sector["industry_code"] == industry_code]
    chosen = own if len(own) else of_sector[of_sector["industry_code"].isna()]
    return {
        str(dimension): dict(zip(part["profile_index"].astype(int), part["profile_weight"], strict=True))
        for dimension, part in chosen.groupby("profile_dimension_code")
    }


def _areas_of(random: np.random.Generator, kind: "tuple[str, str, str, str]", size: Size) -> pd.DataFrame:
    code, sector, spread, has_index = kind
    places = (
        _sites(random, size.workshops)
        if spread == "site"
        else _by_county()
        if spread == "county"
        else _by_city(sector == RURAL_SECTOR)
    )
    weight = places["weight"] * lognormal(random, 0.3, len(places))
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


def _by_county() -> pd.DataFrame:
    """Built-up areas of the counties."""
    frame = counties()
    return pd.DataFrame(
        {
            "name_en": "county " + frame["county_id"],
            "name_zh": frame["county_name"],
            "city_name": frame["city_name"],
            "county_id": frame["county_id"],
            "geometry_wkt": [square.wkt for square in settlements()],
            "weight": frame["density_weight"],
        }
    )


@cache
def _by_city(is_rural: bool) -> pd.DataFrame:
    """Whole cities for what happens in the fields, the built-up areas of their counties for the rest."""
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


def _sites(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Clusters of small workshops: squares of about a kilometre."""
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
            "weight": lognormal(random, 0.8, count),
        }
    )
