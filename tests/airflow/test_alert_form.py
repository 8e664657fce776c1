"""The form of an alert: the command that follows from it, and what it refuses before anything runs."""

from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.airflow.alert_form import levels, recalculation_arguments
from bigdata_emis.errors import InputError

FORM = {
    "region": "nys",
    "level": "orange",
    "from": "2019-07-15T00:00:00-05:00",
    "to": "2019-07-16T00:00:00-05:00",
    "name": None,
    "measures": None,
}
LIST = "measure_id,alert_level_code,affected_share,cut_share\r\nall,orange,1,0.3\r\n"


def test_a_filled_form_is_a_recalculation_in_utc(home: Path) -> None:
    assert recalculation_arguments(FORM, measures_folder=home) == [
        "recalc",
        "--region",
        "nys",
        "--level",
        "orange",
        "--from",
        "2019-07-15T05:00:00+00:00",
        "--to",
        "2019-07-16T05:00:00+00:00",
        "--json",
    ]


def test_a_time_without_offset_is_local_to_the_region(home: Path) -> None:
    arguments = recalculation_arguments({**FORM, "from": "2019-07-15"}, measures_folder=home)
    assert arguments[arguments.index("--from") + 1] == "2019-07-15T05:00:00+00:00"


def test_a_pasted_list_of_measures_is_stored_once_under_its_content_hash(home: Path) -> None:
    form = {**FORM, "name": "stop-all", "measures": LIST}
    first, again = (recalculation_arguments(form, measures_folder=home / "measures") for _ in range(2))
    assert first == again
    stored = list((home / "measures").iterdir())
    assert [str(path) for path in stored] == [first[first.index("--measures") + 1]]
    assert stored[0].read_text("utf-8") == LIST.replace("\r\n", "\n")
    assert first[first.index("--name") + 1] == "stop-all"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"regoin": "nys"}, "field 'regoin' is unknown"),
        ({"region": "atlantis"}, "region 'atlantis' is unknown"),
        ({"region": "../nys"}, "is not a name"),
        ({"level": "none"}, "level 'none' is unknown"),
        ({"from": None}, "field 'from' is empty"),
        ({"to": "2019-07-14T00:00:00-05:00"}, "before it starts"),
        ({"from": "2019-07-15T00:30:00-05:00"}, "not a whole hour"),
        ({"from": "tomorrow"}, "'tomorrow' is not a date or time"),
        ({"name": "--help"}, "is not a name"),
        ({"name": "a b; rm"}, "is not a name"),
        ({"measures": LIST.replace("0.3", "3")}, "row 2, column cut_share = 3: expected a share"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_form_is_refused_with_one_line(home: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        recalculation_arguments({**FORM, **change}, measures_folder=home)
    assert "\n" not in str(refusal.value)


def test_a_refused_list_of_measures_is_not_stored(home: Path) -> None:
    with pytest.raises(InputError):
        recalculation_arguments({**FORM, "measures": "nonsense"}, measures_folder=home / "measures")
    assert list((home / "measures").iterdir()) == []


def test_the_levels_are_those_that_call_for_measures() -> None:
    assert list(levels()) == ["yellow", "orange", "red"]


@pytest.mark.parametrize(("prompt", "level"), [(None, "orange"), ("yellow", "orange"), ("red", "red")])
def test_the_higher_of_level_and_regional_prompt_is_recalculated(home: Path, prompt: str | None, level: str) -> None:
    arguments = recalculation_arguments({**FORM, "regional_level": prompt, "cities": "A, B"}, measures_folder=home)
    assert arguments[arguments.index("--level") + 1] == level


@pytest.mark.parametrize("change", [{"regional_level": "purple"}, {"cities": "A\nB"}, {"cities": "x" * 600}])
def test_a_wrong_prompt_or_city_is_refused(home: Path, change: dict[str, str]) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        recalculation_arguments({**FORM, **change}, measures_folder=home)
