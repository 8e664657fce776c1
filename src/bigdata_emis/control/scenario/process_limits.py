"""What a measure may reach: of processes that cannot stop, how much and how fast; of machines, the banned stages.

Belongs here: limits by industry, the ramp of a cut, shares of stages. Does not: which measure applies (measure_cuts).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.codes import AnnualSource
from bigdata_emis.control.scenario.measures import LIMITS, Measure
from bigdata_emis.region import Region

StageShares = Mapping[str, float]
CountedShares = Mapping[str, Mapping[str, StageShares]]
"""Of each source with counted machines, by pollutant."""
RAMPS = ("ramp_down_h", "restart_h")


@dataclass(frozen=True)
class ProcessLimit:
    """What a rule may cut of an industry, and how fast.

    is_supply_guaranteed: only measures that name the line or the industry apply.
    min_load_share: least load that is left. ramp_down_h, restart_h: hours between full load and none.
    """

    is_supply_guaranteed: bool = False
    min_load_share: float = 0.0
    ramp_down_h: float = 0.0
    restart_h: float = 0.0

    def of_measure(self, measure: Measure) -> "ProcessLimit":
        """The limit under a measure: what the measure states itself, and no least load where it names the line.

        A line that takes turns with others keeps the least load of its process.
        """
        own = 0.0 if names_line(measure) else self.min_load_share
        return ProcessLimit(
            self.is_supply_guaranteed,
            own if measure.min_load_share is None else measure.min_load_share,
            self.ramp_down_h if measure.ramp_down_h is None else measure.ramp_down_h,
            self.restart_h if measure.restart_h is None else measure.restart_h,
        )


UNLIMITED = ProcessLimit()


def names_line(measure: Measure) -> bool:
    """Whether a measure is about one line alone, so that the city has judged what the line can do."""
    return bool(measure.production_line_id) and not measure.rotation_group


NO_MEASURE = -1
"""The number of no measure, in arrays of the measures that apply."""


class StatedLimits:
    """What each measure of a list states of the process itself; the last entry is that of NO_MEASURE.

    names_line: whether it names a line; by_name: values by name of the limit, not a number where none is stated.
    """

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.names_line = np.array([*map(names_line, measures), False])
        self.by_name: dict[str, Floats] = {
            name: np.array([*(getattr(measure, name) for measure in measures), None], dtype=float) for name in LIMITS
        }


class KindLimits:
    """The limits of kinds of sources under the measures that apply to them, on whole arrays.

    limits: of each kind. Arrays of winners hold numbers of measures, (kinds, pollutants, columns).
    """

    def __init__(self, stated: StatedLimits, limits: Sequence[ProcessLimit]) -> None:
        self._names_line, self._stated = stated.names_line, stated.by_name
        self._of_kind = {name: np.array([getattr(limit, name) for limit in limits], dtype=float) for name in LIMITS}

    def least_loads(self, winners: Positions) -> Floats:
        """The load that is left to each, 0 where no measure applies or one that names the line."""
        stated, of_kind = self._stated["min_load_share"][winners], self._of_kind["min_load_share"][:, None, None]
        is_free = self._names_line[winners] | (winners == NO_MEASURE)
        return np.where(np.isnan(stated), np.where(is_free, 0.0, of_kind), stated)

    def has_ramp(self, winners: Positions) -> Flags:
        """Whether a kind follows its cut over hours, under a measure that applies to it, (kinds,)."""
        kinds = np.arange(len(winners))
        is_slow = [self._value(name, kinds, winners) > 0 for name in RAMPS]
        flags: Flags = ((is_slow[0] | is_slow[1]) & (winners != NO_MEASURE)).any(axis=(1, 2))
        return flags

    def ramp(self, kinds: Positions, winners: Positions, shares: Floats) -> Floats:
        """The shares that these kinds reach; columns are the hours from the first of the event.

        After a measure ends, what it states of the process holds until the next one.
        """
        winners = _last_measures(winners)
        down_h, up_h = (self._value(name, kinds, winners) for name in RAMPS)
        reached, known = np.empty_like(shares), dict[tuple[bytes, bytes, bytes], Floats]()
        for place in np.ndindex(shares.shape[:2]):
            ordered = (shares[place], down_h[place], up_h[place])
            key = (ordered[0].tobytes(), ordered[1].tobytes(), ordered[2].tobytes())
            if key not in known:
                known[key] = ramped_cut_shares(*ordered)
            reached[place] = known[key]
        return reached

    def _value(self, name: str, kinds: Positions, winners: Positions) -> Floats:
        """What the measure states, else what its kind has."""
        stated, of_kind = self._stated[name][winners], self._of_kind[name][kinds]
        return np.where(np.isnan(stated), of_kind[:, None, None], stated)


def _last_measures(winners: Positions) -> Positions:
    """The measure of each hour, else the last one before it, (kinds, pollutants, hours)."""
    hours = np.where(winners != NO_MEASURE, np.arange(winners.shape[2]), -1)
    last = np.maximum.accumulate(hours, axis=2)
    return np.where(last >= 0, np.take_along_axis(winners, np.maximum(last, 0), axis=2), NO_MEASURE)


def read_process_limits(region: Region) -> dict[str, ProcessLimit]:
    """The limit of each industry that has one."""
    rows = reference.read("process_limit", region.folder).to_pylist()
    names = ProcessLimit.__dataclass_fields__
    return {row["industry_code"]: ProcessLimit(**{name: row[name] for name in names}) for row in rows}


def read_machine_shares(region: Region) -> dict[str, dict[str, float]]:
    """The share of the emission of machines by industry and stage."""
    shares: dict[str, dict[str, float]] = {}
    for row in reference.read("nonroad_stage_share", region.folder).to_pylist():
        shares.setdefault(row["industry_code"], {})[row["emission_stage_code"]] = row["emission_share"]
    return shares


def counted_shares(counted_emission: pa.Table) -> CountedShares:
    """The share of each stage in the emission of each source and pollutant, of machines that were counted.

    Registered totals that follow a pollutant of the machines have its stages: black carbon is cut as its particulate.
    """
    rows = counted_emission.to_pylist()
    with_machines = {row["activity_area_id"] for row in rows if row["annual_source_code"] == AnnualSource.MACHINES}
    tonnes: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for row in rows:
        if row["activity_area_id"] in with_machines and row["annual_emission_t"] > 0:
            of_pollutant = tonnes[row["activity_area_id"]].setdefault(row["pollutant_code"], {})
            of_pollutant[row["emission_stage_code"]] = row["annual_emission_t"]
    return {
        source: {code: _shares(by_stage) for code, by_stage in by_pollutant.items()}
        for source, by_pollutant in tonnes.items()
    }


def share_up_to(stage: str, shares: StageShares) -> float:
    """The share of the emission that machines of a stage and older have."""
    stages = list(schema.codes()["emission_stage"])
    return min(sum(share for code, share in shares.items() if stages.index(code) <= stages.index(stage)), 1.0)


def ramped_cut_shares(ordered: Floats, ramp_down_h: Floats, restart_h: Floats) -> Floats:
    """The shares that a process reaches hour by hour when its cut can grow and shrink only so fast.

        s(h) = s(h−1) + min(max(ordered(h) − s(h−1), −1 ÷ restart), 1 ÷ ramp down)
        mean of the hour = (s(h−1) + s(h)) ÷ 2

    ordered, ramp_down_h and restart_h: (hours,), from the first hour of the event, before which nothing is cut; 0 h is
    at once.
    """
    reached, mean = 0.0, np.empty(len(ordered))
    for hour, (wanted, down_h, up_h) in enumerate(zip(ordered, ramp_down_h, restart_h, strict=True)):
        duration_h = down_h if wanted > reached else up_h
        step = 1.0 / duration_h if duration_h > 0 else np.inf
        before = reached
        reached = min(max(wanted, reached - step), reached + step)
        mean[hour] = reached if duration_h == 0 or reached == before else (before + reached) / 2
    return mean


def _shares(by_stage: Mapping[str, float]) -> dict[str, float]:
    total = sum(by_stage.values())
    return {stage: emission_t / total for stage, emission_t in by_stage.items()}
