"""The share that the measures in force cut of each source, and of each vehicle class and stage.

Belongs here: which measure applies, and how several combine. Does not: hours or emissions (cut_hours, road_cuts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.control.scenario.measures import Measure, levels_up_to
from bigdata_emis.control.scenario.process_limits import (
    NO_MEASURE,
    UNLIMITED,
    CountedShares,
    KindLimits,
    ProcessLimit,
    StatedLimits,
    share_up_to,
)
from bigdata_emis.equations.control import applied_cut_share, combined_cut_share

TRAITS = ("industry_code", "grade_code", "sector_code", "road_class_code", "fleet_place")
ROAD_CLASS, PLACE = 4, 5
"""Of the parts of a kind: these are empty unless the source is a road; measures select by those before."""
SPECIFICITY = ("production_line_id", "industry_code", "grade_code", "sector_code", "pollutant_code")
"""From the most specific selector to the least: a line outweighs all others, an industry grade and sector together."""
APART_FROM_TRAFFIC = (Industry.MINOR_ROAD, Industry.PARKED_VEHICLES)
"""Area sources that measures of traffic do not cut as sources: the one by its vehicles, the other not at all."""
HOURS_PER_DAY, MICROSECONDS = 24, 1_000_000
Kind = tuple[str, ...]


@dataclass(frozen=True, order=True)
class HourCondition:
    """What decides in an hour which measures apply.

    level: in force, may be empty; instant_us: its start, for measures that an event orders in some of its hours only;
    day_number: local days since the first of the event, for lines that take turns.
    """

    level: str
    local_hour: int
    instant_us: int = 0
    day_number: int = 0


@dataclass(frozen=True)
class SourceCuts:
    """The cut of sources by kind: sources that every measure treats alike.

    kind_of_source: (sources,); kinds: line (where a measure names it) or area with counted machines, industry, grade,
    sector, road class, place of the fleet. winners: number of the measure that applies, NO_MEASURE for none, (kinds,
    pollutants, variants); shares: the share that it cuts, (kinds, pollutants, columns). variant_of_hour,
    column_of_hour: (hours of the day in the window,). counted: shares of the stages of machines by area, where they
    were counted.
    """

    kind_of_source: Positions
    kinds: list[Kind]
    winners: Positions
    shares: Floats
    variant_of_hour: Positions
    column_of_hour: Positions
    counted: CountedShares = field(default_factory=dict)


@dataclass(frozen=True)
class _Rules:
    """The measure of each selector in force, and which selectors are used, from the most specific."""

    measure_of: Mapping[Kind, int]
    patterns: Sequence[tuple[bool, ...]]


@dataclass(frozen=True)
class MeasureCuts:
    """The measures of a list, as shares cut of sources and vehicles.

    limits: of processes, by industry; machine_shares: emission by industry and stage of non-road machines.
    """

    measures: Sequence[Measure]
    limits: Mapping[str, ProcessLimit] = field(default_factory=dict)
    machine_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def source_cuts(
        self,
        control_source: pa.Table,
        conditions: Sequence[HourCondition],
        hours: range | None = None,
        *,
        counted: CountedShares | None = None,
        kinds_of: tuple[list[Kind], Positions] | None = None,
    ) -> SourceCuts:
        """The share cut of each kind of source in the wanted hours; road links are cut by their vehicles.

        The most specific measure applies over all levels up to the one in force (line, then industry with grade,
        industry, sector with grade, grade, sector; one pollutant before all); of one selector its row at the highest
        level, and of several at that level the larger cut. A process keeps its least load, and ramps.

        conditions: of every hour from the first of the event; hours: positions of the wanted ones, default all.
        counted: of areas whose machines were counted; elsewhere the shares of their industry apply.
        kinds_of: kinds that are known to be fine enough, and that of each source: those of a list which contains this
        one.
        """
        counted = counted or {}
        wanted = np.arange(len(conditions)) if hours is None else np.array(hours, dtype=np.intp)
        listed = {m.production_line_id for m in self.measures if m.production_line_id}
        kinds, kind_of_source = kinds_of or _distinct_kinds(control_source, listed | set(counted))
        variants = sorted(set(map(self.variant, conditions)))
        variant_of_hour = np.array([variants.index(self.variant(one)) for one in conditions], dtype=np.intp)
        winners = self._winners(kinds, [self._rules_in_force(variant) for variant in variants])
        shares = self._ordered_shares[winners]
        for row, kind in enumerate(kinds):
            if kind[0] in counted:
                for number in np.unique(winners[row][winners[row] != NO_MEASURE]):
                    own = self.ordered_shares_of(self.measures[number], kind, counted)
                    shares[row] = np.where(winners[row] == number, own[:, None], shares[row])
        column_of_hour = variant_of_hour[wanted]
        limits = self._limits_of_kinds(kinds)
        np.minimum(shares, 1.0 - limits.least_loads(winners), out=shares)
        slow = np.flatnonzero(limits.has_ramp(winners))
        if len(slow):
            of_hour = np.ix_(slow, np.arange(shares.shape[1]), variant_of_hour)
            ramped = limits.ramp(slow, winners[of_hour], shares[of_hour])
            shares, column_of_hour = shares[:, :, column_of_hour], np.arange(len(wanted))
            shares[slow] = ramped[:, :, wanted]
        return SourceCuts(kind_of_source, kinds, winners, shares, variant_of_hour[wanted], column_of_hour, counted)

    def vehicle_parts(
        self, vehicle_class_code: str, emission_stage_code: str, condition: HourCondition
    ) -> list[tuple[int, float]]:
        """The banned share of a vehicle class and stage, by number of the measure: what each adds to those before it.

            combined = 1 − Π (1 − cut), in order of measure_id

        A measure that several levels list counts once, with its row at the highest level. An exemption removes what
        selects less than itself.
        """
        parts: list[tuple[int, float]] = []
        combined = 0.0
        for number in self._vehicle_measures(vehicle_class_code, emission_stage_code, condition):
            measure = self.measures[number]
            before = combined
            combined = combined_cut_share(before, applied_cut_share(measure.affected_share, measure.cut_share))
            parts.append((number, combined - before))
        return parts

    def vehicle_share(self, vehicle_class_code: str, emission_stage_code: str, condition: HourCondition) -> float:
        """The banned share of a vehicle class and stage: 1 − Π (1 − cut) over its measures."""
        combined = 0.0
        for number in self._vehicle_measures(vehicle_class_code, emission_stage_code, condition):
            measure = self.measures[number]
            combined = combined_cut_share(combined, applied_cut_share(measure.affected_share, measure.cut_share))
        return combined

    def in_force(self, condition: HourCondition) -> list[int]:
        """The numbers of the measures whose level and hours of the day cover an hour."""
        return self._in_force(range(len(self.measures)), condition)

    def variant(self, condition: HourCondition) -> HourCondition:
        """One condition for all in which the same measures are in force: the hour in which the last of them changed."""
        changes = self._hours_of_change
        hour = max((change for change in changes if change <= condition.local_hour), default=max(changes, default=0))
        instant = max((change for change in self._instants_of_change if change <= condition.instant_us), default=0)
        return HourCondition(condition.level, hour, instant, condition.day_number if self._has_daily_turns else 0)

    @cached_property
    def _instants_of_change(self) -> set[int]:
        instants = {at for measure in self.measures for at in (measure.applies_from_utc, measure.applies_to_utc)}
        return {_microseconds(at) for at in instants if at is not None}

    @cached_property
    def _has_daily_turns(self) -> bool:
        return any(measure.rotation_days for measure in self.measures)

    @cached_property
    def _turns(self) -> dict[tuple[str, str, datetime | None], int]:
        """The number of turns of each rotation."""
        turns: dict[tuple[str, str, datetime | None], int] = {}
        for measure in self.measures:
            if measure.rotation_turn is not None:
                turns[_rotation(measure)] = max(turns.get(_rotation(measure), 0), measure.rotation_turn)
        return turns

    @cached_property
    def _hours_or_turns(self) -> list[bool]:
        """Which measures are not ordered in every hour of their levels."""
        return [bool(m.applies_from_utc or m.applies_to_utc or m.rotation_days) for m in self.measures]

    def _is_ordered(self, number: int, condition: HourCondition) -> bool:
        """Whether the event orders a measure in an hour: it is within its instants, and its turn has come."""
        measure = self.measures[number]
        if measure.applies_from_utc and condition.instant_us < _microseconds(measure.applies_from_utc):
            return False
        if measure.applies_to_utc and condition.instant_us >= _microseconds(measure.applies_to_utc):
            return False
        if not measure.rotation_days:
            return True
        turn = condition.day_number // measure.rotation_days % self._turns[_rotation(measure)]
        return turn + 1 == measure.rotation_turn

    @cached_property
    def _hours_of_change(self) -> set[int]:
        hours = {hour for m in self.measures for hour in (m.from_local_hour, m.to_local_hour) if hour is not None}
        return {hour % HOURS_PER_DAY for hour in hours}

    @cached_property
    def _traffic_measures(self) -> list[int]:
        return [number for number, measure in enumerate(self.measures) if measure.is_for_roads]

    @cached_property
    def _ordered_shares(self) -> Floats:
        """The share that each measure orders; the last is that of NO_MEASURE."""
        return np.array([*map(self.ordered_share, self.measures), 0.0])

    @cached_property
    def _selectors(self) -> list[Kind]:
        """What each measure selects, in order of SPECIFICITY."""
        return [tuple(getattr(measure, name) for name in SPECIFICITY) for measure in self.measures]

    @cached_property
    def _rules_of_variant(self) -> dict[HourCondition, _Rules]:
        return {}

    @cached_property
    def _stated_limits(self) -> StatedLimits:
        return StatedLimits(self.measures)

    def _limits_of_kinds(self, kinds: Sequence[Kind]) -> KindLimits:
        return KindLimits(self._stated_limits, [self.limits.get(kind[1], UNLIMITED) for kind in kinds])

    def _in_force(self, numbers: Sequence[int], condition: HourCondition) -> list[int]:
        levels, listed = frozenset(_levels(condition)), self.measures
        return [
            number
            for number in numbers
            if (measure := listed[number]).alert_level_code in levels
            and (measure.from_local_hour is None or measure.applies_at(condition.local_hour))
            and (not self._hours_or_turns[number] or self._is_ordered(number, condition))
        ]

    def ordered_share(self, measure: Measure) -> float:
        """The share that a measure orders; of machines that of the stages that it bans.

        Of lines that take turns within a day: its part of the time.
        """
        share: float = applied_cut_share(measure.affected_share, measure.cut_share)
        if measure.rotation_turn is not None and not measure.rotation_days:
            return share / self._turns[_rotation(measure)]
        if not measure.is_for_machines:
            return share
        of_industry = self.machine_shares.get(measure.industry_code, {})
        return share * share_up_to(measure.stage_threshold_code, of_industry)

    def ordered_shares_of(self, measure: Measure, kind: Kind, counted: CountedShares) -> Floats:
        """The share that a measure orders of each pollutant of a kind; of counted machines that of their own stages."""
        shares = np.full(len(schema.codes()["pollutant"]), self.ordered_share(measure))
        if measure.is_for_machines:
            whole: float = applied_cut_share(measure.affected_share, measure.cut_share)
            for place, pollutant in enumerate(schema.codes()["pollutant"]):
                of_stages = counted.get(kind[0], {}).get(pollutant)
                if of_stages is not None:
                    shares[place] = whole * share_up_to(measure.stage_threshold_code, of_stages)
        return shares

    def _rules_in_force(self, variant: HourCondition) -> _Rules:
        """The measure of each selector in an hour: its row at the highest level, of several there the larger cut."""
        known = self._rules_of_variant.get(variant)
        if known is None:
            known = self._rules_of_variant[variant] = self._rank_rules(variant)
        return known

    def _rank_rules(self, variant: HourCondition) -> _Rules:
        rank_of_level = {level: rank for rank, level in enumerate(_levels(variant))}
        ranked: dict[Kind, tuple[int, float, int]] = {}
        for number in self.in_force(variant):
            measure = self.measures[number]
            if measure.is_for_vehicles_only:
                continue
            key = self._selectors[number]
            rank = (rank_of_level[measure.alert_level_code], float(self._ordered_shares[number]), -number)
            ranked[key] = max(rank, ranked.get(key, rank))
        patterns = {tuple(map(bool, key)) for key in ranked}
        return _Rules({key: -rank[-1] for key, rank in ranked.items()}, sorted(patterns, reverse=True))

    def _winners(self, kinds: Sequence[Kind], rules: Sequence[_Rules]) -> Positions:
        """The number of the measure of each kind, pollutant and variant."""
        codes = list(schema.codes()["pollutant"])
        selected = sorted({m.pollutant_code for m in self.measures if m.pollutant_code})
        winners = np.full((len(kinds), len(codes), len(rules)), NO_MEASURE, dtype=np.intp)
        for number, kind in enumerate(kinds):
            if kind[ROAD_CLASS]:
                continue
            winners[number] = [self._winner(kind, "", one) for one in rules]
            for pollutant in selected:
                winners[number, codes.index(pollutant)] = [self._winner(kind, pollutant, one) for one in rules]
        return winners

    def _winner(self, kind: Kind, pollutant: str, rules: _Rules) -> int:
        """The most specific measure for a kind and pollutant; an empty pollutant is one that no measure selects."""
        traits = (*kind[:ROAD_CLASS], pollutant)
        is_guaranteed = self.limits.get(kind[1], UNLIMITED).is_supply_guaranteed
        for pattern in rules.patterns:
            key = tuple(trait if used else "" for trait, used in zip(traits, pattern, strict=True))
            number = rules.measure_of.get(key) if tuple(map(bool, key)) == pattern else None
            if number is None or (is_guaranteed and not any(pattern[:2])):
                continue
            if kind[1] in APART_FROM_TRAFFIC and self.measures[number].is_for_roads:
                continue
            return number
        return NO_MEASURE

    def _vehicle_measures(self, vehicle_class: str, stage: str, condition: HourCondition) -> list[int]:
        """The numbers of the measures that apply to a vehicle class and stage, in order of measure_id."""
        stages, levels = list(schema.codes()["emission_stage"]), _levels(condition)
        by_id: dict[str, tuple[int, int]] = {}
        for number in self._in_force(self._traffic_measures, condition):
            measure = self.measures[number]
            is_newer = stages.index(stage) > stages.index(measure.stage_threshold_code or stages[-1])
            if measure.vehicle_class_code in ("", vehicle_class) and not is_newer:
                rank = (levels.index(measure.alert_level_code), number)
                by_id[measure.measure_id] = max(rank, by_id.get(measure.measure_id, rank))
        applying = [number for _, number in by_id.values()]
        exempt = max((_vehicle_specificity(m) for n in applying if (m := self.measures[n]).is_exemption), default=-1)
        held = [n for n in applying if _vehicle_specificity(self.measures[n]) >= exempt]
        return sorted(held, key=lambda number: self.measures[number].measure_id)


def _rotation(measure: Measure) -> tuple[str, str, datetime | None]:
    return measure.alert_level_code, measure.rotation_group, measure.applies_from_utc


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * MICROSECONDS


def _levels(condition: HourCondition) -> list[str]:
    return levels_up_to(condition.level) if condition.level else []


def _vehicle_specificity(measure: Measure) -> int:
    """A class outweighs a stage, a stage outweighs the sector."""
    return 4 * bool(measure.vehicle_class_code) + 2 * bool(measure.stage_threshold_code) + bool(measure.sector_code)


def _distinct_kinds(control_source: pa.Table, listed: set[str]) -> tuple[list[Kind], Positions]:
    """The distinct combinations of listed line and traits; which one each source has.

    A basis of an earlier version has no places of fleets.
    """
    ids = control_source["source_id"]
    is_listed = pc.is_in(ids, pa.array(sorted(listed), pa.string()))
    lines = pc.if_else(is_listed, ids, "")
    absent = pa.nulls(control_source.num_rows, pa.string())
    traits = (control_source[name] if name in control_source.column_names else absent for name in TRAITS)
    texts = [lines, *(pc.fill_null(trait, "") for trait in traits)]
    columns = [pa.chunked_array(text).combine_chunks().dictionary_encode() for text in texts]
    numbers = np.zeros(control_source.num_rows, dtype=np.int64)
    for column in columns:
        numbers = numbers * max(len(column.dictionary), 1) + column.indices.to_numpy()
    _, first, kind_of_source = np.unique(numbers, return_index=True, return_inverse=True)
    kinds = list(zip(*(column.take(pa.array(first)).to_pylist() for column in columns), strict=True))
    return kinds, kind_of_source.astype(np.intp)
