"""Lines by the name of their plant, areas by their own."""

from bigdata_emis.report.names.source_names import plant_and_line, source_names
from bigdata_emis.storage import database
from tests.report.city_day import CITY, fill_day
from tests.report.stores import declared_table


def test_a_line_has_the_name_of_its_plant(home) -> None:
    fill_day()
    names = source_names(CITY)
    assert plant_and_line(names, "l") == {"en": "North works · l", "zh": "北厂 · l"}
    assert plant_and_line(names, "x") == {"en": "x", "zh": "x"}


def test_what_has_one_name_has_it_in_both_languages_and_what_has_none_its_identifier(home) -> None:
    fill_day()
    areas = [{"activity_area_id": "a1", "name_zh": "东港"}, {"activity_area_id": "a2"}]
    more = {"sector_code": "dust", "industry_code": "port", "geometry_wkt": "POINT (1 2)"}
    database.upsert("activity_area", "city", declared_table("activity_area", [one | more for one in areas]))
    names = source_names(CITY)
    assert names["a1"] == {"en": "东港", "zh": "东港"}
    assert names["a2"] == {"en": "a2", "zh": "a2"}
