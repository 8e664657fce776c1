"""The charts of the page on unit factors: errors by model, told against measured, coverage, and the worst plants by name.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

from typing import Any

import numpy as np

from bigdata_emis.validate.avert.plants import FLOOR_G, SELECTED, LeftOut
from bigdata_emis.validate.avert.transfer import SELECTED as CARRIED

SHOWN_MODELS = ("class_mean", "class_median", "pooled", SELECTED)
WORST = 20
PERCENT_CAP = 3.0
"""Errors beyond 300 % are drawn there, so that the rest can be seen."""


def avert_plots(left_out: list[LeftOut], classes: dict[str, Any], carried: dict[str, Any]) -> list[dict[str, Any]]:
    """Charts for the page; the worst plants are shown, not hidden."""
    power = [task for task in left_out if task.driver == "per_kwh"]
    charts = [_coverage(classes)] if classes else []
    return [
        *(_errors(task) for task in power),
        *charts,
        *(_against(task) for task in power),
        *(_worst(task) for task in power),
        *_carried(carried),
    ]


def _errors(task: LeftOut) -> dict[str, Any]:
    above = task.measured > np.log(FLOOR_G[task.driver])
    off = {
        name: np.minimum(np.abs(np.expm1(task.told[name].middle - task.measured)[above]), PERCENT_CAP)
        for name in SHOWN_MODELS
    }
    series = [{"name": name, "x": part.tolist()} for name, part in off.items()]
    return {
        "title_en": f"{task.fuel}, {task.pollutant} per kWh: error of units left out with their plant",
        "title_zh": f"{task.fuel} {task.pollutant} 每千瓦时因子：留厂检验误差",
        "kind": "ecdf",
        "series": series,
        "x_en": "|told / measured - 1|",
        "x_zh": "相对误差",
        "y_en": "share of units",
        "y_zh": "机组比例",
    }


def _coverage(classes: dict[str, Any]) -> dict[str, Any]:
    names = list(classes)
    series = [
        {"name": name, "x": names, "y": [classes[c]["models"][name]["coverage_90"] for c in names]}
        for name in SHOWN_MODELS
    ]
    return {
        "title_en": "Share of units inside their 90 % interval",
        "title_zh": "90% 区间覆盖率",
        "kind": "bar",
        "series": series,
        "is_wide": True,
    }


def _against(task: LeftOut) -> dict[str, Any]:
    told = task.told[SELECTED]
    points = {
        "name": "units",
        "x": np.log10(np.exp(task.measured)).tolist(),
        "y": np.log10(np.exp(told.middle)).tolist(),
    }
    return {
        "title_en": f"{task.fuel}, {task.pollutant}: told against measured (log10 of g/kWh)",
        "title_zh": f"{task.fuel} {task.pollutant}：估计与实测（对数）",
        "kind": "scatter",
        "series": [points],
        "x_en": "measured",
        "x_zh": "实测",
        "y_en": "told",
        "y_zh": "估计",
    }


def _worst(task: LeftOut) -> dict[str, Any]:
    above = np.flatnonzero(task.measured > np.log(FLOOR_G[task.driver]))
    off = (task.told[SELECTED].middle - task.measured)[above]
    worst = np.argsort(-np.abs(off), kind="stable")[:WORST]
    names = [f"{task.plant[above[i]]} #{number}" for number, i in enumerate(worst, start=1)]
    return {
        "title_en": f"{task.fuel}, {task.pollutant}: the {WORST} worst units (plant code; log10 of told over measured)",
        "title_zh": f"{task.fuel} {task.pollutant}：误差最大的机组",
        "kind": "bar",
        "is_wide": True,
        "series": [{"name": "log10", "x": names, "y": (off[worst] / np.log(10)).tolist()}],
    }


def _carried(carried: dict[str, Any]) -> list[dict[str, Any]]:
    series = [
        {"name": name, "x": [min(abs(u["nmb"]), PERCENT_CAP) for u in part["units"]]} for name, part in carried.items()
    ]
    return (
        [
            {
                "title_en": f"Factors carried to the next period ({CARRIED}): bias of units",
                "title_zh": "因子外推至下一时段：机组偏差",
                "kind": "ecdf",
                "series": series,
                "x_en": "|bias| over measured",
                "x_zh": "相对偏差",
                "y_en": "share of units",
                "y_zh": "机组比例",
            }
        ]
        if series
        else []
    )
