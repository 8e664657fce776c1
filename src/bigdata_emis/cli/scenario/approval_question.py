"""The question before an approval that leaves hours of a longer order without any order.

Belongs here: who is asked, and what no answer means. Does not: what an approval supersedes (publish/scenarios).
"""

import sys
from typing import TYPE_CHECKING

import typer

from bigdata_emis.cli.tables import in_local_time
from bigdata_emis.errors import InputError

if TYPE_CHECKING:
    from bigdata_emis.region import Region


def ask_about_uncovered_hours(region: "Region", scenario_id: str, *, is_answered: bool) -> None:
    """Ask a person at a terminal whether hours may be left without an order; others learn it from the answer.

    is_answered: the person said yes in advance, rejects, or the answer is for a program.

    Raises InputError when the answer is no: then nothing is approved.
    """
    from bigdata_emis.publish.scenarios.scenario_rows import plan_supersessions

    if is_answered or not sys.stdin.isatty():
        return
    ended = [one for one in plan_supersessions(region, scenario_id) if one["uncovered_from_utc"]]
    for one in in_local_time(ended, region.time_zone):
        hours = f"{one['uncovered_from_utc']} to {one['uncovered_to_utc']}"
        typer.echo(
            f"{one['scenario']} ({one['level']}) ends at {one['until_utc']}; then no order is in force from {hours}\n"
            f"{one['scenario']}（{one['level']}）将于 {one['until_utc']} 终止；其后 {hours} 无生效指令",
            err=True,
        )
    if ended and not typer.confirm("approve all the same 仍然批准?", default=False, err=True):
        remedy = f"recalculate for the hours of {ended[0]['scenario']}, whole, or answer y"
        raise InputError(f"scenario '{scenario_id}' is not approved: hours would be left without an order", remedy)
