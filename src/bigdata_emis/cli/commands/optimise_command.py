"""The command `emis optimise`: the least-cost set of measures that reaches the targets of a level.

Belongs here: arguments and lines. Does not: the choice (control/optimise).
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigdata_emis.cli.options import FromOption, JsonOption, RegionOption, ToOption, answer, parse_region_and_window
from bigdata_emis.cli.tables import format_number, in_local_time, table_lines
from bigdata_emis.codes import BaseSource, CostSource
from bigdata_emis.errors import InputError, RefusedError

if TYPE_CHECKING:  # SciPy's solver takes half a second to load
    from bigdata_emis.control.optimise.optimisation_document import OptimisationDocument, PointRow, StepRow, TargetRow
    from bigdata_emis.region import Region

INFEASIBLE = "infeasible"
UNKNOWN = "not known 无法判定"
COST_DIGITS = 3
COST_INDEX = (
    "COST IS AN INDEX: no cost was given; it is proportional to emission and grade, and says no money. 1000 is a cut "
    "of the whole base of every pollutant with a target at weight 1 (grade D)",
    "成本为无量纲指数，并非金额：未提供成本表，按排放量与绩效等级折算；1000 相当于所有目标污染物按权重1（D级）全部削减",
)
TARGET_TITLES = (
    "pollutant 污染物",
    ">base kg 基准",
    ">target 目标",
    ">cut kg 减排",
    ">share 比例",
    "met 达标",
    ">reachable 最大可达",
)
REACHABLE = (
    "reachable: every candidate at the largest step of its grade or of the list; emis scenario gap says also what is "
    "possible down to the least load, whatever the grade",
    "最大可达：各候选源按其绩效等级或清单的最大力度；不论等级降至最低负荷时的比例见 emis scenario gap",
)

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
    local = in_local_time(document, loaded.time_zone)
    answer(document, json_, lambda: optimise_lines(local, _step_names(loaded, measures)), region=region)
    if document["status"] == INFEASIBLE:
        remedy = "lower the targets (--targets), allow more measures (--measures), or widen --fair-districts"
        raise RefusedError(f"no set of measures reaches the targets: {describe_missing(document)}", remedy)


def _step_names(region: "Region", measures: Path | None) -> dict[str, str]:
    """The Chinese names of sources and of vehicle bans, by their identifiers."""
    from bigdata_emis.control.scenario.measures import load_measures
    from bigdata_emis.report.names.measure_names import measure_names
    from bigdata_emis.report.names.source_names import source_names

    sources = source_names(region)
    bans = [vars(one) for one in load_measures(region, measures) if one.is_for_vehicles_only]
    named = {**sources, **measure_names(bans, sources)}
    return {identifier: name["zh"] for identifier, name in named.items() if name["zh"] != identifier}


def optimise_lines(document: "OptimisationDocument", names: Mapping[str, str]) -> list[str]:
    """The set as a table, the targets, and what is around the set; names: of sources and vehicle bans."""
    rows = [_target_row(row, is_known=row["pollutant"] not in document["unjudged"]) for row in document["targets"]]
    lines = [*table_lines(TARGET_TITLES, rows), *REACHABLE]
    title = f"{document['region']}  {document['level']}  {document['from_utc']} to {document['to_utc']}"
    if document["status"] == INFEASIBLE:
        return [f"{title}  INFEASIBLE 无可行方案", *lines, *_notice_lines(document)]
    unit = document["cost_unit"]
    found = f"cost {_cost(document['cost'])} {unit} (at most {document['gap_share']:.2%} above the least)"
    chosen = [_step_row(step, names) for step in document["steps"]]
    return [
        f"{title}  {found}  in {document['seconds']:.2f} s",
        *lines,
        *table_lines(["order 措施", "name 名称", ">step 力度", f">cost 成本 {unit}"], chosen),
        *(
            f"binding: {row['constraint']} {row['name']}"
            for row in document["binding"]
            if row["constraint"] != "source"
        ),
        *(_point_line(row, unit) for row in document["one_more_point"]),
        *table_lines(
            [">of the targets 目标的比例", f">cost 成本 {unit}"],
            [[f"{row['target_scale']:.0%}", _cost(row["cost"])] for row in document["curve"]],
        ),
        *_notice_lines(document),
    ]


def _target_row(row: "TargetRow", *, is_known: bool) -> list[str]:
    return [
        row["pollutant"],
        f"{row['base_kg']:,.0f}",
        format_number(row["target_share"], ".1%"),
        format_number(row["cut_kg"], ",.0f"),
        format_number(row["cut_share"], ".1%"),
        {None: "-", True: "yes", False: "NO"}[row["met"]] if is_known else UNKNOWN,
        format_number(row["largest_share"], ".1%"),
    ]


def _step_row(step: "StepRow", names: Mapping[str, str]) -> list[str]:
    ordered = step["measure"] or step["source"]
    name = "+".join(names.get(one, one) for one in ordered.split("+")) if step["measure"] else names.get(ordered, "")
    return [ordered, "-" if name == ordered else name or "-", f"{step['step_share']:.0%}", _cost(step["cost"])]


def _cost(value: float | None) -> str:
    """A cost with at least three significant digits, so that a small one is not shown as nothing."""
    if value is None or value == 0:
        return "-" if value is None else "0"
    decimals = max(0, COST_DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def _point_line(row: "PointRow", unit: str) -> str:
    if row["additional_cost"] is None:
        return f"one more point of {row['pollutant']}: cannot be reached"
    return f"one more point of {row['pollutant']}: {_cost(row['additional_cost'])} {unit}"


def _notice_lines(document: "OptimisationDocument") -> list[str]:
    from bigdata_emis.schema.target_words import unknown_target_words  # imported late, as schema below

    lines = [f"{day} has no published inventory and is left out" for day in document["days_without_inventory"]]
    if document["base_source"] != BaseSource.INVENTORY:
        from bigdata_emis import schema  # imported late: its libraries take a quarter of a second to load

        title = schema.codes()["base_source"][document["base_source"]]
        lines.append(f"BASE: {title.title_en} {title.title_zh}")
    if document["projected_days"]:
        lines.append(
            f"PROJECTED 推算: {', '.join(document['projected_days'])}, from recent published days; no interval"
        )
    lines += unknown_target_words(document["unjudged"], document["in_force"])
    if document["cost_source_code"] == CostSource.EMISSION_PROXY:
        lines += COST_INDEX
    if document["sources_without_cost"]:
        count = len(document["sources_without_cost"])
        lines.append(f"{count} sources have no row in the cost table and are no candidates")
    if document["out"]:
        lines.append(f"wrote {document['out']}: {document['measure_rows']} measures")
    return lines
