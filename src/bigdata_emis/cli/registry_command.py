"""`emis registry`: the whole registry copied into another database, or brought to the schema of this release.

Belongs here: the commands and their lines. Does not: copy and migrations (storage).
"""

from typing import Annotated

import typer

from bigdata_emis.cli.options import JsonOption, answer
from bigdata_emis.cli.tables import pair_lines

registry_commands = typer.Typer(help="The registry database as a whole.", no_args_is_help=True)


@registry_commands.callback()
def group() -> None:
    """The registry database as a whole."""


@registry_commands.command()
def copy(
    to: Annotated[str, typer.Option("--to", help="address of an empty database: sqlite:///PATH or postgresql://…")],
    move: Annotated[
        bool, typer.Option("--move", help="the lake belongs to the copy from then on; this registry is refused")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Copy every table of all regions into an empty database, in one transaction."""
    from bigdata_emis.storage.database_connection import shown_address
    from bigdata_emis.storage.registries.registry_copy import copy_registry

    counts = {table: count for table, count in copy_registry(to, moves_lake=move).items() if count}
    document = {"to": shown_address(to), "is_moved": move, "rows": counts}
    lines = {
        "copied to": document["to"],
        "rows": f"{sum(counts.values()):,} in {len(counts)} tables",
        "lake": "belongs to the copy; set EMIS_DATABASE to it" if move else "still belongs to this registry",
    }
    answer(document, json_, lambda: pair_lines(lines))


@registry_commands.command()
def migrate(json_: JsonOption = False) -> None:
    """Bring a registry of an earlier release to the schema of this one, and do nothing else."""
    from bigdata_emis.storage import database
    from bigdata_emis.storage.database_connection import shown_address

    before = database.migrate_older()
    database.require_readable()
    schema = database.newest_revision()
    document = {"registry": shown_address(), "schema": schema, "schema_before": before or schema}
    lines = {"registry": document["registry"], "schema": f"{before} to {schema}" if before else f"{schema}, as it was"}
    answer(document, json_, lambda: pair_lines(lines))
