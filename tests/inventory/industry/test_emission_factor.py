"""Factors of a line keep parts within their wholes, before and behind the devices."""

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.industry.emission_factor import FactorTables, line_factors
from tests.inventory.industry_frames import told
from tests.inventory.test_emit_industry import factor, line

READ = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "uncertainty_rating",
    "pollutant_part",
)
PARTS = [("PM2.5", "PM10"), ("PM10", "PM"), ("PM2.5", "PM"), ("BC", "PM2.5"), ("BC", "PM10")]


def factors(works: dict, own: list, derived: tuple = (), devices: tuple = ()) -> dict[str, tuple[float, float]]:
    """By pollutant the factor before the devices and behind them."""
    tables = FactorTables(
        told("production_line", [works]),
        told("emission_factor", own),
        told("derived_factor", list(derived)),
        told("abatement_device", list(devices)),
        **{name: reference.read(name) for name in READ},
    )
    rows: pa.Table = line_factors(tables, year=2020)
    return {
        row["pollutant_code"]: (
            row["emission_factor_g_per_unit"],
            row["emission_factor_g_per_unit"] * (1 - row["removal_share"]),
        )
        for row in rows.to_pylist()
    }


@pytest.mark.parametrize(
    ("industry", "sector", "unit", "own"),
    [
        ("coal_power", "stationary_combustion", "t_co2", [factor("a", 30.0, pollutant="PM10")]),
        ("cement_clinker", "industrial_process", "t", [factor("a", 20.0, pollutant="BC")]),
        ("sinter", "industrial_process", "t", [factor("a", 10.0, removal=0.5, pollutant="PM10")]),
        (
            "cement_clinker",
            "industrial_process",
            "t",
            [factor("a", 100.0, pollutant="PM"), factor("a", 10.0, pollutant="PM10")],
        ),
    ],
)
def test_a_reference_factor_of_a_part_or_a_whole_yields_to_what_the_line_s_own_rows_say(
    industry: str, sector: str, unit: str, own: list
) -> None:
    bag = {"production_line_id": "a", "device_name": "bag filter"}
    found = factors(line("a", industry, sector, unit), own, devices=(bag,))
    pairs = [(found[part], found[whole]) for part, whole in PARTS if {part, whole} <= found.keys()]
    assert pairs
    for part, whole in pairs:
        assert part[0] <= whole[0] * (1 + 1e-12)
        assert part[1] <= whole[1] * (1 + 1e-12)
    for row in own:
        assert found[row["pollutant_code"]][1] == pytest.approx(
            row["emission_factor_g_per_unit"] * (1 - row["removal_share"])
        )
