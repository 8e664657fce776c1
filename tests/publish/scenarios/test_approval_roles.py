"""Who may approve which level."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.scenarios.approval_roles import approver_levels, require_approver


@pytest.mark.parametrize(
    ("setting", "levels"),
    [
        ("", {}),
        ("wang, li", {"wang": "red", "li": "red"}),
        ("li:orange, wang", {"li": "orange", "wang": "red"}),
        (" , wang : yellow ,", {"wang": "yellow"}),
    ],
)
def test_the_setting_names_people_and_their_highest_level(monkeypatch, setting, levels) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", setting)
    assert approver_levels() == levels


@pytest.mark.parametrize(("setting", "words"), [(" , ", "names nobody"), ("li:purple", "level 'purple' of li")])
def test_a_setting_that_says_nothing_is_refused(monkeypatch, setting, words) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", setting)
    with pytest.raises(InputError, match=words):
        approver_levels()


def is_refused(person: str, level: str) -> bool:
    try:
        require_approver(person, level)
    except InputError:
        return True
    return False


@pytest.mark.parametrize(("person", "level"), [("li", "yellow"), ("li", "orange"), ("wang", "red"), ("li", "none")])
def test_a_person_signs_up_to_the_own_level(monkeypatch, person, level) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", "li:orange, wang")
    assert not is_refused(person, level)
    assert is_refused("zhao", level)


@pytest.mark.parametrize(
    ("person", "level", "words"),
    [
        ("li", "red", "li may not decide on an alert of level red: this person signs up to orange; .* wang"),
        ("zhao", "yellow", "this person is not in EMIS_APPROVERS; for this level may sign: li, wang"),
    ],
)
def test_another_role_is_refused_with_those_who_may(monkeypatch, person, level, words) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", "li:orange, wang")
    with pytest.raises(InputError, match=words):
        require_approver(person, level)


def test_without_the_setting_everybody_may_whose_name_is_recorded(monkeypatch) -> None:
    monkeypatch.delenv("EMIS_APPROVERS", raising=False)
    assert not is_refused("zhao", "red")
