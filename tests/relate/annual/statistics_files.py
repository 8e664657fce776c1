"""Folders with tables of annual statistics, for tests whose numbers can be computed on paper."""

from pathlib import Path

HEADERS = {
    "energy": "period,sector,fuel,energy_tj",
    "emission": "period,sector,fuel,pollutant,emission_t",
    "activity": "period,sector,activity",
    "air": "period,target,value",
}


def write_statistics(folder: Path, **rows: list[str]) -> Path:
    """A folder with the given tables."""
    for name, lines in rows.items():
        (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *lines]) + "\n", "utf-8")
    return folder
