"""Models judged on data that were measured, beside the plain baselines.

Belongs here: which tasks there are. Does not: any of them.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError

TASKS = {"nys": "bigdata_emis.validate.nys:validate_nys"}

Progress = Callable[[str, int, int], None]


def validate(task: str, data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Progress | None = None) -> dict[str, Any]:
    """The document of one task: models fitted on some years and judged on others.

    Raises InputError when there is no such task, or when its data cannot be used.
    """
    if task not in TASKS:
        raise InputError(f"validation task '{task}' is unknown", f"use one of {', '.join(TASKS)}")
    module, name = TASKS[task].split(":")
    judge: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
    return judge(data, fit=fit, score=score, progress=progress)
