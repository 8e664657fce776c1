"""Whatever a person writes into a region folder is read, or refused in one line with what to do."""

from pathlib import Path

import pytest

from tests.contracts.text_mutations import REGION_FILES, read_everything, survey


def test_a_spoilt_file_is_read_or_refused_in_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_REGIONS", str(home))
    outcomes = list(survey(home, seed=20151220, count=200))
    faults = [(o.file, o.result, o.content[:300]) for o in outcomes if o.result not in ("accepted", "2", "3")]
    assert faults == []
    results = [outcome.result for outcome in outcomes]
    assert results.count("2") > 100
    assert {outcome.file for outcome in outcomes} == set(REGION_FILES)


def test_the_region_is_accepted_when_nothing_is_spoilt(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_REGIONS", str(home))
    list(survey(home, seed=1, count=0))
    assert read_everything(home) == "accepted"
