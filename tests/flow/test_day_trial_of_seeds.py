"""The trial of whole days on a tiny region: the real flow in a home of its own, scored, stored and not run twice."""

import os
from datetime import UTC, datetime

import pytest

from bigdata_emis.demo.day_trial.day_trial import SCORED_DAYS, VARIANTS, try_days

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
SEED = 31


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS"):
            patch.delenv(name, raising=False)
        patch.setenv("EMIS_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def document(home, steps):
    return try_days(
        seeds=[SEED], size="tiny", known_utc=datetime.now(UTC), progress=lambda what, *_: steps.append(what)
    )


def test_every_sector_and_tier_of_the_region_is_scored(document):
    coverage = document["coverage"]
    assert set(coverage["all"]) == {"all", "monitor", "meter", "none", "area", "link"}
    assert {"industrial_process", "dust", "mobile", "storage_transport"} <= set(coverage)
    assert all(measured["missing"] == 0 for by_tier in coverage.values() for measured in by_tier.values())
    hours = len(SCORED_DAYS) * 24
    assert all(measured["n"] % hours == 0 for measured in coverage["all"].values())
    assert document["trials"][0]["failures"] == []


def test_accounts_and_monitors_change_the_factors_of_lines_without_monitor_alone(document):
    (trial,) = document["trials"]
    grams = {
        name: {row["tier"]: row["estimate_g"] for row in trial["unmonitored"][name] if row["pollutant_code"] == "SO2"}
        for name in VARIANTS
    }
    assert len({round(by_tier["meter"]) for by_tier in grams.values()}) == len(VARIANTS)
    assert set(grams["registered"]) == {"meter", "none"}
    with_accounts = [row for row in trial["counts"] if row["tier"] in ("meter", "none")]
    assert with_accounts == trial["unmonitored"]["monitors_and_accounts"]


def test_only_the_result_is_left_and_a_second_trial_runs_nothing(document, home, steps):
    assert [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()] == [
        f"trials/days/tiny-{SEED}.json"
    ]
    assert os.environ["EMIS_HOME"] == str(home)
    count = len(steps)
    again = try_days(seeds=[SEED], size="tiny", known_utc=datetime.now(UTC), progress=lambda *_: steps.append("again"))
    assert again == document
    assert len(steps) == count > 0
