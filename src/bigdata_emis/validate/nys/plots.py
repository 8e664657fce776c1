"""Charts of the New York units: accuracy, bias, coverage, and the worst units by hour.

Belongs here: which charts are shown of which units. Does not: drawing (page), scores (units).
"""

import json
from typing import Any

from bigdata_emis.validate.document import Chart

Row = dict[str, Any]
WORST, MIDDLE = 6, 3
MIN_R2 = -0.5
"""Lower end of the R² axis; lower values are drawn at its edge and are in the table."""
MAX_ERROR = 0.5
PROMISED_SHARE = 0.90


def unit_charts(rows: list[Row], champion: str) -> list[Chart]:
    """Charts of the counted units: distributions by model, coverage and bias, some fortnights."""
    own = sorted((row for row in rows if row["model"] == champion), key=lambda row: row["r2"])
    if not own:
        return []
    middle = max((len(own) - MIDDLE) // 2, 0)
    shown = [*own[:WORST], *own[WORST:][max(middle - WORST, 0) :][:MIDDLE]]
    return [
        _distribution_chart(rows, "r2", "R² of the units, by model", "各模型单元 R² 分布", low=MIN_R2, high=1.0),
        _distribution_chart(
            rows, "nmae", "Mean absolute error over the mean, by model", "各模型相对误差分布", low=0.0, high=MAX_ERROR
        ),
        _coverage_chart(own),
        _bias_chart(own),
        *(_fortnight_chart(row, number) for number, row in enumerate(shown)),
    ]


def _distribution_chart(
    rows: list[Row], metric: str, title_en: str, title_zh: str, *, low: float, high: float
) -> Chart:
    models = list(dict.fromkeys(row["model"] for row in rows))
    return {
        "title_en": title_en,
        "title_zh": title_zh,
        "kind": "ecdf",
        "x_min": low,
        "x_max": high,
        "series": [
            {"name": m, "x": [min(max(row[metric], low), high) for row in rows if row["model"] == m]} for m in models
        ],
    }


def _coverage_chart(own: list[Row]) -> Chart:
    units = [row["production_line_id"] for row in own]
    return {
        "title_en": "Share of hours inside the 90 % interval, by unit",
        "title_zh": "各单元 90 % 区间覆盖率",
        "kind": "scatter",
        "x_en": "running hours",
        "x_zh": "运行小时数",
        "y_min": 0,
        "y_max": 1,
        "series": [
            {"name": f"{len(units)} units", "x": [row["n"] for row in own], "y": [row["coverage_90"] for row in own]},
            {"name": "90 %", "x": [row["n"] for row in own], "y": [PROMISED_SHARE] * len(own)},
        ],
    }


def _bias_chart(own: list[Row]) -> Chart:
    ordered = sorted(own, key=lambda row: row["nmb"])
    return {
        "title_en": "Mean bias over the mean, by unit",
        "title_zh": "各单元平均偏差",
        "kind": "bar",
        "series": [
            {"name": "bias", "x": [row["production_line_id"] for row in ordered], "y": [row["nmb"] for row in ordered]}
        ],
    }


def _fortnight_chart(row: Row, number: int) -> Chart:
    sample = json.loads(row["sample"])
    rank_en, rank_zh = (f"worst {number + 1}", f"最差第 {number + 1}") if number < WORST else ("median", "居中")
    return {
        "title_en": f"{row['production_line_id']} ({rank_en}): R² {row['r2']:.2f}, its worst fortnight",
        "title_zh": f"{row['production_line_id']}（{rank_zh}）：R² {row['r2']:.2f}，误差最大的两周",
        "kind": "line",
        "y_en": "GJ",
        "y_zh": "GJ",
        "is_wide": number < WORST,
        "series": [
            {
                "name": "estimated",
                "x": sample["time"],
                "y": sample["estimated"],
                "low": sample["low"],
                "high": sample["high"],
            },
            {"name": "measured", "x": sample["time"], "y": sample["measured"]},
        ],
    }
