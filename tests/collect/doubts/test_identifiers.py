"""Identifiers that some program has rewritten."""

import logging

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.doubts.identifiers import check_identifiers, check_pollutants
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from tests.collect.feed_builders import power_feed

STATION = {"name_zh": "站", "longitude_deg": 116.4, "latitude_deg": 39.9}


@pytest.fixture
def stations(home):
    def register(*ids: str) -> None:
        rows = [STATION | {"station_id": one} for one in ids]
        database.migrate()
        database.replace({"station": pa.Table.from_pylist(rows, arrow_schema(schema.table("station")))}, "r")

    return register


def check(*given: str | None) -> None:
    feed = power_feed().model_copy(update={"table_name": "air_quality_reading", "feed_id": "air_quality"})
    check_identifiers(pa.table({"station_id": pa.array(given, pa.string())}), feed, "here", "r")


@pytest.mark.parametrize(
    ("given", "registered"),
    [
        ("123456", "00123456"),
        ("12.0", "12"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        ("１００１Ａ", "1001A"),
        ("1001a", "1001A"),
    ],
)
def test_a_rewritten_identifier_is_refused_with_both_spellings(stations, given, registered):
    stations(registered, "9999A")
    with pytest.raises(UnusableAnswerError, match=f'is not registered, but .{registered}. is.* = "{registered}" below'):
        check(given, None, "8888A")


def test_an_identifier_that_lost_its_last_digits_may_be_any_of_several(stations):
    stations("130001234567", "130001234568")
    with pytest.raises(UnusableAnswerError, match="but '130001234567' is; its last digits are lost: ask the provider"):
        check("1.30001E+11")


def test_one_registered_identifier_shows_that_they_come_as_they_are(stations):
    stations("00123456", "9999A")
    check("123456", "9999A")


def test_identifiers_that_are_like_none_are_logged_and_left_to_cleaning(stations, caplog):
    stations("0012", "00012")
    with caplog.at_level(logging.WARNING):
        check("12", "x")
    assert "none of the 2 identifiers of 'station_id' is registered, such as '12'" in caplog.text


def test_nothing_is_compared_without_a_registry(home):
    check("12")


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (["CO(mg/m³)", "pm2.5 (μg/m³)"], r'"CO\(mg/m³\)" = "CO"'),
        (["pm2.5 (μg/m³)"], '= "PM2.5"'),
        (["二氧化氮"], '= "…"'),
    ],
)
def test_pollutants_of_which_none_has_a_code_are_refused_with_the_code_to_write(given, remedy):
    feed = power_feed().model_copy(update={"table_name": "air_quality_reading", "feed_id": "air_quality"})
    what = (
        f"here: none of the {len(given)} pollutants has a code of ours, .*{remedy}, below .air_quality.codes.pollutant"
    )
    with pytest.raises(UnusableAnswerError, match=what):
        check_pollutants(pa.table({"pollutant_code": given}), feed, "here")
    check_pollutants(pa.table({"pollutant_code": [*given, "SO2"]}), feed, "here")
    check_pollutants(pa.table({"pollutant_code": pa.array([None], pa.string())}), feed, "here")
