"""Point sources: production lines with their stacks, their hourly masses, and the cells without them.

Belongs here: which mass leaves which stack, and what remains in the cells. Does not: files of points (formats).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_masses import LINE, NOWHERE, CellMasses, CellRows, sums_by_number
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.speciation import Kind

ROUNDING_SHARE = 1e-9
PARAMETERS = ("stack_height_m", "stack_diameter_m", "exit_temperature_degc", "exit_velocity_m_per_s")


class PointStack(NamedTuple):
    """One outlet of a production line; the stacks of a line share its mass evenly, a line without one has one.

    Empty parameters are not registered. The cell of a line is that of its enterprise, as in the published cells.
    """

    source_id: str
    enterprise_id: str
    stack_id: str
    sector: str
    industry: str
    longitude_deg: float
    latitude_deg: float
    share: float
    height_m: float | None
    diameter_m: float | None
    temperature_degc: float | None
    velocity_m_per_s: float | None

    @property
    def is_described(self) -> bool:
        """Whether height, diameter, temperature and velocity are registered, from which plume rise follows."""
        return None not in (self.height_m, self.diameter_m, self.temperature_degc, self.velocity_m_per_s)


@dataclass(frozen=True)
class PointMasses:
    """Hourly masses of production lines, and the masses of the cells without them.

    stacks: of these lines; rows: by pollutant, `cell` is the number of the line in `lines`; kinds: their masses.
    """

    stacks: tuple[PointStack, ...]
    lines: tuple[str, ...]
    rows: dict[str, CellRows]
    kinds: dict[Kind, float]
    remaining_kinds: dict[Kind, float]
    remaining: CellMasses


def read_stacks(request: ExportRequest) -> list[PointStack]:
    """Every outlet of every production line, by line and stack."""
    day = request.hours.days[0]
    place = ["longitude_deg", "latitude_deg"]
    lines = day.region_table(
        LINE, ["production_line_id", "enterprise_id", "sector_code", "industry_code", *place]
    ).to_pylist()
    by_line: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in day.region_table("stack", ["stack_id", "production_line_id", *place, *PARAMETERS]).to_pylist():
        by_line[row["production_line_id"]].append(row)
    stacks = []
    for line in lines:
        nothing = {"stack_id": "", **{name: line[name] for name in place}}
        outlets = sorted(by_line[line["production_line_id"]], key=lambda row: str(row["stack_id"])) or [nothing]
        stacks += [_stack(line, outlet, 1 / len(outlets)) for outlet in outlets]
    return stacks


def separate_points(request: ExportRequest, is_chosen: Callable[[list[PointStack]], bool]) -> PointMasses:
    """Take the production lines that are chosen out of the cells.

    is_chosen: given the stacks of a line. The mass of each line leaves the cell of its enterprise, where the published
    cells have it; mass is conserved.
    Raises InputError when a published cell holds less than its lines emit.
    """
    of_line: dict[str, list[PointStack]] = defaultdict(list)
    for stack in read_stacks(request):
        of_line[stack.source_id].append(stack)
    lines = tuple(sorted(name for name, stacks in of_line.items() if is_chosen(stacks)))
    table = request.hours.rows(
        "emission_hourly", ["source_id", "sector_code", "pollutant_code", "emission_g"], is_with_following=True
    )
    chosen = table.filter(pc.is_in(table["source_id"], pa.array(lines, pa.string())))
    rows = _rows_by_pollutant(request, chosen, lines)
    remaining_cells = _without(request, rows, _cells_of_lines(request, lines))
    _require_enough(remaining_cells)
    kinds = _kinds(request, rows, [of_line[name][0] for name in lines])
    remaining = {kind: max(mass - kinds.get(kind, 0.0), 0.0) for kind, mass in request.kinds.items()}
    return PointMasses(
        stacks=tuple(stack for name in lines for stack in of_line[name]),
        lines=lines,
        rows=rows,
        kinds=kinds,
        remaining_kinds={kind: mass for kind, mass in remaining.items() if mass > 0 or kind not in kinds},
        remaining=remaining_cells,
    )


def _require_enough(cells: CellMasses) -> None:
    """Refuse cells from which lines took more than was there: the registry has changed since the day was published."""
    size = cells.rows * cells.columns
    for pollutant, rows in cells.by_pollutant.items():
        is_counted = (rows.hour < cells.hours.count) & (rows.cell != NOWHERE)
        key, mass = (rows.sector * size + rows.cell)[is_counted], rows.emission_g[is_counted]
        count = len(cells.sectors) * size
        net, gross = sums_by_number(key, mass, count), sums_by_number(key, np.abs(mass), count)
        lacking = np.flatnonzero(net < -ROUNDING_SHARE * gross)
        if len(lacking):
            cell = int(lacking[0]) % size
            name = f"r{cell // cells.columns}c{cell % cells.columns}"
            raise InputError(
                f"production lines emit more {pollutant} than the published cell {name} holds: expected the cells of"
                " their enterprises",
                "publish the day again with its registry, or use --format ioapi",
            )


def _stack(line: dict[str, object], outlet: dict[str, object], share: float) -> PointStack:
    parameters = [_number(outlet.get(name)) for name in PARAMETERS]
    return PointStack(
        str(line["production_line_id"]),
        str(line["enterprise_id"]),
        str(outlet["stack_id"]),
        str(line["sector_code"]),
        str(line["industry_code"]),
        float(str(outlet["longitude_deg"])),
        float(str(outlet["latitude_deg"])),
        share,
        *parameters,
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _rows_by_pollutant(request: ExportRequest, table: pa.Table, lines: tuple[str, ...]) -> dict[str, CellRows]:
    """The rows of lines, where `cell` is the number of the line, and `sector` that of the cells."""
    sectors = list(request.cells.sectors)
    line = pc.index_in(table["source_id"], pa.array(lines, pa.string())).to_numpy().astype(np.int64)
    sector = pc.index_in(table["sector_code"], pa.array(sectors, pa.string())).to_numpy().astype(np.int64)
    hour, mass = request.hours.hour_numbers(table), table["emission_g"].to_numpy()
    pollutants = table["pollutant_code"]
    rows = {}
    for name in sorted(pc.unique(pollutants).to_pylist()):
        chosen = np.flatnonzero(pc.equal(pollutants, name).to_numpy())
        rows[name] = CellRows(hour[chosen], line[chosen], sector[chosen], mass[chosen])
    return rows


def _kinds(request: ExportRequest, rows: dict[str, CellRows], first_stacks: list[PointStack]) -> dict[Kind, float]:
    """The mass of the lines during the hours by pollutant, sector and industry."""
    kinds: dict[Kind, float] = defaultdict(float)
    for pollutant, part in rows.items():
        is_counted = part.hour < request.hours.count
        sums = sums_by_number(part.cell[is_counted], part.emission_g[is_counted], len(first_stacks))
        for stack, mass in zip(first_stacks, sums.tolist(), strict=True):
            kinds[Kind(pollutant, stack.sector, stack.industry)] += mass
    return dict(kinds)


def _cells_of_lines(request: ExportRequest, lines: tuple[str, ...]) -> Integers:
    """The cell of the enterprise of each line; NOWHERE beyond the grid."""
    table = request.hours.days[0].region_table(LINE, ["production_line_id", "longitude_deg", "latitude_deg"])
    places = {row["production_line_id"]: (row["longitude_deg"], row["latitude_deg"]) for row in table.to_pylist()}
    degrees = np.array([places[name] for name in lines], dtype=np.float64).reshape(-1, 2)
    return cell_numbers(request, degrees[:, 0], degrees[:, 1])


def lines_in_grid(request: ExportRequest) -> frozenset[str]:
    """The lines whose enterprise lies in the grid: the mass of the others is beyond it."""
    names = tuple(request.hours.days[0].region_table(LINE, ["production_line_id"])[0].to_pylist())
    is_inside = _cells_of_lines(request, names) != NOWHERE
    return frozenset(name for name, inside in zip(names, is_inside.tolist(), strict=True) if inside)


def cell_numbers(request: ExportRequest, longitude_deg: Floats, latitude_deg: Floats) -> Integers:
    """The number of the cell of each point, row × columns + column; NOWHERE beyond the grid."""
    row, column = request.grid.cells_of(longitude_deg, latitude_deg)
    number = row * request.grid.columns + column
    cells: Integers = np.where(np.isnan(number), NOWHERE, np.nan_to_num(number)).astype(np.int64)
    return cells


def _without(request: ExportRequest, rows: dict[str, CellRows], cell_of_line: Integers) -> CellMasses:
    """The cells with the mass of the lines taken out, as further rows of negative mass."""
    by_pollutant = {}
    for name, cells in request.cells.by_pollutant.items():
        taken = rows.get(name)
        if taken is None:
            by_pollutant[name] = cells
            continue
        by_pollutant[name] = CellRows(
            np.concatenate([cells.hour, taken.hour]),
            np.concatenate([cells.cell, cell_of_line[taken.cell]]),
            np.concatenate([cells.sector, taken.sector]),
            np.concatenate([cells.emission_g, -taken.emission_g]),
        )
    return replace(request.cells, by_pollutant=by_pollutant)
