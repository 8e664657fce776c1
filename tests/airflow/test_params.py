"""The forms of the DAGs: which values Airflow accepts in each field."""

import pytest
from airflow.sdk import Param
from airflow.sdk.exceptions import ParamValidationError

from bigdata_emis.airflow.alert_form import FIELDS
from bigdata_emis.airflow.params import alert_params, window_params

TITLES = {"nys": "纽约州 New York State", "jjj": "京津冀 Beijing-Tianjin-Hebei · simulated"}


def accepts(param: Param, value: object) -> bool:
    try:
        param.resolve(value)
    except ParamValidationError:
        return False
    return True


def test_the_alert_form_has_the_fields_that_are_checked_later() -> None:
    assert tuple(alert_params(TITLES)) == FIELDS


@pytest.mark.parametrize(
    ("field", "value", "is_accepted"),
    [
        ("region", "jjj", True),
        ("region", "atlantis", False),
        ("level", "orange", True),
        ("level", "blue", False),
        ("from", "2019-07-15T00:00:00-05:00", True),
        ("name", None, True),
        ("name", "stop-all", True),
        ("name", "a b; rm", False),
        ("name", "x" * 41, False),
        ("measures", None, True),
        ("measures", "measure_id,alert_level_code\n", True),
    ],
)
def test_the_alert_form_accepts_only_what_the_command_takes(field: str, value: object, is_accepted: bool) -> None:
    assert accepts(alert_params(TITLES)[field], value) is is_accepted


def test_a_window_may_be_left_empty_and_says_what_is_used_then() -> None:
    params = window_params(when_empty=("a year before the end", "the day of the run"), text_format="date")
    assert all(accepts(param, None) and accepts(param, "2015-12-20") for param in params.values())
    assert not accepts(params["from"], "soon")
    assert params["from"].description == "empty: a year before the end"
    assert params["to"].description == "exclusive; empty: the day of the run"
