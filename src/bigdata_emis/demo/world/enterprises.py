"""Enterprises and production lines: real steel works and coal power plants, and simulated enterprises around them.

Belongs here: the register of industry, as registered and as it truly is. Does not: hourly operation (activity).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import ActivityUnit, Grade, Industry, Pollutant
from bigdata_emis.demo.alert_orders import ordered_plant_cut
from bigdata_emis.demo.plan import Size, draw_lognormal, random_stream, read_shipped
from bigdata_emis.demo.world.activity import MEAN_OF_RHYTHM
from bigdata_emis.demo.world.places import city_names, counties, county_ids, draw_points

GRADES = np.array([Grade.A, Grade.B, Grade.C, Grade.D])
GRADE_SHARE = [0.1, 0.25, 0.4, 0.25]
HOURS_PER_YEAR = 8_760
KWH_PER_MWH = 1_000
TONNE_PER_KT, TONNE_PER_MT = 1_000, 1_000_000
SINTER_PER_IRON = 1.35  # tonnes of sinter and pellet charged to a tonne of iron; own estimate
LINE_COUNTS = np.array([1, 2, 3])
LINE_COUNT_SHARE = [0.45, 0.35, 0.2]
REGISTER_ERROR_SD = {"base_load_share": 0.2, "power_elasticity": 0.05, "reference_energy_kwh": 0.05}
LARGEST_BASE_LOAD_SHARE = 0.85
SHARED_VARIANCE_SHARE = 0.5  # of the log variance of an emission factor, common to all lines of a class
DRIFT_SD, CARBON_DRIFT_SD = 0.1, 0.02
"""A factor drifts from hour to hour with fuel and operation; the carbon of fuel and limestone drifts less."""
WHOLE, FINE = Pollutant.PM10, Pollutant.PM2_5
PARTS = ((FINE, WHOLE), (Pollutant.BC, FINE), (Pollutant.OC, FINE))
"""Each with what contains it, in the order in which they are drawn."""
CARBON = (Pollutant.BC, Pollutant.OC)
RAKING_STEPS, LARGEST_RAKING = 40, 3.0
PART_ODDS_SD = 0.3  # of the log odds of a part within its whole between lines of a class; own estimate
COMPLIANCE = [("complies", 0.85), ("partly", 0.08), ("ignores", 0.07)]


@dataclass(frozen=True)
class IndustryRegister:
    """Registry tables with errors, and the truth: one row a line, one a line and pollutant."""

    enterprise: pd.DataFrame
    production_line: pd.DataFrame
    emission_factor: pd.DataFrame
    truth: pd.DataFrame
    true_factors: pd.DataFrame


def draw_industry(seed: int, size: Size) -> IndustryRegister:
    """Draw every enterprise and line; registry and truth differ by errors of the stated size."""
    random = random_stream(seed, "enterprises")
    real, real_lines = _make_real_enterprises(random)
    drawn = _draw_enterprises(random, size.enterprises - len(real))
    enterprise = pd.concat([real, drawn], ignore_index=True)
    enterprise["enterprise_id"] = [f"E{i:05d}" for i in range(1, len(enterprise) + 1)]
    real_lines["enterprise_id"] = enterprise["enterprise_id"].to_numpy()[real_lines.pop("enterprise_row")]
    drawn_lines = _draw_lines(random, enterprise.iloc[len(real) :])
    line = pd.concat([real_lines, drawn_lines], ignore_index=True)
    line["production_line_id"] = [f"L{i:05d}" for i in range(1, len(line) + 1)]
    line = line.merge(
        enterprise[["enterprise_id", "grade_code", "is_real"]], on="enterprise_id", validate="many_to_one"
    )
    line = line.merge(
        read_shipped("industry_classes.csv").drop(columns=["capacity_per_h", "source", "confidence"]),
        on="industry_code",
    )
    line = line.sort_values("production_line_id", ignore_index=True)
    truth, registered = _draw_truth_and_register(random, line)
    scale = _scale_to_region(truth)
    for frame in (truth, registered):
        ratio = np.where(truth["is_real"], 1.0, truth["industry_code"].map(scale).fillna(1.0))
        frame["capacity_per_h"] = (frame["capacity_per_h"] * ratio).round(4)
        frame["reference_energy_kwh"] = (frame["reference_energy_kwh"] * ratio).round(3)
    enterprise = _say_how_many(enterprise, scale)
    factor, true_factors = _draw_factors(random_stream(seed, "emission_factors"), line)
    return IndustryRegister(enterprise.drop(columns="is_real"), registered, factor, truth, true_factors)


def keep_regional_mass(register: IndustryRegister) -> IndustryRegister:
    """Scale the true factors of each pollutant so that an ordinary year of the region has the registered mass.

    Classes and lines err as drawn. A part of particulate is scaled as what contains it, line by line, so that black and
    organic carbon have their registered mass, too.
    """
    annual_t = _usual_annual_t(register.truth).set_axis(register.truth["production_line_id"])
    both = register.emission_factor.merge(
        register.true_factors, on=["production_line_id", "pollutant_code"], validate="one_to_one"
    )
    registered = both["emission_factor_g_per_unit"] * (1 - both["removal_share"])
    mass = pd.DataFrame({"registered": registered, "true": both["net_factor_g_per_unit"]}).mul(
        both["production_line_id"].map(annual_t), axis=0
    )
    total = mass.groupby(both["pollutant_code"]).sum()
    factors = register.true_factors
    line, pollutant = factors["production_line_id"], factors["pollutant_code"]
    scale = pollutant.map(total["registered"] / total["true"])
    is_particulate = pollutant.isin([WHOLE, *(part for part, _ in PARTS)])
    scale = scale.where(~is_particulate, line.map(_particulate_scale(factors, annual_t, total["registered"])))
    return replace(
        register, true_factors=factors.assign(net_factor_g_per_unit=factors["net_factor_g_per_unit"] * scale)
    )


def _particulate_scale(factors: pd.DataFrame, annual_t: pd.Series, registered: pd.Series) -> pd.Series:
    """Return the factor of the particulate of each line that keeps its mass, and that of its carbon, in the region.

        exp(a + b × share of BC + c × share of OC),  at most LARGEST_RAKING from the common factor

    a, b, c: by Newton's method on the masses of particulate, BC and OC (raking, as in the calibration of surveys).
    """
    wide = factors.pivot(index="production_line_id", columns="pollutant_code", values="net_factor_g_per_unit")
    wide = wide[wide[WHOLE] > 0].reindex(columns=[WHOLE, *CARBON], fill_value=0.0).fillna(0.0)
    shares = wide.div(wide[WHOLE], axis=0).to_numpy()
    weight = wide[WHOLE].to_numpy() * annual_t.reindex(wide.index).fillna(0.0).to_numpy()
    target = registered.reindex(wide.columns).fillna(0.0).to_numpy()
    common = np.log(target[0] / weight.sum())
    solution = np.array([common, 0.0, 0.0])
    for _ in range(RAKING_STEPS):
        scaled = weight * np.exp(shares @ solution)
        step = np.linalg.lstsq((shares * scaled[:, None]).T @ shares, scaled @ shares - target, rcond=None)[0]
        solution = solution - step / max(1.0, np.abs(shares @ step).max())
    raked = np.exp(common + np.clip(shares @ solution - common, -np.log(LARGEST_RAKING), np.log(LARGEST_RAKING)))
    return pd.Series(raked * target[0] / (weight @ raked), index=wide.index)


def _make_real_enterprises(random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the real works with real place and capacity; their grade and all their operation are simulated."""
    steel, power = read_shipped("steel_works.csv"), read_shipped("coal_power_plants.csv")
    both = pd.concat([steel, power], ignore_index=True)
    city = counties().set_index("county_id")["city_name"].reindex(both["county_id"]).to_numpy()
    chinese = both["name_zh"].fillna(both["name_en"])
    is_electric = both["process"].eq("electric")
    code = np.where(
        both["capacity_mw"].notna(),
        Industry.COAL_POWER,
        np.where(is_electric, Industry.ELECTRIC_ARC_STEEL, Industry.INTEGRATED_STEEL),
    )
    enterprise = pd.DataFrame(
        {
            "name_en": both["name_en"] + " (operation simulated)",
            "name_zh": chinese + "（运行为模拟）",
            "industry_code": code,
            "grade_code": random.choice(GRADES[:3], size=len(both)),
            "city_name": city,
            "county_id": both["county_id"],
            "longitude_deg": both["longitude_deg"],
            "latitude_deg": both["latitude_deg"],
            "source": np.where(
                both["capacity_mw"].notna(),
                "WRI Global Power Plant Database, CC BY 4.0; operation simulated",
                "GEM Global Steel Plant Tracker March 2023, CC BY 4.0; operation simulated",
            ),
            "is_real": True,
        }
    )
    return enterprise, _make_real_lines(both, is_electric.to_numpy())


def _make_real_lines(works: pd.DataFrame, is_electric: Flags) -> pd.DataFrame:
    """Make the lines of the real works.

    A power plant is one coal line, an integrated works has sinter, iron and rolling, an electric works its furnace.
    """
    coal = read_shipped("industry_classes.csv").set_index("industry_code")["energy_kwh_per_unit"][Industry.COAL_POWER]
    row = np.arange(len(works))
    iron = works["blast_furnace_kt_per_a"].fillna(works["crude_steel_kt_per_a"])
    parts = [
        (Industry.COAL_POWER, row, works["capacity_mw"] * KWH_PER_MWH / coal),
        (Industry.SINTER, row, iron.where(~is_electric) * SINTER_PER_IRON * TONNE_PER_KT / HOURS_PER_YEAR),
        (Industry.BLAST_FURNACE, row, iron.where(~is_electric) * TONNE_PER_KT / HOURS_PER_YEAR),
        (
            Industry.STEEL_ROLLING,
            row,
            works["crude_steel_kt_per_a"].where(~is_electric) * TONNE_PER_KT / HOURS_PER_YEAR,
        ),
        (
            Industry.ELECTRIC_ARC_STEEL,
            row,
            works["crude_steel_kt_per_a"].where(is_electric) * TONNE_PER_KT / HOURS_PER_YEAR,
        ),
    ]
    lines = [pd.DataFrame({"enterprise_row": r, "industry_code": code, "capacity_per_h": c}) for code, r, c in parts]
    frame = pd.concat(lines).dropna(subset=["capacity_per_h"])
    return frame.sort_values(["enterprise_row", "industry_code"], ignore_index=True)


def _draw_enterprises(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Draw enterprises that do not exist: industry, grade and place are drawn, their names say "simulated"."""
    classes = read_shipped("industry_classes.csv")
    code = random.choice(classes["industry_code"], size=count, p=classes["mix_weight"] / classes["mix_weight"].sum())
    code = _with_every_class(code, read_shipped("industry_output.csv")["industry_code"])
    points = draw_points(random, count)
    number = np.arange(1, count + 1)
    titles = _titles()
    return pd.DataFrame(
        {
            "name_en": [f"{titles[c][0]} works {n} (simulated)" for c, n in zip(code, number, strict=True)],
            "name_zh": [f"{titles[c][1]}企业{n}（模拟）" for c, n in zip(code, number, strict=True)],
            "industry_code": code,
            "grade_code": random.choice(GRADES, size=count, p=GRADE_SHARE),
            "city_name": city_names(points.county_row),
            "county_id": county_ids(points.county_row),
            "longitude_deg": points.longitude_deg,
            "latitude_deg": points.latitude_deg,
            "source": "simulated",
            "is_real": False,
        }
    )


def _with_every_class(code: "np.typing.NDArray[np.object_]", classes: pd.Series) -> "np.typing.NDArray[np.object_]":
    """Return the drawn classes; each of `classes` that was not drawn replaces one of the class drawn most often."""
    complete = np.array(code, dtype=object)
    for missing in sorted(set(classes) - set(code)):
        drawn, number = np.unique(complete.astype(str), return_counts=True)
        complete[np.flatnonzero(complete == drawn[np.argmax(number)])[-1]] = missing
    return complete


def _scale_to_region(truth: pd.DataFrame) -> pd.Series:
    """Return by industry the factor of capacity with which its simulated lines give the output of the region.

        factor = annual output ÷ Σ (capacity × utilisation × mean of the rhythm × hours of a year)

    The sum is over lines that run; where all of an industry are idle, the largest is made to run.
    """
    output_t = read_shipped("industry_output.csv").set_index("industry_code")["annual_output_mt"] * TONNE_PER_MT
    drawn = truth[~truth["is_real"] & truth["industry_code"].isin(output_t.index)]
    for _, lines in drawn.groupby("industry_code"):
        if lines["is_idle"].all():
            truth.loc[lines["capacity_per_h"].idxmax(), "is_idle"] = False
    annual_t = _usual_annual_t(truth).loc[drawn.index]
    return output_t / annual_t.groupby(drawn["industry_code"]).sum()


def _usual_annual_t(truth: pd.DataFrame) -> pd.Series:
    """Return the output a year of each line at its usual utilisation; nothing of lines that are idle."""
    rhythm = truth["rhythm"].map(MEAN_OF_RHYTHM)
    return truth["capacity_per_h"] * truth["utilisation_share"] * rhythm * HOURS_PER_YEAR * ~truth["is_idle"]


def _say_how_many(enterprise: pd.DataFrame, scale: pd.Series) -> pd.DataFrame:
    """Add to the name and the source of a simulated enterprise how many plants of typical capacity it represents."""
    plants = enterprise["industry_code"].map(scale).fillna(1.0).round().clip(lower=1).astype(int)
    is_many = ~enterprise["is_real"] & plants.gt(1)
    number = plants.astype(str)
    english = enterprise["name_en"].str.replace("(simulated)", "(simulated, ", regex=False) + number + " plants)"
    chinese = enterprise["name_zh"].str.replace("（模拟）", "（模拟，代表", regex=False) + number + "家）"
    return enterprise.assign(
        name_en=english.where(is_many, enterprise["name_en"]),
        name_zh=chinese.where(is_many, enterprise["name_zh"]),
        source=("simulated; represents " + number + " plants").where(is_many, enterprise["source"]),
    )


def _titles() -> dict[str, tuple[str, str]]:
    from bigdata_emis.schema.model import codes

    return {code: (entry.title_en.capitalize(), entry.title_zh) for code, entry in codes()["industry"].items()}


def _draw_lines(random: np.random.Generator, enterprise: pd.DataFrame) -> pd.DataFrame:
    """Draw one to three lines of the enterprise's own industry."""
    capacity = read_shipped("industry_classes.csv").set_index("industry_code")["capacity_per_h"]
    row = np.repeat(np.arange(len(enterprise)), random.choice(LINE_COUNTS, size=len(enterprise), p=LINE_COUNT_SHARE))
    code = enterprise["industry_code"].to_numpy()[row]
    drawn = capacity.reindex(code).to_numpy() * draw_lognormal(random, 0.6, len(row))
    return pd.DataFrame(
        {
            "enterprise_id": enterprise["enterprise_id"].to_numpy()[row],
            "industry_code": code,
            "capacity_per_h": drawn.round(4),
        }
    )


def _draw_truth_and_register(random: np.random.Generator, line: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    truth = line.copy()
    registered = pd.DataFrame(
        {
            "production_line_id": line["production_line_id"],
            "enterprise_id": line["enterprise_id"],
            "sector_code": line["sector_code"],
            "industry_code": line["industry_code"],
            "grade_code": line["grade_code"],
            "activity_unit_code": ActivityUnit.T,
            "capacity_per_h": line["capacity_per_h"],
            "base_load_share": line["base_load_share"],
            "power_elasticity": line["power_elasticity"],
            "reference_energy_kwh": line["capacity_per_h"] * line["energy_kwh_per_unit"],
            "fuel_name": line["fuel_name"],
        }
    )
    for column, relative_sd in REGISTER_ERROR_SD.items():
        truth[column] = registered[column] * draw_lognormal(random, relative_sd, len(line))
    truth["base_load_share"] = truth["base_load_share"].clip(upper=LARGEST_BASE_LOAD_SHARE)
    truth["is_idle"] = (random.random(len(line)) < line["idle_share"]) & ~line["is_real"]
    truth["planned_cut_share"] = ordered_plant_cut(line)
    names, shares = zip(*COMPLIANCE, strict=True)
    drawn = random.choice(names, size=len(line), p=shares)
    truth["compliance"] = np.where(line["is_real"], names[0], drawn)
    return truth, registered.round({"reference_energy_kwh": 3, "capacity_per_h": 4})


def _draw_factors(random: np.random.Generator, line: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the registered and the true emission factors; lines of a class share half the variance of their error."""
    table = read_shipped("industry_emission_factors.csv")
    shared_sd, table["own_sd"] = split_error_sd(
        table["relative_sd_share"].to_numpy(), drift_sd(table["pollutant_code"])
    )
    table["shared"] = draw_lognormal(random, shared_sd, len(table))
    factor = line[["production_line_id", "industry_code"]].merge(table, on="industry_code", validate="many_to_many")
    own = draw_lognormal(random, factor.pop("own_sd").to_numpy(), len(factor))
    true = factor["emission_factor_g_per_unit"] * (1 - factor["removal_share"]) * factor["shared"] * own
    true_factors = pd.DataFrame(
        {
            "production_line_id": factor["production_line_id"],
            "pollutant_code": factor["pollutant_code"],
            "net_factor_g_per_unit": _draw_part_factors(random, factor, true),
        }
    )
    return factor.drop(columns=["industry_code", "shared"]), true_factors


def drift_sd(pollutant_code: pd.Series) -> Floats:
    """Return the log standard deviation of the hourly drift of an emission factor."""
    return np.where(pollutant_code.eq(Pollutant.CO2), CARBON_DRIFT_SD, DRIFT_SD)


def split_error_sd(relative_sd_share: Floats, drift_log_sd: Floats) -> tuple[Floats, Floats]:
    """Split a stated relative standard deviation into that of the class and that of the line.

        ln(1 + s²) = ln(1 + shared²) + ln(1 + own²) + drift²

    Variances of logarithms of independent factors add; their relative deviations do not.
    """
    log_variance = np.log1p(relative_sd_share**2)
    own = np.maximum((1 - SHARED_VARIANCE_SHARE) * log_variance - drift_log_sd**2, 0.0)
    return np.sqrt(np.expm1(SHARED_VARIANCE_SHARE * log_variance)), np.sqrt(np.expm1(own))


def _draw_part_factors(random: np.random.Generator, factor: pd.DataFrame, true: pd.Series) -> pd.Series:
    """Draw the factors of `PARTS` as a share of the true factor of what contains them, with errors of the same mass."""
    registered = (factor["emission_factor_g_per_unit"] * (1 - factor["removal_share"])).to_numpy()
    line, pollutant = factor["production_line_id"], factor["pollutant_code"]
    values = true.to_numpy().copy()
    for part, whole in PARTS:
        is_part, is_whole = pollutant.eq(part), pollutant.eq(whole)
        rows = pd.Series(np.flatnonzero(is_whole), index=line[is_whole]).reindex(line[is_part]).to_numpy(dtype=np.int64)
        odds = registered[is_part] / (registered[rows] - registered[is_part])
        odds = odds * np.exp(PART_ODDS_SD * random.standard_normal(len(rows)))
        values[is_part] = values[rows] * odds / (1 + odds)
    return pd.Series(values, index=true.index)
