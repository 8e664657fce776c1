"""Counted machines and vehicles that cannot be used are refused in one line."""

import pytest

from bigdata_emis.collect.register import register
from bigdata_emis.collect.registry.unit_rules import check_units
from bigdata_emis.errors import InputError
from tests.collect.registry_files import WORKS, write

AREAS = (
    "activity_area_id,sector_code,industry_code,geometry_wkt\n"
    "site,mobile,nonroad_machinery,POINT (116.4 39.9)\n"
    "docks,mobile,port,POINT (116.4 39.9)\n"
    "town,mobile,parked_vehicles,POINT (116.4 39.9)\n"
)
MACHINES = (
    "machine_group_id,activity_area_id,rated_power_kw,emission_stage_code,machine_count,working_h,load_factor_share\n"
)
VEHICLES = "activity_area_id,vehicle_class_code,fuel_code,emission_stage_code,vehicle_count\n"


def register_units(folder, machines="", vehicles=""):
    files = {"activity_area": AREAS}
    files |= {"machine": MACHINES + machines} if machines else {}
    files |= {"vehicle_stock": VEHICLES + vehicles} if vehicles else {}
    return register(context=write(folder, **{**WORKS, **files}))


def test_machines_and_vehicles_are_registered(tmp_path):
    frames = register_units(
        tmp_path, "m,site,120,II,10,1000,\nc,docks,560,III,2,3000,0.4\n", "town,LPV_mini_small,gasoline,IV,100000\n"
    )
    assert frames["machine"]["rated_power_kw"].to_pylist() == [560.0, 120.0]
    assert frames["vehicle_stock"].num_rows == 1


@pytest.mark.parametrize(
    ("machines", "vehicles", "message"),
    [
        ("m,site,120,PRE,10,1000,\n", "", "machine_group_id m: stage PRE with 120 kW has no emission factor; .*: none"),
        ("m,site,12,II,10,1000,\n", "", "stage II with 12 kW has no emission factor; .*130 to 561.*18 to 37"),
        ("m,docks,120,II,10,1000,\n", "", "load_factor_share is empty; expected a value, because its area is of port"),
        ("m,town,120,II,10,1000,0.5\n", "", "its area is of parked_vehicles"),
        ("m,nowhere,120,II,10,1000,\n", "", "'nowhere' is not in the registry; add it to activity_area.csv"),
        ("m,site,120,IX,10,1000,\n", "", "'IX'; emission_stage is one of"),
        ("m,site,120,II,10,9000,\n", "", "working_h: '9000"),
        ("", "site,LPV_mini_small,gasoline,IV,5\n", "activity_area_id site: the area is of nonroad_machinery"),
    ],
    ids=["old", "small", "load", "parked", "area", "stage", "hours", "stock"],
)
def test_what_cannot_be_used_is_refused(tmp_path, machines, vehicles, message):
    with pytest.raises(InputError, match=message):
        register_units(tmp_path, machines, vehicles)


def test_a_region_that_counts_nothing_breaks_no_rule(tmp_path):
    frames = register_units(tmp_path)
    check_units(frames, tmp_path)
    assert frames["machine"].num_rows == frames["vehicle_stock"].num_rows == 0
