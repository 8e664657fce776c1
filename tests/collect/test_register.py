"""The registry files of a region: what is read, and the one line that says what is wrong."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.register import read_registry_table, register
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.flow import REGISTRY_FILES
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.receipt import count_received
from bigdata_emis.window import day_window, parse_day

STACKS = "stack_id,production_line_id\n"
LINES = "production_line_id,enterprise_id,sector_code,industry_code,activity_unit_code\n"
ENTERPRISES = "enterprise_id,name_zh,industry_code,longitude_deg,latitude_deg\n"
AUDITS = "production_line_id,pollutant_code,month_start,audited_emission_g,relative_sd_share,source\n"
METERS = "meter_id,production_line_id,meter_role_code,interval_min\n"
SHARES = "meter_id,production_line_id,energy_share\n"
DEVICES = "production_line_id,device_name\n"
FACTORS = "production_line_id,pollutant_code,emission_factor_g_per_unit,removal_share,relative_sd_share\n"
WORKS = {
    "enterprise": ENTERPRISES + "e,x,sinter,1,1\nf,y,sinter,1,1\n",
    "production_line": LINES
    + "a,e,industrial_process,sinter,t\nb,e,industrial_process,sinter,t\nc,f,industrial_process,sinter,t\n",
    "meter": METERS + "m,a,production,60\n",
}
"""Lines a and b of one enterprise, c of another; one meter."""
STATIONS = "station_id,name_zh,longitude_deg,latitude_deg\n"


def write(folder: Path, **files: str) -> Context:
    registry = folder / "registry"
    registry.mkdir(exist_ok=True)
    for name, text in files.items():
        (registry / f"{name}.csv").write_bytes(text.encode())
    region = Region("r", folder, "r", "r", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
    window = day_window(parse_day("2015-12-20"), "UTC")
    return Context(region, window, window.to_utc, "run")


def test_every_registry_table_is_given_and_an_absent_file_is_an_empty_table(tmp_path):
    frames = register(context=write(tmp_path, station=STATIONS + "p1,\u4e1c\u56db,116.4,39.9\n"))
    assert list(frames) == list(REGISTRY_FILES)
    assert frames["station"].select(["station_id", "name_zh", "city_name", "longitude_deg"]).to_pylist() == [
        {"station_id": "p1", "name_zh": "\u4e1c\u56db", "city_name": None, "longitude_deg": 116.4}
    ]
    assert frames["measure"].num_rows == 0


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    write(tmp_path, station="\ufeff" + STATIONS + "p1,a,116.4,39.9\n")
    assert read_registry_table(tmp_path / "registry", "station").num_rows == 1


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
            {"station": STATIONS + "a,x,1,1\na,y,2,2\n"},
            r"station\.csv, row 3, column station_id: key 'a' repeats",
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
        pytest.param({"station": STATIONS + 'a,"x,1,1\n'}, r"station\.csv: unexpected end of data", id="open quote"),
        pytest.param({"station": "station_id,lon\n"}, r"column 'lon' is not of table station", id="unknown column"),
        pytest.param({"station": "station_id\n"}, r"column 'longitude_deg' is missing", id="missing column"),
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


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"meter_share": SHARES + "m,a,0.5\nm,b,0.4\n"},
            "meter m: the parts of its 2 lines sum to 0.9; make them sum to 1",
            id="below one",
        ),
        pytest.param(
            {"meter_share": SHARES + "m,a,0.8\nm,b,0.4\nm,c,\n"},
            "meter m: the parts of its 3 lines sum to 1.2",
            id="above one",
        ),
        pytest.param(
            {"meter_share": SHARES + "m,b,0.5\nm,c,0.5\n"},
            "measures b, c but table meter says line a",
            id="another line",
        ),
        pytest.param(
            {"abatement_device": DEVICES + "a,magic\n"},
            "line a: device 'magic' is unknown; reference/control_efficiency knows ",
            id="device",
        ),
        pytest.param(
            {"emission_factor": FACTORS + "a,PM10,10,0.5,0.1\na,PM2.5,9,0,0.1\n"},
            "line a: 9 g of PM2.5 a unit behind its devices, but 5 g of PM10; PM2.5 is a part of PM10",
            id="part beyond whole",
        ),
    ],
)
def test_what_breaks_a_rule_over_several_rows_is_refused_in_one_line(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        register(context=write(tmp_path, **WORKS, **files))
    assert "\n" not in str(refusal.value)


def test_parts_that_sum_to_one_or_are_left_open_are_registered(tmp_path):
    for shares in ("m,a,0.5\nm,b,0.5\n", "m,a,0.7\nm,b,\n", "m,a,\nm,b,\n"):
        assert register(context=write(tmp_path, **WORKS, meter_share=SHARES + shares))["meter_share"].num_rows == 2


def test_a_meter_shared_between_enterprises_is_registered_and_counted(tmp_path):
    assert count_received(register(context=write(tmp_path, **WORKS, meter_share=SHARES + "m,a,\nm,b,\n"))) == (0, {})
    assert count_received(register(context=write(tmp_path, **WORKS, meter_share=SHARES + "m,a,\nm,c,\n"))) == (
        0,
        {"meter_between_enterprises": 1},
    )


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "station.csv").write_bytes(b"station_id,longitude_deg,latitude_deg\n\xb6\xab,1,1\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        read_registry_table(tmp_path, "station")


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
    context = write(tmp_path, station=STATIONS + "a,x,1,1\n")
    stray = tmp_path / "registry" / name
    stray.mkdir() if name.endswith("/") else stray.write_text("")
    with pytest.raises(InputError, match=rf"{stray.name} is not a registry file; known: enterprise, ") as refusal:
        register(context=context)
    assert "\n" not in str(refusal.value)
