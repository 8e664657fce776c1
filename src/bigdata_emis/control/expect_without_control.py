"""The stage that estimates what each source would have emitted without control, hour by hour.

Belongs here: activity of normal days times emission per activity. Does not: which days are normal (outcome), what was
cut (achieve_cut).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import CounterfactualMethod
from bigdata_emis.context import Context
from bigdata_emis.control.outcome.day_grid import DayGrid, grid_of, numbers, row_numbers
from bigdata_emis.control.outcome.normal_emission import UNOBSERVED
from bigdata_emis.control.outcome.normal_hours import NormalHours, find_normal_hours
from bigdata_emis.schema.arrow import empty
from bigdata_emis.statistics.normal_profile import HOURS, PROFILES, fit_normal_profile
from bigdata_emis.statistics.propagation import lognormal_bounds, standard_deviation

COVERAGE_SHARE = 0.9
INTERVAL_SD = 3.29
"""Width of a 90 % interval in standard deviations of a normal error."""
LARGEST_RELATIVE_SD = 5.0
STOPPED_ERROR = -2 / 3
"""Relative error below which a series stands still: less than a third of its profile."""
UNKNOWN_RELATIVE_SD = 0.5
"""Of a source with one normal day only: rating C of reference/uncertainty_rating.csv."""


@dataclass(frozen=True)
class _Expected:
    """Expected hours of series and their relative spread.

    values, relative_sd: (series, hours of the window days). method_number: as in PROFILES, (series,). is_known:
    (series,), False for a series without a normal hour.
    """

    values: Floats
    relative_sd: Floats
    method_number: Integers
    is_known: Flags


def expect_without_control(
    emission_hourly: pa.Table,
    activity_hourly: pa.Table,
    production_line: pa.Table,
    scenario: pa.Table,
    alert_event: pa.Table,
    control_exclusion: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """Emission of every source without control, in the hours of the window that have an inventory.

        E_without = A_without × (Σ E ÷ Σ A over normal hours)

    A_without is the profile of the source's activity on normal days before the window. A source without activity of
    its own (an area, a road link) has the profile of its emission instead. A production line without emission in any
    normal hour takes emission per activity from the window. Where neither is known, or nothing of the source is
    observed (a profile, moved by weather or not), the emission without control is that of the inventory, and its method
    says so: no cut can be credited. The interval covers activity and factor;
    activity_relative_sd_share is the part that the observed emission does not share.
    """
    window_days = context.window.days(context.region.time_zone)
    reach = context.window.widened(days_before=context.lookback_days, time_zone=context.region.time_zone)
    grid = grid_of([*reach.days(context.region.time_zone), *window_days], context.region.time_zone)
    asked = context.asked_window or context.window
    normal = find_normal_hours(grid, scenario, alert_event, control_exclusion, window=asked)
    if emission_hourly.num_rows == 0:
        return empty(schema.table("counterfactual_hourly"))
    keys = _EmissionKeys.of(emission_hourly, grid, len(window_days))
    industries = dict(
        zip(
            production_line["production_line_id"].to_pylist(), production_line["industry_code"].to_pylist(), strict=True
        )
    )
    expected = _expect_emission(keys, activity_hourly, grid, normal, industries)
    return _rows(emission_hourly, keys, expected, grid)


@dataclass(frozen=True)
class _EmissionKeys:
    """The inventory by source and pollutant.

    source_id: of each key; emission: (keys, days, 24), NaN without an inventory; row_key: key of each row;
    relative_sd: of the emission of each key, (keys,). window_days: days at the end of the grid.
    """

    source_id: list[str]
    emission: Floats
    row_key: Integers
    relative_sd: Floats
    window_days: int

    @staticmethod
    def of(emission_hourly: pa.Table, grid: DayGrid, window_days: int) -> "_EmissionKeys":
        sources = emission_hourly["source_id"].combine_chunks().dictionary_encode()
        pollutants = emission_hourly["pollutant_code"].combine_chunks().dictionary_encode()
        joint = sources.indices.to_numpy().astype(np.int64) * len(pollutants.dictionary) + pollutants.indices.to_numpy()
        distinct, row_key = np.unique(joint, return_inverse=True)
        ids = sources.dictionary.take(pa.array(distinct // len(pollutants.dictionary))).to_pylist()
        mean, p05, p95 = (numbers(emission_hourly[n]) for n in ("emission_g", "emission_g_p05", "emission_g_p95"))
        emission = grid.dense(emission_hourly["hour_utc"], row_key.astype(np.int64), mean, len(distinct))
        sd = np.bincount(row_key, standard_deviation(mean, p05, p95), minlength=len(distinct))
        total = np.bincount(row_key, mean, minlength=len(distinct))
        relative = np.divide(sd, total, out=np.zeros(len(distinct)), where=total > 0)
        return _EmissionKeys(ids, emission, row_key.astype(np.int64), relative, window_days)


def _expect_emission(
    keys: _EmissionKeys, activity_hourly: pa.Table, grid: DayGrid, normal: NormalHours, industries: dict[str, str]
) -> _Expected:
    lines = sorted(set(pc.unique(activity_hourly["source_id"]).to_pylist()))
    line_row = row_numbers(activity_hourly["source_id"], lines)
    activity = grid.dense(activity_hourly["hour_utc"], line_row, numbers(activity_hourly["activity"]), len(lines))
    is_normal_line = normal.of_industries([industries.get(line) for line in lines])
    of_lines = _fit(activity, is_normal_line, grid, keys.window_days)
    line_of_key = row_numbers(pa.chunked_array([pa.array(keys.source_id)]), lines)
    own = _fit(keys.emission, np.broadcast_to(normal.is_normal, keys.emission.shape), grid, keys.window_days)
    per_activity = _emission_per_activity(keys, activity, is_normal_line, line_of_key)
    has_line = (line_of_key >= 0) & np.isfinite(per_activity)
    has_line &= of_lines.is_known[np.maximum(line_of_key, 0)] if len(lines) else False
    chosen = np.maximum(line_of_key, 0)
    if not len(lines):
        return own
    by_line = of_lines.values[chosen] * np.where(has_line, per_activity, 0.0)[:, None]
    return _Expected(
        np.where(has_line[:, None], by_line, own.values),
        np.where(has_line[:, None], of_lines.relative_sd[chosen], own.relative_sd),
        np.where(has_line, of_lines.method_number[chosen], own.method_number),
        has_line | (own.is_known & (line_of_key < 0)),
    )


def _fit(values: Floats, is_normal: Flags, grid: DayGrid, window_days: int) -> _Expected:
    """The profile of normal days of each series, for the days of the window."""
    days = grid.day_count - window_days
    training = np.where(is_normal, values, np.nan)[:, :days]
    present = np.isfinite(training).any(axis=(0, 2))
    types = grid.day_types
    profile = fit_normal_profile(training[:, present], types[:days][present], types[days:])
    lower, upper = profile.relative_bounds(COVERAGE_SHARE)
    expected = profile.expected.reshape(len(values), window_days * HOURS)
    quiet = profile.quiet()[:, 0]
    scale = np.divide(expected + quiet, expected, out=np.ones_like(expected), where=expected > 0)
    has_spread: Flags = np.asarray(np.isfinite(profile.relative_errors).any(axis=(1, 2)))
    usual = np.hypot((upper - lower) / INTERVAL_SD, _stop_sd(profile.relative_errors, has_spread))
    spread = np.where(has_spread, usual, UNKNOWN_RELATIVE_SD)
    relative_sd = np.minimum(spread[:, None] * scale, LARGEST_RELATIVE_SD)
    return _Expected(expected, relative_sd, profile.profile_number, np.asarray(np.isfinite(training).any(axis=(1, 2))))


def _stop_sd(relative_errors: Floats, has_spread: Flags) -> float:
    """Relative spread by hours in which a series stood still although its profile says that it works.

        s = √(p (1 − p))

    p: share of such hours, of all series together. A 90 % interval of hours does not see stops of a few per cent of the
    hours, but a sum over days does, and ten days of one plant do not show how often it stops.
    """
    errors = relative_errors[has_spread]
    count = int(np.isfinite(errors).sum())
    share = float((errors < STOPPED_ERROR).sum()) / count if count else 0.0
    return float(np.sqrt(share * (1 - share)))


def _emission_per_activity(keys: _EmissionKeys, activity: Floats, is_normal: Flags, line_of_key: Integers) -> Floats:
    """Emission per activity of each key, of normal hours, else of the window; NaN where no hour has both."""
    if not len(activity):
        return np.full(len(keys.source_id), np.nan)
    ratio = np.full(len(keys.source_id), np.nan)
    for use in (is_normal, ~is_normal):
        matched = np.where(use, activity, np.nan)[np.maximum(line_of_key, 0)]
        is_both = np.isfinite(matched) & np.isfinite(keys.emission)
        mass = np.where(is_both, keys.emission, 0.0).sum(axis=(1, 2))
        amount = np.where(is_both, matched, 0.0).sum(axis=(1, 2))
        found = np.divide(mass, amount, out=np.full(len(mass), np.nan), where=amount > 0)
        ratio = np.where(np.isfinite(ratio), ratio, found)
    return np.where(line_of_key >= 0, ratio, np.nan)


def _rows(emission_hourly: pa.Table, keys: _EmissionKeys, expected: _Expected, grid: DayGrid) -> pa.Table:
    """One row for each row of the inventory in the window."""
    first = (grid.day_count - keys.window_days) * 24
    position = grid.positions(emission_hourly["hour_utc"])
    is_window = position >= first
    rows = emission_hourly.filter(pa.array(is_window))
    key, hour = keys.row_key[is_window], position[is_window] - first
    is_observed = ~pc.is_in(rows["method_code"], pa.array(UNOBSERVED)).to_numpy(zero_copy_only=False)
    observed, is_known = numbers(rows["emission_g"]), expected.is_known[key] & is_observed
    mean = np.where(is_known, expected.values[key, hour], observed)
    activity_sd = np.where(is_known, expected.relative_sd[key, hour], 0.0)
    lower, upper = lognormal_bounds(mean, mean * np.hypot(activity_sd, keys.relative_sd[key]))
    codes = np.array([*PROFILES, CounterfactualMethod.OBSERVED.value])
    method = np.where(is_known, expected.method_number[key], len(PROFILES))
    return pa.table(
        {
            "source_id": rows["source_id"],
            "pollutant_code": rows["pollutant_code"],
            "hour_utc": rows["hour_utc"],
            "counterfactual_emission_g": mean,
            "counterfactual_emission_g_p05": lower,
            "counterfactual_emission_g_p95": upper,
            "activity_relative_sd_share": activity_sd,
            "counterfactual_method_code": pa.array(codes[method]),
        }
    )
