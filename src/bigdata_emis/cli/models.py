"""`emis models`: which model estimates which source, how well it does, and what the daily watch says of it.

Belongs here: the command and its lines. Does not: the document (report.model_cards).
"""

from typing import Annotated, Any

import typer

from bigdata_emis.activity_model.stored.parameters import REMEDY
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import plain


def models(
    region: RegionOption,
    source: Annotated[str, typer.Option("--source", help="one production line, or industry:CODE; default all")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="what was known at this time; default now")] = "",
    json_: JsonOption = False,
) -> None:
    """The models in use: form, scores beside a baseline, coverage, standing, since when; with --source also what was in use before."""
    from bigdata_emis.region import load_region
    from bigdata_emis.report.model_cards import models_document
    from bigdata_emis.run.stage import lake
    from bigdata_emis.storage import database
    from bigdata_emis.window import parse_instant

    place = load_region(region)
    database.migrate()
    moment = parse_instant(as_of, place.time_zone) if as_of else now()
    document = models_document(place, lake(place), known_utc=moment, source_id=source)
    answer(document, json_, lambda: model_lines(document))


def model_lines(document: dict[str, Any]) -> list[str]:
    """The models as a table, then the lines that have none."""
    rows = [
        f"{'source':<28}{'form':<15}{'hours':>7}{'R2':>8}{'base R2':>9}{'NMAE':>8}{'cover 90':>10}  {'since':<11}{'watch':<14}challenger"
    ]
    rows += [_line(model) for model in document["models"]]
    rows += [f"{row['source']:<28}no model: {row['why']}" for row in document["failed"]]
    for row in document.get("history", []):
        told = row["contest"]
        contest = f"; {told['outcome']} on {told['challenger_days']} of {told['days']} days" if told else ""
        rows.append(f"  {plain(row['known_utc']):<34}{row['form_code'] or '-':<15}{row['status_code']}{contest}")
    rows += [
        f"{model['source']:<28}{model['model']}: {model['unreadable']}; {REMEDY}"
        for model in document["models"]
        if model["unreadable"]
    ]
    summary = document["summary"]
    watch = ", ".join(f"{count} {status}" for status, count in summary["watch"].items()) or "none yet"
    return [
        *rows,
        f"{summary['champions']} models, {summary['challengers']} challengers, {summary['failed']} lines without; watch: {watch}",
    ]


def _line(model: dict[str, Any]) -> str:
    base = next(
        (
            model["baselines"][name].get("r2")
            for name in ("affine", "proportional", "static_profile")
            if name in model["baselines"]
        ),
        None,
    )
    challenger, watch = (
        model["challenger"],
        "unreadable" if model["unreadable"] else (model["watch"] or {}).get("status", "-"),
    )
    since = model["since"].date().isoformat() if model["since"] else "-"
    return (
        f"{model['source']:<28}{model['form']:<15}{model['n'] or 0:>7}{_number(model['r2'], '.3f'):>8}{_number(base, '.3f'):>9}"
        f"{_number(model['nmae'], '.1%'):>8}{_number(model['coverage_90'], '.1%'):>10}  {since:<11}"
        f"{watch:<14}{challenger['form'] if challenger else '-'}"
    )


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
