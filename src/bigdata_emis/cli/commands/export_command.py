"""`emis export`: the files of a published day for an air-quality model, and its lines.

Belongs here: the command and its lines. Does not: the work (publish.export).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer
from bigdata_emis.cli.tables import table_lines

FormatOption = Annotated[str, typer.Option("--format", help="ioapi, hemco, wrfchem, ff10 or cmaq-inline")]


@listed
def export(
    region: RegionOption,
    date: Annotated[str, typer.Option("--date", "-d", help="day that is published")],
    format_: FormatOption,
    out: Annotated[Path, typer.Option("--out", help="folder; the files lie in <region>_<date>_<format> below it")],
    mechanism: Annotated[str, typer.Option(help="chemical mechanism: cb6 or saprc07")] = "cb6",
    hours: Annotated[str, typer.Option(help="local: the local day; utc: the day in UTC, of two local days")] = "local",
    cell_deg: Annotated[float, typer.Option(help="hemco: cells of the longitude-latitude grid, in degrees")] = 0.1,
    grid: Annotated[
        Path | None, typer.Option("--grid", help="TOML file of a grid of your own: name, and [grid] as in region.toml")
    ] = None,
    allow_outside: Annotated[
        float | None, typer.Option("--allow-outside", help="--grid: largest share of a pollutant beyond it; else 0.01")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Write a published day as files for an air-quality model, with the closing of mass; exit status 4 when partial."""
    from bigdata_emis.publish.export.export_day import export_day, raise_partial
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day

    document = export_day(
        load_region(region),
        parse_day(date),
        format_name=format_,
        out=out,
        mechanism=mechanism,
        hours=hours,
        cell_deg=cell_deg,
        grid_file=grid,
        allow_outside_share=allow_outside,
    )
    answer(document, json_, lambda: export_lines(document), region=region)
    raise_partial(document)


def export_lines(document: Mapping[str, Any]) -> list[str]:
    """The closing as a table, how profiles were chosen, and where the files lie."""
    masses = [
        [
            row["pollutant"],
            *(f"{row[name] / 1000:,.3f}" for name in ("published_kg", "file_kg", "outside_kg", "clipped_kg")),
            f"{row['difference_share']:.0e}",
        ]
        for row in document["closing"]["pollutants"]
    ]
    titles = ["pollutant", ">published t", ">in the files t", ">beyond the grid t", ">cut off t", ">difference"]
    chosen = [
        f"{code}: " + ", ".join(f"{basis} {share:.1%}" for basis, share in sorted(shares.items()))
        for code, shares in document["profiles"].items()
    ]
    grid = document["grid"]
    outside = [
        f"beyond grid {grid['name']}: {row['pollutant']} {row['outside_kg']:,.1f} kg ({row['outside_share']:.2%})"
        for row in grid["outside"]
        if row["outside_kg"] > 0
    ]
    files = [f"{file['name']}  {file['bytes']:,} B" for file in document["files"]]
    return [*table_lines(titles, masses), *outside, *chosen, *files, f"folder: {document['folder']}"]
