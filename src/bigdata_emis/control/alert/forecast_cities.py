"""The forecast of each city, and of each provider and member for it; the cities that an alert can be about.

Belongs here: which rows of a forecast are about what. Does not: values (forecast_values), levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference
from bigdata_emis.control.alert.alert_rules import NATIONAL_AREA
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window

WHOLE_REGION = ""
"""The city name of rows that are about the region as a whole."""
OTHER_AREA = "other"
FORECAST = "air_quality_forecast"


@dataclass(frozen=True)
class MemberForecast:
    """The rows of one member of one provider for one city."""

    city_name: str
    provider_name: str
    member_id: str
    forecast: pa.Table


def split_cities(forecast: pa.Table) -> dict[str, list[MemberForecast]]:
    """The members by city, in order of their names. A forecast without these columns is one member of the region."""
    named = forecast
    for name in ("city_name", "provider_name", "member_id"):
        values = named[name] if name in named.column_names else pa.nulls(named.num_rows, pa.string())
        filled = pc.fill_null(values.cast(pa.string()), "")
        named = (named.drop_columns([name]) if name in named.column_names else named).append_column(name, filled)
    cities: dict[str, list[MemberForecast]] = {}
    keys = named.select(["city_name", "provider_name", "member_id"]).group_by(
        ["city_name", "provider_name", "member_id"]
    )
    for city, provider, member in sorted(tuple(row.values()) for row in keys.aggregate([]).to_pylist()):
        is_own = pc.and_(
            pc.and_(pc.equal(named["city_name"], city), pc.equal(named["provider_name"], provider)),
            pc.equal(named["member_id"], member),
        )
        cities.setdefault(city, []).append(MemberForecast(city, provider, member, named.filter(is_own)))
    return cities


def known_cities(region: Region, window: Window) -> list[str]:
    """The cities with a forecast for days of a window; without such a forecast the region and the cities with a plan.

    A forecast of the region as a whole names no city.
    """
    store = open_lake(region)
    days = [day for day in store.days(FORECAST) if day in set(window.days(region.time_zone))]
    forecast = store.read(FORECAST, days, columns=["city_name"]) if days else None
    named = sorted(set(pc.unique(forecast["city_name"]).to_pylist()) - {"", None}) if forecast is not None else []
    if named:
        return named
    areas = set(reference.read("alert_rule", region.folder)["plan_area"].to_pylist()) - {NATIONAL_AREA, OTHER_AREA}
    return [name for name in (region.name_en, region.name_zh) if name] + sorted(areas)


def require_known_cities(region: Region, cities: Sequence[str], window: Window) -> None:
    """Refuse a city that the region does not know. Raises InputError with those that it knows."""
    if not cities:
        return
    known = known_cities(region, window)
    unknown = [city for city in cities if city not in known]
    if unknown:
        raise InputError(
            f"city '{shorten(unknown[0])}' is unknown in {region.region_id}",
            f"use one of {', '.join(known)[:200]}, or leave cities empty for the whole region",
        )
