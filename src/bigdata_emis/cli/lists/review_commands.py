"""The commands `emis list review`: the queue of an emergency list, and the decision about an item of it.

Belongs here: arguments and lines. Does not: what they do (control.emergency_list.list_review).
"""

from typing import Annotated

import typer

from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.options import JsonOption, answer, now
from bigdata_emis.cli.tables import pair_lines, untitled_lines
from bigdata_emis.errors import InputError

review_commands = typer.Typer(help="The review queue of the emergency list: shown, and decided item by item.")

ReviewRegion = Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")]
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
    document = review_queue(load_region(region).region_id, version)
    queue = document["queue"]
    shown = [(entry["item"], entry["enterprise_name"], entry["text"], entry["reason"]) for entry in queue]
    head = f"version {document['version']}: {len(queue)} of {document['items']} items need a person"
    answer(document, json_, lambda: [head, *untitled_lines(shown)], region=region)


@review_commands.command()
@recorded("emergency list decision")
def settle(
    item: Annotated[str, typer.Argument(help="item of the queue, as it prints it")],
    region: ReviewRegion,
    kind: Annotated[str, typer.Option("--kind", help="kind of measure, for instance load_cut or none")],
    share: Annotated[str, typer.Option("--share", help="share that is cut, 0 to 1")],
    by: Annotated[str, typer.Option("--by", help="name of the person who decides")],
    reason: Annotated[str, typer.Option("--reason", help="why, for the audit trail")],
    affected: Annotated[str, typer.Option("--affected", help="share of the emission that is affected")] = "1",
    guarantee: Annotated[str, typer.Option("--guarantee", help="guarantee class that overrides the grade")] = "",
    version: ReviewVersion = "",
    json_: JsonOption = False,
) -> None:
    """Give an item its kind and share; who decided and why is kept in the audit trail."""
    from bigdata_emis.control.emergency_list.list_review import ItemDecision, decide_item, parse_share
    from bigdata_emis.publish.scenario_decision import check_person
    from bigdata_emis.region import load_region

    region_id = load_region(region).region_id
    decision = ItemDecision(
        kind=kind,
        share=parse_share(share, "--share"),
        affected_share=parse_share(affected, "--affected"),
        guarantee=guarantee,
        actor=check_person(by),
        reason=reason,
    )
    document = decide_item(region_id, item, decision, known_utc=now(), version_id=version)
    answer(document, json_, lambda: pair_lines(document), region=region)
