"""The stage that judges whether production lines obeyed their orders, hour by hour, and what they emitted in excess.

Belongs here: which measurement is compared with which order. Does not: the probability itself
(outcome/order_obedience), cases (outcome/cases).
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.context import Context
from bigdata_emis.control.outcome.block_obedience import day_spread, judge_by_day
from bigdata_emis.control.outcome.day_grid import DayGrid, grid_of, numbers
from bigdata_emis.control.outcome.hour_evidence import (
    AbatementEvidence,
    find_restarts,
    find_standstills,
    judge_abatement,
    long_runs,
    production_states,
)
from bigdata_emis.control.outcome.line_judgement import LineJudgement, LoadVerdict
from bigdata_emis.control.outcome.load_indicators import LineMeasurements, LoadIndicator, choose_indicator
from bigdata_emis.control.outcome.meter_doubts import MeterDoubts, find_meter_doubts
from bigdata_emis.control.outcome.normal_hours import find_normal_hours
from bigdata_emis.control.outcome.order_obedience import (
    LoadSeries,
    Obedience,
    is_shut,
    judge_obedience,
    normal_spread,
    separation_sd,
    without_stops,
)
from bigdata_emis.control.outcome.order_share import line_mass, order_shares, scenario_of
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.equations.control import allowed_energy_kwh, excess_emission_g
from bigdata_emis.schema.arrow import empty
from bigdata_emis.statistics.normal_profile import fit_normal_profile

INSTANT = pa.timestamp("us", tz="UTC")


def judge_compliance(
    control_hourly: pa.Table,
    emission_hourly: pa.Table,
    counterfactual_hourly: pa.Table,
    line_energy_hourly: pa.Table,
    production_line: pa.Table,
    meter: pa.Table,
    stack: pa.Table,
    cems_hourly: pa.Table,
    scenario: pa.Table,
    alert_event: pa.Table,
    control_exclusion: pa.Table,
    supervision_rule: pa.Table,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Probability of not obeying for every production line and hour of the window, and the emission in excess.

    The load of a line is compared with its own profile of normal days and with its order. An hour in which a meter of
    the line is off line, read in part, stuck or replaced is unknown by construction: nothing measured in it reaches a
    rule. So is a line without a meter of its own, and one whose load varies more than the order asks, by hours and by
    days. Unknown is neither obeyed nor a breach, and has a reason.

    Raises:
        InputError: control_hourly has no scenario or several, or supervision_rule lacks a row.
    """
    rules, scenario_id = SupervisionRules.read(supervision_rule), scenario_of(control_hourly)
    window = context.asked_window or context.window
    window_days = context.window.days(context.region.time_zone)
    reach = context.window.widened(days_before=context.lookback_days, time_zone=context.region.time_zone)
    grid = grid_of([*reach.days(context.region.time_zone), *window_days], context.region.time_zone)
    lines = production_line["production_line_id"].to_pylist()
    industries = production_line["industry_code"].to_pylist()
    normal = find_normal_hours(grid, scenario, alert_event, control_exclusion, window=window)
    window_grid = grid_of(window_days, context.region.time_zone)
    hours = pa.chunked_array([pa.array(list(window.hour_starts_utc()), INSTANT)])
    positions = window_grid.positions(hours)
    order = order_shares(control_hourly, emission_hourly, lines, window_grid).reshape(len(lines), -1)[:, positions]
    setting = _Setting(grid, grid.day_count - window_grid.day_count, positions, normal.of_industries(industries))
    doubts = find_meter_doubts(
        line_energy_hourly, meter, lines, grid, last_normal_day=setting.last_normal_day, stuck_h=rules.stuck_h
    )
    measured = LineMeasurements.of(line_energy_hourly, cems_hourly, stack, lines, grid).without(
        doubts.is_doubtful, rules.stuck_h
    )
    indicator = choose_indicator(measured, industries, doubts)
    judged = _judge(measured, indicator, np.nan_to_num(order), production_line, setting, rules, doubts)
    return {
        "compliance_hourly": _compliance_rows(judged, scenario_id, lines, hours),
        "excess_hourly": _excess_rows(
            judged, scenario_id, lines, emission_hourly, counterfactual_hourly, window_grid, hours
        ),
    }


@dataclass(frozen=True)
class _Setting:
    """Where the window lies: days before it, its hours as positions, and the normal hours, (lines, days, 24)."""

    grid: DayGrid
    days_before: int
    positions: Integers
    is_normal: Flags

    @property
    def last_normal_day(self) -> date:
        """The last day with a normal hour of any line before the window; else the day before it."""
        days = np.flatnonzero(self.is_normal[:, : self.days_before].any(axis=(0, 2)))
        return self.grid.days[int(days[-1]) if len(days) else max(self.days_before - 1, 0)]

    @property
    def day_of_hour(self) -> Integers:
        """The local day of each hour of the window, counted from its first day."""
        days: Integers = self.positions // 24
        return days - days.min(initial=0) if len(days) else days

    def training(self, values: Floats) -> Floats:
        """The normal hours before the window, (lines, days, 24)."""
        normal: Floats = np.where(self.is_normal, values, np.nan)[:, : self.days_before]
        return normal

    def in_window(self, values: Floats) -> Floats:
        """The hours of the window, (lines, hours)."""
        hours: Floats = values[:, self.days_before :].reshape(len(values), -1)[:, self.positions]
        return hours


def _judge(
    measured: LineMeasurements,
    indicator: LoadIndicator,
    order: Floats,
    production_line: pa.Table,
    setting: _Setting,
    rules: SupervisionRules,
    doubts: MeterDoubts,
) -> LineJudgement:
    load = _judge_load(indicator.values, indicator.is_flow, order, production_line, setting, rules)
    # A second look at lines that are judged by power and have a stack: gas flows although the meter shows little.
    all_flow = np.ones(len(order), dtype=bool)
    has_both: Flags = (
        np.asarray(np.isfinite(measured.stack_flow).any(axis=(1, 2)))
        & ~indicator.is_flow
        & ~is_shut(load.series, rules)
    )
    flow = np.where(has_both[:, None, None], measured.stack_flow, np.nan)
    by_flow = _judge_load(flow, all_flow, order, production_line, setting, rules)
    return LineJudgement(
        order=order,
        load=load,
        abatement=_judge_abatement(measured, indicator, order, production_line, setting, rules),
        contradicts=by_flow.is_breach & ~load.is_breach & np.isfinite(load.series.observed),
        is_grace=_grace(order, rules.ramp_h),
        indicator=indicator,
        doubts=MeterDoubts(setting.in_window(doubts.reason_number)),
        stack_probability_share=rules.stack_probability_share,
        unseen_share=rules.unseen_breach_share,
    )


def _judge_abatement(
    measured: LineMeasurements,
    indicator: LoadIndicator,
    order: Floats,
    production_line: pa.Table,
    setting: _Setting,
    rules: SupervisionRules,
) -> AbatementEvidence:
    """Abatement beside the power of production, whatever indicator the line is judged by."""
    by_power = np.zeros(len(order), dtype=bool)
    series, _ = _load_series(measured.energy_kwh, by_power, order, production_line, setting, rules)
    return judge_abatement(
        series.observed,
        setting.in_window(measured.abatement_kwh),
        production=production_states(series, rules),
        normal_energy=setting.training(measured.energy_kwh).reshape(len(order), -1),
        normal_abatement=setting.training(measured.abatement_kwh).reshape(len(order), -1),
        by_power=np.array([not code for code in indicator.reason]) & ~indicator.is_flow,
        rules=rules,
    )


def _judge_load(
    values: Floats, is_flow: Flags, order: Floats, production_line: pa.Table, setting: _Setting, rules: SupervisionRules
) -> LoadVerdict:
    """The verdict of one indicator about all lines; without one, every hour is unknown.

    Lines whose order is lost in the variation of an hour are judged by days, where a day shows it. A line that was shut
    before the order obeys it as long as it stays shut.
    """
    has_profile = np.isfinite(setting.training(values)).any(axis=2).sum(axis=1) >= rules.least_normal_days
    values = np.where(has_profile[:, None, None], values, np.nan)
    series, day_sd = _load_series(values, is_flow, order, production_line, setting, rules)
    is_grace = _grace(order, rules.ramp_h)
    hours = judge_obedience(series, rules)
    days = judge_by_day(series, day_sd, day_of_hour=setting.day_of_hour, is_grace=is_grace, rules=rules)
    shut = is_shut(series, rules)
    by_day = (separation_sd(series, rules) < rules.least_separation_sd) & ~shut
    runs_while_shut = find_restarts(series, rules) & (order > 0)
    probability, executed = (
        np.where(by_day[:, None], getattr(days.obedience, name), getattr(hours, name))
        for name in ("breach_probability", "executed_share")
    )
    probability = np.where(shut[:, None], np.where(runs_while_shut, rules.restart_probability_share, 0.0), probability)
    after_grace = replace(series, observed=np.where(is_grace, np.nan, series.observed))
    normal = setting.training(values).reshape(len(values), -1)
    stands = find_standstills(after_grace, normal, rules)
    probability = np.where(is_grace | stands[:, None], 0.0, probability)
    probability = np.where(np.isfinite(series.observed), probability, np.nan)
    is_likely = np.nan_to_num(probability) >= rules.breach_probability_share
    is_stop = order.max(axis=1, initial=0.0) >= rules.stop_order_share
    by_hour = long_runs(is_likely, np.where(is_stop, rules.least_stop_run_h, rules.least_cut_run_h))
    is_too_variable = by_day[:, None] & ~days.is_judged
    is_breach = np.where(by_day[:, None], is_likely & ~is_too_variable, np.where(shut[:, None], is_likely, by_hour))
    most = np.where(by_day, rules.day_unclear_share, 1 - rules.breach_probability_share)[:, None]
    return LoadVerdict(
        series,
        Obedience(probability, executed),
        is_breach,
        is_too_variable,
        is_unclear=~is_breach & ((np.nan_to_num(probability) > most) | (by_day[:, None] & days.hides_work)),
        runs_while_shut=runs_while_shut,
        is_by_day=by_day,
        has_profile=has_profile,
    )


def _load_series(
    values: Floats, is_flow: Flags, order: Floats, production_line: pa.Table, setting: _Setting, rules: SupervisionRules
) -> tuple[LoadSeries, Floats]:
    """The indicator beside what it would be without control, with its usual spread by hour and by day."""
    training, types = setting.training(values), setting.grid.day_types
    present = np.isfinite(training).any(axis=(0, 2))
    trained, ahead = types[: setting.days_before][present], types[setting.days_before :]
    training = training[:, present]
    first = fit_normal_profile(training, trained, ahead)
    working = without_stops(training, first)
    profile = fit_normal_profile(working, trained, ahead)
    persistent_sd, hourly_sd = normal_spread(profile, rules.persistence_share)

    def of_line(name: str, of_flow: float) -> Floats:
        return np.where(is_flow, of_flow, np.nan_to_num(numbers(production_line[name]), nan=of_flow))

    series = LoadSeries(
        observed=setting.in_window(values),
        expected=profile.expected.reshape(len(training), -1)[:, setting.positions],
        order_share=order,
        base_share=of_line("base_load_share", rules.idle_flow_share),
        power_elasticity=of_line("power_elasticity", 1.0),
        reference=np.where(is_flow, profile.level, of_line("reference_energy_kwh", 0.0)),
        level=profile.level,
        persistent_sd=persistent_sd,
        hourly_sd=hourly_sd,
    )
    return series, day_spread(working, profile)


def _grace(order: Floats, ramp_h: float) -> Flags:
    """The first hours of each order, (lines, hours)."""
    since = np.zeros(len(order))
    grace = np.zeros(order.shape, dtype=bool)
    for hour in range(order.shape[1]):
        has_order = order[:, hour] > 0
        grace[:, hour] = has_order & (since < ramp_h)
        since = np.where(has_order, since + 1, 0)
    return grace


def _compliance_rows(judged: LineJudgement, scenario_id: str, lines: list[str], hours: pa.ChunkedArray) -> pa.Table:
    count, width = judged.order.shape
    series = judged.load.series
    base = np.divide(
        (series.base_share * series.reference)[:, None],
        series.expected,
        out=np.ones_like(series.expected),
        where=series.expected > 0,
    ).clip(0, 1)
    allowed = allowed_energy_kwh(
        series.expected, base, cut_order_share=judged.order, power_elasticity=series.power_elasticity[:, None]
    )
    shows_energy = np.array([not code for code in judged.indicator.reason]) & ~judged.indicator.is_flow
    row = np.repeat(np.arange(count), width)
    return pa.table(
        {
            "scenario_id": pa.repeat(scenario_id, count * width),
            "source_id": pa.array(lines, pa.string()).take(pa.array(row)),
            "hour_utc": pa.concat_arrays([hours.combine_chunks()] * count) if count else pa.array([], INSTANT),
            "cut_order_share": judged.order.ravel(),
            "compliance_code": pa.array(judged.codes().ravel().tolist(), pa.string()),
            "breach_probability_share": _nullable(judged.probability, ~judged.is_unknown | judged.is_breach),
            "execution_share": _nullable(judged.load.obedience.executed_share, ~judged.is_unknown & (judged.order > 0)),
            "energy_kwh": _nullable(series.observed, shows_energy[:, None] & np.isfinite(series.observed)),
            "expected_energy_kwh": _nullable(series.expected, shows_energy[:, None]),
            "allowed_energy_kwh": _nullable(allowed, shows_energy[:, None]),
            "evidence_codes": pa.array(judged.evidence(), pa.list_(pa.string())),
        }
    )


def _nullable(values: Floats, is_present: Flags) -> pa.Array:
    present = np.broadcast_to(is_present, values.shape) & np.isfinite(values)
    return pa.array(np.where(present, values, 0.0).ravel(), mask=~present.ravel())


def _excess_rows(
    judged: LineJudgement,
    scenario_id: str,
    lines: list[str],
    emission_hourly: pa.Table,
    counterfactual_hourly: pa.Table,
    grid: DayGrid,
    hours: pa.ChunkedArray,
) -> pa.Table:
    """Emission above what the order leaves, weighted with the probability of not obeying; only hours of a breach."""
    parts, positions = [], grid.positions(hours)
    for pollutant in sorted(set(counterfactual_hourly["pollutant_code"].to_pylist())):
        observed = line_mass(emission_hourly, "emission_g", pollutant, lines, grid)
        expected = line_mass(counterfactual_hourly, "counterfactual_emission_g", pollutant, lines, grid)
        above = excess_emission_g(
            observed.reshape(len(lines), -1)[:, positions],
            expected.reshape(len(lines), -1)[:, positions],
            cut_order_share=judged.order,
        )
        excess = np.where(judged.is_breach, np.nan_to_num(judged.probability) * np.nan_to_num(above), 0.0)
        row, hour = np.nonzero(excess > 0)
        parts.append(
            pa.table(
                {
                    "scenario_id": pa.repeat(scenario_id, len(row)),
                    "source_id": pa.array(lines, pa.string()).take(pa.array(row)),
                    "pollutant_code": pa.repeat(pollutant, len(row)),
                    "hour_utc": hours.take(pa.array(hour)),
                    "excess_emission_g": excess[row, hour],
                }
            )
        )
    return pa.concat_tables(parts) if parts else empty(schema.table("excess_hourly"))
