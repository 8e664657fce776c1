"""Scores of whole days of several seeds from their counts, on numbers that can be added up on paper."""

import pytest

from bigdata_emis.demo.day_trial.day_trial import VARIANTS, summarise, try_days
from bigdata_emis.errors import InputError

GRAMS = {"registered": 140.0, "monitors": 130.0, "monitors_and_accounts": 110.0}


def counted(tier, *, below=0, above=0, estimate_g=100.0, pollutant="SO2", sector="industrial_process"):
    group = {"sector_code": sector, "tier": tier, "industry_code": "coking", "pollutant_code": pollutant}
    return group | {
        "n": 10,
        "published": 10,
        "below": below,
        "above": above,
        "truth_g": 100.0,
        "estimate_g": estimate_g,
    }


def trial(seed, *, above, sign=1):
    rows = [counted("meter", above=above), counted("monitor"), counted("area", sector="dust", pollutant="PM10")]
    unmonitored = {name: [counted("meter", estimate_g=100 + sign * (GRAMS[name] - 100))] for name in VARIANTS}
    return {"seed": seed, "seconds": 1.0, "failures": [], "counts": rows, "unmonitored": unmonitored}


@pytest.fixture
def summary():
    return summarise([trial(1, above=1), trial(2, above=3, sign=-1)])


def test_coverage_is_by_sector_and_tier_and_over_all(summary):
    coverage = summary["coverage"]
    assert coverage["industrial_process"]["meter"]["coverage_90"] == pytest.approx(0.8)
    assert coverage["industrial_process"]["all"]["coverage_90"] == pytest.approx(0.9)
    assert coverage["all"]["meter"]["coverage_90"] == pytest.approx(0.8)
    assert coverage["all"]["all"]["n"] == 60
    assert list(coverage["dust"]) == ["all", "area"]
    assert (coverage["all"]["meter"]["lowest"], coverage["all"]["meter"]["highest"]) == pytest.approx((0.7, 0.9))


def test_pollutants_have_a_coverage_by_sector(summary):
    assert summary["pollutants"]["dust"]["PM10"]["n"] == 20
    assert summary["industries"]["industrial_process"]["coking"]["n"] == 40


def test_biases_of_opposite_sign_do_not_cancel_over_seeds(summary):
    assert summary["bias"]["meter"]["SO2"] == pytest.approx(
        {"registered": 0.4, "monitors": 0.3, "monitors_and_accounts": 0.1}
    )
    assert summary["bias"]["all"] == summary["bias"]["meter"]


def test_an_unknown_size_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    with pytest.raises(InputError, match="size 'huge'"):
        try_days(seeds=[1], size="huge", known_utc=None)
    assert list(tmp_path.iterdir()) == []
