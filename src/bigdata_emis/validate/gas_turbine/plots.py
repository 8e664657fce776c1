"""The charts of the gas turbine's page: accuracy by quarter, and the worst and a middling fortnight in full.

Belongs here: chart specifications. Does not: scores, drawing (page).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Integers
from bigdata_emis.validate.gas_turbine.data import TurbineRows
from bigdata_emis.validate.gas_turbine.models import CHAMPION, DAY_H, Estimated

FORTNIGHT = 336
WORST, MIDDLING = 3, 1


def turbine_plots(
    rows: TurbineRows,
    by_late: dict[int, dict[str, Estimated]],
    late: dict[str, Any],
    *,
    score: tuple[int, ...],
    pollutant: str,
) -> list[dict[str, Any]]:
    """Charts for the page: R² by quarter and model for each lateness, and whole fortnights with their interval, the worst first."""
    bars = [
        _by_quarter(late[str(late_h)][name]["r2"], late_h, name) for late_h in by_late for name in late[str(late_h)]
    ]
    return [*bars, *_fortnights(rows, by_late[DAY_H][CHAMPION], np.flatnonzero(np.isin(rows.year, score)), pollutant)]


def _by_quarter(r2: dict[str, dict[str, float]], late_h: int, pollutant: str) -> dict[str, Any]:
    """A baseline far below zero is drawn at -1, so that the others can be told apart."""
    series = [
        {
            "name": model,
            "x": [unit for unit in scores if " Q" in unit],
            "y": [max(value, -1.0) for unit, value in scores.items() if " Q" in unit],
        }
        for model, scores in r2.items()
    ]
    return {
        "title_en": f"{pollutant}: R² by quarter, truth {late_h} rows late",
        "title_zh": f"{pollutant}：各季 R²（真值滞后 {late_h} 行）",
        "kind": "bar",
        "y_en": "R²",
        "y_zh": "R²",
        "note_en": "values below -1 are drawn at -1",
        "note_zh": "低于 -1 的按 -1 绘",
        "is_wide": True,
        "series": series,
    }


def _fortnights(rows: TurbineRows, model: Estimated, at: Integers, pollutant: str) -> list[dict[str, Any]]:
    parts = [at[first : first + FORTNIGHT] for first in range(0, len(at) - FORTNIGHT + 1, FORTNIGHT)]
    error = [float(np.nanmean(np.abs(model.value - rows.truth[pollutant])[part])) for part in parts]
    order = np.argsort(error)[::-1]
    middle = len(order) // 2
    chosen = [("worst", "最差", number) for number in order[:WORST]] + [
        ("middling", "中等", number) for number in order[middle : middle + MIDDLING]
    ]
    return [_fortnight(rows, model, parts[number], pollutant, words=(en, zh)) for en, zh, number in chosen]


def _fortnight(
    rows: TurbineRows, model: Estimated, part: Integers, pollutant: str, *, words: tuple[str, str]
) -> dict[str, Any]:
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
