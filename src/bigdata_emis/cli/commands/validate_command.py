"""`emis validate`: the models scored on measured data, next to plain baselines.

Belongs here: the command and how years are written. Does not: the tasks (validate), the lines of scores (cli/tables).
"""

from pathlib import Path
from typing import Annotated

import typer

from bigdata_emis.cli.options import JsonOption, answer, progress_bar
from bigdata_emis.cli.tables import score_lines
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.window import FIRST_YEAR, LAST_YEAR


def validate(
    task: Annotated[str, typer.Argument(help="name of the validation task; `emis validate list` prints them")],
    data: Annotated[Path, typer.Option("--data", help="folder laid out like shared/data")] = Path(),
    fit: Annotated[str, typer.Option(help="years to fit, comma separated; default the task's own")] = "",
    score: Annotated[str, typer.Option(help="years to score")] = "",
    mode: Annotated[str, typer.Option(help="nys: frozen or walk-forward; traffic: its task's modes")] = "",
    what: Annotated[str, typer.Option("--task", help="traffic: speed or volume")] = "",
    hidden: Annotated[Path | None, typer.Option(help="traffic: file of sensors or ISO weeks to hide")] = None,
    predictions: Annotated[Path | None, typer.Option(help="traffic: CSV file for the hidden values")] = None,
    truth_late_days: Annotated[
        int | None, typer.Option(help="walk-forward: days until the truth of an hour is known")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", help="write a page with plots to this HTML file")] = None,
    json_: JsonOption = False,
) -> None:
    """Score the models on measured data, next to plain baselines."""
    from bigdata_emis.validate import tasks

    if task == "list":
        return answer({"tasks": tasks.task_lines()}, json_, tasks.task_lines)
    given = {
        "mode": mode or None,
        "truth_late_days": truth_late_days,
        "what": what or None,
        "hidden": hidden,
        "predictions": predictions,
    }
    options = {name: value for name, value in given.items() if value is not None}
    with progress_bar() as step:
        document = tasks.validate(
            task, data, fit=_years(fit), score=_years(score), options=options, page=page, progress=step
        )
    return answer(document, json_, lambda: score_lines(document))


def _years(text: str) -> tuple[int, ...] | None:
    words = [word.strip() for word in text.split(",")] if text else []
    if not all(word.isascii() and word.isdigit() and FIRST_YEAR <= int(word[:5]) <= LAST_YEAR for word in words):
        what = f"'{shorten(text)}' is not a list of years from {FIRST_YEAR} to {LAST_YEAR}"
        raise InputError(what, "write for instance 2017,2018")
    return tuple(map(int, words)) or None
