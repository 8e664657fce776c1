"""`emis restate`: a month made again when its audited totals have arrived.

Belongs here: the command. Does not: the work (restate.py).
"""

from typing import Annotated

import typer

from bigdata_emis.cli_shell import JsonOption, RegionOption, answer, now, progress_bar


def restate(
    region: RegionOption,
    month: Annotated[str, typer.Option("--month", "-m", help="local month, for instance 2015-11")],
    json_: JsonOption = False,
) -> None:
    """Anchor the days of a month to its audited totals (registry/audited_emission_monthly) and publish them as new versions."""
    from bigdata_emis.region import load_region
    from bigdata_emis.restate import restate as make_again
    from bigdata_emis.restate import restated_lines

    with progress_bar() as step:
        document = make_again(load_region(region), month, known_utc=now(), progress=step)
    answer(document, json_, lambda: restated_lines(document))
