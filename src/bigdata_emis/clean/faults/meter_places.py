"""Where meters are: the line and role of each, and the total of the power bureau that contains it.

Belongs here: the registry as the comparison of meters needs it. Does not: the comparison (level_estimates).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.clean.readings.hour_grid import HourGrid, to_microseconds
from bigdata_emis.codes import Imputation, Industry, MeterRole


@dataclass(frozen=True)
class MeterPlace:
    """The line that a meter measures, and the total that contains it.

    is_shared: it measures other lines, too. total: the number of its total, −1 where the bureau reports none or does
    not count what the meter measures. group: a name that all meters share which are compared with each other.
    """

    line_id: str = ""
    role_code: str = ""
    is_shared: bool = False
    total: int = -1
    group: str | None = None

    @property
    def generates(self) -> bool:
        """Whether it reads what the site generates itself."""
        return self.role_code == MeterRole.SELF_GENERATION

    @property
    def buys(self) -> bool:
        """Whether it reads what the site buys for production."""
        return self.role_code in (MeterRole.PRODUCTION, MeterRole.WHOLE_SITE)


@dataclass(frozen=True)
class MeterPlaces:
    """By meter its place, and the totals `(totals, hours)` in kWh, NaN where not reported."""

    place_of: Mapping[str, MeterPlace] = field(default_factory=dict)
    total_kwh: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def select(self, meter_ids: list[str]) -> list[MeterPlace]:
        """The places of these meters; one that the registry does not know has none."""
        return [self.place_of.get(meter_id, MeterPlace()) for meter_id in meter_ids]

    def groups(self) -> pa.Table:
        """The group of each meter, empty for one that is compared with no other."""
        ids, groups = list(self.place_of), [place.group for place in self.place_of.values()]
        return pa.table({"meter_id": pa.array(ids, pa.string()), "group": pa.array(groups, pa.string())})


def read_places(
    meter: pa.Table,
    meter_share: pa.Table,
    production_line: pa.Table,
    enterprise: pa.Table,
    district_energy_hourly: pa.Table,
    *,
    grid: HourGrid,
    counts_self_generation: bool = True,
) -> MeterPlaces:
    """The places of all registered meters, and the totals of their districts and industries.

    The bureau counts whole sites, but of power plants the output, so that abatement of these is in no total; what sites
    generate themselves is where it says so. Interpolated hours of totals are left out: they show no step.
    """
    enterprises = enterprise.select(["enterprise_id", "district_id", "county_id", "industry_code"]).to_pylist()
    key_of = {
        row["enterprise_id"]: (row["district_id"] or row["county_id"], row["industry_code"]) for row in enterprises
    }
    names = ("production_line_id", "enterprise_id")
    owner = dict(zip(*(production_line[name].to_pylist() for name in names), strict=True))
    number, total_kwh = _read_totals(district_energy_hourly, grid)
    shared = set(meter_share["meter_id"].to_pylist())
    places: dict[str, MeterPlace] = {}
    for row in meter.select(["meter_id", "production_line_id", "meter_role_code"]).to_pylist():
        line_id, role = row["production_line_id"] or "", row["meter_role_code"] or ""
        key = key_of.get(owner.get(line_id, ""), ("", ""))
        is_output_only = key[1] == Industry.COAL_POWER and role == MeterRole.ABATEMENT
        is_counted = not is_output_only and (counts_self_generation or role != MeterRole.SELF_GENERATION)
        total = number.get(key, -1) if is_counted else -1
        group = " ".join(key) if key in number else line_id or None
        places[row["meter_id"]] = MeterPlace(line_id, role, row["meter_id"] in shared, total, group)
    return MeterPlaces(places, total_kwh)


def _read_totals(totals: pa.Table, grid: HourGrid) -> tuple[dict[tuple[str, str], int], Floats]:
    """The number of each total by district and industry, and the reported energy by total and hour."""
    keys = list(zip(totals["district_id"].to_pylist(), totals["industry_code"].to_pylist(), strict=True))
    number = {key: place for place, key in enumerate(sorted(set(keys)))}
    energy = np.full((len(number), grid.hour_count), np.nan)
    row = np.array([number[key] for key in keys], dtype=np.int64)
    hour = grid.number_hours(to_microseconds(totals["hour_utc"]))
    is_reported = np.asarray(totals["imputation_code"].to_pylist(), dtype=object) == str(Imputation.NONE)
    given = np.flatnonzero((hour >= 0) & is_reported)
    energy[row[given], hour[given]] = totals["district_energy_kwh"].to_numpy()[given]
    return number, energy
