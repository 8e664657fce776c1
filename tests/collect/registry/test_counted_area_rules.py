"""Counted areas that cannot be used are refused in one line, with file, row and column."""

import pytest

from bigdata_emis import reference
from bigdata_emis.codes import ActivityUnit
from bigdata_emis.collect.register import register
from bigdata_emis.collect.registry.counted_area_rules import LARGEST_ACTIVITY
from bigdata_emis.errors import InputError
from tests.collect.registry_files import WORKS, write

AREAS = (
    "activity_area_id,sector_code,industry_code,geometry_wkt\n"
    "quay,mobile,port,POINT (116.4 39.9)\n"
    "apron,mobile,airport,POINT (116.4 39.9)\n"
    'track,mobile,rail,"LINESTRING (116.4 39.9, 116.5 39.9)"\n'
    "fields,biomass_burning,open_burning,POINT (116.4 39.9)\n"
    "stoves,other,residential_coal,POINT (116.4 39.9)\n"
)
COUNTED = (
    "activity_area_id,activity_unit_code,annual_activity,"
    "auxiliary_fuel_kg_per_h,boiler_fuel_kg_per_h,shore_power_share,source\n"
)
TOTALS = "activity_area_id,pollutant_code,annual_emission_t,relative_sd_share\nfields,PM2.5,60,0.8\n"
CRANE = (
    "machine_group_id,activity_area_id,rated_power_kw,emission_stage_code,machine_count,working_h,load_factor_share\n"
    "m,quay,120,II,10,1000,0.4\n"
)
BERTHS = "quay,berth_h,10000,500,100,0.4,port office\n"


def register_counted(folder, rows, **files):
    return register(context=write(folder, **WORKS, activity_area=AREAS, counted_area=COUNTED + rows, **files))


def test_ships_aircraft_trains_and_fires_are_registered(tmp_path):
    rows = BERTHS + "apron,lto,100000,,,,x\ntrack,t,500,,,,x\nfields,fire,60,,,,x\n"
    frames = register_counted(tmp_path, rows, area_emission_annual=TOTALS)
    assert frames["counted_area"]["activity_unit_code"].to_pylist() == ["lto", "fire", "berth_h", "t"]


def test_every_unit_without_a_mass_has_a_limit_in_the_table():
    named = reference.read("input_limit")["parameter_name"].to_pylist()
    assert set(LARGEST_ACTIVITY) == {ActivityUnit.LTO, ActivityUnit.BERTH_H, ActivityUnit.FIRE}
    assert set(LARGEST_ACTIVITY.values()) <= set(named)


def test_a_region_may_have_limits_of_its_own(tmp_path):
    shipped = (reference.HERE / "input_limit.csv").read_text("utf-8")
    (tmp_path / "reference").mkdir()
    own = shipped.replace("area_largest_lto,10000000", "area_largest_lto,9")
    (tmp_path / "reference" / "input_limit.csv").write_text(own, "utf-8")
    with pytest.raises(InputError, match="10 lto a year; expected no more than 9 of one area"):
        register_counted(tmp_path, "apron,lto,10,,,,x\n")


def test_most_fires_of_an_area_are_refused_too(tmp_path):
    with pytest.raises(InputError, match=r"1e\+09 fire a year; expected no more than 1e\+08 of one area"):
        register_counted(tmp_path, "fields,fire,1e9,,,,x\n", area_emission_annual=TOTALS)


@pytest.mark.parametrize(
    ("rows", "files", "message"),
    [
        ("apron,berth_h,10,1,1,0,x\n", {}, "column activity_unit_code: 'berth_h' for an area of airport; expected lto"),
        ("stoves,t,10,,,,x\n", {}, "'t' for an area of residential_coal; it has no unit with a factor"),
        ("quay,fire,10,,,,x\n", {}, "'fire' for an area of port; expected berth_h or t"),
        ("apron,lto,0,,,,x\n", {}, "column annual_activity: 0; expected more than 0"),
        ("apron,lto,-1,,,,x\n", {}, "column annual_activity: '-1"),
        ("apron,lto,10,,,0.5,x\n", {}, "column shore_power_share: 0.5 with unit lto; expected it only for berth_h"),
        ("quay,berth_h,10,500,100,,x\n", {}, "column shore_power_share: it is empty; expected a value"),
        ("quay,berth_h,10,,100,0.5,x\n", {}, "column auxiliary_fuel_kg_per_h: it is empty; .*no default with a source"),
        ("quay,berth_h,10,500,,0.5,x\n", {}, "column boiler_fuel_kg_per_h: it is empty; expected a value"),
        ("quay,berth_h,10,500,100,40,x\n", {}, "column shore_power_share: '40"),
        ("quay,berth_h,1e9,500,100,0,x\n", {}, "1e\\+09 berth_h are 6e\\+08 t of fuel a year; expected less"),
        ("track,t,2e8,,,,x\n", {}, "2e\\+08 t are 2e\\+08 t of fuel a year; expected less"),
        ("apron,lto,1e12,,,,x\n", {}, "1e\\+12 lto a year; expected no more than 1e\\+07 of one area"),
        ("apron,lto,1e-4,,,,x\n", {}, "0.0001 lto a year; expected at least 0.001, because counts are shares"),
        ("quay,berth_h,1e8,0.5,0.5,0,x\n", {}, "1e\\+08 berth_h a year; expected no more than 1e\\+07"),
        ("quay,berth_h,1e-300,500,100,0,x\n", {}, "1e-300 berth_h are 6e-301 t of fuel a year; expected at least"),
        ("quay,berth_h,1000,500,0,1,x\n", {}, "1000 berth_h are 0 t of fuel a year; expected at least 0.001 t"),
        ("track,t,1e-9,,,,x\n", {}, "1e-09 t are 1e-09 t of fuel a year; expected at least 0.001 t"),
        ("fields,fire,60,,,,x\n", {}, "column activity_area_id: the area has no annual total; expected one"),
        (BERTHS, {"machine": CRANE}, "column activity_area_id: machine.csv counts the same area"),
        ("nowhere,lto,1,,,,x\n", {}, "'nowhere' is not in the registry; add it to activity_area.csv"),
        ("apron,lto,10,,,,\n", {}, "column source: ''; the value must be given"),
    ],
)
def test_a_counted_area_that_cannot_be_used_is_refused(tmp_path, rows, files, message):
    with pytest.raises(InputError, match=message) as refused:
        register_counted(tmp_path, rows, **files)
    assert "counted_area.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
