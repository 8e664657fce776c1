"""A check that meets an error is a finding; every check has a title in both languages."""

from collections.abc import Iterator

from bigdata_emis.errors import InputError
from bigdata_emis.upkeep.health.health_finding import TITLES, HealthFinding, HealthLevel, examine


def failing(problem: Exception) -> Iterator[HealthFinding]:
    yield HealthFinding("disk", HealthLevel.OK, "fine")
    raise problem


def test_an_error_of_ours_becomes_a_failure_with_its_remedy() -> None:
    first, second = examine("disk", lambda: failing(InputError("it is gone", "look for it")), region="nys")
    assert (first.level, second.level) == (HealthLevel.OK, HealthLevel.FAIL)
    assert (second.what, second.remedy, second.region) == ("it is gone", "look for it", "nys")


def test_an_error_of_the_system_becomes_a_failure_that_names_the_file() -> None:
    (_, second) = examine("disk", lambda: failing(PermissionError(13, "Permission denied", "/x")))
    assert second.what == "/x: Permission denied"


def test_titles_are_in_both_languages() -> None:
    finding = HealthFinding("clock", HealthLevel.OK, "x")
    assert (finding.title_en, finding.title_zh) == ("clock", "系统时钟")
    assert all(english.isascii() and not chinese.isascii() for english, chinese in TITLES.values())
