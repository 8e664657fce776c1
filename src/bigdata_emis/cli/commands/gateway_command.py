"""`emis gateway`: receive telegrams of stations over TCP until SIGTERM.

Belongs here: the command and its lines. Does not: the server (collect/gateway).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer
from bigdata_emis.cli.tables import pair_lines
from bigdata_emis.errors import InputError

LARGEST_PORT = 65535


def gateway(
    region: RegionOption,
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 for stations elsewhere")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=LARGEST_PORT, help="TCP port; 0 for any free one")] = 9212,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="where telegrams are stored; default gateway/ of the region")
    ] = None,
    connections: Annotated[int, typer.Option(min=1, max=100_000, help="most connections at a time")] = 10_000,
    idle_s: Annotated[float, typer.Option(min=1, help="seconds without a byte until a connection is closed")] = 7200,
    json_: JsonOption = False,
) -> None:
    """Receive telegrams of HJ 212 over TCP, each answered once it is on disk; SIGTERM ends it without a loss.

    Telegrams of the hours (2061) of a local day are in <day>-2061.hj212 of the folder, which a feed of format hj212
    reads; those of other commands in files of their own; faulty ones with their reason in refused-<day>.jsonl.
    """
    import asyncio

    from bigdata_emis.collect.gateway.frame_journal import FrameJournal
    from bigdata_emis.collect.gateway.gateway_server import Gateway, GatewayLimits, allow_connections, run_until_signal
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.files import make_folder
    from bigdata_emis.storage.locks import exclusive_lock

    loaded = load_region(region)
    place, zone = folder or loaded.folder / "gateway", ZoneInfo(loaded.time_zone)
    make_folder(place)
    limits = GatewayLimits(connection_count=allow_connections(connections), idle_s=idle_s)
    server = Gateway(FrameJournal(place), lambda: datetime.now(UTC).astimezone(zone), limits)

    def report_start(bound_host: str, bound_port: int) -> None:
        typer.echo(f"gateway of {region} listens on {bound_host}:{bound_port}, stores in {place}", err=True)

    with exclusive_lock(place / ".lock", what=f"another gateway stores in {place}", remedy="end it first"):
        try:
            asyncio.run(run_until_signal(server, host, port, started=report_start))
        except OSError as problem:
            what = f"cannot listen on {host}:{port}: {problem.strerror or problem}"
            raise InputError(what, "use another --host or --port") from None
    document = {"region": region, "folder": str(place), **server.counts.as_document()}
    answer(document, json_, lambda: gateway_lines(document), region=region)


def gateway_lines(document: dict[str, Any]) -> list[str]:
    """What the gateway has received, as a person reads it."""
    refused = ", ".join(f"{count} {reason}" for reason, count in document["refused"].items())
    return pair_lines(
        {
            "connections": f"{document['connections']} ({document['connections_refused']} refused)",
            "telegrams": str(document["accepted"]),
            "refused": refused or "none",
            "not stored": str(document["unstored"]),
            "folder": document["folder"],
        }
    )
