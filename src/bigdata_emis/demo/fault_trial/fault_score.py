"""What a trial of the cleaning rules has found: counts of one seed, and rates of several.

Belongs here: counts and rates. Does not: the trial (fault_trial), or how rates are printed (cli).
"""

from dataclasses import dataclass
from typing import Any


@dataclass
class FaultScore:
    """By kind, values and sources with a fault and those that were doubted; by feed, sound values and doubted ones.

    slight, slight_doubted: by feed, values that a fault has hardly changed, which are neither damaged nor sound.
    """

    damaged: dict[str, int]
    found: dict[str, int]
    sources: dict[str, int]
    found_sources: dict[str, int]
    sound: dict[str, int]
    doubted: dict[str, int]
    slight: dict[str, int]
    slight_doubted: dict[str, int]


def sum_rates(
    total: list[dict[str, int]], part: list[dict[str, int]], count_name: str, rate_name: str
) -> dict[str, Any]:
    """By name the count of all trials, the rate of its part in it, and that of each trial; None where nothing is."""
    names = dict.fromkeys(name for trial in total for name in trial)
    rates = {}
    for name in names:
        counts = [trial.get(name, 0) for trial in total]
        hits = [trial.get(name, 0) for trial in part]
        rates[name] = {
            count_name: sum(counts),
            rate_name: round(sum(hits) / sum(counts), 4) if sum(counts) else None,
            "by_seed": [round(hit / count, 4) if count else None for hit, count in zip(hits, counts, strict=True)],
        }
    return rates
