"""The account of a day: emission and cut by sector, industry, county, measure and pollutant; and each measure alone.

Belongs here: sums of a planned and cut day. Does not: the cut itself (cut_hours), targets (ledger).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.control.scenario.day_plan import ABSENT, DayPlan
from bigdata_emis.control.scenario.measure_cuts import (
    APART_FROM_TRAFFIC,
    PLACE,
    ROAD_CLASS,
    SPECIFICITY,
    Kind,
    MeasureCuts,
)
from bigdata_emis.control.scenario.process_limits import NO_MEASURE, UNLIMITED, CountedShares
from bigdata_emis.reference.fleet_places import REGION
from bigdata_emis.schema.arrow import conform

GROUP = ("sector_code", "industry_code", "county_id")
NO_NAME = ""


class AccountKey(NamedTuple):
    """What a row of the account is about; without a measure: emission that none of them cuts."""

    sector_code: str
    industry_code: str
    county_id: str
    measure_id: str
    pollutant_code: str


Account = dict[AccountKey, tuple[float, float]]
"""Emission and cut in gram. The emission of the rows of a group adds up to all of the group."""


def account_day(plan: DayPlan, cuts: MeasureCuts) -> Account:
    """The emission and the cut of a day after all its rows were cut.

    Of each source and pollutant one measure applies. Vehicle measures are counted in order of measure_id, each with
    what it adds to those before it; the emission that it does not reach is in the row without a measure.
    """
    names, group_of_source = _groups(plan.sources)
    variant_of_segment = plan.cuts.variant_of_hour[plan.segments]
    winners = plan.cuts.winners[plan.cuts.kind_of_source][:, :, variant_of_segment]
    has_traffic = plan.link_rows != ABSENT
    for kind, one in enumerate(plan.cuts.kinds):
        if one[1] == Industry.MINOR_ROAD:
            has_traffic |= plan.cuts.kind_of_source == kind
    account: Account = {}
    _add_sources(account, plan, cuts, names, group_of_source, np.where(has_traffic[:, None, None], NO_MEASURE, winners))
    _add_links(account, plan, cuts, names, group_of_source)
    _add_minor_roads(account, plan, cuts, names, group_of_source, winners)
    return account


def sum_accounts(accounts: Iterable[Account]) -> Account:
    """The sum of the accounts of several days, in order of key."""
    total: Account = {}
    for account in accounts:
        for key, (emission, cut) in account.items():
            before = total.get(key, (0.0, 0.0))
            total[key] = (before[0] + emission, before[1] + cut)
    return dict(sorted(total.items()))


def account_table(account: Account, scenario_id: str, from_utc: datetime) -> pa.Table:
    """Table control_account of a scenario that begins at an instant; industries of a sector are summed."""
    declared = schema.table("control_account")
    sums: dict[tuple[str, ...], list[float]] = {}
    for key, amounts in account.items():
        of_row = sums.setdefault((key.sector_code, key.county_id, key.measure_id, key.pollutant_code), [0.0, 0.0])
        of_row[0] += amounts[0]
        of_row[1] += amounts[1]
    names = ("sector_code", "county_id", "measure_id", "pollutant_code", "baseline_emission_g", "cut_emission_g")
    rows = [
        {"scenario_id": scenario_id, "from_utc": from_utc, **dict(zip(names, (*key, *amounts), strict=True))}
        for key, amounts in sums.items()
    ]
    return conform(pa.table({name: [row[name] for row in rows] for name in declared.names}), declared)


def measure_potentials(plans: Sequence[DayPlan], cuts: MeasureCuts) -> pa.Table:
    """What each measure row cuts by county and pollutant over the window: of sources if no other one applies.

    Columns: measure_number (place in the list), measure_id, alert_level_code, county_id, pollutant_code,
    baseline_emission_g (of the sources that it selects), cut_emission_g. Rows without emission are omitted. A measure
    of traffic, without a county, has what it adds to those before it in order of measure_id, while it is in force.

    plans: of days after all their rows were cut (cut_hours.cut_pieces).
    """
    codes = list(schema.codes()["pollutant"])
    columns: dict[str, list[object]] = {name: [] for name in _POTENTIAL_COLUMNS}
    emission, selected = _emission_by_kind(plans), _KindIndex(cuts)
    counted = {source: shares for plan in plans for source, shares in plan.cuts.counted.items()}
    selected.add(emission)
    of_traffic = _traffic_potentials(plans, cuts, codes)
    for number, measure in enumerate(cuts.measures):
        by_county = {} if measure.is_for_vehicles_only else _alone(number, cuts, selected, emission, counted)
        if number in of_traffic:
            by_county[NO_NAME] = by_county.get(NO_NAME, 0.0) + of_traffic[number]
        for county, (baseline, cut) in sorted(by_county.items()):
            for place in np.flatnonzero(baseline > 0):
                values = (number, measure.measure_id, measure.alert_level_code, county, codes[place])
                for name, value in zip(_POTENTIAL_COLUMNS, (*values, baseline[place], cut[place]), strict=True):
                    columns[name].append(value)
    return pa.table({name: pa.array(columns[name], kind) for name, kind in _POTENTIAL_COLUMNS.items()})


_POTENTIAL_COLUMNS = {
    "measure_number": pa.int64(),
    "measure_id": pa.string(),
    "alert_level_code": pa.string(),
    "county_id": pa.string(),
    "pollutant_code": pa.string(),
    "baseline_emission_g": pa.float64(),
    "cut_emission_g": pa.float64(),
}


def _groups(sources: pa.Table) -> tuple[list[tuple[str, ...]], Positions]:
    """The distinct sectors, industries and counties, and which one each source has."""
    columns = [pc.fill_null(sources[name], NO_NAME).combine_chunks().dictionary_encode() for name in GROUP]
    numbers = np.zeros(sources.num_rows, dtype=np.int64)
    for column in columns:
        numbers = numbers * max(len(column.dictionary), 1) + column.indices.to_numpy()
    _, first, group_of_source = np.unique(numbers, return_index=True, return_inverse=True)
    names = list(zip(*(column.take(pa.array(first)).to_pylist() for column in columns), strict=True))
    return names, np.asarray(group_of_source, dtype=np.intp)


def _add_sources(
    account: Account,
    plan: DayPlan,
    cuts: MeasureCuts,
    names: Sequence[tuple[str, ...]],
    group_of_source: Positions,
    winners: Positions,
) -> None:
    """The rows of sources with one measure each; of traffic the whole emission, without its cut.

    They are the first rows of an account, one for each measure_id, whatever its level.
    """
    codes, is_single = list(schema.codes()["pollutant"]), plan.link_rows == ABSENT
    ids = sorted({NO_NAME, *(measure.measure_id for measure in cuts.measures)})
    place_of_id = {measure_id: place for place, measure_id in enumerate(ids)}
    # Numbers count from NO_MEASURE, which has no identifier; an empty identifier is the first of all.
    place_of_number = np.array([0, *(place_of_id[measure.measure_id] for measure in cuts.measures)], dtype=np.intp)
    for place, code in enumerate(codes):
        if not plan.totals.baseline_g[:, place].any():
            continue
        keys = (group_of_source[:, None] * len(ids) + place_of_number[winners[:, place] + 1]).ravel()
        emission = np.bincount(keys, plan.totals.baseline_g[:, place].ravel(), minlength=len(names) * len(ids))
        cut = np.bincount(keys, (plan.totals.cut_g[:, place] * is_single[:, None]).ravel(), minlength=len(emission))
        # The cut of roads without a link is counted by measure in _add_minor_roads.
        cut.reshape(-1, len(ids))[:, 0] = 0.0
        used = np.flatnonzero(emission > 0)
        groups, measures = (part.tolist() for part in np.divmod(used, len(ids)))
        for group, measure, grams, less in zip(
            groups, measures, emission[used].tolist(), cut[used].tolist(), strict=True
        ):
            _add(account, names[group], ids[measure], code, grams, less)


def _add_links(
    account: Account, plan: DayPlan, cuts: MeasureCuts, names: Sequence[tuple[str, ...]], group_of_source: Positions
) -> None:
    links = np.flatnonzero(plan.link_rows != ABSENT)
    if not len(links):
        return
    group = names[group_of_source[links[0]]]
    for number, by_pollutant in _cut_of_links(plan).items():
        for code, cut in zip(plan.roads.pollutants, by_pollutant, strict=True):
            _move(account, group, cuts.measures[number].measure_id, code, float(cut))


def _add_minor_roads(
    account: Account,
    plan: DayPlan,
    cuts: MeasureCuts,
    names: Sequence[tuple[str, ...]],
    group_of_source: Positions,
    winners: Positions,
) -> None:
    """The cut of roads without a link, shared between source and vehicle measures by their mean shares."""
    codes = list(schema.codes()["pollutant"])
    for kind, one in enumerate(plan.cuts.kinds):
        if one[1] != Industry.MINOR_ROAD:
            continue
        parts = _shares_at_reference_speed(plan, one[PLACE])
        for source in np.flatnonzero(plan.cuts.kind_of_source == kind):
            for place, segment in np.argwhere(plan.totals.cut_g[source] > 0):
                weights = {number: part[place, segment] for number, part in parts.items()}
                winner = int(winners[source, place, segment])
                if winner != NO_MEASURE:
                    own = cuts.ordered_share(cuts.measures[winner])
                    weights = {number: weight * (1 - own) for number, weight in weights.items()}
                    weights[winner] = own
                total = sum(weights.values())
                for number, weight in sorted(weights.items()):
                    cut = float(plan.totals.cut_g[source, place, segment]) * weight / total if total > 0 else 0.0
                    _move(account, names[group_of_source[source]], cuts.measures[number].measure_id, codes[place], cut)


def _shares_at_reference_speed(plan: DayPlan, place: str) -> dict[int, Floats]:
    """What each vehicle measure adds on roads without a link of a place, mean of the hours, (pollutants, segments)."""
    if plan.minor_road_class is None:
        return {}
    codes, parts = list(schema.codes()["pollutant"]), {}
    instants = plan.start_us + np.array(plan.hours) * 3_600_000_000
    hours = np.searchsorted(np.array(plan.roads.hours_utc), instants).clip(max=len(plan.roads.hours_utc) - 1)
    for number, banned in plan.roads.banned_by_measure.items():
        shares = plan.roads.shares_at_reference_speed(banned, plan.minor_road_class, place or REGION)[:, hours]
        counts = np.diff(np.append(plan.segments, len(plan.hours)))
        part = np.zeros((len(codes), len(plan.segments)))
        places = [codes.index(code) for code in plan.roads.pollutants]
        part[places] = np.add.reduceat(shares, plan.segments, axis=1) / counts
        parts[number] = part
    return parts


def _cut_of_links(plan: DayPlan) -> dict[int, Floats]:
    """The cut of each vehicle measure on links by pollutant of the factors: distance × its banned factors."""
    if not plan.roads.pollutants:
        return {}
    shape = (len(plan.roads.pollutants), -1)
    return {
        number: (plan.totals.road_km * banned).reshape(shape).sum(axis=1)
        for number, banned in plan.roads.banned_by_measure.items()
    }


def _add(account: Account, group: tuple[str, ...], measure: str, pollutant: str, emission: float, cut: float) -> None:
    key = AccountKey(group[0], group[1], group[2], measure, pollutant)
    before = account.get(key, (0.0, 0.0))
    account[key] = (before[0] + emission, before[1] + cut)


def _move(account: Account, group: tuple[str, ...], measure: str, pollutant: str, cut: float) -> None:
    """A cut of a vehicle measure: the emission of the vehicles that it takes off the road moves to its row."""
    if cut > 0:
        _add(account, group, NO_NAME, pollutant, -cut, 0.0)
        _add(account, group, measure, pollutant, cut, cut)


def _emission_by_kind(plans: Sequence[DayPlan]) -> dict[Kind, dict[str, Floats]]:
    """Emission of sources that are no links, by kind and county, (pollutants,)."""
    emission: dict[Kind, dict[str, Floats]] = {}
    for plan in plans:
        counties = pc.fill_null(plan.sources["county_id"], NO_NAME).to_pylist()
        of_source = plan.totals.baseline_g.sum(axis=2)
        for source in np.flatnonzero((plan.link_rows == ABSENT) & of_source.any(axis=1)):
            by_county = emission.setdefault(plan.cuts.kinds[plan.cuts.kind_of_source[source]], {})
            by_county[counties[source]] = by_county.get(counties[source], 0.0) + of_source[source]
    return emission


class _KindIndex:
    """The kinds that a measure selects, found by the values of the selectors that it uses."""

    def __init__(self, cuts: MeasureCuts) -> None:
        selectors = [self._selectors(cuts, number) for number in range(len(cuts.measures))]
        self.patterns = {tuple(map(bool, one)) for one in selectors}
        self.selectors = selectors
        self.kinds: dict[Kind, list[Kind]] = {}

    @staticmethod
    def _selectors(cuts: MeasureCuts, number: int) -> Kind:
        return tuple(getattr(cuts.measures[number], name) for name in SPECIFICITY[:-1])

    def add(self, kinds: Iterable[Kind]) -> None:
        """Index kinds."""
        for kind in sorted(kinds):
            for pattern in self.patterns:
                key = tuple(trait if used else "" for trait, used in zip(kind[:ROAD_CLASS], pattern, strict=True))
                if tuple(map(bool, key)) == pattern:
                    self.kinds.setdefault(key, []).append(kind)

    def of_measure(self, number: int) -> list[Kind]:
        """The kinds that a measure selects."""
        return self.kinds.get(self.selectors[number], [])


def _alone(
    number: int,
    cuts: MeasureCuts,
    selected: _KindIndex,
    emission: Mapping[Kind, Mapping[str, Floats]],
    counted: CountedShares,
) -> dict[str, Floats]:
    """Baseline and cut of a measure of sources by county, (2, pollutants)."""
    measure = cuts.measures[number]
    is_selected = np.array([measure.pollutant_code in ("", code) for code in schema.codes()["pollutant"]])
    by_county: dict[str, Floats] = {}
    for kind in selected.of_measure(number):
        limit = cuts.limits.get(kind[1], UNLIMITED)
        is_exempt = limit.is_supply_guaranteed and not (measure.production_line_id or measure.industry_code)
        if is_exempt or (measure.is_for_roads and kind[1] in APART_FROM_TRAFFIC):
            continue
        ordered = cuts.ordered_shares_of(measure, kind, counted)
        share = np.minimum(ordered, 1.0 - limit.of_measure(measure).min_load_share)
        for county, grams in emission[kind].items():
            by_county[county] = by_county.get(county, 0.0) + np.array([grams, grams * share]) * is_selected
    return by_county


def _traffic_potentials(plans: Sequence[DayPlan], cuts: MeasureCuts, codes: Sequence[str]) -> dict[int, Floats]:
    """Emission of all traffic and what each vehicle measure adds, by its number, (2, pollutants)."""
    potentials: dict[int, Floats] = {}
    for plan in plans:
        minor = [kind for kind, one in enumerate(plan.cuts.kinds) if one[1] == Industry.MINOR_ROAD]
        is_minor = np.isin(plan.cuts.kind_of_source, minor)
        traffic = plan.totals.baseline_g[is_minor | (plan.link_rows != ABSENT)].sum(axis=(0, 2))
        places = [codes.index(code) for code in plan.roads.pollutants]
        for number, by_pollutant in _cut_of_links(plan).items():
            added = potentials.setdefault(number, np.zeros((2, len(codes))))
            added[0] += traffic
            added[1, places] += by_pollutant
        for kind in minor:
            emission = plan.totals.baseline_g[plan.cuts.kind_of_source == kind].sum(axis=0)
            for number, shares in _shares_at_reference_speed(plan, plan.cuts.kinds[kind][PLACE]).items():
                potentials[number][1] += (shares * emission).sum(axis=1)
    return potentials
