"""Which indicators are compared with which targets by which method, over one period.

Belongs here: the choice of pairs and methods. Does not: the methods, what a region may set, or rows of the result.
"""

from dataclasses import dataclass, fields

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.relate.association import methods
from bigdata_emis.relate.association.deweather import clock_columns, weather_normalised
from bigdata_emis.relate.association.methods import Finding
from bigdata_emis.relate.association.prewhitening import whitened
from bigdata_emis.relate.association.series_matrix import Matrices, Named, kind_of

AGGREGATED = ("power", "traffic", "signalling", "area_activity", "energy_share", "energy_share_fuel")
"""Kinds of indicator that are few, for which the costly methods are used by default."""
MIX = ("energy_share", "energy_share_fuel")
MANY = ("power_district", "power_enterprise")
SETS = (tuple(kind for kind in AGGREGATED if kind not in MIX), MIX, *((kind,) for kind in MANY))
"""Indicators that are ranked, and graded, together."""
TREES, DRAWS = 50, 50
"""Fewer than in deweather: a region's daily page needs the shape, not the third digit."""


@dataclass(frozen=True)
class AssociationOptions:
    """What a region may set in [options] of region.toml."""

    costly_kinds: tuple[str, ...] = AGGREGATED
    trees: int = TREES
    draws: int = DRAWS
    false_discovery: str = "bh"

    @classmethod
    def of(cls, region: Region) -> "AssociationOptions":
        """The options of a region. Raises InputError for a kind or a procedure that does not exist, and for counts below 1."""
        given = region.options
        kinds = tuple(given.get("association_costly_kinds", AGGREGATED))
        trees, draws = given.get("deweather_trees", TREES), given.get("deweather_draws", DRAWS)
        procedure = given.get("false_discovery", "bh")
        for name, value, is_good, remedy in (
            (
                "association_costly_kinds",
                kinds,
                set(kinds) <= {*AGGREGATED, *MANY},
                f"known: {', '.join((*AGGREGATED, *MANY))}",
            ),
            ("deweather_trees", trees, isinstance(trees, int) and trees >= 1, "write a whole number from 1 on"),
            ("deweather_draws", draws, isinstance(draws, int) and draws >= 1, "write a whole number from 1 on"),
            (
                "false_discovery",
                procedure,
                procedure in ("bh", "by"),
                "write bh (Benjamini-Hochberg) or by (Benjamini-Yekutieli)",
            ),
        ):
            if not is_good:
                raise InputError(f"region {region.region_id}: {name} is {value}", f"{remedy} in region.toml")
        return cls(kinds, trees, draws, procedure)


MEASURED = ("air_quality", "stack")
"""What mutual information, the costliest, is computed with."""
AIR = "air_quality"
DEWEATHERED = "deweathered"
"""Air quality as it would have been in average weather; there is no sense in taking the weather out of it twice."""


@dataclass(frozen=True)
class Compared:
    """A finding with the names of its rows and columns; `ranks` are places within the set and target.

    Where rows have targets of their own, `targets` names one a row and the finding has one column.
    """

    indicators: tuple[str, ...]
    targets: tuple[str, ...]
    finding: Finding
    ranks: Floats
    is_paired: bool = False


def compare_period(held: Matrices, options: AssociationOptions) -> list[tuple[Compared, Floats]]:
    """All comparisons of a period, each with the share of false finds among pairs at least as unlikely by chance.

    The family of tests is all pairs of one method in one period.
    """
    targets = _with_deweathered(held, options)
    found = [part for kinds in SETS for part in _of_set(chosen(held.indicators, kinds), targets, held.weather, options)]
    found += _own(held, options)
    shares: dict[int, Floats] = {}
    for method in sorted({part.finding.method for part in found}):
        same = [number for number, part in enumerate(found) if part.finding.method == method]
        adjusted = methods.false_discovery([found[number].finding.chance for number in same], options.false_discovery)
        shares.update(zip(same, adjusted, strict=True))
    return [(part, shares[number]) for number, part in enumerate(found)]


def chosen(series: Named, kinds: tuple[str, ...]) -> Named:
    """The series of these kinds."""
    at = [number for number, name in enumerate(series.names) if kind_of(name) in kinds]
    return Named(tuple(series.names[number] for number in at), series.values[at])


def _of_set(indicators: Named, targets: Named, weather: Floats, options: AssociationOptions) -> list[Compared]:
    """One set of indicators against what it is compared with, by every method that it is worth."""
    kinds = {kind_of(name) for name in indicators.names}
    beside = chosen(targets, (AIR,)) if kinds <= set(MANY) else targets
    if not kinds or not beside.names:
        return []
    x, y = indicators.values, beside.values
    costly = np.array([kind_of(name) in options.costly_kinds for name in indicators.names])
    by_value = methods.pearson_finding(x, y)
    white = methods.prewhitened_finding(whitened(x), whitened(y), resampled=costly)
    found = [_named(indicators, beside, finding) for finding in (by_value, methods.spearman_finding(x, y), white)]
    at = np.flatnonzero(costly)
    few = Named(tuple(indicators.names[number] for number in at), x[at])
    return found + (_costly(few, beside, weather, _part(by_value, rows=at)) if len(at) else [])


def _costly(indicators: Named, targets: Named, weather: Floats, by_value: Finding) -> list[Compared]:
    """The grey grade, the correlation given weather, and mutual information with what was measured (not of the energy mix)."""
    found = [_named(indicators, targets, methods.grey_finding(indicators.values, targets.values, by_value=by_value))]
    weathered = np.array(
        [number for number, name in enumerate(targets.names) if kind_of(name) != DEWEATHERED], np.int64
    )
    exposed = Named(tuple(targets.names[number] for number in weathered), targets.values[weathered])
    partial = methods.partial_finding(
        indicators.values, exposed.values, weather=weather, by_value=_part(by_value, columns=weathered)
    )
    found.append(_named(indicators, exposed, partial))
    measured = chosen(targets, MEASURED)
    if measured.names and not {kind_of(name) for name in indicators.names} <= set(MIX):
        found.append(_named(indicators, measured, methods.information_finding(indicators.values, measured.values)))
    return found


def _own(held: Matrices, options: AssociationOptions) -> list[Compared]:
    """Plants and districts against their own monitors, row by row."""
    place = {name: number for number, name in enumerate(held.indicators.names)}
    rows = [number for number, name in enumerate(held.own.names) if name in place]
    if not rows:
        return []
    names = tuple(held.own.names[number] for number in rows)
    x, y = held.indicators.values[[place[name] for name in names]], held.own.values[rows]
    resampled = np.array([kind_of(name) in options.costly_kinds for name in names])
    found = (
        methods.pearson_finding(x, y, is_paired=True),
        methods.spearman_finding(x, y, is_paired=True),
        methods.prewhitened_finding(whitened(x), whitened(y), resampled=resampled, is_paired=True),
    )
    targets = tuple(held.own.targets[number] for number in rows)
    return [
        Compared(names, targets, finding, _own_ranks(names, targets, finding.rankable), is_paired=True)
        for finding in found
    ]


def _own_ranks(names: tuple[str, ...], targets: tuple[str, ...], strength: Floats) -> Floats:
    """Places among the rows of one kind that have the same target."""
    ranks = np.full(strength.shape, np.nan)
    groups = np.array([f"{kind_of(name)}\n{target}" for name, target in zip(names, targets, strict=True)])
    for group in sorted(set(groups.tolist())):
        ranks[groups == group] = methods.set_ranks(strength[groups == group])
    return ranks


def _with_deweathered(held: Matrices, options: AssociationOptions) -> Named:
    """The targets and, for each pollutant of the air, the same with the weather taken out by a forest of the whole history."""
    hours = held.targets.values.shape[1]
    clock = clock_columns(held.history_local)
    weather = held.history_weather
    names, rows = list(held.targets.names), list(held.targets.values)
    for name, series in zip(held.history.names, held.history.values, strict=True) if weather.shape[1] else ():
        names.append(f"{DEWEATHERED}:{name.partition(':')[2]}")
        rows.append(weather_normalised(series, clock, weather, trees=options.trees, draws=options.draws)[-hours:])
    order = np.argsort(np.array(names, dtype=object), kind="stable") if names else np.empty(0, np.int64)
    return Named(tuple(names[number] for number in order), np.array(rows).reshape(len(names), hours)[order])


def _named(indicators: Named, targets: Named, finding: Finding) -> Compared:
    return Compared(indicators.names, targets.names, finding, methods.set_ranks(finding.rankable))


def _part(finding: Finding, *, rows: Integers | None = None, columns: Integers | None = None) -> Finding:
    """The finding of some rows or columns."""
    at = (slice(None) if rows is None else rows), (slice(None) if columns is None else columns)
    return Finding(finding.method, *(getattr(finding, part.name)[at] for part in fields(finding)[1:]))
