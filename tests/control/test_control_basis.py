"""The control basis: the traits by which measures select sources, for each day."""

from datetime import UTC, datetime, timedelta

from bigdata_emis.control.control_basis import control_basis
from tests.inventory.industry_frames import context_of, make_table

START = datetime(2019, 1, 1, tzinfo=UTC)
LINES = [
    {"production_line_id": "own", "enterprise_id": "e", "industry_code": "sinter", "grade_code": "A"},
    {"production_line_id": "of enterprise", "enterprise_id": "e", "industry_code": "sinter"},
    {"production_line_id": "ungraded", "enterprise_id": "f", "industry_code": "sinter"},
]


def basis(days=1, fleets_of=(), areas=({"activity_area_id": "farm", "sector_code": "agriculture"},)):
    lines = [{"sector_code": "industrial_process", **line} for line in LINES]
    return control_basis(
        make_table("production_line", lines),
        make_table("enterprise", [{"enterprise_id": "e", "grade_code": "B"}]),
        make_table("activity_area", list(areas)),
        make_table("road_link", [{"link_id": "link", "road_class_code": "primary", "city_name": "唐山"}]),
        make_table("local_fleet", [{"local_fleet_id": "own", "city_name": city} for city in fleets_of]),
        make_table("traffic_restriction", []),
        context=context_of(days=days),
    )


def test_a_line_has_its_own_grade_or_that_of_its_enterprise_or_d() -> None:
    rows = {row["source_id"]: row for row in basis().to_pylist()}
    grades = {name: rows[name]["grade_code"] for name in ("own", "of enterprise", "ungraded", "farm", "link")}
    assert grades == {"own": "A", "of enterprise": "B", "ungraded": "D", "farm": None, "link": None}


def test_only_a_link_has_a_road_class_and_it_is_mobile() -> None:
    rows = [row for row in basis().to_pylist() if row["road_class_code"]]
    assert [(row["source_id"], row["sector_code"]) for row in rows] == [("link", "mobile")]


def test_every_day_of_the_window_has_all_sources() -> None:
    table = basis(days=2)
    assert set(table["hour_utc"].to_pylist()) == {START, START + timedelta(days=1)}
    assert table.num_rows == 2 * 5


def test_a_link_has_the_place_of_its_fleet_and_the_region_where_its_city_has_none() -> None:
    def places(**given):
        return {row["source_id"]: row["fleet_place"] for row in basis(**given).to_pylist()}

    assert places(fleets_of=["唐山"])["link"] == "city:唐山"
    assert places(fleets_of=["天津"])["link"] == "region"
    assert places()["own"] is None


def test_a_road_without_a_link_has_the_place_of_its_fleet_and_another_area_none() -> None:
    areas = [
        {"activity_area_id": "lanes", "sector_code": "mobile", "industry_code": "minor_road", "city_name": "唐山"},
        {"activity_area_id": "alleys", "sector_code": "mobile", "industry_code": "minor_road", "city_name": "天津"},
        {"activity_area_id": "dust", "sector_code": "dust", "industry_code": "road_dust", "city_name": "唐山"},
    ]
    rows = {row["source_id"]: row["fleet_place"] for row in basis(fleets_of=["唐山"], areas=areas).to_pylist()}
    assert [rows[name] for name in ("lanes", "alleys", "dust")] == ["city:唐山", "region", None]
