"""`emis demo --day-trials N`: intervals and bias of whole simulated days of several seeds, by sector and tier.

Belongs here: the lines. Does not: the trial (demo/day_trial).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bigdata_emis.cli.inventory.factor_trial_command import TITLES as VARIANT_TITLES
from bigdata_emis.cli.options import answer, now, progress_bar
from bigdata_emis.cli.tables import format_number, table_lines

MEASURES = (
    ("coverage_90", ">inside 区间内", ".1%"),
    ("below_share", ">below 低于", ".1%"),
    ("above_share", ">above 高于", ".1%"),
    ("lowest", ">lowest seed 最低", ".0%"),
    ("highest", ">highest seed 最高", ".0%"),
    ("mean_abs_nmb", ">|NMB|", ".1%"),
    ("n", ">hours 源小时", "d"),
    ("missing", ">missing 缺", "d"),
)
TIERS = {
    "monitor": "monitor 有监测",
    "meter": "meter 有电表",
    "none": "none 无电表",
    "area": "area 面源",
    "link": "link 路段",
    "all": "all 全部",
}


def try_whole_days(first_seed: int, count: int, size: str, as_json: bool) -> None:
    """Run and score whole simulated days of several seeds, and print coverage and bias."""
    from bigdata_emis.demo.day_trial.day_trial import try_days

    seeds = range(first_seed, first_seed + count)
    with progress_bar() as step:
        document = try_days(seeds=seeds, size=size, known_utc=now(), progress=step)
    answer(document, as_json, lambda: day_trial_lines(document))


def day_trial_lines(document: Mapping[str, Any]) -> list[str]:
    """Coverage by sector and tier, by sector and pollutant, and bias of lines without monitor by variant."""
    seeds, days = ", ".join(map(str, document["seeds"])), ", ".join(document["days"])
    return [
        f"simulated days 模拟日 {days}, size {document['size']}, seeds {seeds}",
        *_failure_lines(document["trials"]),
        "truth within the 90 % interval, source-hours of all seeds 真值落入90%区间的源小时",
        *_measure_lines(["sector 源类", "tier 层级"], document["coverage"], TIERS),
        *_measure_lines(["sector 源类", "pollutant 污染物"], document["pollutants"], {}),
        "mean absolute bias of lines without monitor 无监测生产线的平均绝对偏差",
        *_bias_lines(document["bias"]),
    ]


def _measure_lines(keys: list[str], measures: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    rows = [
        [outer, names.get(inner, inner), *(format_number(measured[name], form) for name, _, form in MEASURES)]
        for outer, by_inner in measures.items()
        for inner, measured in by_inner.items()
    ]
    return table_lines([*keys, *(title for _, title, _ in MEASURES)], rows)


def _bias_lines(bias: Mapping[str, Any]) -> list[str]:
    rows = [
        [TIERS[tier], pollutant, *(format_number(by_variant.get(name), ".1%") for name in VARIANT_TITLES)]
        for tier, by_pollutant in bias.items()
        for pollutant, by_variant in by_pollutant.items()
    ]
    return table_lines(["tier 层级", "pollutant 污染物", *(f">{t}" for t in VARIANT_TITLES.values())], rows)


def _failure_lines(trials: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"seed {trial['seed']}: {failure}" for trial in trials for failure in trial["failures"]]
