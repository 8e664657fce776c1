"""A region may replace each rule by a number above zero."""

from dataclasses import dataclass, field

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.relate.models.model_rules import ModelRules, read_model_rules


@dataclass
class PlainRegion:
    """What the rules need of a region."""

    options: dict = field(default_factory=dict)
    region_id: str = "test"


def test_without_options_the_defaults_apply():
    assert read_model_rules(PlainRegion()) == ModelRules()


def test_an_option_replaces_its_default_in_the_type_of_the_default():
    rules = read_model_rules(PlainRegion({"watch_days": 9.0, "watch_capital": 20}))
    assert (rules.watch_days, type(rules.watch_days)) == (9, int)
    assert (rules.watch_capital, type(rules.watch_capital)) == (20.0, float)


@pytest.mark.parametrize("value", [0, -1, "two", True, float("inf"), float("nan")])
def test_an_option_that_is_not_a_number_above_zero_is_refused_by_name(value):
    with pytest.raises(InputError, match="contest_days"):
        read_model_rules(PlainRegion({"contest_days": value}))
