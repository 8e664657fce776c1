"""Fit and score periods of the AVERT years: year to year, and summer to the rest.

Belongs here: samples from unit-years, and the documents of both transfers. Does not: the transfer models (transfer).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.validate.avert.data import POLLUTANTS, SEASONS, UnitYear
from bigdata_emis.validate.avert.transfer import MODELS, SELECTED, Pair, Sample, score_transfer
from bigdata_emis.validate.document import Transfer
from bigdata_emis.validate.metrics import summarise_units, unit_scores

DRIVERS = ("per_kwh", "per_gj")
SEASONS_APART_Y = 0.5
"""Between the middle of May to September and the middle of the other months."""
ONE_YEAR = (
    "only one year is available: give a folder with two or more, or --fit and --score, for factors transferred from "
    "year to year"
)


def score_years(years: dict[int, UnitYear], fit: tuple[int, ...], score: tuple[int, ...]) -> dict[str, Transfer]:
    """Factors of the fit years applied to the score years, by "pollutant driver".

    Choice and intervals come from the fit years: from the earlier ones to the last, or, for one fit year, from its
    summer to its rest (per GJ, whatever the driver, since generation has no season) with, per kWh, every second bin of
    regional load to the others. Intervals widen with the age of the factor, in years since the last fit year.
    """
    transfers: dict[str, Transfer] = {}
    ids = _ids([years[y] for y in (*fit, *score)])
    last = years[fit[-1]]
    age_y = float(np.mean(score)) - fit[-1]
    inner_age_y = float(fit[-1] - fit[-2]) if len(fit) > 1 else SEASONS_APART_Y
    for pollutant in POLLUTANTS:
        for driver in DRIVERS:
            pair = (
                _whole([years[y] for y in fit], ids, pollutant, driver),
                _whole([years[y] for y in score], ids, pollutant, driver),
            )
            whole_last = _whole([last], ids, pollutant, driver)
            if len(fit) > 1:
                inner, spread = (_whole([years[y] for y in fit[:-1]], ids, pollutant, driver), whole_last), None
            else:
                inner = _seasons(last, ids, pollutant)
                spread = _alternate_bins(whole_last) if driver == "per_kwh" else None
            transfers[f"{pollutant} {driver}"] = _document(
                pair, inner, ids, age_ratio=age_y / inner_age_y, spread=spread
            )
    return transfers


def _alternate_bins(sample: Sample) -> Pair:
    is_even = np.arange(sample.driver.shape[1]) % 2 == 0
    return sample.bins(is_even), sample.bins(~is_even)


def score_seasons(year: UnitYear) -> dict[str, Transfer]:
    """Factors of May to September applied to the other months of the year, per GJ.

    Generation has no season in the files. Choice and intervals come from the summer alone: from the lower half of
    its bins of regional load to the upper half, and back. The other months may differ in either direction, so the wider
    bound of both counts.
    """
    ids = _ids([year])
    transfers = {}
    for pollutant in POLLUTANTS:
        pair = _seasons(year, ids, pollutant)
        upper = np.arange(pair[0].driver.shape[1]) >= pair[0].driver.shape[1] // 2
        halves = pair[0].bins(~upper), pair[0].bins(upper)
        transfers[f"{pollutant} per_gj"] = _document(pair, halves, ids, back=halves[::-1])
    return transfers


def _document(
    pair: Pair,
    inner: Pair,
    ids: pd.MultiIndex,
    *,
    age_ratio: float = 1.0,
    spread: Pair | None = None,
    back: Pair | None = None,
) -> Transfer:
    names = [f"{plant}/{unit}" for plant, unit in ids]
    rows, chosen = score_transfer(pair, inner, ids=names, age_ratio=age_ratio, spread=spread, back=back)
    models = {name: summarise_units([row for row in rows if row["model"] == name]) for name in (*MODELS, SELECTED)}
    in_fit, in_score = (np.isfinite(sample.factor()) for sample in pair)
    return {
        "champion": SELECTED,
        "chosen": chosen,
        "models": models,
        "units_new": int((in_score & ~in_fit).sum()),
        "units": [unit_scores(row["id"], row["form"], row, row["n"]) for row in rows if row["model"] == SELECTED],
    }


def _ids(years: list[UnitYear]) -> pd.MultiIndex:
    keys = (
        pd.concat([year.unit[["orispl_code", "unit_code"]] for year in years])
        .drop_duplicates()
        .sort_values(["orispl_code", "unit_code"])
    )
    return pd.MultiIndex.from_frame(keys)


def _whole(years: list[UnitYear], ids: pd.MultiIndex, pollutant: str, driver: str) -> Sample:
    """Bins of all years in one row per unit; a unit that a year lacks has no hours in it."""
    parts = []
    for year in years:
        amount = year.energy_kwh if driver == "per_kwh" else year.mean(year.heat_gj)
        parts.append((year, amount, year.emission(pollutant), year.weight_h))
    return _sample(parts, ids)


def _seasons(year: UnitYear, ids: pd.MultiIndex, pollutant: str) -> Pair:
    summer, rest = (
        _sample([(year, year.heat_gj[s], year.emission_g[pollutant, s], year.hours[s])], ids) for s in SEASONS
    )
    return summer, rest


def _sample(parts: list[tuple[UnitYear, Floats, Floats, Floats]], ids: pd.MultiIndex) -> Sample:
    driver: list[Floats] = []
    emission: list[Floats] = []
    weight: list[Floats] = []
    fuel = np.full(len(ids), "", dtype=object)
    for year, amount, mass, hours in parts:
        place = ids.get_indexer(pd.MultiIndex.from_frame(year.unit[["orispl_code", "unit_code"]]))
        fuel[place] = year.unit["fuel_type"].to_numpy()
        for whole, part in ((driver, amount), (emission, mass), (weight, hours)):
            grid = np.zeros((len(ids), part.shape[1]))
            grid[place] = part
            whole.append(grid)
    plant = ids.get_level_values(0).to_numpy(np.int64)
    return Sample(fuel.astype(str), plant, np.hstack(driver), np.hstack(emission), np.hstack(weight))
