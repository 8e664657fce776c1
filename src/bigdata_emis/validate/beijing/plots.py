"""Charts of the Beijing page: accuracy by pollutant, and the red alerts.

Belongs here: which charts there are. Does not: numbers, or how charts are drawn (page).
"""

from typing import Any

import numpy as np

from bigdata_emis.validate.beijing.data import POLLUTANTS
from bigdata_emis.validate.document import Chart

SHOWN = "PM2.5"
CHANGES = (("raw", "as measured"), ("normalised", "deweathered"), ("unexplained", "not explained by weather"))


def beijing_charts(
    by_model: dict[str, list[dict[str, Any]]], alerts: list[dict[str, Any]], series: dict[str, Any]
) -> list[Chart]:
    """R² over units and by pollutant, changes in the alerts, fine particles around them."""
    charts = [_distribution_chart(by_model), _pollutant_chart(by_model)]
    if alerts:
        charts.append(_alert_chart(alerts))
    if SHOWN in series:
        charts.append(_series_chart(series[SHOWN]))
    return charts


def _distribution_chart(by_model: dict[str, list[dict[str, Any]]]) -> Chart:
    return {
        "title_en": "R² over stations and pollutants",
        "title_zh": "各站点与污染物的R²分布",
        "kind": "ecdf",
        "x_en": "R²",
        "x_zh": "R²",
        "series": [{"name": name, "x": [row["r2"] for row in rows]} for name, rows in by_model.items()],
    }


def _pollutant_chart(by_model: dict[str, list[dict[str, Any]]]) -> Chart:
    medians = {
        name: [float(np.median([row["r2"] for row in rows if row["pollutant"] == p] or [np.nan])) for p in POLLUTANTS]
        for name, rows in by_model.items()
    }
    return {
        "title_en": "Median R² by pollutant",
        "title_zh": "各污染物R²中位数",
        "kind": "bar",
        "y_en": "R²",
        "y_zh": "R²",
        "series": [{"name": name, "x": list(POLLUTANTS), "y": values} for name, values in medians.items()],
    }


def _alert_chart(alerts: list[dict[str, Any]]) -> Chart:
    labels = [f"{row['alert']} {row['pollutant']}" for row in alerts]
    return {
        "title_en": "Red alerts against the days before and after",
        "title_zh": "红色预警期与前后日对比",
        "kind": "bar",
        "y_en": "change",
        "y_zh": "变化",
        "is_wide": True,
        "note_en": alerts[0]["note"],
        "note_zh": "变化不等于预警效果：随机森林只知地面气象，不知边界层高度与传输。",
        "series": [
            {"name": words, "x": labels, "y": [row[f"{kind}_change_share"] for row in alerts]}
            for kind, words in CHANGES
        ],
    }


def _series_chart(hourly: dict[str, Any]) -> Chart:
    return {
        "title_en": f"{SHOWN}, mean over the stations, around the alerts",
        "title_zh": f"预警前后{SHOWN}（站点平均）",
        "kind": "line",
        "y_en": "µg/m³",
        "y_zh": "微克/立方米",
        "is_wide": True,
        "series": [
            {"name": name, "x": hourly["hours"], "y": hourly[name]} for name in ("measured", "normalised", "expected")
        ],
    }
