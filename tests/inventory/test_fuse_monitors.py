"""A valid stack monitor rules; between its hours the model carries on, corrected by what the monitor said of it."""

from datetime import date

import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.derive_factors import derive_factors
from bigdata_emis.inventory.fuse_monitors import fuse_monitors
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, frame, given, hour


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


def cems(stack, number, best_emission_g, is_valid=True, pollutant="NOx"):
    return {
        "stack_id": stack,
        "pollutant_code": pollutant,
        "hour_utc": hour(number),
        "best_emission_g": best_emission_g,
        "is_valid": is_valid,
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
    frames = [frame(spark, name, list(some)) for name, some in rows]
    references = (given(spark, name) for name in ("uncertainty_rating", "fusion_parameter", "pollutant_part"))
    result = fuse_monitors(*frames, *references, context=context_of(first, days))
    found = conform(result.toArrow(), schema.table("emission_fused_hourly")).to_pylist()
    return {(row["source_id"], row["pollutant_code"], row["hour_utc"]): row for row in found}


def test_the_monitor_rules_only_where_every_stack_of_the_line_has_a_valid_hour(spark):
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


def test_a_line_without_a_monitor_keeps_what_the_model_says(spark):
    row = fused(spark, [modelled("b", 0, 100.0)], [cems("s1", 0, 30.0)], [("s1", "a")])["b", "NOx", hour(0)]
    assert (row["emission_g"], row["emission_g_p05"], row["method_code"], row["factor_source_code"]) == (
        100,
        50,
        "modelled",
        "reference",
    )
    assert row["monitor_ratio"] is None


def test_a_gap_goes_on_with_the_ratio_of_its_operating_state(spark):
    """Full load emits twice the model, partial load half of it; the gap holds an hour of each and follows."""
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
    found = [rows["a", "NOx", hour(n)] for n in range(72, 96)]
    assert {row["method_code"] for row in found} == {"corrected"}
    assert [row["emission_g"] for row in found] == pytest.approx([200.0] * 12 + [25.0] * 12, rel=0.15)
    assert all(row["emission_g_p05"] <= row["emission_g"] <= row["emission_g_p95"] for row in found)
    assert found[5]["emission_g_p95"] / found[5]["emission_g"] < 1.5


def test_lines_that_are_handed_over_together_are_told_apart(spark):
    """Thirty lines, more than there are portions, each with a ratio of its own; one pollutant of each has no monitor and keeps its model."""
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


def test_the_parts_of_what_a_monitor_measures_follow_it_and_what_it_does_not_see_stays(spark):
    """The monitor says half of the modelled 100 g: the 60 g of PM2.5 and the 12 g of soot in it are halved."""
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


def test_in_a_gap_and_while_the_line_stands_no_part_exceeds_its_whole(spark):
    """The model stands at hours 40 to 43, where the monitor sees 4 g of dust: by the shares of the other hours 2.4 g are fine."""
    models = [
        row for n in range(48) for row in (particulate(n, 0.0, 0.0) if 40 <= n < 44 else particulate(n, 100.0, 60.0))
    ]
    monitors = [cems("s", n, 4.0 if 40 <= n < 44 else 20.0, pollutant="PM10") for n in range(48) if not 44 <= n]
    rows = fused(spark, models, monitors, [("s", "a")], first=date(2019, 1, 2))
    for n in range(24, 48):
        whole, part = rows["a", "PM10", hour(n)], rows["a", "PM2.5", hour(n)]
        assert part["emission_g"] == pytest.approx(0.6 * whole["emission_g"])
        assert all(part[name] <= whole[name] for name in ("emission_g_p05", "emission_g_p95"))
        assert part["emission_g_p05"] <= part["emission_g"] <= part["emission_g_p95"]
        assert part["method_code"] == "corrected"


def test_a_part_follows_the_smallest_whole_that_is_known_and_is_cut_to_one_without_a_model(spark):
    """Total particulate has a monitor but no factor, so that nothing tells the share: what is fine cannot be more than all."""
    models = [modelled("a", 0, 100.0, "PM10"), modelled("a", 0, 60.0, "PM2.5")]
    rows = fused(spark, models, [cems("s", 0, 40.0, pollutant="PM")], [("s", "a")])
    assert [rows["a", p, hour(0)]["emission_g"] for p in ("PM", "PM10", "PM2.5")] == pytest.approx([40, 40, 24])


def test_only_the_days_of_the_window_are_made_and_the_days_before_teach_the_ratio(spark):
    models = [modelled("a", n, 100.0) for n in range(48)]
    rows = fused(spark, models, [cems("s", n, 300.0) for n in range(24)], [("s", "a")], first=date(2019, 1, 2))
    assert {key[2] for key in rows} == {hour(n) for n in range(24, 48)}
    assert rows["a", "NOx", hour(47)]["emission_g"] == pytest.approx(300, rel=0.15)
    assert rows["a", "NOx", hour(47)]["monitor_ratio"] == pytest.approx(3, rel=0.15)


def test_a_factor_is_derived_from_enough_valid_hours_and_none_from_few(spark):
    """300 g an hour at 10 t is 30 g/t; every second hour 10 % above and below: a spread of a tenth."""
    stack = [{"stack_id": name, "production_line_id": line} for name, line in (("s", "a"), ("r", "b"))]
    monitors = [cems("s", n, 330.0 if n % 2 else 270.0) for n in range(168)] + [cems("r", n, 5.0) for n in range(167)]
    monitors += [cems("s", n, 9e9, is_valid=False) for n in range(168, 200)]
    activities = [{"source_id": line, "hour_utc": hour(n), "activity": 10.0} for line in ("a", "b") for n in range(200)]
    frames = [
        frame(spark, *given_rows)
        for given_rows in (("cems_hourly", monitors), ("stack", stack), ("activity_hourly", activities))
    ]
    result = derive_factors(*frames, given(spark, "fusion_parameter"), context=context_of(days=9)).toArrow()
    (row,) = conform(result, schema.table("derived_factor")).to_pylist()
    assert (row["source_id"], row["sample_count"]) == ("a", 168)
    assert row["emission_factor_g_per_unit"] == pytest.approx(30)
    assert row["relative_sd_share"] == pytest.approx(0.1)
    assert (row["from_utc"], row["to_utc"]) == (hour(0), hour(168))
