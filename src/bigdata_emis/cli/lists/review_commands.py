"""The commands `emis list review`: the queue of an emergency list, and the decision about an item of it.

Belongs here: arguments and lines. Does not: what they do (control.emergency_list.list_review).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.options import JsonOption, answer, now
from bigdata_emis.cli.tables import in_local_time, pair_lines, plain_text, untitled_lines
from bigdata_emis.errors import InputError

review_commands = typer.Typer(help="The review queue of the emergency list: shown, and decided item by item.")

ReviewRegion = Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")]
ReviewNote = Annotated[
    str, typer.Option("--note", "--reason", help="why, for the audit trail; --reason is the name of earlier versions")
]
ReviewVersion = Annotated[str, typer.Option("--version", help="version of the list; default the newest")]


@review_commands.callback(invoke_without_command=True)
def review(
    context: typer.Context, region: ReviewRegion = "", version: ReviewVersion = "", json_: JsonOption = False
) -> None:
    """Show what a person has to decide: sheet, row, text and reason of each item."""
    if context.invoked_subcommand is not None:
        return
    from bigdata_emis.control.emergency_list.list_review import review_queue
    from bigdata_emis.region import load_region

    if not region:
        raise InputError("--region is missing", "give the region whose list is reviewed")
    loaded = load_region(region)
    document = review_queue(loaded.region_id, version)
    local = in_local_time(document, loaded.time_zone)
    answer(document, json_, lambda: _review_lines(local), region=region)


@review_commands.command()
@recorded("emergency list decision")
def settle(
    item: Annotated[str, typer.Argument(help="item of the queue, as it prints it")],
    region: ReviewRegion,
    by: Annotated[str, typer.Option("--by", help="name of the person who decides")],
    note: ReviewNote,
    kind: Annotated[str, typer.Option("--kind", help="kind of measure, for instance load_cut or none")] = "",
    share: Annotated[str, typer.Option("--share", help="share that is cut, 0 to 1")] = "",
    line: Annotated[
        list[str] | None, typer.Option("--line", help="line of the registry that the row is about; may be repeated")
    ] = None,
    affected: Annotated[str, typer.Option("--affected", help="share of the emission that is affected")] = "1",
    guarantee: Annotated[str, typer.Option("--guarantee", help="guarantee class that overrides the grade")] = "",
    version: ReviewVersion = "",
    json_: JsonOption = False,
) -> None:
    """Give an item its kind and share, or its row the lines that it is about; the audit trail keeps who and why."""
    from bigdata_emis.control.emergency_list.list_review import ItemDecision, decide_item, parse_share
    from bigdata_emis.publish.scenario_decision import check_person
    from bigdata_emis.region import load_region

    region_id = load_region(region).region_id
    decision = ItemDecision(
        kind=kind,
        share=parse_share(share, "--share") if share else None,
        affected_share=parse_share(affected, "--affected"),
        guarantee=guarantee,
        actor=check_person(by),
        reason=note,
        lines=tuple(line or ()),
    )
    document = decide_item(region_id, item, decision, known_utc=now(), version_id=version)
    answer(document, json_, lambda: pair_lines(document), region=region)


def _review_lines(document: Mapping[str, Any]) -> list[str]:
    queue, decided = document["queue"], document["decided"]
    shown = [(entry["item"], entry["enterprise_name"], entry["text"], both_reasons(entry)) for entry in queue]
    head = f"version {document['version']}: {len(queue)} of {document['items']} items need a person"
    before = [f"decided by a person 已人工判定: {len(decided)}", *untitled_lines(map(decision_cells, decided))]
    return [head, *untitled_lines(shown), *(before if decided else [])]


def both_reasons(entry: Mapping[str, Any]) -> str:
    """Why an item needs a person, in Chinese and in English; once where there is no Chinese sentence."""
    return " ".join(dict.fromkeys((entry["reason_zh"], entry["reason"])))


def decision_cells(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person decided about an item: item, text, kind and shares, lines, who, when and why."""
    shares = [entry["affected_share"], entry["cut_share"]]
    what = f"{entry['kind']} {' x '.join('-' if share is None else f'{share:g}' for share in shares)}"
    who = f"by {entry['decided_by']}, {plain_text(entry['decided_utc'])}"
    return entry["item"], entry["text"], what, ", ".join(entry["lines"]) or "-", who, entry["reason"]
