"""The stage that adds up the inventory by sector, with intervals that know which errors the sources share.

Belongs here: classes, totals by hour and by day. Does not: the arithmetic of variances (equations/propagation), single sources.
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.context import Context
from bigdata_emis.inventory.shared.error_correlation import Correlations
from bigdata_emis.statistics.propagation import (
    lognormal_bounds,
    standard_deviation,
    variance_of_total,
    variance_over_hours,
)
from bigdata_emis.window import day_window

ALL = "all"
HOUR_US = 3_600_000_000
INSTANT = pa.timestamp("us", tz="UTC")


class _Block(NamedTuple):
    """Emission, shared and own standard deviation (rows: source of one pollutant, columns: hours of one day), and each row's persistence and class."""

    emission: Floats
    shared: Floats
    own: Floats
    persistence: Floats
    group: Integers


def total_emission(
    emission_hourly: pa.Table,
    production_line: pa.Table,
    activity_area: pa.Table,
    error_correlation: pa.Table,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Emission by sector (and of all) and pollutant: of each hour, and of each local day, with the 90 % interval of the total.

    Errors shared by a class (industry and pollutant; sector and pollutant for what has no industry) are fully correlated between its
    sources and hours, the rest is a source's own and fades from hour to hour (error_correlation): added as if independent, a city
    would look falsely exact. Intervals are lognormal.

    Raises InputError when error_correlation does not know a method.
    """
    correlations = Correlations(error_correlation)
    industries = _industries(production_line, activity_area)
    parts: dict[str, list[pa.Table]] = {"emission_total_hourly": [], "emission_total_daily": []}
    for day in context.window.days(context.region.time_zone):
        window = day_window(day, context.region.time_zone)
        rows = _of(emission_hourly, window.from_utc, window.to_utc)
        for pollutant in sorted(pc.unique(rows["pollutant_code"]).to_pylist()):
            mine = rows.filter(pc.equal(rows["pollutant_code"], pollutant))
            for sector in [*sorted(pc.unique(mine["sector_code"]).to_pylist()), ALL]:
                chosen = mine if sector == ALL else mine.filter(pc.equal(mine["sector_code"], sector))
                block = _block(chosen, industries, correlations, window.from_utc, window.hours)
                parts["emission_total_hourly"].append(_hourly(block, sector, pollutant, window.from_utc))
                parts["emission_total_daily"].append(_daily(block, sector, pollutant, window.from_utc, window.to_utc))
    return {name: pa.concat_tables(tables) if tables else _nothing(name) for name, tables in parts.items()}


def _industries(production_line: pa.Table, activity_area: pa.Table) -> dict[str, str]:
    lines = zip(
        production_line["production_line_id"].to_pylist(), production_line["industry_code"].to_pylist(), strict=True
    )
    areas = zip(activity_area["activity_area_id"].to_pylist(), activity_area["industry_code"].to_pylist(), strict=True)
    return {**dict(lines), **dict(areas)}


def _of(emission_hourly: pa.Table, start: datetime, end: datetime) -> pa.Table:
    hour = emission_hourly["hour_utc"]
    return emission_hourly.filter(
        pc.and_(pc.greater_equal(hour, pa.scalar(start, INSTANT)), pc.less(hour, pa.scalar(end, INSTANT)))
    )


def _block(
    rows: pa.Table, industries: dict[str, str], correlations: Correlations, start: datetime, hours: int
) -> _Block:
    """The rows of one pollutant as dense arrays: one row a source, absent hours zero."""
    sources = rows["source_id"].combine_chunks().dictionary_encode()
    place, names = sources.indices.to_numpy(), sources.dictionary.to_pylist()
    sector = np.full(len(names), None, dtype=object)
    sector[place] = rows["sector_code"].to_numpy()
    _, group = np.unique(
        [industries.get(name) or str(own) for name, own in zip(names, sector, strict=True)], return_inverse=True
    )
    hour = rows["hour_utc"].cast(pa.int64()).to_numpy() // HOUR_US - int(start.timestamp()) * 1_000_000 // HOUR_US
    mean, p05, p95 = (rows[name].to_numpy() for name in ("emission_g", "emission_g_p05", "emission_g_p95"))
    spread = standard_deviation(mean, p05, p95)
    class_share, persists = correlations.of_rows(rows["sector_code"], rows["method_code"])
    emission, shared, own = (np.zeros((len(names), hours)) for _ in range(3))
    emission[place, hour] = mean
    shared[place, hour] = spread * np.sqrt(class_share)
    own[place, hour] = spread * np.sqrt(1 - class_share)
    persistence = np.zeros(len(names))
    np.maximum.at(persistence, place, persists)
    return _Block(emission, shared, own, persistence, np.asarray(group, dtype=np.int64))


def _by_class(values: Floats, group: Integers) -> Floats:
    summed = np.zeros((int(group.max()) + 1, *values.shape[1:]))
    np.add.at(summed, group, values)
    return summed


def _hourly(block: _Block, sector: str, pollutant: str, start: datetime) -> pa.Table:
    total = block.emission.sum(axis=0)
    variance = variance_of_total(_by_class(block.shared, block.group), _by_class(block.own**2, block.group))
    first = int(start.timestamp()) * 1_000_000
    hour = pa.array(first + HOUR_US * np.arange(len(total)), pa.int64()).cast(INSTANT)
    return _table(sector, pollutant, {"hour_utc": hour}, total, variance)


def _daily(block: _Block, sector: str, pollutant: str, start: datetime, end: datetime) -> pa.Table:
    total = np.array([block.emission.sum(axis=0).sum()])
    own = variance_over_hours(block.own, block.persistence)
    variance = variance_of_total(
        _by_class(block.shared.sum(axis=1, keepdims=True), block.group), _by_class(own[:, None], block.group)
    )
    times = {"from_utc": pa.array([start], INSTANT), "to_utc": pa.array([end], INSTANT)}
    return _table(sector, pollutant, times, total, variance)


def _table(sector: str, pollutant: str, times: dict[str, pa.Array], total: Floats, variance: Floats) -> pa.Table:
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


def _nothing(name: str) -> pa.Table:
    from bigdata_emis import schema
    from bigdata_emis.schema.arrow import empty

    return empty(schema.table(name))
