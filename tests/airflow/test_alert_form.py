"""The form of an alert: the command that follows from it, and what it refuses before anything runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.airflow.alert_form import check_form, levels, recalculation_arguments
from bigdata_emis.errors import InputError
from bigdata_emis.storage import database

FORM = {
    "region": "nys",
    "level": "orange",
    "from": "2019-07-15T00:00:00-05:00",
    "to": "2019-07-16T00:00:00-05:00",
    "name": None,
    "measures": None,
}
NOW = datetime(2024, 12, 18, tzinfo=UTC)
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


def test_list_version_and_note_are_handed_on_with_who_asks(home: Path) -> None:
    form = {**FORM, "list": "newest", "note": " heavy days ahead "}
    arguments = recalculation_arguments(form, measures_folder=home, actor="wang")
    assert arguments[-7:] == ["--list", "newest", "--note", "heavy days ahead", "--by", "wang", "--json"]


@pytest.mark.parametrize("note", ["a\nb", "--help", "x" * 500])
def test_a_note_is_one_line_and_no_option(home: Path, note: str) -> None:
    with pytest.raises(InputError, match="field 'note': expected one line"):
        recalculation_arguments({**FORM, "note": note}, measures_folder=home)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level": "purple"}, "level 'purple' is unknown"),
        ({"cities": "Atlantis"}, "city 'Atlantis' is unknown in nys; use one of"),
        ({"list": "abc"}, "region nys has no emergency list"),
        ({}, "region nys has no published inventory"),
        ({"to": "2019-07-14T00:00:00-05:00"}, "before it starts"),
        ({"name": "../../x"}, "is not a name"),
    ],
)
def test_what_the_region_does_not_have_is_refused_and_in_the_audit_trail(home: Path, change, words) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        check_form({**FORM, **change}, measures_folder=home, actor="wang", known_utc=NOW)
    (act,) = database.read("audit", "nys").to_pylist()
    assert (act["actor"], act["event"], act["note"]) == ("wang", "alert form refused", str(refusal.value))
    assert database.read("scenario", "nys").num_rows == 0


def test_the_form_of_an_unknown_region_is_refused_without_a_trail(home: Path) -> None:
    with pytest.raises(InputError, match="region 'atlantis' is unknown"):
        check_form({**FORM, "region": "atlantis"}, measures_folder=home, actor="wang", known_utc=NOW)


LINKS = "link_id,role\r\nR1,closed\r\nR2,open\r\n"


def test_rebound_and_detour_are_options_of_the_command_and_links_are_stored(home: Path) -> None:
    form = {**FORM, "rebound": " share=0.5,hours=24 ", "detour": "share=0.3,classes=HeavyT,to=neighbours"}
    arguments = recalculation_arguments({**form, "detour_links": LINKS}, measures_folder=home / "measures")
    assert arguments[arguments.index("--rebound") + 1] == "share=0.5,hours=24"
    option, _, path = arguments[arguments.index("--detour") + 1].rpartition(",links=")
    assert option == form["detour"]
    assert Path(path).read_text("utf-8") == LINKS.replace("\r\n", "\n")
    assert Path(path).name.startswith("links-")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rebound": "0.5"}, "--rebound '0.5': expected share, hours"),
        ({"detour": "share=0.3,classes=HeavyT,to=neighbours"}, "to=neighbours without links"),
        ({"detour": "share=0.3,classes=HeavyT,to=outside,links=/etc/hosts"}, "expected a detour without links="),
        ({"detour_links": LINKS}, "fields 'detour' and 'detour_links'"),
    ],
)
def test_a_wrong_option_of_the_form_is_refused(home: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        recalculation_arguments({**FORM, **change}, measures_folder=home)
    assert message in str(refused.value)


def test_links_of_a_detour_that_the_region_has_not_are_refused_by_the_first_task(home: Path) -> None:
    database.migrate()
    form = {**FORM, "detour": "share=0.3,classes=HeavyT,to=neighbours", "detour_links": LINKS}
    with pytest.raises(InputError, match="'R1' is no road link of the region"):
        check_form(form, measures_folder=home, actor="wang", known_utc=NOW)
