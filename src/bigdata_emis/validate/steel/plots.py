"""The charts of the steel plant's page: right and wrong by class and day, reliability, and the worst days in full.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.validate.class_metrics import reliability
from bigdata_emis.validate.steel.data import CLASSES, Quarters

WORST_DAYS = 4


def steel_plots(scored: dict[str, Floats], asked: Quarters, *, champion: str) -> list[dict[str, Any]]:
    """Charts for the page: accuracy by model and month, reliability of every model, and the champion's worst days."""
    best = scored[champion]
    return [_by_month(scored, asked), _reliability(scored, asked), *_worst_days(best, asked)]


def _by_month(scored: dict[str, Floats], asked: Quarters) -> dict[str, Any]:
    months = sorted(set(asked.month.tolist()))
    series = []
    for name, probability in scored.items():
        right = probability.argmax(axis=1) == asked.label
        series.append(
            {"name": name, "x": [str(m) for m in months], "y": [float(right[asked.month == m].mean()) for m in months]}
        )
    return {
        "title_en": "Share of quarters told rightly, by month",
        "title_zh": "各月判别正确率",
        "kind": "bar",
        "series": series,
        "x_en": "month",
        "x_zh": "月份",
        "y_en": "share",
        "y_zh": "比例",
    }


def _reliability(scored: dict[str, Floats], asked: Quarters) -> dict[str, Any]:
    series = [{"name": "perfect", "x": [0, 1], "y": [0, 1]}]
    for name, probability in scored.items():
        bins = reliability(probability.max(axis=1), probability.argmax(axis=1) == asked.label)
        series.append({"name": name, "x": [b["said"] for b in bins], "y": [b["came"] for b in bins]})
    return {
        "title_en": "Reliability: what was said and what came true",
        "title_zh": "概率校准",
        "kind": "line",
        "series": series,
        "x_en": "probability said",
        "x_zh": "预测概率",
        "y_en": "share that came true",
        "y_zh": "实际比例",
    }


def _worst_days(probability: Floats, asked: Quarters) -> list[dict[str, Any]]:
    wrong = probability.argmax(axis=1) != asked.label
    days, place = np.unique(asked.day, return_inverse=True)
    count = np.bincount(place, wrong)
    worst = [d for d in np.argsort(-count, kind="stable")[:WORST_DAYS] if count[d] > 0]
    return [_day(probability, asked, at=place == d, number=int(days[d]) + 1, wrong=int(count[d])) for d in worst]


def _day(probability: Floats, asked: Quarters, *, at: Any, number: int, wrong: int) -> dict[str, Any]:
    hours = (asked.quarter[at] / 4).tolist()
    most = max(float(asked.energy_kwh[at].max()), 1.0)
    return {
        "title_en": f"A worst day: day {number} of the file, {wrong} of its quarter hours told wrongly",
        "title_zh": f"最差日：文件第 {number} 日，{wrong} 个一刻钟误判",
        "kind": "line",
        "x_en": "hour",
        "x_zh": "时",
        "y_en": f"class (0 {CLASSES[0]} … 2 {CLASSES[2]})",
        "y_zh": "负荷类别",
        "series": [
            {"name": "labelled", "x": hours, "y": asked.label[at].tolist()},
            {"name": "told", "x": hours, "y": probability[at].argmax(axis=1).tolist()},
            {"name": f"power (2 = {most:.0f} kWh)", "x": hours, "y": (2 * asked.energy_kwh[at] / most).tolist()},
        ],
    }
