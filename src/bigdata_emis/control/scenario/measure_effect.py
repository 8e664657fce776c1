"""Whether a list of measures reaches the sources of the region: what is refused, and what has no effect and why.

Belongs here: measures against sources. Does not: the reading of a list (measures), the cut (cut_hours).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import GradeSource, WithoutEffect
from bigdata_emis.control.documents import MeasureWithoutEffect, UngradedSources
from bigdata_emis.control.scenario.account import Account
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario.measure_cuts import ROAD_CLASS, SPECIFICITY, HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.schema.mass_units import G_PER_KG

TRAITS = ("sector_code", "industry_code", "grade_code")
SHOWN_MEASURES = 3


def check_selected_lines(measures: Sequence[Measure], control_source: pa.Table, where: str) -> None:
    """Refuse a measure that names a line which the inventory does not have, or with traits that the line has not.

    Raises:
        InputError: for the first such measure.
    """
    listed = pa.array(sorted({m.production_line_id for m in measures if m.production_line_id}), pa.string())
    named = control_source.filter(pc.is_in(control_source["source_id"], listed))
    rows = {row["source_id"]: row for row in named.select(["source_id", "road_class_code", *TRAITS]).to_pylist()}
    for measure in measures:
        if not measure.production_line_id:
            continue
        what = (
            f"measure {shorten(measure.measure_id)}, column production_line_id: '{shorten(measure.production_line_id)}'"
        )
        row = rows.get(measure.production_line_id)
        if row is None:
            raise InputError(
                f"{what} is unknown in {where}",
                "correct the list of measures, or register the line and run the day again",
            )
        if row["road_class_code"]:
            raise InputError(
                f"{what} is a road link: expected a production line or an activity area",
                "select vehicles with vehicle_class_code and stage_threshold_code",
            )
        for name in TRAITS:
            selector = getattr(measure, name)
            if selector and selector != row[name]:
                raise InputError(
                    f"{what} has {name} {row[name] or 'empty'}: the measure selects {selector} and cuts nothing",
                    f"leave {name} empty: the line is enough",
                )


def check_machine_industries(measures: Sequence[Measure], cuts: MeasureCuts) -> None:
    """Refuse a measure that bans stages of an industry whose machines have no stages.

    Raises:
        InputError: for the first such measure.
    """
    for measure in measures:
        if measure.is_for_machines and measure.industry_code not in cuts.machine_shares:
            raise InputError(
                f"measure {shorten(measure.measure_id)}, column stage_threshold_code: the emission of "
                f"{measure.industry_code} is not known by stage",
                f"leave it empty, or use one of {', '.join(sorted(cuts.machine_shares))}",
            )


def list_without_effect(
    plans: Sequence[DayPlan], cuts: MeasureCuts, account: Account, conditions: Sequence[HourCondition]
) -> list[MeasureWithoutEffect]:
    """The measures up to the levels of the event that cut nothing, with the reason; exemptions that hold are none."""
    cutting = {key.measure_id for key, (_, cut) in account.items() if cut > 0}
    variants = sorted(set(map(cuts.variant, conditions)))
    in_force = {number for condition in variants for number in cuts.in_force(condition)}
    all_day = MeasureCuts([_without_hours(m) for m in cuts.measures])
    at_level = {number for condition in variants for number in all_day.in_force(condition)}
    by_id: dict[str, list[int]] = {}
    for number in sorted(at_level):
        by_id.setdefault(cuts.measures[number].measure_id, []).append(number)
    listed: list[MeasureWithoutEffect] = []
    reach = _Reach(plans, in_force)
    for measure_id, numbers in sorted(by_id.items()):
        reason = None if measure_id in cutting else _reason(reach, cuts, numbers)
        if reason is not None:
            listed.append({"measure": measure_id, "why": reason})
    return listed


def require_effect(without_effect: Sequence[MeasureWithoutEffect], account: Account, level: str) -> None:
    """Refuse a scenario that cuts nothing at all: its ledger of zeros would look like a result.

    Where a measure gave way to a more specific one, an exemption, zero is what the list orders.

    Raises:
        InputError: no measure cuts anything, and none gave way to an exemption.
    """
    gave_way = any(one["why"] == WithoutEffect.MORE_SPECIFIC for one in without_effect)
    if gave_way or any(cut > 0 for _, cut in account.values()):
        return
    shown = ", ".join(f"{one['measure']} ({one['why']})" for one in without_effect[:SHOWN_MEASURES])
    more = len(without_effect) - SHOWN_MEASURES
    listed = f": {shown}{f' and {more} more' if more > 0 else ''}" if shown else ": every measure is an exemption"
    raise InputError(
        f"the measures of level {level} cut nothing in the window{listed}",
        "correct what the measures select, or choose another level",
    )


def count_ungraded(plans: Sequence[DayPlan]) -> UngradedSources:
    """Sources without a grade, which are counted as D: how many, with what emission and what cut, in kilograms."""
    codes, count = list(schema.codes()["pollutant"]), 0
    emission, cut = np.zeros(len(codes)), np.zeros(len(codes))
    for plan in plans:
        is_ungraded = pc.equal(plan.sources["grade_source_code"], GradeSource.UNGRADED_AS_D)
        rows = np.flatnonzero(pc.fill_null(is_ungraded, False).to_numpy())
        emitting = plan.totals.baseline_g[rows].sum(axis=2)
        count = max(count, int(emitting.any(axis=1).sum()))
        emission += emitting.sum(axis=0)
        cut += plan.totals.cut_g[rows].sum(axis=(0, 2))
    return {
        "sources": count,
        "emission_kg": {code: g / G_PER_KG for code, g in zip(codes, emission.tolist(), strict=True) if g > 0},
        "cut_kg": {code: g / G_PER_KG for code, g in zip(codes, cut.tolist(), strict=True) if g > 0},
    }


def _without_hours(measure: Measure) -> Measure:
    is_whole_day = measure.from_local_hour is None and not measure.rotation_group
    is_all_along = measure.applies_from_utc is None and measure.applies_to_utc is None
    return measure if is_whole_day and is_all_along else Measure(measure.measure_id, measure.alert_level_code)


class _Reach:
    """What a list of measures meets in the planned days: hours, kinds of sources, winning measures and vehicles."""

    def __init__(self, plans: Sequence[DayPlan], in_force: set[int]) -> None:
        self.in_force = in_force
        self.kinds = {kind for plan in plans for kind in plan.cuts.kinds}
        self.winners = {int(number) for plan in plans for number in np.unique(plan.cuts.winners)}
        self.banned = {n for plan in plans for n, banned in plan.roads.banned_by_measure.items() if banned.any()}
        self._selected: dict[tuple[tuple[bool, ...], bool], set[tuple[str, ...]]] = {}

    def selects(self, measure: Measure) -> bool:
        """Whether a source has what a measure selects; what is selected by the same traits is collected once."""
        selectors = tuple(getattr(measure, name) for name in SPECIFICITY[:-1])
        pattern, with_roads = tuple(map(bool, selectors)), measure.is_for_roads
        if (pattern, with_roads) not in self._selected:
            self._selected[pattern, with_roads] = {
                tuple(trait if is_used else "" for trait, is_used in zip(kind[:ROAD_CLASS], pattern, strict=True))
                for kind in self.kinds
                if with_roads or not kind[ROAD_CLASS]
            }
        return selectors in self._selected[pattern, with_roads]


def _reason(reach: _Reach, cuts: MeasureCuts, numbers: Sequence[int]) -> WithoutEffect | None:
    """Why the rows of a measure cut nothing; None for an exemption that holds."""
    measures = [cuts.measures[number] for number in numbers]
    if not reach.in_force.intersection(numbers):
        return WithoutEffect.NOT_IN_WINDOW
    if all(measure.is_for_vehicles_only for measure in measures):
        return None if measures[-1].is_exemption else _no_traffic(not reach.banned.isdisjoint(numbers))
    if not any(map(reach.selects, measures)):
        return WithoutEffect.NO_SOURCE
    if reach.winners.isdisjoint(numbers):
        return WithoutEffect.MORE_SPECIFIC
    return None if all(measure.is_exemption for measure in measures) else WithoutEffect.NO_EMISSION


def _no_traffic(is_banned: bool) -> WithoutEffect:
    return WithoutEffect.NO_EMISSION if is_banned else WithoutEffect.NO_VEHICLE
