"""The factor of a line and pollutant: which source precedes, and fractions within their totals."""

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.industry.emission_factor import FactorTables, select_line_factors
from tests.inventory.industry_frames import factor, hour, line, make_table

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


def factors(
    registered: dict, own: list, derived: tuple = (), devices: tuple = (), learnt: tuple = ()
) -> dict[str, tuple[float, float]]:
    """By pollutant the factor before and behind the devices."""
    tables = FactorTables(
        make_table("production_line", [registered]),
        make_table("emission_factor", own),
        make_table("derived_factor", list(derived)),
        make_table("abatement_device", list(devices)),
        **{name: reference.read(name) for name in READ},
        class_factor=make_table("class_factor", list(learnt)),
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


def ratio_of_class(value: float, *, pollutant: str = "PM10", is_used: bool = True, code: str = "sinter") -> dict:
    bounds = {"factor_ratio_p05": value / 2, "factor_ratio_p95": value * 2, "relative_sd_share": 0.3}
    errors = {"log_error": 0.1, "log_error_without": 0.2, "sample_count": 3, "known_utc": hour(0)}
    counts = {"audit_count": 0, "district_count": 0}
    factor_g = dict.fromkeys(
        ("class_factor_g_per_unit", "class_factor_g_per_unit_p05", "class_factor_g_per_unit_p95"), 1.0
    )
    named = {"class_code": code, "industry_code": "sinter", "pollutant_code": pollutant, "factor_ratio": value}
    return {**named, **bounds, **errors, **counts, **factor_g, "is_used": is_used}


SINTER = line("a", "sinter", "industrial_process", "t")


def test_the_ratio_of_the_class_applies_to_a_line_without_monitor_and_its_fractions_follow() -> None:
    """The line's own 10 g/t become 15, with a removal of one half 7.5 behind it; PM2.5 keeps its share of 6 to 10."""
    own = [factor("a", 10.0, removal=0.5, pollutant="PM10"), factor("a", 6.0, removal=0.5, pollutant="PM2.5")]
    result = factors(SINTER, own, learnt=(ratio_of_class(1.5),))
    assert result["PM10"] == (pytest.approx(15), pytest.approx(7.5))
    assert result["PM2.5"] == (pytest.approx(9), pytest.approx(4.5))


def test_a_ratio_that_is_not_used_or_of_another_industry_changes_nothing() -> None:
    own = [factor("a", 10.0, pollutant="PM10")]
    other = ratio_of_class(1.5, code="cement_clinker")
    without = factors(SINTER, own)
    assert factors(SINTER, own, learnt=(ratio_of_class(1.5, is_used=False), other)) == without


def test_the_audit_of_a_line_precedes_its_class_and_its_class_the_industry() -> None:
    own = [factor("a", 10.0, pollutant="PM10")]
    by_code = {"sinter": 1.5, "sinter|-|bag filter|-|-": 2.0, "sinter|belt|-|-|-": 9.0, "line:a": 3.0, "line:b": 9.0}
    rows = [ratio_of_class(value, code=code) for code, value in by_code.items()]
    behind = [factors(SINTER, own, (), (BAG_FILTER,), tuple(rows[:count]))["PM10"][1] for count in (1, 3, 5)]
    assert behind == [pytest.approx(15), pytest.approx(20), pytest.approx(30)]


def test_the_monitor_of_a_line_precedes_the_ratio_of_its_class() -> None:
    derived = {"source_id": "a", "pollutant_code": "PM10", "emission_factor_g_per_unit": 12.0}
    derived |= {"relative_sd_share": 0.1, "sample_count": 200, "known_utc": hour(0)}
    result = factors(SINTER, [factor("a", 10.0, pollutant="PM10")], (derived,), learnt=(ratio_of_class(1.5),))
    assert result["PM10"][1] == pytest.approx(12)
