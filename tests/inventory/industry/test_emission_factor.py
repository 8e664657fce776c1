"""The factor of a line and pollutant: which source precedes, and fractions within their totals."""

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.industry.emission_factor import FactorTables, select_line_factors
from tests.inventory.industry_frames import factor, line, make_table

READ = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "uncertainty_rating",
    "pollutant_part",
)
FRACTIONS = [("PM2.5", "PM10"), ("PM10", "PM"), ("PM2.5", "PM"), ("BC", "PM2.5"), ("BC", "PM10")]
BAG_FILTER = {"production_line_id": "a", "device_name": "bag filter"}


def factors(registered: dict, own: list, derived: tuple = (), devices: tuple = ()) -> dict[str, tuple[float, float]]:
    """By pollutant the factor before and behind the devices."""
    tables = FactorTables(
        make_table("production_line", [registered]),
        make_table("emission_factor", own),
        make_table("derived_factor", list(derived)),
        make_table("abatement_device", list(devices)),
        **{name: reference.read(name) for name in READ},
    )
    rows: pa.Table = select_line_factors(tables, year=2020)
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
def test_reference_factors_give_way_to_the_line_s_own_factors_of_related_pollutants(
    industry: str, sector: str, unit: str, own: list
) -> None:
    result = factors(line("a", industry, sector, unit), own, devices=(BAG_FILTER,))
    pairs = [(result[fraction], result[total]) for fraction, total in FRACTIONS if {fraction, total} <= result.keys()]
    assert pairs
    for (fraction_before, fraction_behind), (total_before, total_behind) in pairs:
        assert fraction_before <= total_before * (1 + 1e-12)
        assert fraction_behind <= total_behind * (1 + 1e-12)
    for row in own:
        assert result[row["pollutant_code"]][1] == pytest.approx(
            row["emission_factor_g_per_unit"] * (1 - row["removal_share"])
        )


def test_the_reference_factor_is_divided_by_what_the_devices_let_through():
    """Without a device the factor before is the factor behind; a bag filter changes only the factor before."""
    clinker = line("a", "cement_clinker")
    (before, behind), (with_device, behind_device) = (
        factors(clinker, [], devices=devices)["PM10"] for devices in ((), (BAG_FILTER,))
    )
    assert before == behind == pytest.approx(behind_device)
    assert with_device > 100 * before


def test_a_stated_removal_of_all_pollutant_leaves_the_factor_without_removal():
    derived = {"source_id": "a", "pollutant_code": "NOx", "emission_factor_g_per_unit": 30.0, "relative_sd_share": 0.1}
    result = factors(line("a"), [factor("a", 50.0, removal=1.0)], derived=(derived,))
    assert result["NOx"] == (30.0, 30.0)


def test_an_unknown_device_is_refused_with_its_line():
    device = {"production_line_id": "a", "device_name": "magic"}
    with pytest.raises(InputError, match="line a, device_name 'magic'"):
        factors(line("a"), [factor("a", 1.0)], devices=(device,))
