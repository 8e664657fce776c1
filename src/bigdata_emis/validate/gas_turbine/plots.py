"""Charts of the gas turbine: R² by quarter, and fortnights hour by hour.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Integers
from bigdata_emis.validate.document import Chart
from bigdata_emis.validate.gas_turbine.data import TurbineRows
from bigdata_emis.validate.gas_turbine.models import CHAMPION, DAY_H, TurbineEstimate

FORTNIGHT_ROWS = 336
WORST, MEDIAN = 3, 1


def turbine_charts(
    rows: TurbineRows,
    by_delay: dict[int, dict[str, TurbineEstimate]],
    late: dict[str, Any],
    *,
    score: tuple[int, ...],
    pollutant: str,
) -> list[Chart]:
    """R² by quarter and model for each truth delay, and fortnights, the worst first."""
    bars = [
        _quarter_chart(late[str(late_h)][name]["r2"], late_h, name) for late_h in by_delay for name in late[str(late_h)]
    ]
    scored = np.flatnonzero(np.isin(rows.year, score))
    return [*bars, *_fortnight_charts(rows, by_delay[DAY_H][CHAMPION], scored, pollutant)]


def _quarter_chart(r2: dict[str, dict[str, float]], late_h: int, pollutant: str) -> Chart:
    """R² by quarter; a baseline far below zero is drawn at −1, so that the others can be distinguished."""
    return {
        "title_en": f"{pollutant}: R² by quarter, truth {late_h} rows late",
        "title_zh": f"{pollutant}：各季 R²（真值滞后 {late_h} 行）",
        "kind": "bar",
        "y_en": "R²",
        "y_zh": "R²",
        "note_en": "values below -1 are drawn at -1",
        "note_zh": "低于 -1 的按 -1 绘",
        "is_wide": True,
        "series": [
            {
                "name": model,
                "x": [unit for unit in scores if " Q" in unit],
                "y": [max(value, -1.0) for unit, value in scores.items() if " Q" in unit],
            }
            for model, scores in r2.items()
        ],
    }


def _fortnight_charts(rows: TurbineRows, model: TurbineEstimate, at: Integers, pollutant: str) -> list[Chart]:
    parts = [at[first : first + FORTNIGHT_ROWS] for first in range(0, len(at) - FORTNIGHT_ROWS + 1, FORTNIGHT_ROWS)]
    error = [float(np.nanmean(np.abs(model.value - rows.truth[pollutant])[part])) for part in parts]
    order = np.argsort(error)[::-1]
    middle = len(order) // 2
    chosen = [("worst", "最差", number) for number in order[:WORST]] + [
        ("median", "中等", number) for number in order[middle : middle + MEDIAN]
    ]
    return [_fortnight_chart(rows, model, parts[number], pollutant, words=(en, zh)) for en, zh, number in chosen]


def _fortnight_chart(
    rows: TurbineRows, model: TurbineEstimate, part: Integers, pollutant: str, *, words: tuple[str, str]
) -> Chart:
    year = int(rows.year[part[0]])
    within = (part - int(np.flatnonzero(rows.year == year)[0])).tolist()
    span = f"{year}, {within[0]}–{within[-1]}"
    return {
        "title_en": f"{pollutant}, {words[0]} fortnight (rows {span})",
        "title_zh": f"{pollutant}，{words[1]}两周（行 {span}）",
        "kind": "line",
        "x_en": "row of the year",
        "x_zh": "年内行号",
        "y_en": "mg/m³",
        "y_zh": "mg/m³",
        "is_wide": True,
        "series": [
            {"name": "measured", "x": within, "y": rows.truth[pollutant][part].tolist()},
            {
                "name": "estimated",
                "x": within,
                "y": model.value[part].tolist(),
                "low": model.p05[part].tolist(),
                "high": model.p95[part].tolist(),
            },
        ],
    }
