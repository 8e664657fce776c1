"""Emission rates of New York thermal units per gigajoule of fuel heat, from the unit data of EPA's AVERT.

Belongs here: rates, their spread and the substitute for units without a rate. Does not: other tables (build_nys).
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from bigdata_emis.codes import Pollutant
from bigdata_emis.validate.nys.data import GJ_PER_MMBTU

G_PER_LB = 453.59237
G_PER_SHORT_TON = 907184.74
POLLUTANTS: dict[str, tuple[str, float]] = {
    Pollutant.SO2: ("so2_lb", G_PER_LB),
    Pollutant.NOX: ("nox_lb", G_PER_LB),
    Pollutant.CO2: ("co2_ton", G_PER_SHORT_TON),
}
FUEL_CLASS = {"Natural Gas": "Gas", "Coal": "Coal"}
OTHER_FUEL_CLASS = "Oil"
OZONE_MONTHS = (5, 6, 7, 8, 9)
LEAST_SD_SHARE = 0.05
"""Least spread of a rate, because rates of 2021 are used for 2017-2019: judgement of this project, no source."""
LARGEST_SD_SHARE = 3.0
LEAST_UNITS = 3
YEAR = 2021
HOME_REGION = "NY"
CLASSES = ("New York units of its type and fuel", "New York units of its fuel", "US units of its fuel")
UNIT_CONFIDENCE, CLASS_CONFIDENCE = 0.8, 0.4
"""Confidence of a rate of the unit itself, and of a rate of its class."""
Rates = dict[Any, dict[str, float]]


def make_unit_factors(units: pd.DataFrame, matches: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return one row a unit and pollutant: its AVERT rate, or else the rate of its class."""
    bins = _rates_by_bin(folder)
    own = _unit_rates(units, matches, bins)
    tables = (own.set_index("name_en"), _class_rates(own, ["UnitType", "fuel_class"]), *_fuel_rates(bins))
    unit_rates, *classes = (cast("Rates", table.to_dict("index")) for table in tables)
    rows = [
        _factor(cast("dict[str, Any]", unit), code, unit_rates, tuple(classes))
        for unit in units.to_dict("records")
        for code in POLLUTANTS
    ]
    return pd.DataFrame(rows)


def fuel_class(fuel: object) -> str:
    """Return the fuel class of AVERT for a fuel name."""
    return FUEL_CLASS.get(str(fuel), OTHER_FUEL_CLASS)


def _rates_by_bin(folder: Path) -> pd.DataFrame:
    """Return mass (g) and heat (GJ) in the year of each EPA unit by bin of regional load and season.

        mass = hourly mean of the bin × hours of the bin

    Bins beyond the loads that occurred have no hours.
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
            parts.append(_season_totals(rows, season, rows["load_bin_mw"].map(count).astype(float)))
    return pd.concat(parts, ignore_index=True)


def _season_totals(rows: pd.DataFrame, season: str, hours: pd.Series) -> pd.DataFrame:
    columns = {code: rows[f"{name}_{season}"].fillna(0) * hours * factor for code, (name, factor) in POLLUTANTS.items()}
    heat = rows[f"heat_mmbtu_{season}"].fillna(0) * hours * GJ_PER_MMBTU
    identity = {
        "region": rows["region"].astype(str),
        "plant": rows["orispl_code"],
        "unit": rows["unit_code"].astype(str),
    }
    return pd.DataFrame({**identity, "fuel_class": rows["fuel_type"].astype(str), "heat": heat, **columns})


def _unit_rates(units: pd.DataFrame, matches: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Return rate and spread over bins of each market unit, with its EPA units taken together."""
    keys = matches.rename(columns={"NYISO Name": "name_en", "Facility ID": "plant", "Unit ID": "unit"})[
        ["name_en", "plant", "unit"]
    ]
    joined = keys.drop_duplicates().merge(bins, on=["plant", "unit"], how="inner").drop(columns="fuel_class")
    rates = pd.DataFrame(
        [_rate(rows, name_en=name) for name, rows in joined.groupby("name_en") if rows["heat"].sum() > 0]
    )
    kinds = units[["name_en", "UnitType", "FuelType"]].assign(fuel_class=units["FuelType"].map(fuel_class))
    return rates.merge(kinds, on="name_en", how="left")


def _rate(rows: pd.DataFrame, **identity: object) -> dict[str, object]:
    """Return mass over heat, and the relative spread of that ratio over bins, weighted by heat."""
    running = rows[rows["heat"] > 0]
    row: dict[str, object] = {**identity}
    for code in POLLUTANTS:
        mean = running[code].sum() / running["heat"].sum()
        variance = np.average((running[code] / running["heat"] - mean) ** 2, weights=running["heat"])
        row[code], row[f"{code}_sd"] = mean, float(np.sqrt(variance) / mean) if mean > 0 else np.nan
    return row


def _fuel_rates(bins: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rates by fuel in the home region, then in all regions."""
    heat = bins.groupby(["region", "plant", "unit", "fuel_class"], as_index=False)[["heat", *POLLUTANTS]].sum()
    heat = heat[heat["heat"] > 0]
    rates = heat.assign(**{code: heat[code] / heat["heat"] for code in POLLUTANTS})
    return [_class_rates(rates[rates["region"] == HOME_REGION], ["fuel_class"]), _class_rates(rates, ["fuel_class"])]


def _class_rates(rates: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the median of the positive rates of each class and their relative spread; classes of few units have none.

    The median, because a few gas units that sometimes burn oil would dominate the mean.
    """
    positive = rates[list(POLLUTANTS)].where(rates[list(POLLUTANTS)] > 0).join(rates[by])
    grouped = positive.groupby(by)[list(POLLUTANTS)]
    table = grouped.median().join(grouped.std() / grouped.mean(), rsuffix="_sd")
    return table.where(grouped.count().ge(LEAST_UNITS).join(grouped.count().ge(LEAST_UNITS), rsuffix="_sd"))


def _factor(unit: dict[str, Any], code: str, unit_rates: Rates, classes: tuple[Rates, ...]) -> dict[str, object]:
    base = {"production_line_id": unit["production_line_id"], "pollutant_code": code, "removal_share": 0}
    own = unit_rates.get(unit["name_en"])
    if own and own[code] > 0:
        return {
            **base,
            **_round_numbers(own[code], own[f"{code}_sd"]),
            "source": f"AVERT {YEAR}, this unit",
            "confidence": UNIT_CONFIDENCE,
        }
    why = "reported as zero" if own else "unit not in AVERT"
    fuel = fuel_class(unit["FuelType"])
    for rates, description, key in zip(classes, CLASSES, ((unit["UnitType"], fuel), fuel, fuel), strict=True):
        row = rates.get(key, {})
        if row.get(code, 0) > 0:
            source = f"AVERT {YEAR}, median of {description} ({why})"
            return {
                **base,
                **_round_numbers(row[code], row[f"{code}_sd"]),
                "source": source,
                "confidence": CLASS_CONFIDENCE,
            }
    raise ValueError(f"unit {unit['name_en']}: no class has a rate of {code} for fuel {unit['FuelType']}")


def _round_numbers(rate: float, spread: float) -> dict[str, float]:
    return {
        "emission_factor_g_per_unit": float(f"{rate:.5g}"),
        "relative_sd_share": round(float(np.clip(spread, LEAST_SD_SHARE, LARGEST_SD_SHARE)), 3),
    }
