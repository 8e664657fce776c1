"""Charts of the steel plant: accuracy by month, reliability, and the worst days.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.validate.class_metrics import reliability_bins
from bigdata_emis.validate.document import Chart, ChartSeries
from bigdata_emis.validate.steel.data import CLASSES, Quarters

WORST_DAYS = 4


def steel_charts(scored: dict[str, Floats], quarters: Quarters, *, champion: str) -> list[Chart]:
    """Accuracy by model and month, reliability of every model, worst days of the champion."""
    return [
        _month_chart(scored, quarters),
        _reliability_chart(scored, quarters),
        *_worst_day_charts(scored[champion], quarters),
    ]


def _month_chart(scored: dict[str, Floats], quarters: Quarters) -> Chart:
    months = sorted(set(quarters.month.tolist()))
    series: list[ChartSeries] = []
    for name, probability in scored.items():
        is_right = probability.argmax(axis=1) == quarters.label
        series.append(
            {
                "name": name,
                "x": [str(m) for m in months],
                "y": [float(is_right[quarters.month == m].mean()) for m in months],
            }
        )
    return {
        "title_en": "Share of quarters classified correctly, by month",
        "title_zh": "各月判别正确率",
        "kind": "bar",
        "series": series,
        "x_en": "month",
        "x_zh": "月份",
        "y_en": "share",
        "y_zh": "比例",
    }


def _reliability_chart(scored: dict[str, Floats], quarters: Quarters) -> Chart:
    series: list[ChartSeries] = [{"name": "perfect", "x": [0, 1], "y": [0, 1]}]
    for name, probability in scored.items():
        bins = reliability_bins(probability.max(axis=1), probability.argmax(axis=1) == quarters.label)
        series.append({"name": name, "x": [b["said"] for b in bins], "y": [b["came"] for b in bins]})
    return {
        "title_en": "Reliability: estimated probability and observed share",
        "title_zh": "概率校准",
        "kind": "line",
        "series": series,
        "x_en": "estimated probability",
        "x_zh": "预测概率",
        "y_en": "observed share",
        "y_zh": "实际比例",
    }


def _worst_day_charts(probability: Floats, quarters: Quarters) -> list[Chart]:
    wrong = probability.argmax(axis=1) != quarters.label
    days, day_number = np.unique(quarters.day, return_inverse=True)
    count = np.bincount(day_number, wrong)
    worst = [d for d in np.argsort(-count, kind="stable")[:WORST_DAYS] if count[d] > 0]
    return [
        _day_chart(probability, quarters, at=day_number == d, number=int(days[d]) + 1, wrong=int(count[d]))
        for d in worst
    ]


def _day_chart(probability: Floats, quarters: Quarters, *, at: Flags, number: int, wrong: int) -> Chart:
    hours = (quarters.quarter[at] / 4).tolist()
    largest = max(float(quarters.energy_kwh[at].max()), 1.0)
    return {
        "title_en": f"A worst day: day {number} of the file, {wrong} of its quarters misclassified",
        "title_zh": f"最差日：文件第 {number} 日，{wrong} 个一刻钟误判",
        "kind": "line",
        "x_en": "hour",
        "x_zh": "时",
        "y_en": f"class (0 {CLASSES[0]} … 2 {CLASSES[2]})",
        "y_zh": "负荷类别",
        "series": [
            {"name": "labelled", "x": hours, "y": quarters.label[at].tolist()},
            {"name": "estimated", "x": hours, "y": probability[at].argmax(axis=1).tolist()},
            {
                "name": f"power (2 = {largest:.0f} kWh)",
                "x": hours,
                "y": (2 * quarters.energy_kwh[at] / largest).tolist(),
            },
        ],
    }
