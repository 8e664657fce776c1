"""Rules between registry rows: shares, devices and factors."""

import json
from dataclasses import replace

import pytest

from bigdata_emis.collect.register import read_registry_table, register
from bigdata_emis.collect.registry.registry_rules import check_rules, count_unusual
from bigdata_emis.errors import InputError
from bigdata_emis.flow import REGISTRY_FILES
from tests.collect.registry_files import LINES, METERS, WORKS, write

SHARES = "meter_id,production_line_id,energy_share\n"
DEVICES = "production_line_id,device_name\n"
AREA = "activity_area_id,sector_code,industry_code,geometry_wkt\nz,other,residential_coal,POINT (116.4 39.9)\n"
AREA_MASS = "activity_area_id,pollutant_code,annual_emission_t,relative_sd_share\n"
LOADED = LINES.rstrip("\n") + ",capacity_per_h\n" + "a,e,industrial_process,sinter,t,1e6\n"
ROADS = "link_id,road_class_code,length_km,free_speed_km_per_h,jam_density_veh_per_km,geometry_wkt\n"
FLEET = "road_class_code,local_hour,vehicle_class_code,fuel_code,emission_stage_code,fleet_share\n"
FACTORS = "production_line_id,pollutant_code,emission_factor_g_per_unit,removal_share,relative_sd_share\n"


def read(folder, **files):
    context = write(folder, **{**WORKS, **files})
    return {name: read_registry_table(folder / "registry", name) for name in REGISTRY_FILES}, context.region


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
            "measures b, c but table meter says line a; name one of its lines",
            id="another line",
        ),
        pytest.param(
            {"abatement_device": DEVICES + "a,magic\n"},
            "line a: device 'magic' is unknown; reference/control_efficiency has ",
            id="device",
        ),
        pytest.param(
            {"emission_factor": FACTORS + "a,PM10,10,0.5,0.1\na,PM2.5,9,0,0.1\n"},
            "line a: 9 g of PM2.5 a unit after abatement, but 5 g of PM10; PM2.5 is a part of PM10",
            id="size fraction above its total",
        ),
        pytest.param(
            {"meter": METERS.rstrip("\n") + ",valid_from,valid_to\nm,a,production,60,2024-02-01,2024-01-31\n"},
            "table meter, meter_id m: valid_from 2024-02-01 is after valid_to 2024-01-31; give the first",
            id="validity that ends before it begins",
        ),
        pytest.param(
            {"fleet_mix": FLEET + "motorway,0,BUS,diesel,IV,0.2\nmotorway,0,HeavyT,diesel,V,0.7\n"},
            "road_class_code motorway, local_hour 0: the shares sum to 0.9; make them sum to 1",
            id="fleet that lacks a class",
        ),
        pytest.param(
            {
                "fleet_mix": FLEET + "motorway,0,BUS,diesel,IV,1\n",
                "road_link": ROADS + "r,primary,1,60,120,POINT (116.4 39.9)\n",
            },
            "roads of class primary, of which table fleet_mix has no vehicles; add the fleet",
            id="road class without fleet",
        ),
        pytest.param(
            {"meter": METERS + "m,a,production,1440\n"},
            "table meter, meter_id m: interval_min = 1440 does not divide an hour; give readings of",
            id="interval of a day",
        ),
        pytest.param(
            {"activity_area": AREA, "area_emission_annual": AREA_MASS + "z,SO2,6e7,0.5\nz,NOx,3,0.5\n"},
            "table area_emission_annual, activity_area_id z: 6e.07 t of SO2 a year, .* expected less than any country",
            id="area that emits more than a country",
        ),
        pytest.param(
            {"production_line": LOADED, "emission_factor": FACTORS + "a,SO2,1e6,0.5,0.1\n"},
            "production_line_id a at full capacity: 4.38e.09 t of SO2 a year, of 4.38e.09 t in the whole registry",
            id="line that emits more than a country",
        ),
    ],
)
def test_a_broken_rule_is_refused_in_one_line(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        check_rules(*read(tmp_path, **files))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("shares", ["m,a,0.5\nm,b,0.5\n", "m,a,0.7\nm,b,\n", "m,a,\nm,b,\n"])
def test_shares_that_sum_to_one_or_leave_some_open_are_accepted(tmp_path, shares):
    check_rules(*read(tmp_path, meter_share=SHARES + shares))


def test_a_meter_shared_between_enterprises_is_counted_as_unusual(tmp_path):
    assert count_unusual(read(tmp_path, meter_share=SHARES + "m,a,\nm,b,\n")[0]) == {}
    assert count_unusual(read(tmp_path, meter_share=SHARES + "m,a,\nm,c,\n")[0]) == {"meter_between_enterprises": 1}


def test_a_total_of_an_industry_without_registered_lines_is_counted_as_unusual(tmp_path):
    header = "district_id,industry_code,pollutant_code,reference_year,annual_emission_t,annual_activity,"
    header += "activity_unit_code,relative_sd_share\n"
    owners = "enterprise_id,name_zh,industry_code,longitude_deg,latitude_deg,county_id\n"
    works = {"enterprise": owners + "e,x,sinter,116.4,39.9,110101\nf,y,sinter,116.5,39.9,110102\n"}
    known, unknown = "110101,sinter,SO2,2015,1,2,t,0.2\n", "nowhere,sinter,SO2,2015,1,2,t,0.2\n"
    assert count_unusual(read(tmp_path, **works, district_emission_annual=header + known)[0]) == {}
    counted = count_unusual(read(tmp_path, **works, district_emission_annual=header + known + unknown)[0])
    assert counted == {"district_total_without_lines": 1}


def test_what_is_unusual_reaches_the_receipt_by_the_metadata_of_the_table(tmp_path):
    shares = register(context=write(tmp_path, **WORKS, meter_share=SHARES + "m,a,\nm,c,\n"))["meter_share"]
    assert json.loads(shares.schema.metadata[b"set_aside"]) == {"meter_between_enterprises": 1}


def test_alert_rules_of_an_unknown_version_are_refused(tmp_path):
    frames, place = read(tmp_path)
    with pytest.raises(
        InputError, match=r'region\.toml, rules\.alert = "2099": no such version; use one of 2016, 2017'
    ):
        check_rules(frames, replace(place, rules={"alert": "2099"}))
