"""Models judged on data that were measured, beside the plain baselines.

Belongs here: which tasks there are. Does not: any of them.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError

Progress = Callable[[str, int, int], None]
Judge = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Task:
    """A task: what loads its function, the years it takes when none are given, and which options it knows.

    The function is called with (data, fit=, score=, progress=, and of the options those that were given).
    """

    judge: Callable[[], Judge]
    what: str
    fit: tuple[int, ...] = ()
    score: tuple[int, ...] = ()
    options: tuple[str, ...] = ()


def _nys() -> Judge:
    from bigdata_emis.validate.nys.task import validate_nys

    return validate_nys


def _avert() -> Judge:
    from bigdata_emis.validate.avert.task import validate_avert

    return validate_avert


def _steel() -> Judge:
    from bigdata_emis.validate.steel.task import validate_steel

    return validate_steel


def _gas_turbine() -> Judge:
    from bigdata_emis.validate.gas_turbine.task import validate_gas_turbine

    return validate_gas_turbine


def _beijing() -> Judge:
    from bigdata_emis.validate.beijing.task import validate_beijing

    return validate_beijing


TASKS: dict[str, Task] = {
    "nys": Task(_nys, "fuel heat of thermal units from their load", (2017, 2018), (2019,), ("mode", "truth_late_days")),
    "avert": Task(_avert, "emission factors of power units: plants left out, year to year"),
    "steel": Task(
        _steel,
        "operating state of a steel plant from 15-minute power (fit and score are months)",
        tuple(range(1, 9)),
        tuple(range(9, 13)),
    ),
    "gas-turbine": Task(
        _gas_turbine, "stack NOx and CO of a turbine from load and weather, walking forward", (2011,), (2012, 2013)
    ),
    "beijing": Task(
        _beijing, "air quality of twelve stations from weather; red alerts; associations", (2013, 2014, 2015), (2016,)
    ),
}


def validate(
    task: str,
    data: Path,
    *,
    fit: tuple[int, ...] | None = None,
    score: tuple[int, ...] | None = None,
    options: Mapping[str, Any] | None = None,
    page: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The document of one task: models fitted on some years and judged on others; with `page`, its page is written too.

    Raises InputError when there is no such task, when it has no such option, when the page has no folder to lie in (before anything is
    computed), or when its data cannot be used.
    """
    if task not in TASKS:
        raise InputError(f"validation task '{task}' is unknown", f"use one of {', '.join(TASKS)}")
    known = TASKS[task]
    extra = [name for name in options or {} if name not in known.options]
    if extra:
        raise InputError(f"validation task '{task}' has no option --{extra[0].replace('_', '-')}", "leave it out")
    if page is not None:
        _check_page(page)
    document = known.judge()(
        data, fit=fit or known.fit, score=score or known.score, progress=progress, **(options or {})
    )
    if page is not None:
        from bigdata_emis.validate.page import write_page

        write_page(document, page)
    return document


def _check_page(page: Path) -> None:
    folder = page.absolute().parent
    if page.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        what = (
            "is a folder"
            if page.is_dir()
            else f"the folder {folder} {'cannot be written to' if folder.is_dir() else 'does not exist'}"
        )
        raise InputError(f"--page {page}: {what}", "give --page a file in a folder that is there")


def task_lines() -> list[str]:
    """One line for each task: its name and what is judged."""
    return [f"{name:<12} {task.what}" for name, task in TASKS.items()]
