"""`emis restate`: a month made again when its audited totals have arrived.

Belongs here: the command. Does not: the work (restate.py).
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from bigdata_emis.cli_lines import plain


def restate(
    region: Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")],
    month: Annotated[str, typer.Option("--month", "-m", help="local month, for instance 2015-11")],
    json_: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else on stdout")] = False,
) -> None:
    """Anchor the days of a month to its audited totals (registry/audited_emission_monthly) and publish them as new versions."""
    from bigdata_emis.region import load_region
    from bigdata_emis.restate import restate as make_again
    from bigdata_emis.restate import restated_lines

    document = make_again(load_region(region), month, known_utc=datetime.now(UTC), progress=_told)
    if json_:
        typer.echo(json.dumps(document, ensure_ascii=False, default=plain))
        return
    for line in restated_lines(document):
        typer.echo(line)


def _told(what: str, done: int, total: int) -> None:
    typer.echo(f"{what} ({done} of {total})", err=True)
