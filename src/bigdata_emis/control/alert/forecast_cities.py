"""The forecast of each city, and of each provider and member for it.

Belongs here: which rows of a forecast are about what. Does not: values (forecast_values), levels.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

WHOLE_REGION = ""
"""The city name of rows that are about the region as a whole."""


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
