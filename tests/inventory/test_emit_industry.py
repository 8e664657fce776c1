"""Emission of production lines: activity × factor × (1 − removal), and hours without abatement."""

import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.inventory.emit_industry import emit_industry
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, factor, hour, line, make_frame, reference_frame

REFERENCES = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "abatement_rule",
    "uncertainty_rating",
    "pollutant_part",
)


def activity(line, number, value, p05, p95, method="modelled"):
    return {
        "source_id": line,
        "hour_utc": hour(number),
        "activity": value,
        "activity_p05": p05,
        "activity_p95": p95,
        "method_code": method,
    }


def flat(line, number, value):
    return activity(line, number, value, value, value)


def energy(name, number, energy_kwh, abatement_energy_kwh):
    return {
        "production_line_id": name,
        "hour_utc": hour(number),
        "energy_kwh": energy_kwh,
        "abatement_energy_kwh": abatement_energy_kwh,
    }


def emitted(spark, activities, factors, lines=None, energies=(), devices=(), derived=(), stacks=(), days=1, learnt=()):
    rows = (
        ("activity_hourly", activities),
        ("production_line", lines or [line("a"), line("b")]),
        ("line_energy_hourly", energies),
        ("emission_factor", factors),
        ("derived_factor", derived),
        ("class_factor", learnt),
        ("abatement_device", devices),
        ("stack", stacks),
    )
    frames = [make_frame(spark, name, list(content)) for name, content in rows]
    result = emit_industry(
        *frames, *(reference_frame(spark, name) for name in REFERENCES), context=context_of(days=days)
    ).toArrow()
    emission = conform(result, schema.table("emission_modelled_hourly")).to_pylist()
    return {(row["source_id"], row["pollutant_code"], row["hour_utc"].hour): row for row in emission}


def test_emission_is_activity_times_factor_times_the_share_not_removed(spark):
    row = emitted(spark, [activity("a", 0, 10.0, 9.0, 11.0)], [factor("a", 50.0, removal=0.8)])["a", "NOx", 0]
    assert row["emission_g"] == pytest.approx(100)
    assert row["emission_g_p05"] <= 90.0 + 1e-9
    assert row["emission_g_p95"] >= 110.0 - 1e-9
    assert (row["method_code"], row["factor_source_code"]) == ("modelled", "source_specific")


def test_the_expected_activity_is_what_emits_because_emissions_are_summed(spark):
    typical = activity("a", 0, 10.0, 5.0, 20.0)
    rows = emitted(
        spark, [{**typical, "expected_activity": 12.0}, {**typical, "hour_utc": hour(1)}], [factor("a", 2.0)]
    )
    assert (rows["a", "NOx", 0]["emission_g"], rows["a", "NOx", 1]["emission_g"]) == (24.0, 20.0)


def test_an_idle_hour_emits_nothing_with_the_upper_bound_of_its_activity(spark):
    rows = emitted(spark, [flat("a", 0, 0.0), activity("a", 1, 0.0, 0.0, 4.0)], [factor("a", 50.0, sd=0.5)])
    assert (rows["a", "NOx", 0]["emission_g"], rows["a", "NOx", 0]["emission_g_p95"]) == (0, 0)
    assert (rows["a", "NOx", 1]["emission_g"], rows["a", "NOx", 1]["emission_g_p95"]) == (0, 200)


def test_a_line_without_its_own_factor_has_the_reference_of_its_industry(spark):
    rows = emitted(spark, [flat("a", 0, 10.0)], [factor("a", 1.0, pollutant="SO2")], [line("a", "cement_clinker")])
    assert {p: r["factor_source_code"] for (_, p, _), r in rows.items()} == {
        "SO2": "source_specific",
        "NOx": "reference",
        "PM10": "reference",
        "PM2.5": "reference",
        "CO2": "reference",
    }
    assert rows["a", "NOx", 0]["emission_g"] == 6200
    assert rows["a", "SO2", 0]["emission_g"] == 10


def test_a_factor_derived_from_the_monitor_precedes_the_line_s_own(spark):
    measured = {
        "source_id": "a",
        "pollutant_code": "NOx",
        "emission_factor_g_per_unit": 30.0,
        "relative_sd_share": 0.1,
        "sample_count": 200,
        "known_utc": hour(0),
    }
    row = emitted(spark, [flat("a", 0, 10.0)], [factor("a", 50.0, removal=0.8)], derived=[measured])["a", "NOx", 0]
    assert (row["emission_g"], row["factor_source_code"]) == (pytest.approx(300), "monitor")


def test_a_reference_factor_is_scaled_with_a_better_factor_of_a_related_pollutant(spark):
    """Clinker has 33.15 g/t of PM10 and 13.77 g/t of PM2.5: with half or double of one, the other is half or double."""
    lines = [line(name, "cement_clinker") for name in "abc"]
    measured = {
        "source_id": "a",
        "pollutant_code": "PM10",
        "emission_factor_g_per_unit": 33.15 / 2,
        "relative_sd_share": 0.1,
        "sample_count": 200,
        "known_utc": hour(0),
    }
    own = [
        factor("b", 13.77 * 4, removal=0.5, pollutant="PM2.5"),
        factor("c", 33.15, pollutant="PM10"),
        factor("c", 33.0, pollutant="PM2.5"),
    ]
    rows = emitted(spark, [flat(name, 0, 10.0) for name in "abc"], own, lines, derived=[measured])
    assert [rows[name, "PM2.5", 0]["emission_g"] for name in "abc"] == pytest.approx([137.7 / 2, 137.7 * 2, 330])
    assert [rows[name, "PM10", 0]["emission_g"] for name in "abc"] == pytest.approx([331.5 / 2, 331.5 * 2, 331.5])
    assert [rows["a", p, 0]["factor_source_code"] for p in ("PM10", "PM2.5")] == ["monitor", "reference"]


def test_condensable_particulate_is_a_separate_pollutant(spark):
    """Sinter: 6.2 mg/m3 × 2830 m3/t = 17.546 g/t; a coal boiler in 2014: 0.485 ÷ 0.515 of its filterable PM10."""
    lines = [line("a", "sinter"), line("b", "industrial_boiler", "stationary_combustion"), line("c")]
    factors = [
        factor("a", 40.0, pollutant="PM2.5"),
        factor("b", 1030.0, removal=0.5, pollutant="PM10"),
        factor("c", 5.0, pollutant="PM10"),
    ]
    rows = emitted(spark, [flat(name, 0, 10.0) for name in "abc"], factors, lines)
    assert rows["a", "PM_condensable", 0]["emission_g"] == pytest.approx(175.46)
    assert rows["a", "PM2.5", 0]["emission_g"] == 400
    share = 0.485 + 5 / 6 * (0.599 - 0.485)
    assert rows["b", "PM_condensable", 0]["emission_g"] == pytest.approx(5150 * share / (1 - share))
    assert ("c", "PM_condensable", 0) not in rows


def test_production_without_abatement_has_no_removal(spark):
    """Reference abatement is 20 kWh: 3 kWh are off while the line draws 80 of 100 kWh, not while it draws 40."""
    hours = [(80.0, 20.0), (80.0, 3.0), (40.0, 3.0), (80.0, None), (80.0, 21.0)]
    energies = [energy("a", n, *drawn) for n, drawn in enumerate(hours)]
    rows = emitted(
        spark,
        [flat("a", n, 10.0) for n in range(5)],
        [factor("a", 50.0, removal=0.8), factor("a", 2.0, pollutant="CO2")],
        energies=energies,
    )
    assert [rows["a", "NOx", n]["emission_g"] for n in range(5)] == pytest.approx([100, 500, 100, 100, 100])
    assert [rows["a", "NOx", n]["method_code"] for n in range(5)] == [
        "modelled",
        "uncontrolled",
        "modelled",
        "modelled",
        "modelled",
    ]
    assert [(rows["a", "CO2", n]["emission_g"], rows["a", "CO2", n]["method_code"]) for n in (0, 1)] == [
        (20, "modelled"),
        (20, "modelled"),
    ]


def test_a_factor_behind_the_devices_is_divided_by_the_share_they_let_through(spark):
    """A bag filter passes 0.5 % of the medium and 1 % of the fine: of PM10 (17 and 6 parts) 0.145 / 23."""
    devices = [
        {"production_line_id": "a", "device_name": "bag filter"},
        {"production_line_id": "a", "device_name": "SCR"},
    ]
    energies = [energy("a", 0, 80.0, 20.0), energy("a", 1, 80.0, 1.0), energy("a", 2, 80.0, 20.0)]
    factors = [factor("a", 29.0, pollutant="PM10"), factor("a", 50.0), factor("a", 7.0, pollutant="SO2")]
    rows = emitted(spark, [flat("a", n, 10.0) for n in (0, 1)], factors, energies=energies, devices=devices)
    assert rows["a", "PM10", 0]["emission_g"] == pytest.approx(290)
    assert rows["a", "PM10", 1]["emission_g"] == pytest.approx(290 / (0.145 / 23))
    assert [rows["a", "NOx", n]["emission_g"] for n in (0, 1)] == pytest.approx([500, 2500])
    assert [rows["a", "SO2", n]["emission_g"] for n in (0, 1)] == [70, 70]


def test_emission_from_profile_activity_has_the_method_profile(spark):
    row = emitted(spark, [activity("a", 0, 1.0, 1.0, 1.0, "profile")], [factor("a", 50.0)])["a", "NOx", 0]
    assert row["method_code"] == "profile"


def test_a_line_with_activity_but_neither_factor_nor_monitor_is_refused_by_name(spark):
    with pytest.raises(RefusedError, match="first b"):
        emitted(spark, [flat("a", 0, 1.0), flat("b", 0, 1.0)], [factor("a", 50.0)])
    assert emitted(
        spark,
        [flat("a", 0, 1.0), flat("b", 0, 1.0)],
        [factor("a", 50.0)],
        stacks=[{"stack_id": "s", "production_line_id": "b"}],
    )


def test_an_unknown_device_is_refused_by_name(spark):
    with pytest.raises(InputError, match="'magic'"):
        emitted(
            spark,
            [flat("a", 0, 1.0)],
            [factor("a", 50.0)],
            devices=[{"production_line_id": "a", "device_name": "magic"}],
        )
