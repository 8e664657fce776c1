"""Association of the energy mix with air quality over years or months, from statistics of a user.

Belongs here: shares of fuels, the changes that are compared, strength and p of a pair. Does not: hourly indicators
(relate/associate), causes.
"""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Floats
from bigdata_emis.relate.annual.annual_tables import AnnualTables, Key

LEAST_PAIRS = 5
"""With fewer pairs a rank correlation says nothing: of four, one order of 24 is perfect by chance."""
MOST_EXACT = 8
"""Pairs up to which all orders are counted: 40,320."""
YEAR_DIGITS = 4


def associate_mix(tables: AnnualTables) -> list[dict[str, Any]]:
    """Rank correlation of the energy and of the share of each fuel with each target, of levels and of changes.

    Changes are from the same month of the year before, or the year before: series with a trend agree in their levels
    whatever they are. A pair of fewer than LEAST_PAIRS periods, or one that does not vary, has no strength. q_value:
    Benjamini and Hochberg (1995) over all pairs of the same form.

    Source: Spearman (1904), Am. J. Psychol. 15, 72; p by Student's t (all orders for up to MOST_EXACT pairs).
    """
    fuels = _by_fuel(tables.energy_tj)
    targets: dict[str, dict[str, float]] = {}
    for (period, target), value in tables.air.items():
        targets.setdefault(target, {})[period] = value
    rows = [
        {"fuel": fuel, "indicator": indicator, "target": target, "form": form, **_pair(*_common(*pair))}
        for fuel, series in sorted(fuels.items())
        for indicator, values in series.items()
        for target, measured in sorted(targets.items())
        for form, pair in (("level", (values, measured)), ("change", (_changes(values), _changes(measured))))
    ]
    for form in ("level", "change"):
        _add_q_values([row for row in rows if row["form"] == form])
    return rows


def _by_fuel(energy_tj: Mapping[Key, float]) -> dict[str, dict[str, dict[str, float]]]:
    """Energy and share of each fuel by period."""
    periods, fuels = sorted({key[0] for key in energy_tj}), sorted({key[2] for key in energy_tj})
    sums = {(period, fuel): 0.0 for period in periods for fuel in fuels}
    for (period, _sector, fuel), value in energy_tj.items():
        sums[period, fuel] += value
    whole = {period: sum(sums[period, fuel] for fuel in fuels) for period in periods}
    return {
        fuel: {
            "energy": {period: sums[period, fuel] for period in periods},
            "share": {period: sums[period, fuel] / whole[period] for period in periods if whole[period] > 0},
        }
        for fuel in fuels
    }


def _changes(values: Mapping[str, float]) -> dict[str, float]:
    """Each value less that of the year before, in the same month where there are months."""
    before = {period: f"{int(period[:YEAR_DIGITS]) - 1}{period[YEAR_DIGITS:]}" for period in values}
    return {period: value - values[before[period]] for period, value in values.items() if before[period] in values}


def _common(first: Mapping[str, float], second: Mapping[str, float]) -> tuple[Floats, Floats]:
    periods = sorted(set(first) & set(second))
    return np.array([first[period] for period in periods]), np.array([second[period] for period in periods])


def _pair(indicator: Floats, target: Floats) -> dict[str, Any]:
    count = len(indicator)
    if count < LEAST_PAIRS:
        return {"strength": None, "p_value": None, "n": count, "why_not": "too_few_periods"}
    if np.ptp(indicator) == 0 or np.ptp(target) == 0:
        return {"strength": None, "p_value": None, "n": count, "why_not": "constant"}
    strength = float(stats.spearmanr(indicator, target).statistic)
    return {"strength": strength, "p_value": _p_value(indicator, target, strength), "n": count, "why_not": None}


def _p_value(indicator: Floats, target: Floats, strength: float) -> float:
    """Two-sided p of a rank correlation: over all orders where they are few, else by Student's t."""
    count = len(indicator)
    if count > MOST_EXACT:
        return float(stats.spearmanr(indicator, target).pvalue)
    ranks, others = stats.rankdata(indicator), stats.rankdata(target)
    orders = np.array(list(permutations(others - others.mean())))
    sums = np.abs(orders @ (ranks - ranks.mean()))
    observed = abs(strength) * np.sqrt(((ranks - ranks.mean()) ** 2).sum() * ((others - others.mean()) ** 2).sum())
    return float((sums >= observed * (1 - 1e-9)).mean())


def _add_q_values(rows: list[dict[str, Any]]) -> None:
    tested = [row for row in rows if row["p_value"] is not None]
    adjusted = stats.false_discovery_control([row["p_value"] for row in tested]).tolist() if tested else []
    for row in rows:
        row["q_value"] = None
    for row, value in zip(tested, adjusted, strict=True):
        row["q_value"] = value
