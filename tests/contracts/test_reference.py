"""Reference tables: each row has a source, each table is read or is evidence, and joins find their rows."""

import itertools
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import flow, reference, schema
from bigdata_emis.errors import InputError
from tests.contracts.package_sources import MODULES, part_of, source_of

ALL_FILES = sorted([*reference.HERE.glob("*.csv"), *reference.EVIDENCE.glob("*.csv")])


def read_file(path: Path) -> pa.Table:
    return reference.read_evidence(path.stem) if path.parent == reference.EVIDENCE else reference.read(path.stem)


@cache
def names_read() -> set[str]:
    """The tables that stages read, and code by `reference.read("name")`; the demonstration does not count."""
    by_code = {name for p in MODULES if part_of(p) != "demo" for name in source_of(p).reference_tables}
    return {name for stage in flow.STAGES for name in stage.reads} | by_code


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_every_row_has_a_source_and_a_confidence(path: Path):
    table = read_file(path)
    assert table.num_rows > 0
    assert all(table["source"].to_pylist())
    assert table["confidence"].null_count == 0


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_header_says_what_the_table_is(path: Path):
    assert path.read_text("utf-8").startswith("# ")


def test_every_reference_table_is_read_by_a_stage_or_by_code():
    assert not set(reference.names()) - names_read(), "move the table to evidence/, or read it"


def test_no_table_of_evidence_is_read_by_a_stage_or_by_code():
    assert not set(reference.evidence_names()) & names_read(), "move the table to reference/"


@pytest.mark.parametrize(
    ("readme", "names"),
    [(reference.HERE, reference.names()), (reference.EVIDENCE, reference.evidence_names())],
    ids=["reference", "evidence"],
)
def test_the_readme_lists_every_table(readme: Path, names: list[str]):
    text = (readme / "README.md").read_text("utf-8")
    assert not [name for name in names if f"`{name}`" not in text]


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
    table = read_file(next(path for path in ALL_FILES if path.stem == name))
    assert table.num_rows == rows
    assert total is None or pc.sum(table[column]).as_py() == pytest.approx(total)


def test_base_factors_of_the_guide_are_670():
    table = reference.read("road_base_emission_factor")
    printed = table.filter(pc.not_equal(table["emission_stage_code"], "VI"))
    assert printed.num_rows == 670
    assert pc.sum(printed["base_emission_factor_g_per_km"]).as_py() == pytest.approx(BASE_TOTAL, rel=1e-12)


def test_each_vehicle_fuel_and_stage_has_its_corrections():
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
        ("2016-02-22", "2016"),
        ("2017-09-19", "2016"),
        ("2018-08-31", "2017"),
        ("2018-09-01", "2018"),
        ("2023-12-31", "2018"),
        ("2024-01-01", "2024"),
    ],
)
def test_one_national_version_of_the_alert_rules_is_valid_each_day(day: str, version: str):
    table = reference.read("alert_rule")
    rows = reference.valid_on(table.filter(pc.equal(table["plan_area"], "key")), date.fromisoformat(day))
    assert set(rows["rule_version"].to_pylist()) == {version}


def test_every_graded_industry_is_a_known_industry():
    codes = schema.codes()["industry"]
    rows = reference.read_evidence("performance_industry").to_pylist()
    assert [codes[r["industry_code"]].title_en for r in rows[:3]] == [
        "integrated steel",
        "electric-arc steel",
        "ferroalloy",
    ]


def test_a_region_overrides_a_table(tmp_path: Path):
    _write_override(
        tmp_path, "uncertainty_rating", "rating_code,relative_sd_share,source,confidence\nA,0.15,monitor audits,0.9\n"
    )
    assert reference.read("uncertainty_rating", tmp_path)["relative_sd_share"].to_pylist() == [0.15]
    assert reference.read("alert_target", tmp_path).num_rows == 15


@pytest.mark.parametrize(("sectors", "is_known"), [("dust", True), ("dust;mobile", True), ("dust;smoke", False)])
def test_each_code_of_a_list_must_be_known(tmp_path: Path, sectors: str, is_known: bool):
    shipped = reference.read("published_inventory").column_names
    row = f"a,Li 2020,2020,{sectors},NOx,1,1,Li,1,"
    _write_override(tmp_path, "published_inventory", key="", text=f"{','.join(shipped)}\n{row}\n")
    if is_known:
        assert reference.read("published_inventory", tmp_path)["sector_codes"].to_pylist() == [sectors.split(";")]
    else:
        with pytest.raises(InputError, match="column sector_codes: 'dust;smoke'; it is not a known sector"):
            reference.read("published_inventory", tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rating_code,spread,source,confidence\n", "not declared"),
        ("rating_code,relative_sd_share\nA,1\n", "missing"),
        (
            "rating_code,relative_sd_share,source,confidence\nA,much,audits,1\n",
            "row 3, column relative_sd_share: 'much'; give a number",
        ),
        ("rating_code,relative_sd_share,source,confidence\nA,-1,audits,1\n", "it must not be below 0"),
        (
            "rating_code,relative_sd_share,source,confidence\nZ,1,audits,1\n",
            "column rating_code: 'Z'; it is not a known rating",
        ),
        ("rating_code,relative_sd_share,source,confidence\nA,1,,1\n", "row 3: its source"),
        ("rating_code,relative_sd_share,source,confidence\nA,1\n", "row 3: 2 values for 4"),
        (
            "rating_code,relative_sd_share,source,confidence\nA,1,audits,1\nA,2,audits,1\n",
            "row 4: key A repeats that of row 3",
        ),
    ],
    ids=["column", "no source column", "text", "bound", "code", "no source", "short row", "key"],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, text: str, message: str):
    _write_override(tmp_path, "uncertainty_rating", text)
    with pytest.raises(InputError, match=message):
        reference.read("uncertainty_rating", tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("fusion_parameter", "nan", "row 2, column parameter_value: 'nan'; give a number .*: leave it empty"),
        ("fusion_parameter", "inf", "row 2, column parameter_value: 'inf'; give a number"),
        ("fusion_parameter", "1_0", "column parameter_value: '1_0'"),
        ("fusion_parameter", "１２", "column parameter_value: '１２'; give .*: write 12 in plain digits"),
        ("fusion_parameter", "", "row 2, column parameter_value: the cell is empty, expected a value; fill the cell"),
        ("fusion_parameter", "x" * 70_000, "column parameter_value: 'x{80}… "),
    ],
    ids=["NaN", "infinite", "underscore", "full width", "empty", "long"],
)
def test_a_number_of_a_region_is_refused_when_it_is_none(tmp_path: Path, name: str, text: str, message: str):
    _write_override(
        tmp_path, name, f"parameter_name,parameter_value,parameter_unit,source,confidence\na,{text},h,x,1\n", key=""
    )
    with pytest.raises(InputError, match=message) as refusal:
        reference.read(name, tmp_path)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 600


def test_the_row_of_an_error_is_the_line_of_the_file(tmp_path: Path):
    shipped = (reference.HERE / "road_base_emission_factor.csv").read_text("utf-8")
    lines = shipped.splitlines()
    _write_override(tmp_path, "road_base_emission_factor", shipped + lines[-1] + "\n", key="")
    with pytest.raises(InputError, match=f"row {len(lines) + 1}: key .* repeats that of row {len(lines)}; remove one"):
        reference.read("road_base_emission_factor", tmp_path)


def test_a_table_of_a_region_has_the_key_and_the_columns_of_the_one_it_replaces(tmp_path: Path):
    header = "pollutant_code,national_emission_t,source,confidence\n"
    _write_override(tmp_path, "emission_limit", header + "SO2,1,x,1\nSO2,2,x,1\n", key="")
    with pytest.raises(InputError, match="row 3: key SO2 repeats that of row 2"):
        reference.read("emission_limit", tmp_path)
    _write_override(
        tmp_path, "alert_target", "alert_level_code,pollutant_code,source,confidence\nred,SO2,x,1\n", key=""
    )
    with pytest.raises(InputError, match=r"missing: \['target_share'\]"):
        reference.read("alert_target", tmp_path)


@pytest.mark.parametrize("name", ["alert_targets.csv", "alert_target.xlsx", "alert_target"])
def test_a_file_that_replaces_nothing_is_refused(tmp_path: Path, name: str):
    assert reference.overrides(tmp_path) == []
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / ".gitkeep").write_text("")
    assert reference.overrides(tmp_path) == []
    (tmp_path / "reference" / name).write_text("")
    with pytest.raises(InputError, match="replaces no reference table: expected a file <table>.csv; remove it, or use"):
        reference.overrides(tmp_path)


def test_an_unknown_table_is_refused_with_the_names_of_the_tables():
    with pytest.raises(InputError, match="alert_rule"):
        reference.read("nothing_of_the_kind")


BASE_TOTAL = 2380.149
"""Sum of the 670 printed factors, g/km."""


def _write_override(folder: Path, name: str, text: str, *, key: str = "# key: rating_code\n") -> None:
    path = folder / "reference" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(key + text, "utf-8")


def test_a_file_in_place_of_the_folder_of_a_region_is_refused(tmp_path: Path):
    (tmp_path / "reference").write_text("SO2,1\n")
    with pytest.raises(InputError, match="reference is no folder: expected a folder of"):
        reference.overrides(tmp_path)
