"""Emission factors from monitors and activity: enough valid hours, mass over activity."""

import math
from datetime import date

import pyarrow.compute as pc
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.derive_factors import derive_factors
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, factor, hour, line, make_frame, reference_frame

REGISTRY = (
    "production_line",
    "enterprise",
    "emission_factor",
    "abatement_device",
    "audited_emission_monthly",
    "district_emission_annual",
)
REFERENCES = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "uncertainty_rating",
    "pollutant_part",
)


def cems(stack, number, best_emission_g, is_valid=True):
    return {
        "stack_id": stack,
        "pollutant_code": "NOx",
        "hour_utc": hour(number),
        "best_emission_g": best_emission_g,
        "is_valid": is_valid,
        "imputation_code": "none",
    }


def derived(spark, frames, lines=(), factors=(), *, owners=(), audits=(), totals=()):
    """The rows of both tables of the stage."""
    registry = zip(REGISTRY, (list(lines), list(owners), list(factors), [], list(audits), list(totals)), strict=True)
    tables = derive_factors(
        *frames,
        reference_frame(spark, "fusion_parameter"),
        *(make_frame(spark, name, rows) for name, rows in registry),
        *(reference_frame(spark, name) for name in REFERENCES),
        context=context_of(days=9),
    )
    return {name: conform(rows, schema.table(name)).to_pylist() for name, rows in tables.items()}


def test_a_factor_is_derived_from_enough_valid_hours_and_none_from_few(spark):
    """300 g an hour at 10 t are 30 g/t; the hours alternate 10 % above and below, which is a spread of 0.1."""
    stacks = [{"stack_id": name, "production_line_id": line} for name, line in (("s", "a"), ("r", "b"))]
    monitors = [cems("s", n, 330.0 if n % 2 else 270.0) for n in range(168)] + [cems("r", n, 5.0) for n in range(167)]
    monitors += [cems("s", n, 9e9, is_valid=False) for n in range(168, 200)]
    activities = [{"source_id": line, "hour_utc": hour(n), "activity": 10.0} for line in ("a", "b") for n in range(200)]
    frames = [
        make_frame(spark, "cems_hourly", monitors),
        make_frame(spark, "stack", stacks),
        make_frame(spark, "activity_hourly", activities),
    ]
    (row,) = derived(spark, frames)["derived_factor"]
    assert (row["source_id"], row["sample_count"]) == ("a", 168)
    assert row["emission_factor_g_per_unit"] == pytest.approx(30)
    assert row["relative_sd_share"] == pytest.approx(0.1)
    assert (row["from_utc"], row["to_utc"]) == (hour(0), hour(168))


def test_the_factor_refers_to_the_expected_activity_with_which_it_is_used(spark):
    frames = [
        make_frame(spark, "cems_hourly", [cems("s", n, 300.0) for n in range(168)]),
        make_frame(spark, "stack", [{"stack_id": "s", "production_line_id": "a"}]),
        make_frame(
            spark,
            "activity_hourly",
            [{"source_id": "a", "hour_utc": hour(n), "activity": 10.0, "expected_activity": 12.0} for n in range(168)],
        ),
    ]
    (row,) = derived(spark, frames)["derived_factor"]
    assert row["emission_factor_g_per_unit"] == 25.0


def test_monitors_of_enterprises_say_what_their_class_emits(spark):
    """Each has a factor of 20 g/t with half removed and measures 15 g/t behind the filter: a ratio of 1.5."""
    names = [f"l{number}" for number in range(8)]
    monitors = [cems(name, n, 150.0) for name in names for n in range(168)]
    activities = [{"source_id": name, "hour_utc": hour(n), "activity": 10.0} for name in names for n in range(168)]
    frames = [
        make_frame(spark, "cems_hourly", monitors),
        make_frame(spark, "stack", [{"stack_id": name, "production_line_id": name} for name in names]),
        make_frame(spark, "activity_hourly", activities),
    ]
    lines = [line(name, "sinter", "industrial_process", "t") | {"enterprise_id": f"e{name}"} for name in names]
    factors = [factor(name, 20.0, removal=0.5, sd=0.5) for name in names]
    industry, row = derived(spark, frames, lines, factors)["class_factor"]
    assert (industry["class_code"], row["class_code"], row["pollutant_code"]) == ("sinter", "sinter|-|-|-|-", "NOx")
    assert row["is_used"]
    assert row["factor_ratio"] == pytest.approx(1.5, rel=0.03)
    assert row["class_factor_g_per_unit"] == pytest.approx(10 * row["factor_ratio"])
    assert row["log_error_without"] == pytest.approx(math.log(1.5))


def test_audits_and_totals_inform_classes_where_nothing_is_monitored(spark):
    """10 g/t are registered; an audited month has 15 kg from 1000 t, the city 0.2 t from 10,000 t a year."""
    frames = [make_frame(spark, name, []) for name in ("cems_hourly", "stack", "activity_hourly")]
    about = {"capacity_per_h": 5.0, "enterprise_id": "e"}
    lines = [line(name, "sinter", "industrial_process", "t") | about for name in ("a", "b")]
    audit = {"production_line_id": "a", "pollutant_code": "NOx", "month_start": date(2018, 12, 1)}
    audit |= {"audited_emission_g": 15_000.0, "audited_activity": 1000.0, "relative_sd_share": 0.1}
    total = {"district_id": "City", "industry_code": "sinter", "pollutant_code": "NOx", "reference_year": 2018}
    total |= {"annual_emission_t": 0.2, "annual_activity": 1e4, "activity_unit_code": "t", "relative_sd_share": 0.1}
    owner = {"enterprise_id": "e", "industry_code": "sinter", "city_name": "City"}
    owner |= {"longitude_deg": 116.0, "latitude_deg": 40.0}
    factors = [factor("a", 10.0, sd=0.5), factor("b", 10.0, sd=0.5)]
    rows = derived(spark, frames, lines, factors, owners=[owner], audits=[audit], totals=[total])["class_factor"]
    by_code = {row["class_code"]: row for row in rows}
    assert set(by_code) == {"line:a", "sinter", "sinter|-|-|-|-"}
    assert 1.4 < by_code["line:a"]["factor_ratio"] < 1.7
    assert 1.3 < by_code["sinter"]["factor_ratio"] < 2.0
    assert (by_code["sinter"]["audit_count"], by_code["sinter"]["district_count"]) == (1, 1)


def test_without_monitors_there_are_no_factors_and_no_classes(spark):
    frames = [make_frame(spark, name, []) for name in ("cems_hourly", "stack", "activity_hourly")]
    lines = [line("a", "sinter", "industrial_process", "t")]
    assert derived(spark, frames, lines, [factor("a", 20.0)]) == {"derived_factor": [], "class_factor": []}


def test_a_table_without_the_number_of_hours_is_refused(spark):
    parameters = reference.read("fusion_parameter")
    others = parameters.filter(pc.not_equal(parameters["parameter_name"], "least_factor_h"))
    with pytest.raises(InputError, match="no row least_factor_h"):
        derive_factors(
            *(make_frame(spark, name, []) for name in ("cems_hourly", "stack", "activity_hourly")),
            spark.createDataFrame(others),
            *(make_frame(spark, name, []) for name in REGISTRY),
            *(reference_frame(spark, name) for name in REFERENCES),
            context=context_of(),
        )
