"""The stage that sums the inventory by sector, with intervals that account for errors shared between sources.

Belongs here: error classes, totals by hour, by day and by county. Does not: the arithmetic of variances
(statistics/propagation), single sources.
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.codes import Sector
from bigdata_emis.context import Context
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.schema.arrow import empty
from bigdata_emis.schema.row_times import INSTANT, select_between
from bigdata_emis.statistics.propagation import (
    lognormal_bounds,
    standard_deviation,
    variance_of_total,
    variance_over_hours,
)
from bigdata_emis.window import HOUR_US, day_window

TOTALS = ("emission_total_hourly", "emission_total_daily", "emission_total_county_daily")
NO_COUNTY = ""


class _DayBlock(NamedTuple):
    """Emission, shared and own standard deviation of one pollutant and day, (sources, hours).

    names, persistence and error_class: (sources,).
    """

    names: Texts
    emission: Floats
    shared: Floats
    own: Floats
    persistence: Floats
    error_class: Integers

    def where(self, chosen: Flags) -> "_DayBlock":
        """The block of the chosen sources."""
        return _DayBlock(
            self.names[chosen],
            self.emission[chosen],
            self.shared[chosen],
            self.own[chosen],
            self.persistence[chosen],
            self.error_class[chosen],
        )


def total_emission(
    emission_hourly: pa.Table,
    production_line: pa.Table,
    enterprise: pa.Table,
    activity_area: pa.Table,
    error_correlation: pa.Table,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Hourly and daily emission by sector (and of all) and pollutant, and daily by county, with 90 % intervals.

    Each total is the sum of the expected (mean) emission of its sources. Totals by county add up to that of the
    region: sources without a county, road links among them, are in the row without a county.

    The error shared by a class (industry and pollutant; sector and pollutant for sources without an industry) is fully
    correlated between its sources and hours. The rest belongs to one source and fades from hour to hour
    (error_correlation). If all errors were independent, the total of a city would appear far too certain. Intervals are
    lognormal.

    Raises:
        InputError: error_correlation has no row for a method.
    """
    correlations = ErrorCorrelations(error_correlation)
    industries = _industry_by_source(production_line, activity_area)
    county = _county_by_source(production_line, enterprise, activity_area)
    parts: dict[str, list[pa.Table]] = {name: [] for name in TOTALS}
    for day in context.window.days(context.region.time_zone):
        window = day_window(day, context.region.time_zone)
        rows = select_between(emission_hourly, "hour_utc", window.from_utc, window.to_utc)
        for pollutant in sorted(pc.unique(rows["pollutant_code"]).to_pylist()):
            of_pollutant = rows.filter(pc.equal(rows["pollutant_code"], pollutant))
            for sector in [*sorted(pc.unique(of_pollutant["sector_code"]).to_pylist()), Sector.ALL]:
                is_sector = pc.equal(of_pollutant["sector_code"], sector)
                selected = of_pollutant if sector == Sector.ALL else of_pollutant.filter(is_sector)
                block = _day_block(selected, industries, correlations, window.from_utc, window.hours)
                parts["emission_total_hourly"].append(_hourly_total(block, sector, pollutant, window.from_utc))
                daily = _daily_total(block, sector, pollutant, window.from_utc, window.to_utc)
                parts["emission_total_daily"].append(daily)
                if sector == Sector.ALL:
                    by_county = _county_totals(block, county, pollutant, window.from_utc, window.to_utc)
                    parts["emission_total_county_daily"].append(by_county)
    return {name: pa.concat_tables(tables) if tables else empty(schema.table(name)) for name, tables in parts.items()}


def _industry_by_source(production_line: pa.Table, activity_area: pa.Table) -> dict[str, str]:
    lines = zip(
        production_line["production_line_id"].to_pylist(), production_line["industry_code"].to_pylist(), strict=True
    )
    areas = zip(activity_area["activity_area_id"].to_pylist(), activity_area["industry_code"].to_pylist(), strict=True)
    return {**dict(lines), **dict(areas)}


def _county_by_source(production_line: pa.Table, enterprise: pa.Table, activity_area: pa.Table) -> dict[str, str]:
    """The county of lines and areas that have one."""
    owners = dict(zip(enterprise["enterprise_id"].to_pylist(), enterprise["county_id"].to_pylist(), strict=True))
    lines = zip(
        production_line["production_line_id"].to_pylist(), production_line["enterprise_id"].to_pylist(), strict=True
    )
    areas = zip(activity_area["activity_area_id"].to_pylist(), activity_area["county_id"].to_pylist(), strict=True)
    by_source = {**{line: owners.get(owner) for line, owner in lines}, **dict(areas)}
    return {source: county for source, county in by_source.items() if county}


def _day_block(
    rows: pa.Table, industries: dict[str, str], correlations: ErrorCorrelations, start: datetime, hour_count: int
) -> _DayBlock:
    """The rows of one pollutant as dense arrays, absent hours zero."""
    sources = rows["source_id"].combine_chunks().dictionary_encode()
    row, names = sources.indices.to_numpy(), sources.dictionary.to_pylist()
    sector = np.full(len(names), None, dtype=object)
    sector[row] = rows["sector_code"].to_numpy()
    class_names = [industries.get(name) or str(own_sector) for name, own_sector in zip(names, sector, strict=True)]
    _, error_class = np.unique(class_names, return_inverse=True)
    hour = rows["hour_utc"].cast(pa.int64()).to_numpy() // HOUR_US - int(start.timestamp()) * 1_000_000 // HOUR_US
    mean, p05, p95 = (rows[name].to_numpy() for name in ("emission_g", "emission_g_p05", "emission_g_p95"))
    sd = standard_deviation(mean, p05, p95)
    class_share, persistence_of_row = correlations.shares_by_row(rows["sector_code"], rows["method_code"])
    emission, shared, own = (np.zeros((len(names), hour_count)) for _ in range(3))
    emission[row, hour] = mean
    shared[row, hour] = sd * np.sqrt(class_share)
    own[row, hour] = sd * np.sqrt(1 - class_share)
    persistence = np.zeros(len(names))
    np.maximum.at(persistence, row, persistence_of_row)
    texts: Texts = np.array(names, dtype=str)
    return _DayBlock(texts, emission, shared, own, persistence, np.asarray(error_class, dtype=np.int64))


def _sum_by_class(values: Floats, error_class: Integers) -> Floats:
    summed = np.zeros((int(error_class.max()) + 1, *values.shape[1:]))
    np.add.at(summed, error_class, values)
    return summed


def _hourly_total(block: _DayBlock, sector: str, pollutant: str, start: datetime) -> pa.Table:
    total = block.emission.sum(axis=0)
    variance = variance_of_total(
        _sum_by_class(block.shared, block.error_class), _sum_by_class(block.own**2, block.error_class)
    )
    first = int(start.timestamp()) * 1_000_000
    hour = pa.array(first + HOUR_US * np.arange(len(total)), pa.int64()).cast(INSTANT)
    return _total_rows(sector, pollutant, {"hour_utc": hour}, total, variance)


def _daily_total(block: _DayBlock, sector: str, pollutant: str, start: datetime, end: datetime) -> pa.Table:
    total = np.array([block.emission.sum(axis=0).sum()])
    own = variance_over_hours(block.own, block.persistence)
    variance = variance_of_total(
        _sum_by_class(block.shared.sum(axis=1, keepdims=True), block.error_class),
        _sum_by_class(own[:, None], block.error_class),
    )
    times = {"from_utc": pa.array([start], INSTANT), "to_utc": pa.array([end], INSTANT)}
    return _total_rows(sector, pollutant, times, total, variance)


def _county_totals(
    block: _DayBlock, county: dict[str, str], pollutant: str, start: datetime, end: datetime
) -> pa.Table:
    """The daily total of each county; the empty county holds the sources without one."""
    codes = np.array([county.get(name, NO_COUNTY) for name in block.names.tolist()])
    rows = []
    for code in np.unique(codes).tolist():
        total = _daily_total(block.where(codes == code), Sector.ALL, pollutant, start, end)
        rows.append(total.drop_columns("sector_code").append_column("county_id", pa.array([code])))
    return pa.concat_tables(rows)


def _total_rows(sector: str, pollutant: str, times: dict[str, pa.Array], total: Floats, variance: Floats) -> pa.Table:
    lower, upper = lognormal_bounds(total, np.sqrt(variance))
    count = len(total)
    return pa.table(
        {
            "sector_code": pa.repeat(sector, count),
            "pollutant_code": pa.repeat(pollutant, count),
            **times,
            "emission_g": total,
            "emission_g_p05": lower,
            "emission_g_p95": upper,
        }
    )
