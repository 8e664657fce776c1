"""Charts of unit emission factors: errors, estimated against measured, coverage, worst units.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

import numpy as np

from bigdata_emis.validate.avert.plants import FLOOR_G, SELECTED, LeftOut
from bigdata_emis.validate.avert.transfer import SELECTED as SELECTED_TRANSFER
from bigdata_emis.validate.document import Chart, PlantClass, Transfer

SHOWN_MODELS = ("class_mean", "class_median", "pooled", SELECTED)
WORST = 20
MAX_ERROR = 3.0
"""Errors beyond 300 % are drawn at 300 %, so that the others can be distinguished."""


def avert_charts(
    left_out: list[LeftOut], classes: dict[str, PlantClass], transfers: dict[str, Transfer]
) -> list[Chart]:
    """Charts for the page, the worst units among them."""
    power = [task for task in left_out if task.driver == "per_kwh"]
    return [
        *(_error_chart(task) for task in power),
        *([_coverage_chart(classes)] if classes else []),
        *(_scatter_chart(task) for task in power),
        *(_worst_chart(task) for task in power),
        *([_transfer_chart(transfers)] if transfers else []),
    ]


def _error_chart(task: LeftOut) -> Chart:
    above = task.measured > np.log(FLOOR_G[task.driver])
    error = {
        name: np.minimum(np.abs(np.expm1(task.estimates[name].middle - task.measured)[above]), MAX_ERROR)
        for name in SHOWN_MODELS
    }
    return {
        "title_en": f"{task.fuel}, {task.pollutant} per kWh: error of units left out with their plant",
        "title_zh": f"{task.fuel} {task.pollutant} 每千瓦时因子：留厂检验误差",
        "kind": "ecdf",
        "series": [{"name": name, "x": part.tolist()} for name, part in error.items()],
        "x_en": "|estimated / measured - 1|",
        "x_zh": "相对误差",
        "y_en": "share of units",
        "y_zh": "机组比例",
    }


def _coverage_chart(classes: dict[str, PlantClass]) -> Chart:
    names = list(classes)
    return {
        "title_en": "Share of units inside their 90 % interval",
        "title_zh": "90% 区间覆盖率",
        "kind": "bar",
        "series": [
            {"name": name, "x": names, "y": [classes[c]["models"][name]["coverage_90"] for c in names]}
            for name in SHOWN_MODELS
        ],
        "is_wide": True,
    }


def _scatter_chart(task: LeftOut) -> Chart:
    estimated = task.estimates[SELECTED].middle
    return {
        "title_en": f"{task.fuel}, {task.pollutant}: estimated against measured (log10 of g/kWh)",
        "title_zh": f"{task.fuel} {task.pollutant}：估计与实测（对数）",
        "kind": "scatter",
        "series": [
            {"name": "units", "x": np.log10(np.exp(task.measured)).tolist(), "y": np.log10(np.exp(estimated)).tolist()}
        ],
        "x_en": "measured",
        "x_zh": "实测",
        "y_en": "estimated",
        "y_zh": "估计",
    }


def _worst_chart(task: LeftOut) -> Chart:
    above = np.flatnonzero(task.measured > np.log(FLOOR_G[task.driver]))
    error = (task.estimates[SELECTED].middle - task.measured)[above]
    worst = np.argsort(-np.abs(error), kind="stable")[:WORST]
    names = [f"{task.plant[above[i]]} #{number}" for number, i in enumerate(worst, start=1)]
    return {
        "title_en": f"{task.fuel}, {task.pollutant}: the {WORST} worst units (plant; log10 of estimated/measured)",
        "title_zh": f"{task.fuel} {task.pollutant}：误差最大的机组",
        "kind": "bar",
        "is_wide": True,
        "series": [{"name": "log10", "x": names, "y": (error[worst] / np.log(10)).tolist()}],
    }


def _transfer_chart(transfers: dict[str, Transfer]) -> Chart:
    return {
        "title_en": f"Factors transferred to another period ({SELECTED_TRANSFER}): bias of units",
        "title_zh": "因子外推至下一时段：机组偏差",
        "kind": "ecdf",
        "series": [
            {"name": name, "x": [min(abs(unit["nmb"]), MAX_ERROR) for unit in part["units"]]}
            for name, part in transfers.items()
        ],
        "x_en": "|bias| over measured",
        "x_zh": "相对偏差",
        "y_en": "share of units",
        "y_zh": "机组比例",
    }
