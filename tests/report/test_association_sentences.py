"""The words about associations say what the rows say, in both languages."""

import pytest

from bigdata_emis.report.association_sentences import paragraph
from bigdata_emis.report.associations import title

STRONG, WEAK = 0.001, 0.6


def row(indicator, target, method, strength, *, q=WEAK, lag_h=0):
    return {
        "indicator": indicator,
        "target": target,
        "association_method_code": method,
        "strength": strength,
        "q_value": q,
        "lag_h": lag_h,
    }


def said(*rows):
    return paragraph(rows, {name: title(name) for one in rows for name in (one["indicator"], one["target"])})


def test_strongest_pair_is_named_with_its_lag():
    words = said(
        row("power:coking", "air_quality:PM2.5", "spearman", 0.71, q=STRONG, lag_h=6),
        row("power:cement", "air_quality:PM2.5", "spearman", 0.95),
        row("power:coking", "air_quality:PM2.5", "prewhitened", 0.3),
    )
    assert "energy: coking → air: PM2.5 +0.71 after 6 h" in words["en"]
    assert "用电·焦化 → 空气·PM2.5 +0.71（滞后6小时）" in words["zh"]
    assert "cement" not in words["en"]


def test_nothing_significant_is_said_plainly():
    words = said(
        row("power:coking", "stack:NOx", "spearman", 0.4), row("power:coking", "stack:NOx", "prewhitened", 0.1)
    )
    assert "With stack monitors no aggregated indicator stands out." in words["en"]
    assert "Of 1 pairs compared by what is new in each hour, 0 stand out" in words["en"]


def test_what_vanishes_with_the_weather_is_named():
    words = said(
        row("traffic:speed", "air_quality:CO", "pearson", -0.8), row("traffic:speed", "air_quality:CO", "partial", -0.1)
    )
    assert "roads: speed → air: CO -0.80 → -0.10" in words["en"]
    kept = said(
        row("traffic:speed", "air_quality:CO", "pearson", -0.8), row("traffic:speed", "air_quality:CO", "partial", -0.7)
    )
    assert "0 lose more than half" in kept["en"]


def test_energy_mix_is_ranked_by_grey_grade_against_fine_particles():
    words = said(
        row("energy_share:coking", "air_quality:PM2.5", "grey", 0.6),
        row("energy_share_fuel:coal", "air_quality:PM2.5", "grey", 0.7),
        row("energy_share:cement", "air_quality:CO", "grey", 0.9),
    )
    assert "energy mix by fuel: coal (0.70), energy mix: coking (0.60)" in words["en"]
    assert "0.90" not in words["en"]


def test_plants_that_go_with_their_own_monitors_are_counted():
    words = said(
        row("power_enterprise:E1", "own_stack:NOx", "prewhitened", 0.9, q=STRONG),
        row("power_enterprise:E2", "own_stack:NOx", "prewhitened", 0.1),
        row("power_enterprise:E1", "own_stack:SO2", "prewhitened", 0.8, q=STRONG),
    )
    assert "Of 2 plants with monitors, the power of 1 goes with" in words["en"]
    assert "2家有在线监测的企业中，1家" in words["zh"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_association_is_never_called_a_cause_and_no_rows_give_no_words(language):
    assert ("cause" in said(row("power:coking", "stack:NOx", "grey", 0.4))[language]) == (language == "en")
    assert paragraph([], {}) == {"en": "", "zh": ""}
