"""`emis demo --fault-trials N`: which faults of simulated instruments the cleaning finds, as a table.

Belongs here: the table. Does not: the trial (demo/fault_trial).
"""

from typing import Any

from bigdata_emis.cli.options import answer, progress_bar


def try_cleaning(first_seed: int, count: int, size: str, as_json: bool) -> None:
    """Score the cleaning on simulated faults of several seeds, and print what was found of each kind."""
    from bigdata_emis.demo.fault_trial.fault_trial import try_faults

    with progress_bar() as step:
        document = try_faults(seeds=range(first_seed, first_seed + count), size=size, progress=step)
    answer(document, as_json, lambda: fault_lines(document))


def fault_lines(document: dict[str, Any]) -> list[str]:
    """The shares of values and of instruments found by kind, and of sound values that were doubted by feed."""
    seeds = ", ".join(map(str, document["seeds"]))
    lines = [f"simulated faults 模拟故障, size {document['size']}, seeds {seeds}"]
    lines.append(f"{'kind 类型':<22}{'values 数值':>10}{'found 检出':>10}{'instruments 仪表':>14}{'found 检出':>10}")
    for kind, values in document["kinds"].items():
        instruments = document["sources"][kind]
        lines.append(
            f"{kind:<22}{values['damaged']:>12}{_percent(values['recall']):>12}"
            f"{instruments['damaged']:>16}{_percent(instruments['recall']):>12}"
        )
    for feed, sound in document["feeds"].items():
        lines.append(f"{feed}: {_percent(sound['false_share'], 2)} of {sound['sound']} sound values doubted 误标")
    for feed, slight in document["slight"].items():
        if slight["slight"]:
            share = _percent(slight["doubted_share"])
            lines.append(
                f"{feed}: {share} of {slight['slight']} values doubted that a fault changes by under 5% 微小偏差"
            )
    return lines


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{share:.{digits}%}"
