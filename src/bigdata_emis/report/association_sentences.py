"""What the associations of a day say, in sentences in Chinese and English, made of the rows alone.

Belongs here: which rows are worth a sentence. Does not: titles of series (associations), statistics (relate).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Titles = Mapping[str, Mapping[str, str]]
Sentence = dict[str, str]

FALSE_SHARE = 0.05
"""Finds of which at most one in twenty is expected to be false are called significant."""
NAMED = 3
BY_VALUE, BY_RANK, NEW, GIVEN_WEATHER, GREY = "pearson", "spearman", "prewhitened", "partial", "grey"
MEASURED, OWN, AIR = "stack:", "own_stack:", "air_quality:"
MIX = ("energy_share:", "energy_share_fuel:")
PLAIN = ("power:", "traffic:", "signalling:", "area_activity:")


def paragraph(rows: Sequence[Row], titles: Titles) -> Sentence:
    """All that there is to say, each sentence once; empty when there are no rows."""
    if not rows:
        return {"en": "", "zh": ""}
    tell = (_counted, _strongest(MEASURED), _strongest(AIR), _vanished, _mix, _own)
    told = [sentence for sentence in (one(rows, titles) for one in tell) if sentence]
    told.append(
        {
            "en": "Two things that move together need not cause each other; the grey grade gives ranks, never proof, and the inventory is itself "
            "computed from these indicators.",
            "zh": "共同变化不等于因果；灰色关联度只用于排序，不构成证明；清单本身由这些指标计算得到，与其相关不可视为独立证据。",
        }
    )
    return {"en": " ".join(s["en"] for s in told), "zh": "".join(s["zh"] for s in told)}


def is_significant(row: Row) -> bool:
    """Whether a row survives the control of false finds."""
    return row["q_value"] is not None and row["q_value"] <= FALSE_SHARE


def _counted(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    tested = [row for row in rows if row["association_method_code"] == NEW and row["q_value"] is not None]
    good = sum(is_significant(row) for row in tested)
    return {
        "en": f"Of {len(tested)} pairs compared by what is new in each hour, {good} stand out once false finds are held at {FALSE_SHARE:.0%}.",
        "zh": f"按预白化后的逐时新增信息比较{len(tested)}对，错误发现率控制在{FALSE_SHARE:.0%}时有{good}对显著。",
    }


def _strongest(target: str) -> Callable[[Sequence[Row], Titles], Sentence | None]:
    """The strongest significant pairs with targets of a kind, by rank correlation, or by what is new when none is significant by rank."""

    def tell(rows: Sequence[Row], titles: Titles) -> Sentence | None:
        kind = {"en": titles_of_kind(target, titles, "en"), "zh": titles_of_kind(target, titles, "zh")}
        for method, words in (
            (BY_RANK, ("rank correlation", "秩相关")),
            (NEW, ("correlation of what is new", "预白化相关")),
        ):
            there = [
                row
                for row in rows
                if row["association_method_code"] == method
                and row["target"].startswith(target)
                and row["indicator"].startswith((*PLAIN, *MIX))
                and is_significant(row)
            ]
            if there:
                best = sorted(there, key=lambda row: -abs(row["strength"]))[:NAMED]
                return {
                    "en": f"With {kind['en']} the strongest by {words[0]}: {'; '.join(_pair(row, titles, 'en') for row in best)}.",
                    "zh": f"与{kind['zh']}{words[1]}最强：{'；'.join(_pair(row, titles, 'zh') for row in best)}。",
                }
        seen = any(row["target"].startswith(target) for row in rows)
        return (
            {
                "en": f"With {kind['en']} no aggregated indicator stands out.",
                "zh": f"各汇总指标与{kind['zh']}均无显著关联。",
            }
            if seen
            else None
        )

    return tell


def titles_of_kind(prefix: str, titles: Titles, language: str) -> str:
    """What targets of a kind are called: the part of a title before its own name."""
    found = next((title[language] for name, title in titles.items() if name.startswith(prefix)), prefix.rstrip(":"))
    return found.partition(": " if language == "en" else "·")[0]


def _vanished(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """Pairs with the air that are as strong as the strongest tenth by value, and lose more than half once weather is held."""
    given = {
        (row["indicator"], row["target"]): row
        for row in rows
        if row["association_method_code"] == GIVEN_WEATHER and row["target"].startswith(AIR)
    }
    plain = {
        (row["indicator"], row["target"]): row
        for row in rows
        if row["association_method_code"] == BY_VALUE and row["q_value"] is not None
    }
    both = sorted((key for key in given if key in plain), key=lambda key: -abs(plain[key]["strength"]))
    if not both:
        return None
    strong = both[: max(1, len(both) // 10)]
    lost = [key for key in strong if abs(given[key]["strength"]) < abs(plain[key]["strength"]) / 2]
    share_en = f"Of the {len(strong)} strongest pairs with the air, {len(lost)} lose more than half of their correlation once the weather is held"
    share_zh = f"与空气质量相关最强的{len(strong)}对中，控制气象后有{len(lost)}对相关减半以上"
    if not lost:
        return {"en": share_en + ".", "zh": share_zh + "。"}
    words = [
        {
            lang: f"{_names(plain[key], titles, lang)} {plain[key]['strength']:+.2f} → {given[key]['strength']:+.2f}"
            for lang in ("en", "zh")
        }
        for key in lost[:NAMED]
    ]
    return {
        "en": f"{share_en}: {'; '.join(w['en'] for w in words)}.",
        "zh": f"{share_zh}：{'；'.join(w['zh'] for w in words)}。",
    }


def _mix(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """The parts of the energy mix that rank first by grey relation with fine particles, or with the first pollutant there is."""
    grey = [
        row
        for row in rows
        if row["association_method_code"] == GREY and row["indicator"].startswith(MIX) and row["target"].startswith(AIR)
    ]
    if not grey:
        return None
    wanted = f"{AIR}PM2.5"
    target = wanted if any(row["target"] == wanted for row in grey) else grey[0]["target"]
    first = sorted((row for row in grey if row["target"] == target), key=lambda row: -row["strength"])[:NAMED]
    parts = {
        lang: ", ".join(f"{titles[row['indicator']][lang]} ({row['strength']:.2f})" for row in first)
        for lang in ("en", "zh")
    }
    return {
        "en": f"Of the energy mix, nearest to {titles[target]['en']} by grey relation (rank only): {parts['en']}.",
        "zh": f"能源结构与{titles[target]['zh']}灰色关联排序居前：{parts['zh'].replace(', ', '、')}。",
    }


def _own(rows: Sequence[Row], titles: Titles) -> Sentence | None:
    """How many plants' power goes with what their own monitors measure."""
    own = [
        row
        for row in rows
        if row["association_method_code"] == NEW
        and row["target"].startswith(OWN)
        and row["indicator"].startswith("power_enterprise:")
    ]
    if not own:
        return None
    plants = {row["indicator"] for row in own}
    good = {row["indicator"] for row in own if is_significant(row) and row["strength"] > 0}
    return {
        "en": f"Of {len(plants)} plants with monitors, the power of {len(good)} goes with what their own monitors measure, hour by hour.",
        "zh": f"{len(plants)}家有在线监测的企业中，{len(good)}家的用电与其自身监测排放逐时显著正相关。",
    }


def _pair(row: Row, titles: Titles, language: str) -> str:
    late = {
        "en": f" after {row['lag_h']} h" if row["lag_h"] else "",
        "zh": f"（滞后{row['lag_h']}小时）" if row["lag_h"] else "",
    }
    return f"{_names(row, titles, language)} {row['strength']:+.2f}{late[language]}"


def _names(row: Row, titles: Titles, language: str) -> str:
    return f"{titles[row['indicator']][language]} → {titles[row['target']][language]}"
