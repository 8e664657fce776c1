"""Annual emission of movers: ships by berth hours or fuel, aircraft by landing and take-off, trains by fuel.

Belongs here: the activity of a counted area in the unit of its factors. Does not: the arithmetic (equations/area,
equations/nonroad), the hours of the year (areas/counted_hours).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigdata_emis.codes import ActivityUnit
from bigdata_emis.equations import area, nonroad
from bigdata_emis.errors import InputError

UNITS_WITHOUT_FACTOR = (ActivityUnit.FIRE,)
"""Units that only share out an annual total of the register."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class MoverEmission:
    """What a counted area emits of one pollutant in the year of its registered activity."""

    activity_area_id: str
    pollutant_code: str
    annual_emission_t: float
    rating_code: str
    confidence: float


def mover_emission(
    counted_areas: Sequence[Row], industries: Mapping[str, str], factors: Sequence[Row]
) -> Iterator[MoverEmission]:
    """The annual emission of each counted area with a factor, by pollutant.

    Raises InputError for a unit without a factor that is none of UNITS_WITHOUT_FACTOR.
    """
    for counted in counted_areas:
        if counted["activity_unit_code"] in UNITS_WITHOUT_FACTOR:
            continue
        activity = annual_factor_activity(counted)
        for factor in factors_of(counted, industries[counted["activity_area_id"]], factors):
            emission_t = area.annual_emission_t(activity, factor["emission_factor_g_per_unit"])
            yield MoverEmission(
                counted["activity_area_id"],
                factor["pollutant_code"],
                emission_t,
                factor["rating_code"],
                factor["confidence"],
            )


def annual_factor_activity(counted: Row) -> float:
    """The activity of the year in the unit of its factors: berth hours as tonnes of fuel, others as they are."""
    if counted["activity_unit_code"] != ActivityUnit.BERTH_H:
        return float(counted["annual_activity"])
    fuel_kg_per_h = nonroad.berth_fuel_kg_per_h(
        counted["auxiliary_fuel_kg_per_h"],
        counted["boiler_fuel_kg_per_h"],
        shore_power_share=counted["shore_power_share"],
    )
    return float(nonroad.annual_fuel_t(counted["annual_activity"], fuel_kg_per_h))


def factors_of(counted: Row, industry: str, factors: Sequence[Row]) -> list[Row]:
    """The factors of a counted area, one for each pollutant."""
    unit = ActivityUnit.T if counted["activity_unit_code"] == ActivityUnit.BERTH_H else counted["activity_unit_code"]
    fitting = [row for row in factors if (row["industry_code"], row["activity_unit_code"]) == (industry, unit)]
    if fitting:
        return fitting
    raise InputError(
        f"counted_area {counted['activity_area_id']}: {industry} has no emission factor by {unit}",
        "correct the unit, or give the region its own reference/nonroad_fuel_emission_factor.csv",
    )
