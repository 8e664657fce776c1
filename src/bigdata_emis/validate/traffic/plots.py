"""Charts of the traffic page: error of each model, and a stretch of estimates with their interval.

Belongs here: which charts there are. Does not: numbers, or how charts are drawn (page).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.validate.document import Chart
from bigdata_emis.validate.traffic.scores import Estimates

SHOWN = 336
"""Values of the stretch: two weeks of hours, or 28 hours of five minutes."""


def traffic_charts(models: Mapping[str, Estimates], truth: Floats, times: Sequence[str], *, unit: str) -> list[Chart]:
    """Distribution of the absolute error by model, and the first hidden stretch of the champion (the first model)."""
    error: Chart = {
        "title_en": "Absolute error of hidden values",
        "title_zh": "隐藏值的绝对误差",
        "kind": "ecdf",
        "x_en": unit,
        "x_zh": unit,
        "series": [
            {"name": name, "x": np.quantile(np.abs(model.value - truth)[np.isfinite(truth)], _shares()).tolist()}
            for name, model in models.items()
            if np.isfinite(truth).any()
        ],
    }
    return [error, _stretch(next(iter(models.values())), truth, times, unit)]


def _shares() -> Floats:
    return np.linspace(0.0, 1.0, 201)


def _stretch(model: Estimates, truth: Floats, times: Sequence[str], unit: str) -> Chart:
    shown = list(times[:SHOWN])
    return {
        "title_en": "First hidden stretch: measured, and estimated with 90 % interval",
        "title_zh": "首段隐藏数据：实测与估计（90%区间）",
        "kind": "line",
        "y_en": unit,
        "y_zh": unit,
        "is_wide": True,
        "series": [
            {
                "name": "estimated",
                "x": shown,
                "y": model.value[:SHOWN].tolist(),
                "low": model.p05[:SHOWN].tolist(),
                "high": model.p95[:SHOWN].tolist(),
            },
            {"name": "measured", "x": shown, "y": [float(v) if np.isfinite(v) else None for v in truth[:SHOWN]]},
        ],
    }
