"""The extract of the registry: every source has coordinates, and nothing leaves that readers do not need."""

from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.reader_files.registry_extract import REGISTRY_TABLES, registry_extract
from bigdata_emis.schema.arrow import arrow_schema

PRIVATE = {"capacity_per_h", "base_load_share", "power_elasticity", "reference_energy_kwh", "meter_id"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "enterprise": [
        {"enterprise_id": "E1", "name_en": "Steel", "name_zh": "钢", "industry_code": "integrated_steel",
         "district_id": "D1", "longitude_deg": 117.0, "latitude_deg": 38.0},
    ],
    "production_line": [
        {"production_line_id": "L1", "enterprise_id": "E1", "sector_code": "industrial_process",
         "industry_code": "sinter", "activity_unit_code": "t", "capacity_per_h": 5.0},
    ],
    "stack": [
        {"stack_id": "S1", "production_line_id": "L1", "stack_height_m": 120.0,
         "longitude_deg": 117.5, "latitude_deg": 38.5},
        {"stack_id": "S2", "production_line_id": "L1", "longitude_deg": 117.5},
    ],
    "road_link": [
        {"link_id": "R1", "road_class_code": "motorway", "length_km": 2.0, "free_speed_km_per_h": 100.0,
         "jam_density_veh_per_km": 300.0, "geometry_wkt": "LINESTRING (116 39, 118 39)"},
    ],
    "activity_area": [
        {"activity_area_id": "A1", "sector_code": "dust", "industry_code": "bare_soil",
         "geometry_wkt": "POLYGON ((116 39, 118 39, 118 41, 116 41, 116 39))"},
    ],
}  # fmt: skip


def extract(**replaced: list[dict[str, Any]]) -> dict[str, pa.Table]:
    rows = ROWS | replaced
    return registry_extract(
        {name: pa.Table.from_pylist(rows[name], arrow_schema(schema.table(name))) for name in REGISTRY_TABLES}
    )


def test_a_line_has_coordinates_name_and_district_of_its_enterprise() -> None:
    (line,) = extract()["production_line"].to_pylist()
    assert (line["longitude_deg"], line["latitude_deg"], line["district_id"]) == (117.0, 38.0, "D1")
    assert (line["name_en"], line["industry_code"]) == ("Steel", "sinter")


def test_a_stack_has_its_own_coordinates_or_says_that_it_has_those_of_the_enterprise() -> None:
    own, half_registered = extract()["stack"].to_pylist()
    assert (own["longitude_deg"], own["latitude_deg"], own["has_own_location"]) == (117.5, 38.5, True)
    assert (own["stack_height_m"], own["exit_velocity_m_per_s"], own["enterprise_id"]) == (120.0, None, "E1")
    place = (half_registered["longitude_deg"], half_registered["latitude_deg"], half_registered["has_own_location"])
    assert place == (117.0, 38.0, False)


@pytest.mark.parametrize(("name", "latitude"), [("road_link", 39.0), ("activity_area", 40.0)])
def test_links_and_areas_have_their_geometry_and_its_centroid(name: str, latitude: float) -> None:
    (row,) = extract()[name].to_pylist()
    assert (row["longitude_deg"], row["latitude_deg"]) == (pytest.approx(117.0), pytest.approx(latitude))
    assert row["geometry_wkt"] == ROWS[name][0]["geometry_wkt"]


def test_what_an_enterprise_could_call_a_secret_stays_in_the_registry() -> None:
    assert not {column for frame in extract().values() for column in frame.column_names} & PRIVATE


def test_a_region_without_sources_of_a_kind_has_an_empty_file_of_it() -> None:
    frames = extract(road_link=[], activity_area=[], stack=[])
    assert [frames[name].num_rows for name in REGISTRY_TABLES] == [1, 1, 0, 0, 0]
    assert frames["road_link"].schema.field("length_km").metadata[b"unit"] == b"kilometer"
