"""`emis models`: which model estimates which source, how well it fits, and the result of the daily watch.

Belongs here: the command and its lines. Does not: the document (report/model_cards.py).
"""

from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import format_number, plain_text, table_lines, untitled_lines

BASELINES = ("affine", "proportional", "static_profile")
TITLES = ["source", "form", ">hours", ">R2", ">base R2", ">NMAE", ">cover 90", "since", "watch", "challenger"]


def models(
    region: RegionOption,
    source: Annotated[str, typer.Option("--source", help="one production line, or industry:CODE; default all")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="what was known at this time; default now")] = "",
    json_: JsonOption = False,
) -> None:
    """The models in use: form, scores, baseline, coverage, start and watch status; with --source also its history."""
    from bigdata_emis.region import load_region
    from bigdata_emis.report.model_cards import models_document
    from bigdata_emis.storage import database
    from bigdata_emis.storage.lake import open_lake
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    database.require_readable()
    known_utc = parse_instant(as_of, loaded.time_zone) if as_of else now()
    document = models_document(loaded, open_lake(loaded), known_utc=known_utc, source_id=source)
    answer(document, json_, lambda: model_lines(document), region=region)


def model_lines(document: dict[str, Any]) -> list[str]:
    """The models as a table, then the lines without a model, the history of a source, and a summary."""
    from bigdata_emis.activity_model.stored.parameters import (
        TRAIN_AGAIN,
    )  # loads pandas and SciPy, which costs a second

    unreadable = [model for model in document["models"] if model["unreadable"]]
    summary = document["summary"]
    watch = ", ".join(f"{count} {status}" for status, count in summary["watch"].items()) or "none yet"
    return [
        *table_lines(TITLES, [_model_row(model) for model in document["models"]]),
        *(f"{failure['source']}  no model: {failure['why']}" for failure in document["failed"]),
        *untitled_lines(_history_row(row) for row in document.get("history", [])),
        *(f"{model['source']}  {model['model']}: {model['unreadable']}; {TRAIN_AGAIN}" for model in unreadable),
        f"{summary['champions']} models, {summary['challengers']} challengers, "
        f"{summary['failed']} lines without; watch: {watch}",
    ]


def _model_row(model: dict[str, Any]) -> list[str]:
    baseline = next((model["baselines"][name].get("r2") for name in BASELINES if name in model["baselines"]), None)
    watch = "unreadable" if model["unreadable"] else (model["watch"] or {}).get("status", "-")
    return [
        model["source"],
        model["form"],
        str(model["n"] or 0),
        format_number(model["r2"], ".3f"),
        format_number(baseline, ".3f"),
        format_number(model["nmae"], ".1%"),
        format_number(model["coverage_90"], ".1%"),
        model["since"].date().isoformat() if model["since"] else "-",
        watch,
        model["challenger"]["form"] if model["challenger"] else "-",
    ]


def _history_row(row: dict[str, Any]) -> list[str]:
    contest = row["contest"]
    result = f"{contest['outcome']} on {contest['challenger_days']} of {contest['days']} days" if contest else ""
    return [plain_text(row["known_utc"]), row["form_code"] or "-", row["status_code"], result]
