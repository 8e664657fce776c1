"""SMOKE inventory files in FF10: production lines at their stacks, all else at its cell; annual and hourly.

Belongs here: sources, their codes, and both files. Does not: profiles and cross-references of SMOKE (smoke_packets).

**Source**: FF10 columns as SMOKE reads them (CEMPD/SMOKE: rddataff10pt.f, rdff10pd.f); units of the FF10 format:
short ton, foot, degree Fahrenheit. Hours are in UTC, so that the county of all sources has the time zone GMT.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Pollutant
from bigdata_emis.publish.export.export_masses import NOWHERE, CellMasses, CellRows, published_g, sums_by_number
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.formats.smoke_packets import SmokeKind, smoke_name, write_packets
from bigdata_emis.publish.export.mass_closing import ClosedMass, Closing, close_mass
from bigdata_emis.publish.export.point_sources import PointMasses, separate_points
from bigdata_emis.publish.export.speciation import CONTAINED

G_PER_SHORT_TON = 907_184.74
"""2000 lb of 453.59237 g."""
M_PER_FOOT = 0.3048
HOURS_OF_DATE = 24
ROUNDING = 1e-12
REGION_CODE = "01001"
"""The one county of all sources: the packets give it the time zone GMT."""
CELL_FACILITY, STACK_TYPE, FUGITIVE_TYPE = "CELL", "02", "01"
COLUMNS_OF_POINT = (
    "country_cd,region_cd,tribal_code,facility_id,unit_id,rel_point_id,process_id,agy_facility_id,agy_unit_id,"
    "agy_rel_point_id,agy_process_id,scc,poll,ann_value,ann_pct_red,facility_name,erptype,stkhgt,stkdiam,stktemp,"
    "stkflow,stkvel,naics,longitude,latitude,ll_datum,horiz_coll_mthd,design_capacity,design_capacity_units,reg_codes,"
    "fac_source_type,unit_type_code,control_ids,control_measures,current_cost,cumulative_cost,projection_factor,"
    "submitter_id,calc_method,data_set_id,facil_category_code,oris_facility_code,oris_boiler_id,ipm_yn,calc_year,"
    "date_updated,fug_height,fug_width_ydim,fug_length_xdim,fug_angle,zipcode,annual_avg_hours_per_year,jan_value,"
    "feb_value,mar_value,apr_value,may_value,jun_value,jul_value,aug_value,sep_value,oct_value,nov_value,dec_value,"
    "jan_pctred,feb_pctred,mar_pctred,apr_pctred,may_pctred,jun_pctred,jul_pctred,aug_pctred,sep_pctred,oct_pctred,"
    "nov_pctred,dec_pctred,comment"
)
COLUMNS_OF_HOURS = (
    "country_cd,region_cd,tribal_code,facility_id,unit_id,rel_point_id,process_id,scc,poll,op_type_cd,calc_method,"
    "date_updated,date,daytot"
)
ANNUAL_COLUMNS = COLUMNS_OF_POINT.split(",")
HOURLY_COLUMNS = [*COLUMNS_OF_HOURS.split(","), *(f"hrval{hour}" for hour in range(HOURS_OF_DATE)), "comment"]


@dataclass(frozen=True)
class Ff10Sources:
    """The sources of both files: their columns, and the kind that chooses their profiles."""

    columns: dict[str, pa.Array]
    count: int


Masses = dict[str, tuple[Positions, Floats]]
"""By pollutant of SMOKE: the numbers of the sources that emit it, and their mass in g, shape (sources, hours)."""


def write_ff10(request: ExportRequest, folder: Path) -> Closing:
    """Write both inventory files and the packets into the folder; closes the hourly file against what is published."""
    points = separate_points(request, lambda stacks: True)
    kinds = _source_kinds(request, points)
    stacks = _stack_sources(request, points, kinds)
    cells, cell_masses, clipped_g = _cell_sources(points.remaining, request, kinds)
    stack_masses, clipped_of_stacks_g = _stack_masses(request, points)
    name = f"{request.hours.region.region_id}_{request.hours.day}"
    annual, hourly = folder / f"ff10_point_{name}.csv", folder / f"ff10_hourly_point_{name}.csv"
    parts = [(stacks, stack_masses), (cells, cell_masses)]
    _write_annual(annual, request, parts)
    _write_hourly(hourly, request, parts)
    _write_names(folder / "stacks.csv", points)
    write_packets(request, points, kinds, folder)
    return _close(request, points, hourly, clipped_g + clipped_of_stacks_g)


def read_hourly_g(path: Path) -> dict[str, float]:
    """The mass of each pollutant in an hourly file."""
    skipped = sum(1 for line in path.open(encoding="ascii") if line.startswith("#"))
    text = {name: pa.string() for name in HOURLY_COLUMNS if not name.startswith("hrval")}
    table = pacsv.read_csv(
        path,
        read_options=pacsv.ReadOptions(skip_rows=skipped, column_names=HOURLY_COLUMNS),
        convert_options=pacsv.ConvertOptions(column_types=text),
    )
    hours = sum(table[f"hrval{hour}"].to_numpy() for hour in range(HOURS_OF_DATE))
    sums = pa.table({"poll": table["poll"], "tons": pa.array(hours, pa.float64())}).group_by("poll", use_threads=False)
    return {row["poll"]: row["tons_sum"] * G_PER_SHORT_TON for row in sums.aggregate([("tons", "sum")]).to_pylist()}


def _source_kinds(request: ExportRequest, points: PointMasses) -> dict[tuple[str, str], SmokeKind]:
    """A code of SMOKE's SCC type for each sector and industry of lines, and for each sector of cells."""
    lines = sorted({(stack.sector, stack.industry) for stack in points.stacks})
    keys = [*lines, *((sector, "") for sector in request.cells.sectors)]
    return {key: SmokeKind(f"99{number:08d}", *key) for number, key in enumerate(keys, start=1)}


def _stack_sources(request: ExportRequest, points: PointMasses, kinds: dict[tuple[str, str], SmokeKind]) -> Ff10Sources:
    """One source for each stack; parameters that are not registered are empty, which SMOKE fills by its own file."""
    stacks = points.stacks
    numbers = [f"{number:07d}" for number in range(1, len(stacks) + 1)]
    columns = {
        "facility_id": pa.array(numbers, pa.string()),
        "unit_id": _constant("1", len(stacks)),
        "rel_point_id": _constant("1", len(stacks)),
        "scc": pa.array([kinds[stack.sector, stack.industry].code for stack in stacks], pa.string()),
        "erptype": _constant(STACK_TYPE, len(stacks)),
        "stkhgt": _feet([stack.height_m for stack in stacks]),
        "stkdiam": _feet([stack.diameter_m for stack in stacks]),
        "stktemp": pa.array([_fahrenheit(stack.temperature_degc) for stack in stacks], pa.float64()),
        "stkvel": _feet([stack.velocity_m_per_s for stack in stacks]),
        "longitude": pa.array([stack.longitude_deg for stack in stacks], pa.float64()),
        "latitude": pa.array([stack.latitude_deg for stack in stacks], pa.float64()),
    }
    return Ff10Sources(columns, len(stacks))


def _feet(metres: list[float | None]) -> pa.Array:
    return pa.array([None if value is None else value / M_PER_FOOT for value in metres], pa.float64())


def _fahrenheit(degc: float | None) -> float | None:
    return None if degc is None else degc * 9.0 / 5.0 + 32.0


def _stack_masses(request: ExportRequest, points: PointMasses) -> tuple[Masses, float]:
    """The mass of each stack in each hour, and the coarse mass that was below zero."""
    number = {name: place for place, name in enumerate(points.lines)}
    line = np.array([number[stack.source_id] for stack in points.stacks], dtype=np.int64)
    share = np.array([stack.share for stack in points.stacks])
    hours = request.hours.count
    dense: dict[str, Floats] = {}
    for pollutant, rows in points.rows.items():
        is_counted = rows.hour < hours
        key = rows.cell[is_counted] * hours + rows.hour[is_counted]
        sums = sums_by_number(key, rows.emission_g[is_counted], len(points.lines) * hours)
        dense[pollutant] = sums.reshape(len(points.lines), hours)[line] * share[:, np.newaxis]
    return _named_masses(dense)


def _cell_sources(
    cells: CellMasses, request: ExportRequest, kinds: dict[tuple[str, str], SmokeKind]
) -> tuple[Ff10Sources, Masses, float]:
    """One source of the ground for each cell and sector with any mass, at the centre of the cell."""
    hours, size = request.hours.count, cells.rows * cells.columns
    keys = [part.sector * size + part.cell for part in map(_inside, cells.by_pollutant.values())]
    present = np.unique(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    dense: dict[str, Floats] = {}
    for pollutant, all_rows in cells.by_pollutant.items():
        if pollutant not in CONTAINED:
            rows = _inside(all_rows)
            is_counted = rows.hour < hours
            place = np.searchsorted(present, rows.sector * size + rows.cell)[is_counted]
            key, mass = place * hours + rows.hour[is_counted], rows.emission_g[is_counted]
            gross = sums_by_number(key, np.abs(mass), len(present) * hours)
            sums = sums_by_number(key, mass, len(present) * hours)
            # What remains of a cell whose points were taken out is rounding.
            sums[np.abs(sums) <= ROUNDING * gross] = 0.0
            dense[pollutant] = sums.reshape(len(present), hours)
    masses, clipped_g = _named_masses(dense)
    sector, cell = present // size, present % size
    return _cell_columns(request, kinds, [cells.sectors[number] for number in sector], cell), masses, clipped_g


def _inside(rows: CellRows) -> CellRows:
    is_inside = rows.cell != NOWHERE
    return CellRows(*(part[is_inside] for part in (rows.hour, rows.cell, rows.sector, rows.emission_g)))


def _cell_columns(
    request: ExportRequest, kinds: dict[tuple[str, str], SmokeKind], sectors: list[str], cell: Any
) -> Ff10Sources:
    grid = request.grid
    row, column = cell // grid.columns, cell % grid.columns
    half = grid.cell_size / 2
    longitude, latitude = grid.degrees(grid.x_sides[column] + half, grid.y_sides[row] + half)
    columns = {
        "facility_id": _constant(CELL_FACILITY, len(cell)),
        "unit_id": pa.array([f"r{r}c{c}" for r, c in zip(row.tolist(), column.tolist(), strict=True)], pa.string()),
        "rel_point_id": pa.array([kinds[sector, ""].code[-4:] for sector in sectors], pa.string()),
        "scc": pa.array([kinds[sector, ""].code for sector in sectors], pa.string()),
        "erptype": _constant(FUGITIVE_TYPE, len(cell)),
        "longitude": pa.array(longitude, pa.float64()),
        "latitude": pa.array(latitude, pa.float64()),
    }
    return Ff10Sources(columns, len(cell))


def _named_masses(dense: dict[str, Floats]) -> tuple[Masses, float]:
    """Masses by SMOKE's names, without sources that emit nothing; PM10 becomes coarse, not below zero."""
    clipped_g = 0.0
    masses: Masses = {}
    for pollutant, mass in sorted(dense.items()):
        if pollutant in CONTAINED:
            continue
        if pollutant == Pollutant.PM10 and Pollutant.PM2_5 in dense:
            mass = mass - dense[Pollutant.PM2_5]
            clipped_g = -float(mass[mass < 0].sum())
            mass = np.maximum(mass, 0.0)
        emitting = np.flatnonzero(mass.any(axis=1))
        masses[smoke_name(pollutant)] = (emitting, mass[emitting])
    return masses, clipped_g


def _write_annual(path: Path, request: ExportRequest, parts: list[tuple[Ff10Sources, Masses]]) -> None:
    """The annual file: the mass of the day × the days of the year, which hourly values replace on the day."""
    days = (date(request.hours.day.year + 1, 1, 1) - date(request.hours.day.year, 1, 1)).days
    with path.open("wb") as file:
        file.write(_heading("FF10_POINT", request).encode("ascii", "replace"))
        for sources, masses in parts:
            for name, (emitting, mass) in masses.items():
                more = {
                    "poll": _constant(name, len(emitting)),
                    "ann_value": pa.array(mass.sum(axis=1) * days / G_PER_SHORT_TON),
                    "calc_year": _constant(str(request.hours.day.year), len(emitting)),
                }
                _write_rows(file, sources, emitting, ANNUAL_COLUMNS, more)


def _write_hourly(path: Path, request: ExportRequest, parts: list[tuple[Ff10Sources, Masses]]) -> None:
    """The hourly file: a line for each source, pollutant and date in UTC; hours that are not exported are 0."""
    with path.open("wb") as file:
        file.write(_heading("FF10_HOURLY_POINT", request).encode("ascii", "replace"))
        for sources, masses in parts:
            for name, (emitting, mass) in masses.items():
                for day, tons in _by_date(request, mass / G_PER_SHORT_TON):
                    more = {
                        "poll": _constant(name, len(emitting)),
                        "date": _constant(f"{day:%Y%m%d}", len(emitting)),
                        "daytot": pa.array(tons.sum(axis=1)),
                        **{f"hrval{hour}": pa.array(tons[:, hour]) for hour in range(HOURS_OF_DATE)},
                    }
                    _write_rows(file, sources, emitting, HOURLY_COLUMNS, more)


def _by_date(request: ExportRequest, values: Floats) -> list[tuple[date, Floats]]:
    """The hours as whole dates in UTC."""
    start = request.start_utc.astimezone(UTC)
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    before = int((start - midnight) / timedelta(hours=1))
    dates = -(-(before + request.hours.count) // HOURS_OF_DATE)
    padded = np.zeros((len(values), dates * HOURS_OF_DATE))
    padded[:, before : before + request.hours.count] = values
    return [
        ((midnight + timedelta(days=number)).date(), padded[:, number * HOURS_OF_DATE : (number + 1) * HOURS_OF_DATE])
        for number in range(dates)
    ]


def _write_rows(file: Any, sources: Ff10Sources, chosen: Positions, columns: list[str], more: dict[str, Any]) -> None:
    fixed = {"country_cd": "US", "region_cd": REGION_CODE, "process_id": "1"}
    arrays = []
    for name in columns:
        if name in more:
            arrays.append(more[name])
        elif name in sources.columns:
            arrays.append(sources.columns[name].take(pa.array(chosen)))
        else:
            arrays.append(_constant(fixed.get(name), len(chosen)))
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    pacsv.write_csv(pa.table(arrays, names=columns), file, options)


def _constant(text: str | None, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _heading(kind: str, request: ExportRequest) -> str:
    lines = [f"#FORMAT={kind}", "#COUNTRY US", f"#YEAR {request.start_utc.year}"]
    return "".join(f"{line}\n" for line in [*lines, *(f"# {n}: {t}" for n, t in request.attributes().items())])


def _write_names(path: Path, points: PointMasses) -> None:
    """Which facility of the files is which stack of the registry."""
    stacks = points.stacks
    table = pa.table(
        {
            "facility_id": pa.array([f"{number:07d}" for number in range(1, len(stacks) + 1)], pa.string()),
            "source_id": pa.array([stack.source_id for stack in stacks], pa.string()),
            "stack_id": pa.array([stack.stack_id for stack in stacks], pa.string()),
            "enterprise_id": pa.array([stack.enterprise_id for stack in stacks], pa.string()),
        }
    )
    pacsv.write_csv(table, path)


def _close(request: ExportRequest, points: PointMasses, hourly: Path, clipped_g: float) -> Closing:
    """Mass beyond the grid is left out where it is not of production lines, which have coordinates of their own."""
    in_file = read_hourly_g(hourly)
    rows: list[ClosedMass] = []
    for pollutant in request.cells.by_pollutant:
        if pollutant in CONTAINED:
            continue
        file_g = in_file.get(smoke_name(pollutant), 0.0)
        is_coarse = pollutant == Pollutant.PM10
        rows.append(
            close_mass(
                pollutant,
                published_g(request.cells, pollutant),
                file_g + (in_file.get(smoke_name(Pollutant.PM2_5), 0.0) if is_coarse else 0.0),
                outside_g=points.remaining.outside_g(pollutant),
                clipped_g=clipped_g if is_coarse else 0.0,
            )
        )
    return Closing(rows, [])
