"""The declared keys of region.toml and feeds.toml: kinds, ranges and choices."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bigdata_emis import window
from bigdata_emis.schema import region_keys as declared
from bigdata_emis.schema.region_keys import IS_OF_KIND, region_keys

OPTIONS = region_keys("region.toml", "options")
TABLES = [("region.toml", ""), ("region.toml", "grid"), ("region.toml", "options"), ("feeds.toml", "feed")]


@pytest.mark.parametrize(
    ("key", "value", "is_allowed"),
    [
        ("outlier_level_share", 1, True),
        ("outlier_level_share", 1.0001, False),
        ("outlier_level_share", float("nan"), False),
        ("outlier_level_share", True, False),
        ("interpolation_h", 3, True),
        ("interpolation_h", 3.0, False),
        ("interpolation_h", -1, False),
        ("false_discovery", "by", True),
        ("false_discovery", "zz", False),
        ("association_costly_kinds", ["power", "traffic"], True),
        ("association_costly_kinds", ["power", "moon"], False),
        ("association_costly_kinds", "power", False),
        ("last_day", "2019-12-31", True),
        ("last_day", date(2019, 12, 31), True),
        ("last_day", datetime(2019, 12, 31, tzinfo=UTC), False),
        ("last_day", "9999-12-31", False),
        ("last_day", "31.12.2019", False),
        ("size", "a\0b", False),
    ],
)
def test_a_value_is_allowed_when_it_is_of_the_kind_and_in_the_range(key: str, value: Any, is_allowed: bool) -> None:
    assert OPTIONS[key].allows(value) is is_allowed


def test_what_was_expected_names_the_range_or_the_choices() -> None:
    assert OPTIONS["outlier_level_share"].expected == "a number from 0 to 1"
    assert OPTIONS["false_discovery"].expected == "one of bh, by"
    assert OPTIONS["last_day"].expected == "a date of the years 1970 to 2200"
    assert OPTIONS["outlier_level_share"].example == "outlier_level_share = 0.99"


@pytest.mark.parametrize(("file", "table"), TABLES)
def test_every_number_has_a_range_and_every_default_lies_in_it(file: str, table: str) -> None:
    for key in region_keys(file, table).values():
        assert key.kind in IS_OF_KIND
        if key.kind in ("number", "whole number"):
            assert key.minimum is not None, key.key
            assert key.maximum is not None, key.key
            default = key.presence.removeprefix("default ")
            assert default in ("required", "optional") or key.allows(
                int(default) if default.isdigit() else float(default)
            )


def test_the_years_are_those_of_a_window() -> None:
    assert (declared.FIRST_YEAR, declared.LAST_YEAR) == (window.FIRST_YEAR, window.LAST_YEAR)
