"""Emission rates of New York thermal units per gigajoule of fuel heat, from what EPA's AVERT says of each unit.

Belongs here: rates, their spread and what stands in where a unit has none. Does not: the registry's other tables (build_nys).
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from bigdata_emis.validate.nys.data import GJ_PER_MMBTU

G_PER_LB = 453.59237
G_PER_SHORT_TON = 907184.74
POLLUTANTS = {"SO2": ("so2_lb", G_PER_LB), "NOx": ("nox_lb", G_PER_LB), "CO2": ("co2_ton", G_PER_SHORT_TON)}
FUEL_CLASS = {"Natural Gas": "Gas", "Coal": "Coal"}
OTHER_FUEL_CLASS = "Oil"
OZONE_MONTHS = (5, 6, 7, 8, 9)
LEAST_SD_SHARE = 0.05
"""A rate of 2021 stands for 2017-2019: judgement of this project, no source."""
LARGEST_SD_SHARE = 3.0
LEAST_UNITS = 3
YEAR = 2021
HOME_REGION = "NY"
CLASSES = ("New York units of its type and fuel", "New York units of its fuel", "US units of its fuel")
OWN, CLASS = 0.8, 0.4
"""Confidence in a unit's own rate, and in that of its class."""
Rates = dict[Any, dict[str, float]]


def unit_factors(units: pd.DataFrame, matched: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """One row a unit and pollutant: its own rate where AVERT has its EPA units, else that of units like it."""
    bins = _rates_by_bin(folder)
    own = _own_rates(units, matched, bins)
    tables = (own.set_index("name_en"), _class_rates(own, ["UnitType", "fuel_class"]), *_fuel_rates(bins))
    mine, *classes = (cast("Rates", table.to_dict("index")) for table in tables)
    rows = [
        _factor(cast("dict[str, Any]", unit), code, mine, tuple(classes))
        for unit in units.to_dict("records")
        for code in POLLUTANTS
    ]
    return pd.DataFrame(rows)


def fuel_class(fuel: object) -> str:
    """The fuel as AVERT classes it."""
    return FUEL_CLASS.get(str(fuel), OTHER_FUEL_CLASS)


def _rates_by_bin(folder: Path) -> pd.DataFrame:
    """Mass (g) and heat (GJ) a year of each EPA unit by bin of regional load and season: hourly means times hours of the bin.

    AVERT's bins also reach beyond the loads that occurred; those get no hours.
    """
    table = pd.read_parquet(folder / f"unit_by_load_bin_{YEAR}.parquet")
    load = pd.read_parquet(folder / f"regional_load_hourly_{YEAR}.parquet")
    parts = []
    for region, rows in table.groupby("region", observed=True):
        bins = np.sort(rows["load_bin_mw"].unique())
        hours = load[load["region"] == region]
        for season, is_season in (
            ("oz", hours["month"].isin(OZONE_MONTHS)),
            ("non", ~hours["month"].isin(OZONE_MONTHS)),
        ):
            nearest = np.searchsorted((bins[1:] + bins[:-1]) / 2, hours.loc[is_season, "regional_load_mw"])
            count = dict(zip(bins, np.bincount(nearest, minlength=len(bins)), strict=True))
            parts.append(_season(rows, season, rows["load_bin_mw"].map(count).astype(float)))
    return pd.concat(parts, ignore_index=True)


def _season(rows: pd.DataFrame, season: str, hours: pd.Series) -> pd.DataFrame:
    columns = {code: rows[f"{name}_{season}"].fillna(0) * hours * factor for code, (name, factor) in POLLUTANTS.items()}
    heat = rows[f"heat_mmbtu_{season}"].fillna(0) * hours * GJ_PER_MMBTU
    identity = {
        "region": rows["region"].astype(str),
        "plant": rows["orispl_code"],
        "unit": rows["unit_code"].astype(str),
    }
    return pd.DataFrame({**identity, "fuel_class": rows["fuel_type"].astype(str), "heat": heat, **columns})


def _own_rates(units: pd.DataFrame, matched: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Rate and spread over bins of each market unit, its EPA units taken together."""
    keys = matched.rename(columns={"NYISO Name": "name_en", "Facility ID": "plant", "Unit ID": "unit"})[
        ["name_en", "plant", "unit"]
    ]
    joined = keys.drop_duplicates().merge(bins, on=["plant", "unit"], how="inner").drop(columns="fuel_class")
    rates = pd.DataFrame(
        [_rate(rows, name_en=name) for name, rows in joined.groupby("name_en") if rows["heat"].sum() > 0]
    )
    kinds = units[["name_en", "UnitType", "FuelType"]].assign(fuel_class=units["FuelType"].map(fuel_class))
    return rates.merge(kinds, on="name_en", how="left")


def _rate(rows: pd.DataFrame, **identity: object) -> dict[str, object]:
    """Mass over heat, and the relative spread of that ratio over bins, weighted by heat."""
    running = rows[rows["heat"] > 0]
    found: dict[str, object] = {**identity}
    for code in POLLUTANTS:
        mean = running[code].sum() / running["heat"].sum()
        variance = np.average((running[code] / running["heat"] - mean) ** 2, weights=running["heat"])
        found[code], found[f"{code}_sd"] = mean, float(np.sqrt(variance) / mean) if mean > 0 else np.nan
    return found


def _fuel_rates(bins: pd.DataFrame) -> list[pd.DataFrame]:
    """Rates by fuel in the home region, then in all regions."""
    heat = bins.groupby(["region", "plant", "unit", "fuel_class"], as_index=False)[["heat", *POLLUTANTS]].sum()
    heat = heat[heat["heat"] > 0]
    rates = heat.assign(**{code: heat[code] / heat["heat"] for code in POLLUTANTS})
    return [_class_rates(rates[rates["region"] == HOME_REGION], ["fuel_class"]), _class_rates(rates, ["fuel_class"])]


def _class_rates(rates: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Median of the rates of units alike that are above zero, and their relative spread; classes of too few units are left out.

    The median, because a few units that burn oil at times would rule the mean of the gas units.
    """
    above = rates[list(POLLUTANTS)].where(rates[list(POLLUTANTS)] > 0).join(rates[by])
    grouped = above.groupby(by)[list(POLLUTANTS)]
    table = grouped.median().join(grouped.std() / grouped.mean(), rsuffix="_sd")
    return table.where(grouped.count().ge(LEAST_UNITS).join(grouped.count().ge(LEAST_UNITS), rsuffix="_sd"))


def _factor(unit: dict[str, Any], code: str, own: Rates, classes: tuple[Rates, ...]) -> dict[str, object]:
    base = {"production_line_id": unit["production_line_id"], "pollutant_code": code, "removal_share": 0}
    mine = own.get(unit["name_en"])
    if mine and mine[code] > 0:
        return {
            **base,
            **_numbers(mine[code], mine[f"{code}_sd"]),
            "source": f"AVERT {YEAR}, this unit",
            "confidence": OWN,
        }
    why = "reported as zero" if mine else "unit not in AVERT"
    fuel = fuel_class(unit["FuelType"])
    for rates, of, key in zip(classes, CLASSES, ((unit["UnitType"], fuel), fuel, fuel), strict=True):
        alike = rates.get(key, {})
        if alike.get(code, 0) > 0:
            source = f"AVERT {YEAR}, median of {of} ({why})"
            return {**base, **_numbers(alike[code], alike[f"{code}_sd"]), "source": source, "confidence": CLASS}
    raise ValueError(f"unit {unit['name_en']}: no rate of {code} for {unit['FuelType']}")


def _numbers(rate: float, spread: float) -> dict[str, float]:
    return {
        "emission_factor_g_per_unit": float(f"{rate:.5g}"),
        "relative_sd_share": round(float(np.clip(spread, LEAST_SD_SHARE, LARGEST_SD_SHARE)), 3),
    }
