"""What every format is given, and what it returns: one day, one grid, one mechanism, and the folder to fill.

Belongs here: the request and the texts that describe it. Does not: any file (formats), the command (export_day).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bigdata_emis import __version__
from bigdata_emis.publish.export.export_grid import ExportGrid, read_grid
from bigdata_emis.publish.export.export_hours import REPEATED_HOUR, ExportHours
from bigdata_emis.publish.export.export_masses import CellMasses, read_cells, read_kinds
from bigdata_emis.publish.export.speciation import Kind, Profiles, SectorMix, mix_of_sectors
from bigdata_emis.publish.export.user_grid import UserGrid, allocate_to_grid, outside_masses

SECONDS_PER_HOUR = 3600.0
DEFAULT_CELL_DEG = 0.1


@dataclass(frozen=True)
class ExportRequest:
    """One export: its hours and its profiles, and what is read of them once.

    cell_deg: the cells of a format that needs a grid of longitude and latitude; user_grid: the user's own grid, in
    place of that with which the day was published.
    """

    hours: ExportHours
    profiles: Profiles
    cell_deg: float = DEFAULT_CELL_DEG
    user_grid: UserGrid | None = None

    @cached_property
    def grid(self) -> ExportGrid:
        """The grid of the user, else that with which the day was published."""
        if self.user_grid is not None:
            return self.user_grid.export_grid(self.hours.region)
        return read_grid(self.hours.days[0])

    @cached_property
    def cells(self) -> CellMasses:
        """The published cells, or the published sources in the cells of the user's grid."""
        if self.user_grid is not None:
            return allocate_to_grid(self.hours, self.user_grid)
        return read_cells(self.hours, self.grid.rows, self.grid.columns)

    @cached_property
    def kinds(self) -> dict[Kind, float]:
        """The published mass by kind of source."""
        return read_kinds(self.hours)

    @cached_property
    def mix(self) -> SectorMix:
        """The mix of species of each sector."""
        return mix_of_sectors(self.profiles, self.kinds)

    @property
    def start_utc(self) -> datetime:
        """The start of the first hour."""
        return self.hours.window.from_utc

    def attributes(self) -> Mapping[str, str]:
        """Where the numbers come from, as attributes of a file."""
        hours, region = self.hours, self.hours.region
        absent = count_absent_hours(self.cells)
        partial = hours.partial_reasons + ([f"hours without data: {absent}"] if absent else [])
        return {
            "emis_region": region.region_id,
            "emis_title": region.name_en,
            "emis_simulated": region.notices.get("en", "no"),
            "emis_hours_utc": f"{hours.window.from_utc:%Y-%m-%dT%H:00Z} to {hours.window.to_utc:%Y-%m-%dT%H:00Z}",
            "emis_last_step": _describe_last_step(hours.last_step),
            "emis_partial": "; ".join(partial) or "no",
            "emis_unverified_share": "; ".join(hours.unverified) or "none",
            "emis_versions": ", ".join(
                f"{day.day} {table} {version}" for day in hours.days for table, version in sorted(day.versions.items())
            ),
            "emis_known_utc": hours.known_utc.isoformat(),
            "emis_mechanism": self.profiles.mechanism.value,
            "emis_code_version": __version__,
            **self._describe_user_grid(),
        }

    def _describe_user_grid(self) -> dict[str, str]:
        """What a file on the user's own grid says about it."""
        if self.user_grid is None:
            return {}
        beyond = ", ".join(f"{row.pollutant} {row.outside_share:.6f}" for row in outside_masses(self.cells))
        return {"emis_grid": f"{self.user_grid.name}, of the user", "emis_outside_share": beyond}


def count_absent_hours(cells: CellMasses) -> int:
    """The number of hours without any row."""
    present: set[int] = set()
    for rows in cells.by_pollutant.values():
        present |= set(rows.hour[rows.hour < cells.hours.count].tolist())
    return cells.hours.count - len(present)


def _describe_last_step(last_step: str) -> str:
    if last_step == REPEATED_HOUR:
        return "the hour after the day is not published: the last hour is repeated"
    return f"{last_step} hour after the day"
