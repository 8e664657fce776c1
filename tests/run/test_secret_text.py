"""Secrets are found by the feeds that name them and by the names of their variables, in every spelling."""

from pathlib import Path

import pytest

from bigdata_emis.region import Grid, Region
from bigdata_emis.run.secret_text import secret_names, without_secrets

FEEDS = {"power": {"format": "json", "address": "http://a/{CITY_PATH}/power", "auth_secret": "METER_PASS"}}


def test_variables_that_feeds_name_are_secrets() -> None:
    region = Region("a", Path(), "A", "甲", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, FEEDS)
    names = secret_names([region], {"HOME": "/x", "PROVIDER_TOKEN": "t"})
    assert names == ["CITY_PATH", "METER_PASS", "PROVIDER_TOKEN"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("asked with p&ss word", "asked with {METER_PASS}"),
        ("http://a/?q=p%26ss%20word", "http://a/?q={METER_PASS}"),
        ("http://a/?q=p%26ss+word", "http://a/?q={METER_PASS}"),
        ("postgresql://emis:hush@host/db", "postgresql://…@host/db"),
        ("Authorization: Bearer abcdef123", "Authorization: Bearer …"),
        ("http://a/?token=abc&x=1", "http://a/?token=…&x=1"),
        ("http://a/?appid=abc&day=2015-12-20", "http://a/?appid=…&day=2015-12-20"),
        ("https://a/b?X-Amz-Signature=0f9e (Caused by 5)", "https://a/b?X-Amz-Signature=… (Caused by 5)"),
        ("postgresql://emis:hu/s@h@host/db", "postgresql://…@host/db"),
        ("give postgresql://USER@HOST/NAME", "give postgresql://USER@HOST/NAME"),
        ("sc://a:15002/;token=abc;x=1", "sc://a:15002/;token=…;x=1"),
        ("nothing here", "nothing here"),
    ],
)
def test_a_secret_is_shown_by_its_name_only(text: str, shown: str) -> None:
    assert without_secrets(text, ["METER_PASS", "EMPTY"], {"METER_PASS": "p&ss word", "EMPTY": ""}) == shown


def test_a_value_of_one_letter_blackens_nothing() -> None:
    assert without_secrets("a day", ["TOKEN"], {"TOKEN": "a"}) == "a day"
