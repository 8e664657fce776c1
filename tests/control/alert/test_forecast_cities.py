"""The rows of a forecast by city, provider and member."""

from datetime import UTC, datetime

import pyarrow as pa

from bigdata_emis.control.alert.forecast_cities import split_cities
from tests.control.alert.forecasts import series

NOW = datetime(2025, 12, 18, tzinfo=UTC)


def named(**columns: str | None) -> pa.Table:
    rows = series([10.0, 20.0], start=NOW, issued=NOW)
    for name, value in columns.items():
        rows = rows.append_column(name, pa.array([value] * 2, pa.string()))
    return rows


def test_rows_without_names_are_about_the_region() -> None:
    for forecast in (named(), named(city_name=None, provider_name=None, member_id=None)):
        ((city, (member,)),) = split_cities(forecast).items()
        assert (city, member.provider_name, member.forecast.num_rows) == ("", "", 2)


def test_each_member_of_each_city_has_its_own_rows() -> None:
    parts = [
        named(city_name=city, provider_name="p", member_id=member)
        for city, member in (("B", "1"), ("A", "2"), ("A", "1"))
    ]
    cities = split_cities(pa.concat_tables(parts))
    assert list(cities) == ["A", "B"]
    assert [member.member_id for member in cities["A"]] == ["1", "2"]
    assert all(member.forecast.num_rows == 2 for members in cities.values() for member in members)
