"""The plots of the New York units: how good, how wrong, how sure, and the worst units hour by hour.

Belongs here: which charts are shown of which units. Does not: drawing (page), scores (nys_units).
"""

import json
from typing import Any

Row = dict[str, Any]
WORST, MIDDLE = 6, 3
LEAST_R2 = -0.5
"""The axis of R² ends here; what lies below is drawn at its edge and stands in the table."""
MOST_ERROR = 0.5
PROMISED_SHARE = 0.90


def plots(rows: list[Row], champion: str) -> list[dict[str, Any]]:
    """The charts of the counted units: distributions by model, coverage by unit, fortnights of the worst and of the middle."""
    own = sorted((row for row in rows if row["model"] == champion), key=lambda row: row["r2"])
    if not own:
        return []
    middle = max((len(own) - MIDDLE) // 2, 0)
    shown = [*own[:WORST], *own[WORST:][max(middle - WORST, 0) :][:MIDDLE]]
    return [
        _distribution(rows, "r2", "R² of the units, by model", "各模型单元 R² 分布", least=LEAST_R2, most=1.0),
        _distribution(
            rows, "nmae", "Mean error over the mean, by model", "各模型相对误差分布", least=0.0, most=MOST_ERROR
        ),
        _coverage(own),
        _bias(own),
        *(_fortnight(row, number) for number, row in enumerate(shown)),
    ]


def _distribution(
    rows: list[Row], metric: str, title_en: str, title_zh: str, *, least: float, most: float
) -> dict[str, Any]:
    models = list(dict.fromkeys(row["model"] for row in rows))
    series = [
        {"name": m, "x": [min(max(row[metric], least), most) for row in rows if row["model"] == m]} for m in models
    ]
    return {"title_en": title_en, "title_zh": title_zh, "kind": "ecdf", "x_min": least, "x_max": most, "series": series}


def _coverage(own: list[Row]) -> dict[str, Any]:
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


def _bias(own: list[Row]) -> dict[str, Any]:
    ordered = sorted(own, key=lambda row: row["nmb"])
    return {
        "title_en": "Mean bias over the mean, by unit",
        "title_zh": "各单元平均偏差",
        "kind": "bar",
        "series": [
            {"name": "bias", "x": [row["production_line_id"] for row in ordered], "y": [row["nmb"] for row in ordered]}
        ],
    }


def _fortnight(row: Row, number: int) -> dict[str, Any]:
    sample = json.loads(row["sample"])
    place_en, place_zh = (
        (f"worst {number + 1}", f"最差第 {number + 1}") if number < WORST else ("from the middle", "居中")
    )
    return {
        "title_en": f"{row['production_line_id']} ({place_en}): R² {row['r2']:.2f}, its worst fortnight",
        "title_zh": f"{row['production_line_id']}（{place_zh}）：R² {row['r2']:.2f}，误差最大的两周",
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
