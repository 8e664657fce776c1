"""The validation tasks: models judged on measured data, next to plain baselines.

Belongs here: which tasks there are, their default years and options. Does not: any task itself.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import ValidationDocument

Progress = Callable[[str, int, int], None]
Judge = Callable[..., ValidationDocument]


@dataclass(frozen=True)
class Task:
    """A validation task: its function, what it judges, default years and options.

    The function is imported only when it is needed.

    The function is called with (data, fit=, score=, progress=, and those of the options that were given).
    """

    load_judge: Callable[[], Judge]
    what: str
    fit: tuple[int, ...] = ()
    score: tuple[int, ...] = ()
    options: tuple[str, ...] = ()


def _load_nys() -> Judge:
    from bigdata_emis.validate.nys.task import validate_nys

    return validate_nys


def _load_avert() -> Judge:
    from bigdata_emis.validate.avert.task import validate_avert

    return validate_avert


def _load_steel() -> Judge:
    from bigdata_emis.validate.steel.task import validate_steel

    return validate_steel


def _load_gas_turbine() -> Judge:
    from bigdata_emis.validate.gas_turbine.task import validate_gas_turbine

    return validate_gas_turbine


def _load_beijing() -> Judge:
    from bigdata_emis.validate.beijing.task import validate_beijing

    return validate_beijing


def _load_traffic() -> Judge:
    from bigdata_emis.validate.traffic.task import validate_traffic

    return validate_traffic


TASKS: dict[str, Task] = {
    "nys": Task(
        _load_nys, "fuel heat of thermal units from their load", (2017, 2018), (2019,), ("mode", "truth_late_days")
    ),
    "avert": Task(_load_avert, "emission factors of power units: plants left out of the fit, year to year"),
    "steel": Task(
        _load_steel,
        "operating state of a steel plant from 15-minute power (fit and score are months)",
        tuple(range(1, 9)),
        tuple(range(9, 13)),
    ),
    "gas-turbine": Task(
        _load_gas_turbine,
        "stack NOx and CO of a turbine from load and weather, walk-forward (research)",
        (2011,),
        (2012, 2013),
    ),
    "beijing": Task(
        _load_beijing,
        "air quality of twelve stations from weather; red alerts; associations",
        (2013, 2014, 2015),
        (2016,),
    ),
    "traffic": Task(
        _load_traffic,
        "traffic without a reading: --task speed (hidden detectors) or volume (hidden weeks)",
        options=("what", "mode", "hidden", "predictions"),
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
) -> ValidationDocument:
    """Scores of one task as a document; with `page`, its page is written too.

    Models are fitted on some years and scored on others.

    Raises InputError when the task is unknown, when it has no such option, when the page cannot be written (before
    anything is computed), or when the data cannot be used.
    """
    if task not in TASKS:
        raise InputError(f"validation task '{task}' is unknown", f"use one of {', '.join(TASKS)}")
    chosen = TASKS[task]
    extra = [name for name in options or {} if name not in chosen.options]
    if extra:
        option = {"what": "task"}.get(extra[0], extra[0].replace("_", "-"))
        raise InputError(f"validation task '{task}' has no option --{option}", "leave it out")
    if page is not None:
        _check_page(page)
    document = chosen.load_judge()(
        data, fit=fit or chosen.fit, score=score or chosen.score, progress=progress, **(options or {})
    )
    if page is not None:
        from bigdata_emis.validate.page import write_page

        write_page(document, page)
    return document


def _check_page(page: Path) -> None:
    folder = page.absolute().parent
    if page.is_dir():
        what = "is a folder"
    elif not folder.is_dir():
        what = f"the folder {folder} does not exist"
    elif not os.access(folder, os.W_OK):
        what = f"the folder {folder} cannot be written to"
    else:
        return
    raise InputError(f"--page {page}: {what}", "give --page a file in an existing folder")


def task_lines() -> list[str]:
    """One line for each task: its name and what it judges."""
    return [f"{name:<12} {task.what}" for name, task in TASKS.items()]
