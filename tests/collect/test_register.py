"""The registry files of a region: what is read, and the one line that says what is wrong in which row."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.register import read_registry_table, register
from bigdata_emis.errors import InputError
from bigdata_emis.flow import REGISTRY_FILES
from tests.collect.registry_files import STATIONS, write

STACKS = "stack_id,production_line_id\n"
LINES = "production_line_id,enterprise_id,sector_code,industry_code,activity_unit_code\n"
ENTERPRISES = "enterprise_id,name_zh,industry_code,longitude_deg,latitude_deg\n"
FACTORS = "production_line_id,pollutant_code,emission_factor_g_per_unit,removal_share,relative_sd_share\n"
LINE_LOADS = LINES.rstrip("\n") + ",capacity_per_h,reference_energy_kwh\nl,e,industrial_process,sinter,t,"
AUDITS = "production_line_id,pollutant_code,month_start,audited_emission_g,relative_sd_share,source\n"


def test_every_registry_table_is_given_and_an_absent_file_is_an_empty_table(tmp_path):
    frames = register(context=write(tmp_path, station=STATIONS + "p1,东四,116.4,39.9\n"))
    assert list(frames) == list(REGISTRY_FILES)
    assert frames["station"].select(["station_id", "name_zh", "city_name", "longitude_deg"]).to_pylist() == [
        {"station_id": "p1", "name_zh": "东四", "city_name": None, "longitude_deg": 116.4}
    ]
    assert frames["measure"].num_rows == 0


def test_a_parquet_file_serves_as_well(tmp_path):
    pq.write_table(
        pa.table({"station_id": ["p"], "longitude_deg": [116], "latitude_deg": [39.5]}), tmp_path / "station.parquet"
    )
    assert read_registry_table(tmp_path, "station")["longitude_deg"].to_pylist() == [116.0]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"stack": STACKS + "s1,l9\n"},
            r"stack\.csv, row 2, column production_line_id: 'l9' is not in the registry",
            id="dangling",
        ),
        pytest.param(
            {"station": STATIONS + "a,x,116,39.9\na,y,117,39.9\n"},
            r"station\.csv, row 3, column station_id: key 'a' repeats that of row 2",
            id="repeated key",
        ),
        pytest.param(
            {"station": STATIONS + "a,x,200,1\n"},
            r"row 2, column longitude_deg: '200.0'; it must not be above 180",
            id="bound",
        ),
        pytest.param(
            {"station": STATIONS + "a,x,east,1\n"}, r"row 2, column longitude_deg: 'east'; give a number", id="text"
        ),
        pytest.param({"station": STATIONS + "a,x,inf,1\n"}, r"row 2, column longitude_deg: 'inf'", id="infinite"),
        pytest.param(
            {"station": STATIONS + ",x,1,1\n"},
            r"row 2, column station_id: ''; the value must be given",
            id="missing value",
        ),
        pytest.param({"station": STATIONS + "a,x,1\n"}, r"row 2: 3 values for 4 columns", id="short row"),
        pytest.param(
            {"station": STATIONS + 'a,"x,1,1\n'}, r"station\.csv, row 2: unexpected end of data", id="open quote"
        ),
        pytest.param({"station": "station_id,lon\n"}, r"column 'lon' is not of table station", id="unknown column"),
        pytest.param({"station": "station_id\n"}, r"column 'longitude_deg' is missing", id="missing column"),
        pytest.param(
            {"station": STATIONS.replace(",", ";")},
            r"is not of table station; .* separated by semicolons",
            id="semicolons",
        ),
        pytest.param(
            {"station": STATIONS + "12.0,x,1,1\n"},
            r"row 2, column station_id: '12.0'; a spreadsheet took it for a number",
            id="number as identifier",
        ),
        pytest.param(
            {"station": STATIONS + "1.30001E+11,x,1,1\n"}, r"'1.30001E\+11'; a spreadsheet", id="exponent in identifier"
        ),
        pytest.param(
            {"station": STATIONS + "a\u00a01,x,1,1\n"}, r"'a.xa01'; it holds a blank of another kind", id="other blank"
        ),
        pytest.param({"station": ""}, r"the header is missing", id="empty file"),
        pytest.param(
            {"enterprise": ENTERPRISES + "e,x,alchemy,1,1\n"}, r"row 2, column industry_code: 'alchemy'", id="code"
        ),
        pytest.param(
            {"audited_emission_monthly": AUDITS + "l,SO2,2015-12-15,5,0.1,x\n"},
            r"row 2, column month_start: '2015-12-15'; a month",
            id="month",
        ),
        pytest.param(
            {"production_line": LINES + "l,e,dust,coal_power,t\n"},
            r"production_line\.csv, row 2, column enterprise_id: 'e'",
            id="dangling line",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_row_column_and_value(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        register(context=write(tmp_path, **files))
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "station.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"station\.parquet"):
        read_registry_table(tmp_path, "station")


def test_two_files_for_one_table_are_refused(tmp_path):
    (tmp_path / "station.csv").write_text(STATIONS)
    (tmp_path / "station.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="both hold station"):
        read_registry_table(tmp_path, "station")


def test_a_region_without_a_registry_folder_is_refused(tmp_path):
    context = write(tmp_path)
    (tmp_path / "registry").rmdir()
    with pytest.raises(InputError, match=r"registry is not a folder.*known: enterprise, "):
        register(context=context)


def test_a_registry_without_a_file_is_refused_but_hidden_files_are_left_alone(tmp_path):
    context = write(tmp_path)
    (tmp_path / "registry" / ".gitkeep").write_text("")
    with pytest.raises(InputError, match=r"registry has no registry file; known: enterprise, "):
        register(context=context)
    assert register(context=write(tmp_path, station=STATIONS))["station"].num_rows == 0


@pytest.mark.parametrize("name", ["enterprise.csvx", "production_lines.csv", "Station.csv", "measure.csv/"])
def test_what_is_no_registry_file_is_refused_by_name(tmp_path, name):
    context = write(tmp_path, station=STATIONS + "a,x,116,39.9\n")
    stray = tmp_path / "registry" / name
    stray.mkdir() if name.endswith("/") else stray.write_text("")
    with pytest.raises(InputError, match=rf"{stray.name} is not a registry file; known: enterprise, ") as refusal:
        register(context=context)
    assert "\n" not in str(refusal.value)


REFUSED_VALUES = [
    pytest.param(
        {"station": "# two\n# remarks\n" + STATIONS + "a,x,116,39.9\n\nb,y,east,1\n"}, "row 6, column", id="row"
    ),
    pytest.param({"station": STATIONS + 'a,"x\ny",116,39.9\n'}, r"row 2, column name_zh: 'x\\ny'", id="newline"),
    pytest.param(
        {"station": STATIONS + "a,x,NaN,39.9\n"}, "'NaN'; give a number with a decimal point: leave it", id="NaN"
    ),
    pytest.param(
        {"station": STATIONS + "a,x,１１６,39.9\n"}, "'１１６'; give .*: write 116 in plain digits", id="digits"
    ),
    pytest.param(
        {"station": STATIONS + 'a,x,"116,5",39.9\n'}, "'116,5'; give .*: write 116.5 for a decimal", id="comma"
    ),
    pytest.param(
        {"station": STATIONS + "a\u200b,x,116,39.9\n"}, r"station_id: 'a\\u200b'; remove the invisible", id="zero width"
    ),
    pytest.param({"station": STATIONS + "a\x1b[31m,x,116,39.9\n"}, r"'a\\x1b\[31m'; remove the invisible", id="escape"),
    pytest.param({"station": STATIONS + "a,x\0,116,39.9\n"}, "station.csv, line 2: holds a NUL", id="NUL"),
    pytest.param(
        {"station": STATIONS + f"{'a' * 70_000},x,116,39.9\n"}, "'a{80}… .*; expected at most 200 characters", id="long"
    ),
    pytest.param(
        {"station": STATIONS + f"a,x,{'9' * 70_000},39.9\n"}, "'9{80}… \\(70,000 characters\\)'", id="long number"
    ),
    pytest.param(
        {"audited_emission_monthly": AUDITS + "l,SO2,9999-12-01,5,0.1,x\n"}, "'9999-12-01'; give a date", id="year"
    ),
    pytest.param(
        {"emission_factor": FACTORS + "l,SO2,1e15,0.5,0.1\n"},
        r"emission_factor_g_per_unit: '1000000000000000.0'; it must not be above 1e\+09: check the unit, .* in gram",
        id="factor",
    ),
    pytest.param({"emission_factor": FACTORS + "l,SO2,1,30,0.1\n"}, "above 1: write 0.3 for 30 %", id="percentage"),
    pytest.param(
        {"production_line": LINE_LOADS + "0,200\n"}, "capacity_per_h: '0.0'; it must not be below 0.0001", id="idle"
    ),
    pytest.param(
        {"production_line": LINE_LOADS + "2,1e308\n"}, "reference_energy_kwh: .*in kilowatt_hour", id="energy"
    ),
]


@pytest.mark.parametrize(("files", "message"), REFUSED_VALUES)
def test_nonsense_is_refused_in_one_short_line_with_the_line_of_the_file(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        register(context=write(tmp_path, **files))
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 700


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_parquet_file_may_not_hold_what_is_no_number(tmp_path, value):
    rows = {"station_id": ["p"], "longitude_deg": [value], "latitude_deg": [39.5]}
    pq.write_table(pa.table(rows), tmp_path / "station.parquet")
    with pytest.raises(InputError, match=r"station\.parquet, row 1, column longitude_deg: '(nan|inf)'; leave it empty"):
        read_registry_table(tmp_path, "station")


def test_a_note_may_have_several_lines(tmp_path):
    text = 'measure_id,alert_level_code,affected_share,cut_share,note\nm,red,1,0.5,"a\nb"\n'
    assert register(context=write(tmp_path, measure=text))["measure"]["note"].to_pylist() == ["a\nb"]


def test_a_table_of_coefficients_is_checked_before_anything_is_registered(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "fusion_parameters.csv").write_text("")
    with pytest.raises(InputError, match=r"fusion_parameters\.csv replaces no reference table: .*use one of"):
        register(context=write(tmp_path, station=STATIONS))


def test_a_source_outside_the_grid_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"table enterprise, enterprise_id e: longitude 0, latitude 0 lies outside the"
    ):
        register(context=write(tmp_path, enterprise=ENTERPRISES + "e,x,sinter,0,0\n"))
