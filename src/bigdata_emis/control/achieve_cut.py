"""The stage that sums what a scenario achieved: emission without control less observed emission, with shared errors.

Belongs here: sums by sector, day and window. Does not: variances (statistics/propagation), single sources
(expect_without_control).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import Sector
from bigdata_emis.context import Context
from bigdata_emis.control.outcome.day_grid import numbers
from bigdata_emis.control.outcome.normal_emission import UNOBSERVED
from bigdata_emis.control.outcome.order_share import scenario_of
from bigdata_emis.equations.control import achieved_emission_g
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.schema.arrow import empty
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.statistics.orders.planned_cut import plan_without_control
from bigdata_emis.statistics.propagation import achieved_share_variance, standard_deviation, variance_over_hours
from bigdata_emis.window import HOUR_US, Window, day_window

KEYS = ["source_id", "pollutant_code", "hour_utc"]


@dataclass(frozen=True)
class _Block:
    """One pollutant over some hours, by source.

    observed, expected, planned: sums in g, (sources,). unseen: the part of planned in hours that no reading shows.
    own_sd: error of the emission without control that the observed one does not share. class_sd, factor_sd: relative
    errors of the factor, common to the class and of the source alone. error_class, sector: (sources,).
    """

    observed: Floats
    expected: Floats
    planned: Floats
    unseen: Floats
    own_sd: Floats
    class_sd: Floats
    factor_sd: Floats
    error_class: Integers
    sector: list[str]

    def select(self, sector: str) -> "_Block":
        """The sources of a sector, or all."""
        if sector == Sector.ALL:
            return self
        rows = np.array([own == sector for own in self.sector], dtype=bool)
        arrays = {name: value[rows] for name, value in vars(self).items() if name != "sector"}
        return _Block(**arrays, sector=[own for own in self.sector if own == sector])


def achieve_cut(
    emission_hourly: pa.Table,
    counterfactual_hourly: pa.Table,
    control_hourly: pa.Table,
    production_line: pa.Table,
    activity_area: pa.Table,
    error_correlation: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """Achieved cut of a scenario by sector (and of all) and pollutant, for each local day and for the whole window.

        achieved = Σ E_without − Σ E_observed,  achieved share = achieved ÷ Σ E_without
        planned = Σ share ordered × E_without

    The plan is of the emission without control as well: the base as approved may contain the order already.

    Errors of factors are common to both and to a class, so they move the cut in proportion and the share only where
    classes cut unequally; errors of the emission without control are the source's own and fade from hour to hour.
    Hours without an inventory are in no sum; judged_hour_count says how many are in it. Intervals are normal; a cut may
    be negative. What was ordered of sources whose hours follow calendar, weather or other sources (unseen) may have
    been cut or not: none of it is credited, and all of it is within the upper bound.

    Raises:
        InputError: control_hourly is of several scenarios or of none, or error_correlation lacks a method.
    """
    scenario_id = scenario_of(control_hourly)
    window = context.asked_window or context.window
    rows = _joined(emission_hourly, counterfactual_hourly, control_hourly, window)
    if rows.num_rows == 0:
        return empty(schema.table("achieved_cut"))
    industries = _industry_by_source(production_line, activity_area)
    correlations = ErrorCorrelations(error_correlation)
    parts = []
    for span in _spans(window, context.region.time_zone):
        of_span = select_between(rows, "hour_utc", span.from_utc, span.to_utc)
        hours = {"judged_hour_count": len(of_span["hour_utc"].unique())}
        for pollutant in sorted(set(of_span["pollutant_code"].to_pylist())):
            of_pollutant = of_span.filter(pc.equal(of_span["pollutant_code"], pollutant))
            block = _block(of_pollutant, industries, correlations, span)
            for sector in [*sorted(set(block.sector)), Sector.ALL.value]:
                parts.append(_row(block.select(sector), scenario_id, sector, pollutant, span) | hours)
    return pa.Table.from_pylist(parts)


def _spans(window: Window, time_zone: str) -> list[Window]:
    """The local days of the window, cut to it, and the whole window if it is longer than one of them."""
    days = [day_window(day, time_zone) for day in window.days(time_zone)]
    spans = [Window(max(d.from_utc, window.from_utc), min(d.to_utc, window.to_utc)) for d in days]
    return spans if len(spans) == 1 else [*spans, window]


def _joined(emission: pa.Table, counterfactual: pa.Table, control: pa.Table, window: Window) -> pa.Table:
    """The inventory of the window with what was expected and planned; each row matches at most one of the others."""
    inside = select_between(emission, "hour_utc", window.from_utc, window.to_utc)
    columns = [*KEYS, "sector_code", "method_code", "emission_g"]
    joined = inside.select(columns).join(
        counterfactual.drop_columns(["counterfactual_method_code"]), KEYS, join_type="inner"
    )
    ordered = control.select([*KEYS, "cut_emission_g", "baseline_emission_g"])
    rows = joined.join(ordered, KEYS, join_type="left outer").sort_by([(name, "ascending") for name in KEYS])
    return rows.append_column("planned_g", pa.array(_planned(rows)))


def _planned(rows: pa.Table) -> Floats:
    """The cut ordered of the emission without control, (rows,), of rows in order of source, pollutant and hour."""
    names = [rows[name].combine_chunks().dictionary_encode() for name in ("source_id", "pollutant_code")]
    source, pollutant = (one.indices.to_numpy().astype(np.int64) for one in names)
    base = pc.coalesce(rows["baseline_emission_g"], rows["emission_g"])
    return plan_without_control(
        np.nan_to_num(numbers(rows["cut_emission_g"])),
        numbers(base),
        numbers(rows["counterfactual_emission_g"]),
        source * len(names[1].dictionary) + pollutant,
    )


def _industry_by_source(production_line: pa.Table, activity_area: pa.Table) -> dict[str, str]:
    pairs = [
        *zip(
            production_line["production_line_id"].to_pylist(), production_line["industry_code"].to_pylist(), strict=True
        ),
        *zip(activity_area["activity_area_id"].to_pylist(), activity_area["industry_code"].to_pylist(), strict=True),
    ]
    return dict(pairs)


def _block(rows: pa.Table, industries: dict[str, str], correlations: ErrorCorrelations, span: Window) -> _Block:
    """The rows of one pollutant by source."""
    sources = rows["source_id"].combine_chunks().dictionary_encode()
    row, names = sources.indices.to_numpy(), sources.dictionary.to_pylist()
    first = np.unique(row, return_index=True)[1]
    sector = [str(code) for code in rows["sector_code"].take(pa.array(first)).to_pylist()]
    hour = (rows["hour_utc"].cast(pa.int64()).to_numpy() - _microseconds(span.from_utc)) // HOUR_US
    mean, p05, p95, activity_sd = (
        numbers(rows[name])
        for name in (
            "counterfactual_emission_g",
            "counterfactual_emission_g_p05",
            "counterfactual_emission_g_p95",
            "activity_relative_sd_share",
        )
    )
    total_sd = standard_deviation(mean, p05, p95)
    own = np.zeros((len(names), span.hours))
    own[row, hour] = mean * activity_sd
    factor_sd = np.sqrt(np.maximum(total_sd**2 - (mean * activity_sd) ** 2, 0.0))
    class_share, persistence = correlations.shares_by_row(rows["sector_code"], rows["method_code"])
    expected: Floats = np.asarray(np.bincount(row, mean, minlength=len(names)), dtype=np.float64)
    relative = np.divide(
        np.bincount(row, factor_sd, minlength=len(names)), expected, out=np.zeros(len(names)), where=expected > 0
    )

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(row, values, minlength=len(names)), dtype=np.float64)

    class_names = [industries.get(name) or code for name, code in zip(names, sector, strict=True)]
    return _Block(
        observed=total(numbers(rows["emission_g"])),
        expected=expected,
        planned=total(numbers(rows["planned_g"])),
        unseen=total(numbers(rows["planned_g"]) * _is_unobserved(rows)),
        own_sd=np.sqrt(variance_over_hours(own, persistence[first])),
        class_sd=relative * np.sqrt(class_share[first]),
        factor_sd=relative * np.sqrt(1 - class_share[first]),
        error_class=np.unique(class_names, return_inverse=True)[1].astype(np.int64),
        sector=sector,
    )


def _is_unobserved(rows: pa.Table) -> Flags:
    return np.asarray(pc.is_in(rows["method_code"], pa.array(UNOBSERVED)).to_numpy(), dtype=bool)


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000


def _row(block: _Block, scenario_id: str, sector: str, pollutant: str, span: Window) -> dict[str, object]:
    sums = (float(values.sum()) for values in (block.expected, block.observed, block.planned, block.unseen))
    expected, observed, planned, unseen = sums
    achieved = achieved_emission_g(expected, observed)
    by_class = np.bincount(block.error_class, block.class_sd * (block.expected - block.observed))
    own = (block.factor_sd * (block.expected - block.observed)) ** 2 + block.own_sd**2
    reach = NINETY_FIFTH * float(np.sqrt((by_class**2).sum() + own.sum()))
    variance = achieved_share_variance(
        block.expected,
        block.observed,
        relative_class_sd=block.class_sd,
        relative_own_sd=block.factor_sd,
        own_sd=block.own_sd,
        error_class=block.error_class,
    )
    share = achieved / expected if expected > 0 else None
    share_reach = NINETY_FIFTH * float(np.sqrt(variance))
    share_p95 = None if share is None else min(share + share_reach + unseen / expected, 1.0)
    return {
        "scenario_id": scenario_id,
        "sector_code": sector,
        "pollutant_code": pollutant,
        "from_utc": span.from_utc,
        "to_utc": span.to_utc,
        "counterfactual_emission_g": expected,
        "emission_g": observed,
        "cut_emission_g": planned,
        "unseen_cut_emission_g": unseen,
        "achieved_emission_g": achieved,
        "achieved_emission_g_p05": achieved - reach,
        "achieved_emission_g_p95": achieved + reach + unseen,
        "achieved_share": share,
        "achieved_share_p05": None if share is None else share - share_reach,
        "achieved_share_p95": share_p95,
        "execution_share": achieved / planned if planned > 0 else None,
    }
