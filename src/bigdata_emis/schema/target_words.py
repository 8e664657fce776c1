"""Targets that nobody can judge, as the base rests on orders that count as obeyed: which, and in words.

Belongs here: rows of ledgers, in both languages. Does not: the verdict (control/scenario/ledger).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def unknown_targets(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The pollutants of which nobody can say whether a target is met, of rows of ledgers or of their documents."""
    codes = (
        row.get("pollutant_code") or row["pollutant"]
        for row in rows
        if row.get("target_share") is not None and row.get("is_met", row.get("met")) is None
    )
    return list(dict.fromkeys(codes))


def unknown_target_words(pollutants: Sequence[str], in_force: Sequence[str]) -> tuple[str, ...]:
    """That targets cannot be judged and what to do, in English and Chinese; nothing where all can.

    in_force: the scenarios whose orders count as obeyed.
    """
    if not pollutants:
        return ()
    signs, commands = ", ".join(pollutants), "; ".join(f"emis outcome --scenario {name}" for name in in_force)
    return (
        f"TARGETS NOT KNOWN ({signs}): too much of the base rests on orders that count as obeyed and were not judged: "
        f"run {commands}, then recalculate",
        f"能否达标无法判定（{signs}）：基准排放过多依据未经评估、按已落实计算的指令；请先运行 {commands}，再重新核算",
    )
