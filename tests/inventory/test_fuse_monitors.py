"""A valid stack monitor replaces the model, and corrects it in the gaps."""

from datetime import date

import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.fuse_monitors import fuse_monitors
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, hour, make_frame, reference_frame


def modelled(line, number, grams, pollutant="NOx"):
    return {
        "source_id": line,
        "sector_code": "industrial_process",
        "pollutant_code": pollutant,
        "hour_utc": hour(number),
        "emission_g": grams,
        "emission_g_p05": grams / 2,
        "emission_g_p95": grams * 2,
        "method_code": "modelled",
        "factor_source_code": "reference",
    }


def cems(stack, number, best_emission_g, is_valid=True, pollutant="NOx", imputation_code="none"):
    return {
        "stack_id": stack,
        "pollutant_code": pollutant,
        "hour_utc": hour(number),
        "best_emission_g": best_emission_g,
        "is_valid": is_valid,
        "imputation_code": imputation_code,
    }


def energy(line, number, energy_kwh):
    return {"production_line_id": line, "hour_utc": hour(number), "energy_kwh": energy_kwh}


def fused(spark, models, monitors, stacks, energies=(), first=date(2019, 1, 1), days=1, lines=("a", "b")):
    lines = [{"production_line_id": line, "sector_code": "industrial_process"} for line in lines]
    stack = [{"stack_id": name, "production_line_id": line} for name, line in stacks]
    rows = (
        ("emission_modelled_hourly", models),
        ("cems_hourly", monitors),
        ("stack", stack),
        ("line_energy_hourly", energies),
        ("production_line", lines),
    )
    frames = [make_frame(spark, name, list(some)) for name, some in rows]
    references = (reference_frame(spark, name) for name in ("uncertainty_rating", "fusion_parameter", "pollutant_part"))
    result = fuse_monitors(*frames, *references, context=context_of(first, days, lookback_days=28))
    rows = conform(result.toArrow(), schema.table("emission_fused_hourly")).to_pylist()
    return {(row["source_id"], row["pollutant_code"], row["hour_utc"]): row for row in rows}


def test_a_line_is_measured_only_where_every_one_of_its_stacks_has_a_valid_hour(spark):
    models = [modelled("a", n, 100.0) for n in range(3)]
    monitors = [
        cems("s1", 0, 30.0),
        cems("s2", 0, 40.0),
        cems("s1", 1, 30.0),
        cems("s1", 2, 30.0),
        cems("s2", 2, 5.0, is_valid=False),
        cems("s3", 0, 7.0),
    ]
    rows = fused(spark, models, monitors, [("s1", "a"), ("s2", "a"), ("s3", "b")])
    assert (rows["a", "NOx", hour(0)]["emission_g"], rows["a", "NOx", hour(0)]["method_code"]) == (70, "measured")
    assert [rows["a", "NOx", hour(n)]["method_code"] for n in (1, 2)] == ["corrected", "corrected"]
    assert (rows["b", "NOx", hour(0)]["emission_g"], rows["b", "NOx", hour(0)]["method_code"]) == (7, "measured")
    assert rows["b", "NOx", hour(5)]["method_code"] == "profile"


def test_a_line_without_a_monitor_keeps_the_numbers_of_the_model(spark):
    row = fused(spark, [modelled("b", 0, 100.0)], [cems("s1", 0, 30.0)], [("s1", "a")])["b", "NOx", hour(0)]
    assert (row["emission_g"], row["emission_g_p05"], row["method_code"], row["factor_source_code"]) == (
        100,
        50,
        "modelled",
        "reference",
    )
    assert row["monitor_ratio"] is None


def test_a_gap_is_filled_with_the_ratio_of_its_operating_state(spark):
    """Full load emits twice the model, partial load half of it; the gap of a day has twelve hours of each."""
    loads = [100.0 if n % 24 < 12 else 50.0 for n in range(96)]
    models = [modelled("a", n, load) for n, load in enumerate(loads)]
    monitors = [cems("s", n, load * (2.0 if load == 100 else 0.5)) for n, load in enumerate(loads) if n < 72]
    rows = fused(
        spark,
        models,
        monitors,
        [("s", "a")],
        [energy("a", n, load) for n, load in enumerate(loads)],
        first=date(2019, 1, 4),
    )
    gap = [rows["a", "NOx", hour(n)] for n in range(72, 96)]
    assert {row["method_code"] for row in gap} == {"corrected"}
    assert [row["emission_g"] for row in gap] == pytest.approx([200.0] * 12 + [25.0] * 12, rel=0.15)
    assert all(row["emission_g_p05"] <= row["emission_g"] <= row["emission_g_p95"] for row in gap)
    assert gap[5]["emission_g_p95"] / gap[5]["emission_g"] < 1.5


def test_a_doubted_hour_is_corrected_by_the_model_and_its_mass_is_not_lost(spark):
    """Measured is half of the model; the hour that cleaning interpolated counts as no measurement, nor as nothing."""
    models = [modelled("a", n, 100.0) for n in range(24)]
    monitors = [cems("s1", n, 900.0 if n == 12 else 50.0, imputation_code="interpolated" if n == 12 else "none")
                for n in range(24)]  # fmt: skip
    without = [row for row in monitors if row["imputation_code"] == "none"]
    found, expected = (fused(spark, models, rows, [("s1", "a")]) for rows in (monitors, without))
    doubted = found["a", "NOx", hour(12)]
    assert doubted["method_code"] == "corrected"
    assert doubted["emission_g"] == pytest.approx(50.0, rel=0.2)
    assert found == expected


def test_lines_of_one_batch_do_not_mix(spark):
    """Thirty lines in fewer batches, each with its own ratio; SO2 of each has no monitor and keeps its model."""
    names = [f"line {number}" for number in range(30)]
    models = [modelled(name, n, 100.0) for name in names for n in range(48)] + [
        modelled(name, 47, 5.0, "SO2") for name in names
    ]
    monitors = [cems(f"stack of {name}", n, 100.0 + number) for number, name in enumerate(names) for n in range(24)]
    rows = fused(
        spark, models, monitors, [(f"stack of {name}", name) for name in names], first=date(2019, 1, 2), lines=names
    )
    assert [rows[name, "NOx", hour(47)]["emission_g"] for name in names] == pytest.approx(
        [100.0 + number for number in range(30)], rel=0.04
    )
    assert {
        (rows[name, "SO2", hour(47)]["emission_g"], rows[name, "SO2", hour(47)]["method_code"]) for name in names
    } == {(5, "modelled")}
    assert len(rows) == 30 * 25


def particulate(number, coarse_g, fine_g, line="a"):
    return [
        modelled(line, number, coarse_g, "PM10"),
        modelled(line, number, fine_g, "PM2.5"),
        modelled(line, number, 7.0, "PM_condensable"),
    ]


def test_size_fractions_of_a_measured_pollutant_are_scaled_and_other_pollutants_remain(spark):
    """The monitor measures half of the modelled 100 g: the 60 g of PM2.5 and the 12 g of black carbon are halved."""
    models = [*particulate(0, 100.0, 60.0), modelled("a", 0, 12.0, "BC")]
    rows = fused(spark, models, [cems("s", 0, 50.0, pollutant="PM10")], [("s", "a")])
    assert (rows["a", "PM10", hour(0)]["emission_g"], rows["a", "PM10", hour(0)]["method_code"]) == (50, "measured")
    for pollutant, grams in (("PM2.5", 30), ("BC", 6)):
        row = rows["a", pollutant, hour(0)]
        assert (row["emission_g"], row["monitor_ratio"], row["method_code"]) == (grams, 0.5, "corrected")
        assert (row["emission_g_p05"], row["emission_g_p95"]) == (
            grams / 2,
            min(2 * grams, rows["a", "PM10", hour(0)]["emission_g_p95"]),
        )
    assert (
        rows["a", "PM_condensable", hour(0)]["emission_g"],
        rows["a", "PM_condensable", hour(0)]["method_code"],
    ) == (7, "modelled")


def test_in_a_gap_and_while_the_line_is_idle_no_fraction_exceeds_its_total(spark):
    """The model is zero in hours 40 to 43, where 4 g are measured: by the share of the other hours 2.4 g are fine."""
    models = [
        row for n in range(48) for row in (particulate(n, 0.0, 0.0) if 40 <= n < 44 else particulate(n, 100.0, 60.0))
    ]
    monitors = [cems("s", n, 4.0 if 40 <= n < 44 else 20.0, pollutant="PM10") for n in range(48) if not n >= 44]
    rows = fused(spark, models, monitors, [("s", "a")], first=date(2019, 1, 2))
    for n in range(24, 48):
        total, fraction = rows["a", "PM10", hour(n)], rows["a", "PM2.5", hour(n)]
        assert fraction["emission_g"] == pytest.approx(0.6 * total["emission_g"])
        assert all(fraction[name] <= total[name] for name in ("emission_g_p05", "emission_g_p95"))
        assert fraction["emission_g_p05"] <= fraction["emission_g"] <= fraction["emission_g_p95"]
        assert fraction["method_code"] == "corrected"


def test_a_fraction_follows_its_smallest_total_and_is_capped_to_one_without_a_model(spark):
    """Total particulate has a monitor but no factor, so the share is unknown: PM10 is capped to it, PM2.5 follows."""
    models = [modelled("a", 0, 100.0, "PM10"), modelled("a", 0, 60.0, "PM2.5")]
    rows = fused(spark, models, [cems("s", 0, 40.0, pollutant="PM")], [("s", "a")])
    assert [rows["a", p, hour(0)]["emission_g"] for p in ("PM", "PM10", "PM2.5")] == pytest.approx([40, 40, 24])


def test_only_hours_of_the_window_are_returned_and_the_ratio_is_that_of_the_days_before(spark):
    models = [modelled("a", n, 100.0) for n in range(48)]
    rows = fused(spark, models, [cems("s", n, 300.0) for n in range(24)], [("s", "a")], first=date(2019, 1, 2))
    assert {key[2] for key in rows} == {hour(n) for n in range(24, 48)}
    assert rows["a", "NOx", hour(47)]["emission_g"] == pytest.approx(300, rel=0.15)
    assert rows["a", "NOx", hour(47)]["monitor_ratio"] == pytest.approx(3, rel=0.15)
