"""The traffic validation: speed of hidden detectors, hourly volume of hidden weeks.

Belongs here: the choice of what is judged, and the file of predictions. Does not: models, data, scores.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError, shorten
from bigdata_emis.validate.document import TrafficDocument
from bigdata_emis.validate.traffic.hidden import check_writable, write_predictions
from bigdata_emis.validate.traffic.speed import MODES as SPEED_MODES
from bigdata_emis.validate.traffic.speed import judge_speed
from bigdata_emis.validate.traffic.volume import MODES as VOLUME_MODES
from bigdata_emis.validate.traffic.volume import judge_volume

JUDGES: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "speed": (judge_speed, SPEED_MODES),
    "volume": (judge_volume, tuple(VOLUME_MODES)),
}


def validate_traffic(
    data: Path,
    *,
    what: str = "volume",
    mode: str | None = None,
    hidden: Path | None = None,
    predictions: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **_years: Any,
) -> TrafficDocument:
    """Scores over hidden values; with `predictions`, every hidden value is written with its interval.

    Raises InputError when what is judged or its mode is unknown, when `predictions` cannot be written (before
    anything is computed), or when the data or the list of what to hide cannot be used.
    """
    if what not in JUDGES:
        raise InputError(f"--task {shorten(what)} is unknown", f"use one of {', '.join(JUDGES)}")
    judge, modes = JUDGES[what]
    if mode is not None and mode not in modes:
        raise InputError(f"--mode {shorten(mode)} is unknown for {what}", f"use one of {', '.join(modes)}")
    if predictions is not None:
        check_writable(predictions)
    report = progress or (lambda _what, _done, _all: None)
    document: TrafficDocument
    document, rows = judge(data, mode=mode or modes[0], hidden=hidden, report=report)
    if predictions is not None:
        write_predictions(predictions, rows)
    return document
