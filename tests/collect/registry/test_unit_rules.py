"""Counted machines and vehicles that cannot be used are refused in one line."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.register import register
from bigdata_emis.collect.registry.unit_rules import check_units
from bigdata_emis.errors import InputError
from tests.collect.registry_files import WORKS, write

AREAS = (
    "activity_area_id,sector_code,industry_code,geometry_wkt\n"
    "site,mobile,nonroad_machinery,POINT (116.4 39.9)\n"
    "docks,mobile,port,POINT (116.4 39.9)\n"
    "stoves,other,residential_coal,POINT (116.4 39.9)\n"
    "dust,dust,construction_site,POINT (116.4 39.9)\n"
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
        (
            "m,site,120,PRE,10,1000,\n",
            "",
            "column rated_power_kw: stage PRE with 120 kW has no emission factor; .*: none",
        ),
        ("m,site,12,II,10,1000,\n", "", "stage II with 12 kW has no emission factor; .*130 to 561.*18 to 37"),
        ("m,docks,120,II,10,1000,\n", "", "column load_factor_share: it is empty; .* machine_group_id m is of port"),
        (
            "m,town,120,II,10,1000,0.5\n",
            "",
            "column activity_area_id: 'town' is an area of parked_vehicles; expected one",
        ),
        (
            "m,stoves,120,II,10,1000,0.5\n",
            "",
            "column activity_area_id: 'stoves' is an area of residential_coal; expec",
        ),
        (
            "m,dust,120,II,10,1000,\n",
            "",
            "column activity_area_id: 'dust' is an area of construction_site; expected one",
        ),
        ("m,nowhere,120,II,10,1000,\n", "", "'nowhere' is not in the registry; add it to activity_area.csv"),
        ("m,site,120,IX,10,1000,\n", "", "'IX'; emission_stage is one of"),
        ("m,site,120,II,10,9000,\n", "", "working_h: '9000"),
        ("m,site,120,II,10.5,1000,\n", "", "column machine_count: '10.5'; expected a whole number: write 10"),
        (
            "m,site,120,II,1e7,8784,\n",
            "",
            "column machine_count: 1e\\+07 machines of 120 kW at 8784 h .* 6.9e\\+12 kWh",
        ),
        (
            "m,site,560,II,1e6,8784,\n",
            "",
            "column machine_count: 1e\\+06 machines of 560 kW at 8784 h .* 3.2e\\+12 kWh",
        ),
        ("", "site,LPV_mini_small,gasoline,IV,5\n", "column activity_area_id: 'site' is an area of nonroad_machinery"),
        ("", "town,LPV_mini_small,gasoline,IV,5.5\n", "column vehicle_count: '5.5'; expected a whole number: write 6"),
    ],
    ids=[
        "old",
        "small",
        "load",
        "parked",
        "stoves",
        "dust",
        "area",
        "stage",
        "hours",
        "half",
        "number",
        "work",
        "stock",
        "part",
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, machines, vehicles, message):
    """Each message names the file and the row; the first row below the header is row 2."""
    name = "machine" if machines else "vehicle_stock"
    with pytest.raises(InputError, match=rf"registry/{name}\.csv, row 2, column .*{message.removeprefix('column ')}"):
        register_units(tmp_path, machines, vehicles)


def test_the_row_is_that_of_the_file_although_the_table_is_sorted(tmp_path):
    with pytest.raises(InputError, match=r"machine\.csv, row 4, column activity_area_id: 'town'"):
        register_units(tmp_path, "z,site,120,II,10,1000,\ny,site,120,II,10,1000,\na,town,120,II,10,1000,0.5\n")


def test_a_row_of_a_parquet_file_is_counted_from_one(tmp_path):
    frame = pa.table(
        {
            "machine_group_id": ["b", "a"],
            "activity_area_id": ["site", "stoves"],
            "rated_power_kw": [120.0, 120.0],
            "emission_stage_code": ["II", "II"],
            "machine_count": [1.0, 1.0],
            "working_h": [10.0, 10.0],
        }
    )
    context = write(tmp_path, **{**WORKS, "activity_area": AREAS})
    pq.write_table(frame, tmp_path / "registry" / "machine.parquet")
    with pytest.raises(InputError, match=r"machine\.parquet, row 2, column activity_area_id: 'stoves'"):
        register(context=context)


def test_a_region_that_counts_nothing_breaks_no_rule(tmp_path):
    frames = register_units(tmp_path)
    check_units(frames, tmp_path)
    assert frames["machine"].num_rows == frames["vehicle_stock"].num_rows == 0
