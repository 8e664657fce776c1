"""Driving factors of annual emission by sector and fuel (LMDI, additive and multiplicative), from statistics of a user.

Belongs here: the factors of a cell of sector and fuel, years compared, sums by sector and fuel. Does not: the
arithmetic (statistics/lmdi), the files (annual_tables), days of the inventory (lmdi_factors).
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.relate.annual.annual_tables import MONTHS, AnnualTables, Key
from bigdata_emis.statistics.lmdi import decompose_change, multiplicative_effects

WITH_ACTIVITY = ("activity", "structure", "intensity", "energy_mix", "emission_factor")
"""Total activity × share of the sector × energy ÷ activity × share of the fuel × emission ÷ energy."""
WITHOUT_ACTIVITY = ("energy", "structure", "energy_mix", "emission_factor")
"""Total energy × share of the sector × share of the fuel × emission ÷ energy."""
YEAR_DIGITS = 4


@dataclass(frozen=True)
class YearSums:
    """Sums of whole years over sectors and fuels; years of which months are missing are listed only."""

    years: tuple[str, ...]
    incomplete_years: tuple[str, ...]
    energy_tj: Mapping[Key, float]
    emission_t: Mapping[Key, float]
    activity: Mapping[Key, float]


def sum_years(tables: AnnualTables) -> YearSums:
    """The tables by year. Months are added up where a year has all twelve."""
    periods = {key[0] for key in tables.energy_tj}
    by_year = {period[:YEAR_DIGITS]: {p for p in periods if p.startswith(period[:YEAR_DIGITS])} for period in periods}
    is_monthly = any(len(period) > YEAR_DIGITS for period in periods)
    whole = tuple(sorted(year for year, parts in by_year.items() if not is_monthly or len(parts) == MONTHS))
    return YearSums(
        whole,
        tuple(sorted(set(by_year) - set(whole))),
        *(_by_year(values, whole) for values in (tables.energy_tj, tables.emission_t, tables.activity)),
    )


def decompose_years(sums: YearSums) -> list[dict[str, Any]]:
    """The change of each pollutant from year to year, and from the first to the last, by factor.

    Each has the change, the terms of all cells, of each sector and of each fuel, in t, and the factors of the ratio;
    `residual_t` is the change less the terms of all cells. A ratio from or to zero has no factors.
    """
    steps = list(itertools.pairwise(sums.years))
    whole = [(sums.years[0], sums.years[-1])] if len(steps) > 1 else []
    pollutants = sorted({key[3] for key in sums.emission_t})
    return [_decompose_step(sums, pollutant, step) for pollutant in pollutants for step in (*steps, *whole)]


def _by_year(values: Mapping[Key, float], years: tuple[str, ...]) -> dict[Key, float]:
    sums: dict[Key, float] = {}
    for (period, *cell), value in values.items():
        if period[:YEAR_DIGITS] in years:
            key = (period[:YEAR_DIGITS], *cell)
            sums[key] = sums.get(key, 0.0) + value
    return sums


def _decompose_step(sums: YearSums, pollutant: str, step: tuple[str, str]) -> dict[str, Any]:
    cells = sorted({(sector, fuel) for year, sector, fuel in sums.energy_tj if year in step})
    names = WITH_ACTIVITY if sums.activity else WITHOUT_ACTIVITY
    before, after = (_factors(sums, pollutant, year, cells) for year in step)
    terms = decompose_change(before, after)
    first, last = (np.array([sums.emission_t.get((year, *cell, pollutant), 0.0) for cell in cells]) for year in step)
    change = float(last.sum() - first.sum())
    total = terms.sum(axis=0)
    ratios = multiplicative_effects(total, float(first.sum()), float(last.sum()))
    return {
        "pollutant": pollutant,
        "from": step[0],
        "to": step[1],
        "from_t": float(first.sum()),
        "to_t": float(last.sum()),
        "change_t": change,
        "terms_t": dict(zip(names, total.tolist(), strict=True)),
        "residual_t": change - float(total.sum()),
        "ratio": float(last.sum() / first.sum()) if first.sum() > 0 else None,
        "ratio_factors": None if ratios is None else dict(zip(names, ratios.tolist(), strict=True)),
        "by_sector": _sums_by([sector for sector, _ in cells], terms, names),
        "by_fuel": _sums_by([fuel for _, fuel in cells], terms, names),
    }


def _factors(sums: YearSums, pollutant: str, year: str, cells: list[tuple[str, str]]) -> Floats:
    """The factors of each cell in one year, `(cells, factors)`; NaN where a cell has no value of one."""
    energy = np.array([sums.energy_tj.get((year, *cell), 0.0) for cell in cells])
    emission = np.array([sums.emission_t.get((year, *cell, pollutant), 0.0) for cell in cells])
    sectors = np.array([sector for sector, _ in cells])
    of_sector = np.array([energy[sectors == sector].sum() for sector in sectors])
    mix, factor = _divide(energy, of_sector), _divide(emission, energy)
    if not sums.activity:
        whole = np.full(len(cells), energy.sum())
        return np.stack([whole, _divide(of_sector, whole), mix, factor], axis=-1)
    activity = np.array([sums.activity.get((year, sector), 0.0) for sector in sectors])
    all_sectors = sum(value for (of_year, _sector), value in sums.activity.items() if of_year == year)
    whole = np.full(len(cells), all_sectors)
    return np.stack([whole, _divide(activity, whole), _divide(of_sector, activity), mix, factor], axis=-1)


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def _sums_by(names: list[str], terms: Floats, factors: tuple[str, ...]) -> dict[str, dict[str, float]]:
    groups = np.array(names)
    return {
        name: dict(zip(factors, terms[groups == name].sum(axis=0).tolist(), strict=True)) for name in sorted(set(names))
    }
