"""A home for the time of a block: settings mean it and nothing of the user's, and are as before afterwards."""

import os

import pytest

from bigdata_emis.demo.day_trial.scratch_home import scratch_home
from bigdata_emis.settings import settings


@pytest.fixture(autouse=True)
def of_user(tmp_path, monkeypatch):
    for name in ("EMIS_LAKE", "EMIS_REGIONS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("EMIS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EMIS_DATABASE", raising=False)
    return tmp_path


def test_all_places_are_within_the_scratch_home(of_user):
    with scratch_home() as home:
        within = settings()
        assert within.home == home != of_user / "home"
        assert within.lake.startswith(str(home))
        assert str(home) in within.database
        assert of_user / "EMIS_REGIONS" not in within.regions


@pytest.mark.parametrize("fails", [False, True])
def test_the_home_is_deleted_and_the_settings_are_those_of_before(of_user, fails):
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError) if fails else _nothing(), scratch_home() as home:
        (home / "file").write_text("x")
        1 / (0 if fails else 1)
    assert not home.exists()
    assert dict(os.environ) == before


def _nothing():
    from contextlib import nullcontext

    return nullcontext()
