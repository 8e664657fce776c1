"""Sentences in Chinese and English on the associations of a day.

Belongs here: which rows get a sentence, and its words.
Does not: titles of series (associations), statistics (relate).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bigdata_emis.codes import AssociationMethod

Row = Mapping[str, Any]
Titles = Mapping[str, Mapping[str, str]]
Sentence = dict[str, str]
LANGUAGES = ("en", "zh")

MAX_FALSE_SHARE = 0.05
"""Significant rows: at most this share of them is expected to be a false discovery."""
MAX_NAMED = 3
STACK, OWN_STACK, AIR = "stack:", "own_stack:", "air_quality:"
FINE_PARTICLES = "air_quality:PM2.5"
MIX = ("energy_share:", "energy_share_fuel:")
AGGREGATED = ("power:", "traffic:", "signalling:", "area_activity:", *MIX)
RANKED_METHODS = (
    (AssociationMethod.SPEARMAN, {"en": "rank correlation", "zh": "秩相关"}),
    (AssociationMethod.PREWHITENED, {"en": "correlation after prewhitening", "zh": "预白化相关"}),
)
CAVEAT = {
    "en": "Correlation is not causation: the grey relational grade only ranks and proves nothing, and the inventory is "
    "computed from these indicators, so that its correlation with them is no independent evidence.",
    "zh": "共同变化不等于因果；灰色关联度只用于排序，不构成证明；清单本身由这些指标计算得到，"
    "与其相关不可视为独立证据。",
}


def write_paragraph(rows: Sequence[Row], titles: Titles) -> Sentence:
    """All sentences on the rows of a day, in both languages; empty texts when there are no rows."""
    if not rows:
        return {"en": "", "zh": ""}
    writers = (_count_significant, _name_strongest(STACK), _name_strongest(AIR), _weather_effect, _rank_mix, _count_own)
    sentences = [sentence for sentence in (write(rows, titles) for write in writers) if sentence] + [CAVEAT]
    return {"en": " ".join(s["en"] for s in sentences), "zh": "".join(s["zh"] for s in sentences)}


def is_significant(row: Row) -> bool:
    """Whether the row is significant under the control of the false discovery rate."""
    return row["q_value"] is not None and row["q_value"] <= MAX_FALSE_SHARE


def kind_title(prefix: str, titles: Titles, language: str) -> str:
    """The title of a kind of targets: the part before the name in the title of one of them."""
    title = next((title[language] for name, title in titles.items() if name.startswith(prefix)), prefix.rstrip(":"))
    return title.partition(": " if language == "en" else "·")[0]


def _count_significant(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    tested = [row for row in _with_method(rows, AssociationMethod.PREWHITENED) if row["q_value"] is not None]
    count = sum(is_significant(row) for row in tested)
    return {
        "en": f"Of {len(tested)} pairs compared after prewhitening, {count} are significant at a false discovery rate "
        f"of {MAX_FALSE_SHARE:.0%}.",
        "zh": f"预白化后比较{len(tested)}对，错误发现率控制在{MAX_FALSE_SHARE:.0%}时有{count}对显著。",
    }


def _name_strongest(target: str) -> Callable[[Sequence[Row], Titles], Sentence | None]:
    """The strongest significant pairs with targets of a kind, by ranks, or else after prewhitening."""

    def write(rows: Sequence[Row], titles: Titles) -> Sentence | None:
        kind = {language: kind_title(target, titles, language) for language in LANGUAGES}
        for method, name in RANKED_METHODS:
            significant = [row for row in _with_method(rows, method, target, AGGREGATED) if is_significant(row)]
            if significant:
                best = sorted(significant, key=lambda row: -abs(row["strength"]))[:MAX_NAMED]
                pairs = {lang: [_describe_pair(row, titles, lang) for row in best] for lang in LANGUAGES}
                return {
                    "en": f"Strongest {name['en']} with {kind['en']}: {'; '.join(pairs['en'])}.",
                    "zh": f"与{kind['zh']}的{name['zh']}最强：{'；'.join(pairs['zh'])}。",
                }
        if not any(row["target"].startswith(target) for row in rows):
            return None
        return {
            "en": f"No aggregated indicator is significantly associated with {kind['en']}.",
            "zh": f"各汇总指标与{kind['zh']}均无显著关联。",
        }

    return write


def _weather_effect(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """How many of the strongest tenth of pairs with air quality lose over half of it, given the weather."""
    partial = _by_pair(_with_method(rows, AssociationMethod.PARTIAL, AIR))
    tested = [row for row in _with_method(rows, AssociationMethod.PEARSON) if row["q_value"] is not None]
    pearson = _by_pair(tested)
    pairs = sorted((pair for pair in partial if pair in pearson), key=lambda pair: -abs(pearson[pair]["strength"]))
    if not pairs:
        return None
    strongest = pairs[: max(1, len(pairs) // 10)]
    lost = [pair for pair in strongest if abs(partial[pair]["strength"]) < abs(pearson[pair]["strength"]) / 2]
    changes = {
        language: [
            f"{_pair_title(pearson[pair], titles, language)} "
            f"{pearson[pair]['strength']:+.2f} → {partial[pair]['strength']:+.2f}"
            for pair in lost[:MAX_NAMED]
        ]
        for language in LANGUAGES
    }
    named = {
        "en": f": {'; '.join(changes['en'])}" if lost else "",
        "zh": f"：{'；'.join(changes['zh'])}" if lost else "",
    }
    return {
        "en": f"Of the {len(strongest)} strongest pairs with air quality, {len(lost)} lose more than half of their "
        f"correlation once the weather is controlled for{named['en']}.",
        "zh": f"与空气质量相关最强的{len(strongest)}对中，控制气象后有{len(lost)}对相关减半以上{named['zh']}。",
    }


def _rank_mix(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """The shares of the energy mix with the highest grey grade for fine particles, or else the first pollutant."""
    grey = _with_method(rows, AssociationMethod.GREY, AIR, MIX)
    if not grey:
        return None
    has_fine_particles = any(row["target"] == FINE_PARTICLES for row in grey)
    target = FINE_PARTICLES if has_fine_particles else grey[0]["target"]
    best = sorted((row for row in grey if row["target"] == target), key=lambda row: -row["strength"])[:MAX_NAMED]
    shares = {
        language: [f"{titles[row['indicator']][language]} ({row['strength']:.2f})" for row in best]
        for language in LANGUAGES
    }
    return {
        "en": f"Shares of the energy mix closest to {titles[target]['en']} by grey relational grade (ranking only): "
        f"{', '.join(shares['en'])}.",
        "zh": f"能源结构与{titles[target]['zh']}灰色关联度排序居前：{'、'.join(shares['zh'])}。",
    }


def _count_own(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """How many plants have power that is significantly correlated with the emission of their own monitors."""
    own = _with_method(rows, AssociationMethod.PREWHITENED, OWN_STACK, ("power_enterprise:",))
    if not own:
        return None
    plants = {row["indicator"] for row in own}
    correlated = {row["indicator"] for row in own if is_significant(row) and row["strength"] > 0}
    return {
        "en": f"Of {len(plants)} plants with stack monitors, the hourly power of {len(correlated)} is significantly "
        "and positively correlated with the emission of their own monitors.",
        "zh": f"{len(plants)}家有在线监测的企业中，{len(correlated)}家的用电与其自身在线监测排放逐时显著正相关。",
    }


def _with_method(
    rows: Sequence[Row], method: AssociationMethod, target: str = "", indicators: tuple[str, ...] = ("",)
) -> list[Row]:
    """The rows of a method whose target and indicator begin as given."""
    return [
        row
        for row in rows
        if row["association_method_code"] == method
        and row["target"].startswith(target)
        and row["indicator"].startswith(indicators)
    ]


def _by_pair(rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    return {(row["indicator"], row["target"]): row for row in rows}


def _describe_pair(row: Row, titles: Titles, language: str) -> str:
    """The pair with its strength, and its lag where there is one."""
    lag = {
        "en": f" after {row['lag_h']} h" if row["lag_h"] else "",
        "zh": f"（滞后{row['lag_h']}小时）" if row["lag_h"] else "",
    }
    return f"{_pair_title(row, titles, language)} {row['strength']:+.2f}{lag[language]}"


def _pair_title(row: Row, titles: Titles, language: str) -> str:
    return f"{titles[row['indicator']][language]} → {titles[row['target']][language]}"
