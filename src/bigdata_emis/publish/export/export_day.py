"""An export: the files of one format for one published day, written whole or not at all, with their closing.

Belongs here: checks of the request, the temporary folder and its one rename. Does not: content of files (formats).
"""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError, PartialError, shorten
from bigdata_emis.publish.export.export_hours import LOCAL, hours_of_day
from bigdata_emis.publish.export.export_request import DEFAULT_CELL_DEG, ExportRequest
from bigdata_emis.publish.export.formats.cmaq_inline import write_cmaq_inline
from bigdata_emis.publish.export.formats.hemco import write_hemco
from bigdata_emis.publish.export.formats.ioapi_gridded import write_ioapi_gridded
from bigdata_emis.publish.export.formats.smoke_ff10 import write_ff10
from bigdata_emis.publish.export.formats.wrfchem import write_wrfchem
from bigdata_emis.publish.export.mass_closing import Closing, refuse_open
from bigdata_emis.publish.export.speciation import load_profiles, profile_log
from bigdata_emis.publish.export.user_grid import outside_masses, read_user_grid
from bigdata_emis.region import Region
from bigdata_emis.storage.checksums import sha256_digest
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.temporary_files import temporary_folder

CLOSING_FILE, LOG_FILE = "closing.json", "profile_log.csv"
FORMATS: dict[str, Callable[[ExportRequest, Path], Closing]] = {
    "ioapi": write_ioapi_gridded,
    "hemco": write_hemco,
    "wrfchem": write_wrfchem,
    "ff10": write_ff10,
    "cmaq-inline": write_cmaq_inline,
}
"""What writes the files of a format into a folder."""
FILE_MODE = 0o640


def export_day(
    region: Region,
    day: date,
    *,
    format_name: str,
    out: Path,
    mechanism: str = "cb6",
    hours: str = LOCAL,
    cell_deg: float = DEFAULT_CELL_DEG,
    grid_file: Path | None = None,
    allow_outside_share: float | None = None,
) -> dict[str, Any]:
    """Write the files of a published day into `out`/<region>_<date>_<format>; returns what was written.

    The same published versions give the same bytes. On the grid of grid_file, the mass beyond it may be at most
    allow_outside_share of any pollutant.
    Raises InputError when the format or mechanism is unknown, the grid is unusable, or the day is not published;
    RefusedError when mass does not close, or a published file is not what was recorded. Nothing is written then.
    """
    if format_name not in FORMATS:
        raise InputError(f"--format {shorten(format_name)}: expected one of {', '.join(FORMATS)}", "correct --format")
    profiles = load_profiles(mechanism, region.folder)
    user_grid = read_user_grid(grid_file, allow_outside_share)
    request = ExportRequest(hours_of_day(region, open_lake(region), day, hours), profiles, cell_deg, user_grid)
    if user_grid is not None:
        user_grid.require_inside(request.cells)
    named = f"{format_name}_{user_grid.name}" if user_grid else format_name
    target = out / f"{region.region_id}_{day}_{named}"
    with _made_folder(out), temporary_folder(base=str(out)) as temporary:
        folder = temporary / "files"
        folder.mkdir(mode=0o750)
        closing = FORMATS[format_name](request, folder)
        refuse_open(closing)
        document = _document(request, closing, format_name, folder)
        _replace_folder(folder, target, temporary / "replaced")
    return {**document, "folder": str(target)}


def raise_partial(document: Mapping[str, Any]) -> None:
    """Raise PartialError when the exported hours are partial."""
    if document["partial_reasons"]:
        reasons = "; ".join(document["partial_reasons"])
        raise PartialError(
            f"{document['date']} is exported as partial: {reasons}", "run the day again when all is there"
        )


def _document(request: ExportRequest, closing: Closing, format_name: str, folder: Path) -> dict[str, Any]:
    """Write the closing and the log of profiles beside the files; returns both with the list of all files."""
    log = profile_log(request.profiles, request.kinds)
    _write(folder / LOG_FILE, _csv_text(log))
    attributes = dict(request.attributes())
    document = {
        "region": request.hours.region.region_id,
        "date": str(request.hours.day),
        "format": format_name,
        "mechanism": request.profiles.mechanism.value,
        "from_utc": request.hours.window.from_utc.isoformat(),
        "to_utc": request.hours.window.to_utc.isoformat(),
        "known_utc": request.hours.known_utc.isoformat(),
        "partial_reasons": [] if attributes["emis_partial"] == "no" else attributes["emis_partial"].split("; "),
        "last_step": request.hours.last_step,
        "attributes": attributes,
        "closing": closing.document(),
        "grid": {
            "name": request.grid.name,
            "is_of_user": request.user_grid is not None,
            "columns": request.grid.columns,
            "rows": request.grid.rows,
            "outside": [asdict(row) for row in outside_masses(request.cells)],
        },
        "profiles": _profile_shares(log),
        "files": [
            {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": sha256_digest(path)}
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ],
    }
    _write(folder / CLOSING_FILE, json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return document


def _profile_shares(log: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """For each pollutant the share of mass by how its profile was chosen."""
    shares: dict[str, dict[str, float]] = {}
    totals: dict[str, float] = {}
    for row in log:
        code, basis = row["pollutant_code"], row["profile_basis_code"]
        totals[code] = totals.get(code, 0.0) + row["emission_kg"]
        shares.setdefault(code, {})[basis] = shares.get(code, {}).get(basis, 0.0) + row["emission_kg"]
    return {
        code: {basis: round(mass / totals[code], 6) for basis, mass in by_basis.items()}
        for code, by_basis in shares.items()
        if totals[code] > 0
    }


def _csv_text(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


@contextmanager
def _made_folder(out: Path) -> Iterator[None]:
    """The folder of exports; folders that were made for an export that fails are removed again."""
    made = [path for path in (out, *out.parents) if not path.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"--out {shorten(out)}: {problem.strerror or problem}", "give a folder that can be written"
        ) from None
    try:
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise


def _replace_folder(folder: Path, target: Path, replaced: Path) -> None:
    """Put a finished folder at its place; an older export of the same name is moved away first and then deleted."""
    for path in folder.rglob("*"):
        path.chmod(FILE_MODE if path.is_file() else 0o750)
    try:
        if target.exists():
            target.rename(replaced)
        folder.rename(target)
    except OSError as problem:
        if replaced.exists() and not target.exists():
            replaced.rename(target)
        raise InputError(
            f"{shorten(target)}: {problem.strerror or problem}", "remove it, or give another --out"
        ) from None
    shutil.rmtree(replaced, ignore_errors=True)
