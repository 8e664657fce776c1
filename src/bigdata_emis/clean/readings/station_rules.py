"""Rules of air quality stations: stuck values, zeros, fine particles above the particles that contain them.

Belongs here: which readings of a station are doubtful, and whether they are used. Does not: rules of single fields
(rules), or peaks, which are what stations measure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.clean.readings.judged_readings import JudgedReadings
from bigdata_emis.clean.readings.rules import ReadingRule
from bigdata_emis.codes import Flag, Pollutant, RuleAction
from bigdata_emis.reference.air_bounds import highest_concentrations

CONCENTRATION = "concentration_ug_per_m3"


@dataclass(frozen=True)
class StationRule:
    """One row of reference table station_rule."""

    flag: Flag
    pollutant_code: str
    is_quarantining: bool
    least_hour_count: int
    above_ug_per_m3: float


def read_station_rules(station_rule: pa.Table) -> tuple[StationRule, ...]:
    """The rules of the reference table but its bounds, which hold for single readings."""
    return tuple(
        StationRule(
            flag=Flag(row["flag_code"]),
            pollutant_code=row["pollutant_code"],
            is_quarantining=row["rule_action_code"] == RuleAction.QUARANTINE,
            least_hour_count=int(row["least_hour_count"]),
            above_ug_per_m3=row["concentration_ug_per_m3"] or 0.0,
        )
        for row in station_rule.to_pylist()
        if row["flag_code"] != Flag.OUT_OF_BOUNDS
    )


def compile_station_bounds(station_rule: pa.Table) -> tuple[ReadingRule, ...]:
    """The rule that a concentration is one that outdoor air can have."""
    bounds = highest_concentrations(station_rule)
    return (ReadingRule(Flag.OUT_OF_BOUNDS, CONCENTRATION, "pollutant_maximum", bounds),) if bounds else ()


def apply_station_rules(judged: JudgedReadings, rules: Sequence[StationRule]) -> Mapping[Flag, Flags]:
    """Quarantine the readings of rules that say so, and return by flag the readings that are only marked."""
    marks: dict[Flag, Flags] = {}
    for is_quarantining in (True, False):
        for rule in (rule for rule in rules if rule.is_quarantining == is_quarantining):
            is_hit = _hits(judged, rule)
            if is_quarantining:
                judged.reasons.add(rule.flag, is_hit)
            else:
                marks[rule.flag] = marks.get(rule.flag, np.zeros(len(is_hit), dtype=bool)) | is_hit
    return marks


def find_constant_runs(value: list[float] | np.ndarray, source: Integers, *, least_count: int) -> Flags:
    """Readings in runs of at least so many equal values of one source; sorted by source and time."""
    values = np.asarray(value, dtype=np.float64)
    if not len(values):
        return np.zeros(0, dtype=bool)
    is_start = np.r_[True, (source[1:] != source[:-1]) | (values[1:] != values[:-1])]
    run = np.cumsum(is_start) - 1
    run_length = np.bincount(run)[run]
    is_constant: Flags = np.asarray(run_length >= least_count)
    return is_constant


def _hits(judged: JudgedReadings, rule: StationRule) -> Flags:
    if rule.flag == Flag.CONSTANT:
        return _constant(judged, rule)
    if rule.flag == Flag.ZERO:
        is_zero: Flags = _is_of(judged, rule.pollutant_code) & (judged.values(CONCENTRATION) == 0)
        return is_zero
    return _exceeds_whole(judged, rule.pollutant_code)


def _constant(judged: JudgedReadings, rule: StationRule) -> Flags:
    """Runs that reach into a day of the window, counted on it and on the days looked back on, never later ones.

    A day is so judged alike in a window of one day or of ten.
    """
    grid, value = judged.grid, judged.values(CONCENTRATION)
    rows = judged.usable_rows
    rows = rows[_is_of(judged, rule.pollutant_code)[rows] & (value[rows] > rule.above_ug_per_m3)]
    day = grid.day[judged.hour[rows]]
    is_hit = np.zeros(len(value), dtype=bool)
    for last_day in grid.own_days:
        near = rows[(day <= last_day) & (day >= last_day - grid.first_own_day)]
        is_constant = find_constant_runs(value[near], judged.source[near], least_count=rule.least_hour_count)
        is_hit[near[is_constant & (grid.day[judged.hour[near]] == last_day)]] = True
    return is_hit


def _exceeds_whole(judged: JudgedReadings, part: str) -> Flags:
    """Readings of the part that exceed those of PM10 of the same station and hour, and the latter."""
    is_hit = np.zeros(judged.rows.num_rows, dtype=bool)
    number = {tuple(key.values()): index for index, key in enumerate(judged.keys.to_pylist())}
    value, row = judged.value_by_hour(CONCENTRATION), judged.row_by_hour()
    for (station_id, pollutant), index in number.items():
        whole = number.get((station_id, Pollutant.PM10))
        if pollutant != part or whole is None:
            continue
        above = value[index] > value[whole]
        is_hit[row[index][above]] = is_hit[row[whole][above]] = True
    return is_hit


def _is_of(judged: JudgedReadings, pollutant_code: str) -> Flags:
    is_source = np.array([code == pollutant_code for code in judged.keys["pollutant_code"].to_pylist()], dtype=bool)
    of: Flags = is_source[judged.source] if len(is_source) else np.zeros(judged.rows.num_rows, dtype=bool)
    return of
