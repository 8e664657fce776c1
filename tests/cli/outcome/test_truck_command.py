"""Lines of `emis compliance trucks`: verdicts counted, plants as a table, one plant by stage."""

from bigdata_emis.cli.outcome.truck_command import truck_lines

PLANT = {
    "enterprise_id": "E1",
    "name_zh": "一厂",
    "name_en": "works 1",
    "verdict": "breached",
    "reason": "trucks that were ordered off entered",
    "reason_zh": "禁行货车进厂",
    "sources": ["notice 7"],
    "entries": 20,
    "unknown_entries": 0,
    "ordered_off": 3,
    "usual_ordered_off_per_day": 5.0,
    "first_hour_utc": "2015-12-20 03:00 +08:00",
    "last_hour_utc": None,
    "trips": [
        {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "IV", "entries": 3}
        | {"is_ordered_off": True}
    ],
}
ORDER = {"level": "red", "source": "plan", "from_utc": "a", "to_utc": "b", "plants": [PLANT]}


def test_plants_are_counted_by_verdict_and_listed():
    lines = truck_lines({"orders": [ORDER]}, by_stage=False)
    assert lines[0] == "red, a … b (plan)"
    assert lines[1].endswith(": 1 order not obeyed 未执行")
    assert "E1 一厂" in lines[3]
    assert "3" in lines[3]
    assert "2015-12-20 03:00 +08:00" in lines[3]
    assert len(lines) == 4


def test_a_plant_that_is_asked_for_has_its_order_and_its_trucks_by_stage():
    lines = truck_lines({"orders": [ORDER]}, by_stage=True)
    assert "E1 一厂: notice 7" in lines
    assert "China IV 国四" in lines[-1]
    assert "ordered off 禁行" in lines[-1]


def test_a_level_without_orders_says_so():
    assert truck_lines({"orders": [ORDER | {"plants": []}]}, by_stage=False)[1].startswith("no plant has an order")
