"""The command `emis optimise`: the least-cost set of measures that reaches the targets of a level.

Belongs here: arguments and lines. Does not: the choice (control/optimise).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigdata_emis.cli.options import FromOption, JsonOption, RegionOption, ToOption, answer, parse_region_and_window
from bigdata_emis.cli.tables import format_number, in_local_time, table_lines
from bigdata_emis.codes import BaseSource, CostSource
from bigdata_emis.errors import InputError, RefusedError

if TYPE_CHECKING:  # SciPy's solver takes half a second to load
    from bigdata_emis.control.optimise.optimisation_document import OptimisationDocument, PointRow, StepRow, TargetRow

INFEASIBLE = "infeasible"

LevelOption = Annotated[
    str, typer.Option(help="yellow, orange or red: whose targets, and whose measures as candidates")
]
TargetsOption = Annotated[Path | None, typer.Option(help="CSV pollutant_code,target_share; default of the level")]
CostsOption = Annotated[
    Path | None, typer.Option(help="CSV with cost_cny_per_d of a full stop, by line, measure, industry or sector")
]
FairDistrictsOption = Annotated[
    float | None,
    typer.Option(help="a district's share of the cut may exceed its share of the base by this share at most"),
]
FairByCostOption = Annotated[
    bool, typer.Option("--fair-by-cost", help="bound the share of the cost instead of the cut")
]
RequireOption = Annotated[Path | None, typer.Option(help="CSV source_id,cut_share: sources that must be cut")]
ForbidOption = Annotated[Path | None, typer.Option(help="CSV source_id,cut_share: sources that must not be cut")]
MeasuresOption = Annotated[Path | None, typer.Option(help="CSV with the city's own measures, as for recalc")]
OutOption = Annotated[Path | None, typer.Option(help="write the set as a list for `emis recalc --measures`")]


def optimise(
    region: RegionOption,
    level: LevelOption,
    from_: FromOption,
    to: ToOption,
    targets: TargetsOption = None,
    costs: CostsOption = None,
    fair_districts: FairDistrictsOption = None,
    fair_by_cost: FairByCostOption = False,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    measures: MeasuresOption = None,
    out: OutOption = None,
    json_: JsonOption = False,
) -> None:
    """The cheapest set of measures that reaches the targets, what binds it, what comes next, and the cost-cut curve.

    Exit status 3 when no set reaches the targets; then the answer says what is missing, and no file is written.
    """
    from bigdata_emis.control.optimise.optimisation_document import describe_missing
    from bigdata_emis.control.optimise.optimise_region import OptimisationFiles, optimise_region
    from bigdata_emis.control.optimise.search.problem import FairnessBound

    if fair_by_cost and fair_districts is None:
        raise InputError("--fair-by-cost is given without --fair-districts", "give --fair-districts SHARE as well")
    loaded, window = parse_region_and_window(region, from_, to)
    document = optimise_region(
        region=loaded,
        level=level,
        window=window,
        files=OptimisationFiles(measures, targets, costs, require, forbid, out),
        fairness=None if fair_districts is None else FairnessBound(fair_districts, is_of_cost=fair_by_cost),
    )
    answer(document, json_, lambda: optimise_lines(in_local_time(document, loaded.time_zone)), region=region)
    if document["status"] == INFEASIBLE:
        remedy = "lower the targets, allow more steps, or widen the bound between districts"
        raise RefusedError(f"no set of measures reaches the targets: {describe_missing(document)}", remedy)


def optimise_lines(document: "OptimisationDocument") -> list[str]:
    """The set as a table, the targets, and what is around the set."""
    lines = table_lines(
        ["pollutant", ">base kg", ">target", ">cut kg", ">share", "met", ">reachable"],
        [_target_row(row) for row in document["targets"]],
    )
    title = f"{document['region']}  {document['level']}  {document['from_utc']} to {document['to_utc']}"
    if document["status"] == INFEASIBLE:
        return [f"{title}  INFEASIBLE", *lines, *_notice_lines(document)]
    unit = document["cost_unit"]
    found = f"cost {document['cost']:,.2f} {unit} (at most {document['gap_share']:.2%} above the least)"
    chosen = [_step_row(step) for step in document["steps"]]
    return [
        f"{title}  {found}  in {document['seconds']:.2f} s",
        *lines,
        *table_lines(["order", ">step", f">cost {unit}"], chosen),
        *(
            f"binding: {row['constraint']} {row['name']}"
            for row in document["binding"]
            if row["constraint"] != "source"
        ),
        *(_point_line(row, unit) for row in document["one_more_point"]),
        *table_lines(
            ["of the targets", f">cost {unit}"],
            [[f"{row['target_scale']:.0%}", format_number(row["cost"], ",.2f")] for row in document["curve"]],
        ),
        *_notice_lines(document),
    ]


def _target_row(row: "TargetRow") -> list[str]:
    return [
        row["pollutant"],
        f"{row['base_kg']:,.0f}",
        format_number(row["target_share"], ".1%"),
        format_number(row["cut_kg"], ",.0f"),
        format_number(row["cut_share"], ".1%"),
        {None: "-", True: "yes", False: "NO"}[row["met"]],
        format_number(row["largest_share"], ".1%"),
    ]


def _step_row(step: "StepRow") -> list[str]:
    return [step["measure"] or step["source"], f"{step['step_share']:.0%}", f"{step['cost']:,.2f}"]


def _point_line(row: "PointRow", unit: str) -> str:
    if row["additional_cost"] is None:
        return f"one more point of {row['pollutant']}: cannot be reached"
    return f"one more point of {row['pollutant']}: {row['additional_cost']:,.2f} {unit}"


def _notice_lines(document: "OptimisationDocument") -> list[str]:
    lines = [f"{day} has no published inventory and is left out" for day in document["days_without_inventory"]]
    if document["base_source"] != BaseSource.INVENTORY:
        from bigdata_emis import schema  # imported late: its libraries take a quarter of a second to load

        lines.append(f"BASE: {schema.codes()['base_source'][document['base_source']].title_en}")
    if document["cost_source_code"] == CostSource.EMISSION_PROXY:
        lines.append("COST IS AN INDEX: no cost was given; it is proportional to emission and grade, and says no money")
    if document["sources_without_cost"]:
        count = len(document["sources_without_cost"])
        lines.append(f"{count} sources have no row in the cost table and are no candidates")
    if document["out"]:
        lines.append(f"wrote {document['out']}: {document['measure_rows']} measures")
    return lines
