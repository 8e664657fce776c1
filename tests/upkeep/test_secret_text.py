"""Secrets are found by the feeds that name them and by the names of their variables, in every spelling."""

from collections.abc import Callable

import pytest

from bigdata_emis.upkeep.secret_text import secret_names, without_secrets
from tests.upkeep.conftest import Village

FEEDS = """
[power]
format = "json"
address = "http://a/{CITY_PATH}/power"
auth_secret = "METER_PASS"
"""


def test_variables_that_feeds_name_are_secrets(make_village: Callable[[str], Village]) -> None:
    names = secret_names([make_village(FEEDS).region], {"HOME": "/x", "PROVIDER_TOKEN": "t"})
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
        ("nothing here", "nothing here"),
    ],
)
def test_a_secret_is_shown_by_its_name_only(text: str, shown: str) -> None:
    assert without_secrets(text, ["METER_PASS", "EMPTY"], {"METER_PASS": "p&ss word", "EMPTY": ""}) == shown


def test_a_value_of_one_letter_blackens_nothing() -> None:
    assert without_secrets("a day", ["TOKEN"], {"TOKEN": "a"}) == "a day"
