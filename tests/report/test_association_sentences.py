"""The sentences on associations say what the rows say, in both languages."""

import pytest

from bigdata_emis.report.association_sentences import is_significant, kind_title, write_paragraph
from bigdata_emis.report.associations import series_title

SIGNIFICANT, NOT_SIGNIFICANT = 0.001, 0.6


def association(indicator, target, method, strength, *, q=NOT_SIGNIFICANT, lag_h=0):
    return {
        "indicator": indicator,
        "target": target,
        "association_method_code": method,
        "strength": strength,
        "q_value": q,
        "lag_h": lag_h,
    }


def paragraph(*rows):
    return write_paragraph(rows, {row[end]: series_title(row[end]) for row in rows for end in ("indicator", "target")})


def test_the_strongest_pair_is_named_with_its_lag():
    words = paragraph(
        association("power:coking", "air_quality:PM2.5", "spearman", 0.71, q=SIGNIFICANT, lag_h=6),
        association("power:cement", "air_quality:PM2.5", "spearman", 0.95),
        association("power:coking", "air_quality:PM2.5", "prewhitened", 0.3),
    )
    pair_en, pair_zh = (
        "energy: coking → air quality: PM2.5 +0.71 after 6 h",
        "用电·焦化 → 空气质量·PM2.5 +0.71（滞后6小时）",
    )
    assert f"Strongest rank correlation with air quality: {pair_en}." in words["en"]
    assert f"与空气质量的秩相关最强：{pair_zh}。" in words["zh"]
    assert "cement" not in words["en"]


def test_without_significant_ranks_the_prewhitened_correlation_is_named():
    words = paragraph(
        association("power:coking", "stack:NOx", "spearman", 0.9),
        association("power:coking", "stack:NOx", "prewhitened", 0.4, q=SIGNIFICANT),
    )
    assert "Strongest correlation after prewhitening with stack monitors: energy: coking" in words["en"]
    assert "与在线监测的预白化相关最强" in words["zh"]


def test_without_significant_pairs_the_paragraph_says_so():
    words = paragraph(
        association("power:coking", "stack:NOx", "spearman", 0.4),
        association("power:coking", "stack:NOx", "prewhitened", 0.1),
    )
    assert "No aggregated indicator is significantly associated with stack monitors." in words["en"]
    assert "Of 1 pairs compared after prewhitening, 0 are significant at a false discovery rate of 5%." in words["en"]


@pytest.mark.parametrize(
    ("partial", "ending_en", "ending_zh"),
    [
        (
            -0.1,
            "1 lose more than half of their correlation once the weather is controlled for: "
            "roads: speed → air quality: CO -0.80 → -0.10.",
            "控制气象后有1对相关减半以上：道路·车速 → 空气质量·CO -0.80 → -0.10。",
        ),
        (
            -0.7,
            "0 lose more than half of their correlation once the weather is controlled for.",
            "控制气象后有0对相关减半以上。",
        ),
    ],
)
def test_pairs_that_disappear_given_the_weather_are_named(partial, ending_en, ending_zh):
    words = paragraph(
        association("traffic:speed", "air_quality:CO", "pearson", -0.8),
        association("traffic:speed", "air_quality:CO", "partial", partial),
    )
    assert f"Of the 1 strongest pairs with air quality, {ending_en}" in words["en"]
    assert f"与空气质量相关最强的1对中，{ending_zh}" in words["zh"]


def test_the_energy_mix_is_ranked_by_its_grey_grade_for_fine_particles():
    words = paragraph(
        association("energy_share:coking", "air_quality:PM2.5", "grey", 0.6),
        association("energy_share_fuel:coal", "air_quality:PM2.5", "grey", 0.7),
        association("energy_share:cement", "air_quality:CO", "grey", 0.9),
    )
    assert "energy mix by fuel: coal (0.70), energy mix: coking (0.60)" in words["en"]
    assert "燃料结构·煤 (0.70)、能源结构·焦化 (0.60)" in words["zh"]
    assert "0.90" not in words["en"]


def test_without_fine_particles_the_first_pollutant_is_taken():
    words = paragraph(association("energy_share:cement", "air_quality:CO", "grey", 0.9))
    assert "closest to air quality: CO by grey relational grade" in words["en"]


def test_plants_correlated_with_their_own_monitors_are_counted():
    words = paragraph(
        association("power_enterprise:E1", "own_stack:NOx", "prewhitened", 0.9, q=SIGNIFICANT),
        association("power_enterprise:E2", "own_stack:NOx", "prewhitened", 0.1),
        association("power_enterprise:E1", "own_stack:SO2", "prewhitened", 0.8, q=SIGNIFICANT),
    )
    assert "Of 2 plants with stack monitors, the hourly power of 1 is significantly and positively" in words["en"]
    assert "2家有在线监测的企业中，1家" in words["zh"]


def test_every_paragraph_says_that_correlation_is_not_causation():
    words = paragraph(association("power:coking", "stack:NOx", "grey", 0.4))
    assert "Correlation is not causation" in words["en"]
    assert "不等于因果" in words["zh"]


def test_no_rows_give_no_words():
    assert write_paragraph([], {}) == {"en": "", "zh": ""}


@pytest.mark.parametrize(("q", "expected"), [(0.05, True), (0.051, False), (None, False)])
def test_a_row_is_significant_up_to_a_false_discovery_rate_of_5_percent(q, expected):
    assert is_significant(association("power:coking", "stack:NOx", "pearson", 0.5, q=q)) is expected


def test_a_kind_without_titles_has_its_code():
    assert kind_title("stack:", {}, "en") == "stack"
