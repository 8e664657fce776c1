"""`emis demo --factor-trials N`: what classes of lines learn about their factors, on simulated registers.

Belongs here: the lines. Does not: the trial (demo/accounts/factor_trial).
"""

from collections.abc import Mapping
from typing import Any

from bigdata_emis.cli.options import answer, now, progress_bar
from bigdata_emis.cli.tables import format_number, table_lines

TITLES = {"registered": "registered 登记", "monitors": "monitors 监测", "monitors_and_accounts": "with accounts 加核定"}


def try_class_factors(first_seed: int, count: int, size: str, as_json: bool) -> None:
    """Score the factors of lines on simulated registers of several seeds, and print bias and coverage."""
    from bigdata_emis.demo.accounts.factor_trial import try_factors

    seeds = range(first_seed, first_seed + count)
    with progress_bar() as step:
        document = try_factors(seeds=seeds, size=size, known_utc=now(), progress=step)
    answer(document, as_json, lambda: factor_lines(document))


def factor_lines(document: Mapping[str, Any]) -> list[str]:
    """Mean absolute bias by tier and pollutant, and coverage by sector and tier, each by variant."""
    seeds = ", ".join(map(str, document["seeds"]))
    return [
        f"simulated registers 模拟登记, size {document['size']}, seeds {seeds}; activity known 活动水平已知",
        "mean absolute bias of the total 总量平均绝对偏差",
        *_variant_lines(["tier 层级", "pollutant 污染物"], document["bias"]),
        "share of true factors within the 90 % interval 真实因子落入90%区间的比例",
        *_variant_lines(["sector 源类", "tier 层级"], document["coverage"]),
    ]


def _variant_lines(keys: list[str], values: Mapping[str, Any]) -> list[str]:
    rows = [
        [first, second, *(format_number(by_variant[name], ".1%") for name in TITLES)]
        for first, inner in values.items()
        for second, by_variant in inner.items()
    ]
    return table_lines([*keys, *(f">{title}" for title in TITLES.values())], rows)
