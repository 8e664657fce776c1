"""Which indicators are compared with which targets by which method, over one period.

Belongs here: the choice of pairs and methods, and what a region may set for it.
Does not: the methods, or rows of the result (associate).
"""

from dataclasses import dataclass, fields

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.relate.association import methods
from bigdata_emis.relate.association.deweather import clock_columns, remove_weather
from bigdata_emis.relate.association.methods import AssociationResult
from bigdata_emis.relate.association.prewhitening import prewhiten
from bigdata_emis.relate.association.same_hours import correlate_over_same_hours
from bigdata_emis.relate.association.series_matrix import NamedSeries, PeriodSeries, series_kind

AGGREGATED = ("power", "traffic", "signalling", "area_activity", "energy_share", "energy_share_fuel")
"""Kinds of indicator that have few series, for which the expensive methods run by default."""
MIX = ("energy_share", "energy_share_fuel")
MANY = ("power_district", "power_enterprise")
RANKED_TOGETHER = (tuple(kind for kind in AGGREGATED if kind not in MIX), MIX, *((kind,) for kind in MANY))
"""Sets of kinds of indicators that are ranked, and graded, together."""
TREES, DRAWS = 50, 50
"""Fewer than in deweather: a region's daily page needs the shape, not the third digit."""
INFORMATION_TARGETS = ("air_quality", "stack")
"""Targets of mutual information, the most expensive method."""
AIR = "air_quality"
DEWEATHERED = "deweathered"
"""Deweathered air quality; its correlation given weather is not computed, since that would remove the weather twice."""


@dataclass(frozen=True)
class AssociationOptions:
    """What a region may set in [options] of region.toml."""

    costly_kinds: tuple[str, ...] = AGGREGATED
    trees: int = TREES
    draws: int = DRAWS
    false_discovery: str = "bh"

    @classmethod
    def from_region(cls, region: Region) -> "AssociationOptions":
        """The options of a region.

        Raises:
            InputError: a kind or a procedure that does not exist, or a count below 1.
        """
        given = region.options
        kinds = tuple(given.get("association_costly_kinds", AGGREGATED))
        trees, draws = given.get("deweather_trees", TREES), given.get("deweather_draws", DRAWS)
        procedure = given.get("false_discovery", "bh")
        known_kinds = (*AGGREGATED, *MANY)
        of_kinds, of_count = f"kinds among {', '.join(known_kinds)}", "a whole number from 1"
        of_procedure = "bh (Benjamini-Hochberg) or by (Benjamini-Yekutieli)"
        for name, value, is_valid, expected in (
            ("association_costly_kinds", kinds, set(kinds) <= set(known_kinds), of_kinds),
            ("deweather_trees", trees, isinstance(trees, int) and trees >= 1, of_count),
            ("deweather_draws", draws, isinstance(draws, int) and draws >= 1, of_count),
            ("false_discovery", procedure, procedure in ("bh", "by"), of_procedure),
        ):
            if not is_valid:
                what = f"region {region.region_id}, [options] of region.toml: {name} is {value}, expected {expected}"
                raise InputError(what, f"set {name} in region.toml")
        return cls(kinds, trees, draws, procedure)


@dataclass(frozen=True)
class Comparison:
    """The result of one method with names of rows and columns, and ranks within the set.

    Where rows have targets of their own (`is_paired`), `targets` names one for each row and the result has one column.
    """

    indicators: tuple[str, ...]
    targets: tuple[str, ...]
    result: AssociationResult
    ranks: Floats
    is_paired: bool = False


def compare_period(period: PeriodSeries, options: AssociationOptions) -> list[tuple[Comparison, Floats]]:
    """All comparisons of a period, each with the q values of its pairs.

    The family of tests is all pairs of one method in one period.
    """
    targets = _add_deweathered(period, options)
    comparisons = [
        part
        for kinds in RANKED_TOGETHER
        for part in _compare_set(select_kinds(period.indicators, kinds), targets, period.weather, options)
    ]
    comparisons += _compare_own(period, options)
    q_values: dict[int, Floats] = {}
    for method in sorted({part.result.method for part in comparisons}):
        same = [number for number, part in enumerate(comparisons) if part.result.method == method]
        p_values = [comparisons[number].result.p_value for number in same]
        adjusted = methods.adjust_false_discovery(p_values, options.false_discovery)
        q_values.update(zip(same, adjusted, strict=True))
    return [(part, q_values[number]) for number, part in enumerate(comparisons)]


def select_kinds(series: NamedSeries, kinds: tuple[str, ...]) -> NamedSeries:
    """The series of these kinds."""
    return _select_rows(series, [number for number, name in enumerate(series.names) if series_kind(name) in kinds])


def _compare_set(
    indicators: NamedSeries, targets: NamedSeries, weather: Floats, options: AssociationOptions
) -> list[Comparison]:
    """One set of indicators against its targets, by every method that applies to it."""
    kinds = {series_kind(name) for name in indicators.names}
    compared = select_kinds(targets, (AIR,)) if kinds <= set(MANY) else targets
    if not kinds or not compared.names:
        return []
    x, y = indicators.values, compared.values
    is_costly = np.array([series_kind(name) in options.costly_kinds for name in indicators.names])
    pearson = methods.correlate_pearson(x, y)
    spearman = methods.correlate_spearman(x, y)
    white = prewhiten(x), prewhiten(y)
    prewhitened = methods.correlate_prewhitened(*white, resampled=is_costly)
    comparisons = [
        _compare(indicators, compared, result, ranked=correlate_over_same_hours(*series, result, by_rank=by_rank))
        for result, series, by_rank in ((pearson, (x, y), False), (spearman, (x, y), True), (prewhitened, white, False))
    ]
    rows = np.flatnonzero(is_costly)
    if not len(rows):
        return comparisons
    costly = _select_rows(indicators, rows.tolist())
    return comparisons + _compare_costly(costly, compared, weather, _select_pairs(pearson, rows=rows))


def _compare_costly(
    indicators: NamedSeries, targets: NamedSeries, weather: Floats, pearson: AssociationResult
) -> list[Comparison]:
    """The grey grade, the correlation given weather, and mutual information (not of the energy mix)."""
    grey = methods.grade_grey(indicators.values, targets.values, pearson=pearson)
    columns = [number for number, name in enumerate(targets.names) if series_kind(name) != DEWEATHERED]
    with_weather = _select_rows(targets, columns)
    partial = methods.correlate_given_weather(
        indicators.values,
        with_weather.values,
        weather=weather,
        pearson=_select_pairs(pearson, columns=np.array(columns, np.int64)),
    )
    comparisons = [_compare(indicators, targets, grey), _compare(indicators, with_weather, partial)]
    measured = select_kinds(targets, INFORMATION_TARGETS)
    if measured.names and not {series_kind(name) for name in indicators.names} <= set(MIX):
        information = methods.correlate_mutual_information(indicators.values, measured.values)
        comparisons.append(_compare(indicators, measured, information))
    return comparisons


def _compare_own(period: PeriodSeries, options: AssociationOptions) -> list[Comparison]:
    """Plants and districts against their own monitors, row by row."""
    row_number = {name: number for number, name in enumerate(period.indicators.names)}
    rows = [number for number, name in enumerate(period.own.names) if name in row_number]
    if not rows:
        return []
    names = tuple(period.own.names[number] for number in rows)
    x, y = period.indicators.values[[row_number[name] for name in names]], period.own.values[rows]
    is_costly = np.array([series_kind(name) in options.costly_kinds for name in names])
    results = (
        methods.correlate_pearson(x, y, is_paired=True),
        methods.correlate_spearman(x, y, is_paired=True),
        methods.correlate_prewhitened(prewhiten(x), prewhiten(y), resampled=is_costly, is_paired=True),
    )
    targets = tuple(period.own.targets[number] for number in rows)
    return [
        Comparison(names, targets, result, _rank_own(names, targets, result.rankable_strength), is_paired=True)
        for result in results
    ]


def _rank_own(names: tuple[str, ...], targets: tuple[str, ...], strength: Floats) -> Floats:
    """Ranks among the rows of one kind that have the same target."""
    ranks = np.full(strength.shape, np.nan)
    groups = np.array([f"{series_kind(name)}\n{target}" for name, target in zip(names, targets, strict=True)])
    for group in sorted(set(groups.tolist())):
        ranks[groups == group] = methods.rank_indicators(strength[groups == group])
    return ranks


def _add_deweathered(period: PeriodSeries, options: AssociationOptions) -> NamedSeries:
    """The targets and the deweathered series of each air pollutant, from a forest fitted on the whole history."""
    hours = period.targets.values.shape[1]
    clock = clock_columns(period.history_local)
    weather = period.history_weather
    names, rows = list(period.targets.names), list(period.targets.values)
    history = zip(period.history.names, period.history.values, strict=True) if weather.shape[1] else ()
    for name, series in history:
        names.append(f"{DEWEATHERED}:{name.partition(':')[2]}")
        rows.append(remove_weather(series, clock, weather, trees=options.trees, draws=options.draws)[-hours:])
    order = np.argsort(np.array(names, dtype=object), kind="stable") if names else np.empty(0, np.int64)
    return NamedSeries(tuple(names[number] for number in order), np.array(rows).reshape(len(names), hours)[order])


def _compare(
    indicators: NamedSeries, targets: NamedSeries, result: AssociationResult, *, ranked: Floats | None = None
) -> Comparison:
    """A comparison with its ranks, by the strengths over the same hours where they are given."""
    strength = result.rankable_strength if ranked is None else ranked
    return Comparison(indicators.names, targets.names, result, methods.rank_indicators(strength))


def _select_rows(series: NamedSeries, rows: list[int]) -> NamedSeries:
    return NamedSeries(tuple(series.names[number] for number in rows), series.values[rows])


def _select_pairs(
    result: AssociationResult, *, rows: Integers | None = None, columns: Integers | None = None
) -> AssociationResult:
    """The result of some rows or columns only."""
    at = (slice(None) if rows is None else rows), (slice(None) if columns is None else columns)
    return AssociationResult(result.method, *(getattr(result, part.name)[at] for part in fields(result)[1:]))
