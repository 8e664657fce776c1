"""Every reference table can be read, cites a source in each row, and is complete where a join relies on it."""

import itertools
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.errors import InputError

ROAD = ("road_base_emission_factor", "road_speed_correction", "road_temperature_correction", "road_humidity_correction")


@pytest.mark.parametrize("name", reference.names())
def test_every_row_has_a_source_and_a_confidence(name: str):
    table = reference.read(name)
    assert table.num_rows > 0
    assert all(table["source"].to_pylist())
    assert table["confidence"].null_count == 0


@pytest.mark.parametrize("name", reference.names())
def test_header_says_what_the_table_is(name: str):
    assert (reference.HERE / f"{name}.csv").read_text("utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("name", "rows", "column", "total"),
    [
        ("road_base_emission_factor", 770, "base_emission_factor_g_per_km", None),
        ("aqi_breakpoint", 160, "iaqi", 2 * 10 * 1700),
        ("performance_industry", 39, "record_number", 39 * 40 // 2),
        ("alert_target", 15, "target_share", 5 * (0.1 + 0.2 + 0.3)),
        ("uncertainty_rating", 5, "relative_sd_share", 0.1 + 0.2 + 0.5 + 0.8 + 1.2),
        ("mobile_dust_measure", 15, "record_number", 120),
    ],
)
def test_counts_and_totals(name: str, rows: int, column: str, total: float | None):
    table = reference.read(name)
    assert table.num_rows == rows
    assert total is None or pc.sum(table[column]).as_py() == pytest.approx(total)


def test_base_factors_of_the_guide_are_670():
    table = reference.read("road_base_emission_factor")
    printed = table.filter(pc.not_equal(table["emission_stage_code"], "VI"))
    assert printed.num_rows == 670
    assert pc.sum(printed["base_emission_factor_g_per_km"]).as_py() == pytest.approx(BASE_TOTAL, rel=1e-12)


def test_each_vehicle_fuel_and_stage_finds_its_corrections():
    base = (
        reference.read("road_base_emission_factor")
        .select(["vehicle_class_code", "fuel_code", "emission_stage_code", "pollutant_code"])
        .to_pylist()
    )
    speed = {
        (r["fuel_code"], r["emission_stage_code"], r["pollutant_code"])
        for r in reference.read("road_speed_correction").to_pylist()
    }
    weather = {
        (r["vehicle_class_code"], r["fuel_code"], r["pollutant_code"])
        for r in reference.read("road_temperature_correction").to_pylist()
    }
    humid = {(r["fuel_code"], r["pollutant_code"]) for r in reference.read("road_humidity_correction").to_pylist()}
    assert {(r["fuel_code"], r["emission_stage_code"], r["pollutant_code"]) for r in base} <= speed
    assert {(r["vehicle_class_code"], r["fuel_code"], r["pollutant_code"]) for r in base} <= weather
    assert {(r["fuel_code"], r["pollutant_code"]) for r in base} <= humid


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        ("road_speed_correction", "lower_speed_km_per_h", "upper_speed_km_per_h"),
        ("road_temperature_correction", "lower_temperature_degc", "upper_temperature_degc"),
    ],
)
def test_bins_leave_no_gap_and_do_not_overlap(name: str, lower: str, upper: str):
    rows = reference.read(name).to_pylist()
    parts = [column for column in reference.key(name) if column != lower]
    for _, group in itertools.groupby(
        sorted(rows, key=lambda r: [r[p] for p in parts]), key=lambda r: [r[p] for p in parts]
    ):
        edges = sorted((row[lower], row[upper]) for row in group)
        assert all(before[1] == after[0] for before, after in itertools.pairwise(edges))


def test_alert_targets_are_ten_twenty_thirty_percent():
    rows = reference.read("alert_target").to_pylist()
    assert {r["alert_level_code"]: r["target_share"] for r in rows} == {"yellow": 0.1, "orange": 0.2, "red": 0.3}


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2015-12-19", "2017"),
        ("2018-08-31", "2017"),
        ("2018-09-01", "2018"),
        ("2023-12-31", "2018"),
        ("2024-01-01", "2024"),
    ],
)
def test_one_version_of_the_alert_rules_is_valid_each_day(day: str, version: str):
    rows = reference.valid_on(reference.read("alert_rule"), date.fromisoformat(day))
    assert set(rows["rule_version"].to_pylist()) == {version}


def test_every_graded_industry_is_a_known_industry():
    codes = schema.codes()["industry"]
    rows = reference.read("performance_industry").to_pylist()
    assert [codes[r["industry_code"]].title_en for r in rows[:3]] == [
        "integrated steel",
        "electric-arc steel",
        "ferroalloy",
    ]


def test_a_region_overrides_a_table(tmp_path: Path):
    _own(
        tmp_path,
        "speed_flow_parameter",
        "road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,100,counters,0.9\n",
    )
    assert reference.read("speed_flow_parameter", tmp_path)["jam_density_veh_per_km"].to_pylist() == [100.0]
    assert reference.read("alert_target", tmp_path).num_rows == 15


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("road_class_code,speed,source,confidence\n", "not declared"),
        ("road_class_code,jam_density_veh_per_km\nmotorway,1\n", "missing"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,fast,me,1\n", "is not a number"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,-1,me,1\n", "out of bounds"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nlane,1,me,1\n", "not a known road_class"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,1,,1\n", "row 1"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,1\n", "row 1"),
        ("road_class_code,jam_density_veh_per_km,source,confidence\nmotorway,1,me,1\nmotorway,2,me,1\n", "repeats"),
    ],
    ids=["column", "no source column", "text", "bound", "code", "no source", "short row", "key"],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, text: str, said: str):
    _own(tmp_path, "speed_flow_parameter", text)
    with pytest.raises(InputError, match=said):
        reference.read("speed_flow_parameter", tmp_path)


def test_an_unknown_table_is_refused_with_those_known():
    with pytest.raises(InputError, match="alert_rule"):
        reference.read("nothing_of_the_kind")


BASE_TOTAL = 2380.149
"""Sum of the 670 printed factors, g/km."""


def _own(folder: Path, name: str, text: str) -> None:
    path = folder / "reference" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("# key: road_class_code\n" + text, "utf-8")
