"""What a brief reads: sums of the planned cut of the hours in force, by sector and county."""

from datetime import timedelta

import pytest

from bigdata_emis.codes import AlertEvent
from bigdata_emis.errors import InputError
from bigdata_emis.publish.alerts.alert_acts import Signature, begin_alert
from bigdata_emis.report.brief.brief_data import DayInventory, gather_brief
from bigdata_emis.report.brief.brief_notices import PROJECTED, brief_notices
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.report.brief.briefed_town import CUTS, HOUR, cut_row, emission_row, fill_town, source_row
from tests.report.city_day import CITY, fill_day
from tests.report.stores import DAY, START, declared_table


def total(sums) -> float:
    return sum(sum(by.values()) for by in sums.values())


def test_cuts_by_sector_and_by_county_add_up_to_the_planned_cut(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    planned = sum(row["cut_emission_g"] for row in CUTS)
    assert brief.by_sector == {"dust": {"NOx": 250.0}, "industrial_process": {"NOx": 4000.0}}
    assert brief.by_county == {"": {"NOx": 250.0}, "110101": {"NOx": 3000.0}, "110102": {"NOx": 1000.0}}
    assert total(brief.by_sector) == total(brief.by_county) == planned
    assert sum(step["cut_g"]["NOx"] for order in brief.orders for step in order["steps"]) == planned - 250.0


def test_only_hours_in_force_count(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town(in_force_to_utc=START + HOUR))
    assert (brief.hours, brief.by_sector["industrial_process"]) == (1, {"NOx": 1000.0})


def test_alerts_of_the_day_are_listed_with_their_cities(home) -> None:
    store = fill_town()
    window, signature = Window(START - 5 * HOUR, START + HOUR), Signature("Li", START - 9 * HOUR)
    begin_alert(CITY, kind=AlertEvent.ISSUE, level="red", window=window, signature=signature, cities=("B", "A"))
    past = Window(START - 9 * HOUR, START)
    begin_alert(CITY, kind=AlertEvent.ISSUE, level="yellow", window=past, signature=signature)
    (alert,) = gather_brief(CITY, DAY, store).alerts
    assert (alert.level, alert.cities) == ("red", ("A", "B"))


def test_a_day_without_scenario_has_a_brief_without_orders(home) -> None:
    brief = gather_brief(CITY, DAY, fill_day())
    assert (brief.scenario, brief.orders, brief.cases) == (None, [], None)


def test_an_outcome_that_was_not_judged_is_unknown_and_not_empty(home) -> None:
    assert gather_brief(CITY, DAY, fill_town()).cases is None


@pytest.mark.parametrize("name", ["red-9", "../x"])
def test_a_scenario_that_is_not_in_force_on_the_day_is_refused(home, name) -> None:
    with pytest.raises(InputError, match="is in force in no hour of the day"):
        gather_brief(CITY, DAY, fill_town(), scenario_id=name)


NEXT = DAY + timedelta(days=1)


def fill_next_day() -> ScenarioStore:
    """The scenario is in force on the next day, too, without an inventory: a half of 1,000 g NOx of the mill is cut."""
    store = ScenarioStore(fill_town(in_force_to_utc=START + 48 * HOUR), "red-1")
    cut = {**cut_row("mill", 30, 500.0), "baseline_emission_g": 1000.0}
    store.write("control_hourly", declared_table("control_hourly", [cut]), [NEXT], known_utc=START, run_id="r")
    return store


def projected(scenario, day) -> DayInventory:
    """The mill emits SO2, too, which is not cut; it is in a county and a sector."""
    assert (scenario["scenario_id"], day) == ("red-1", NEXT)
    rows = [emission_row("mill", 30, 1000.0), emission_row("mill", 30, 10.0, "SO2")]
    sources = [source_row("mill", "industrial_process", "110102")]
    return DayInventory(declared_table("emission_hourly", rows), declared_table("control_source", sources))


def test_a_projected_day_has_its_cuts_and_orders_and_says_what_it_rests_on(home) -> None:
    brief = gather_brief(CITY, NEXT, fill_next_day(), project_day=projected)
    assert (brief.is_projected, brief.has_inventory) == (True, True)
    assert brief.by_sector == {"industrial_process": {"NOx": 500.0}}
    assert brief.by_county == {"110102": {"NOx": 500.0}}
    (order,) = brief.orders
    assert [(step["cut_share"], step["pollutant_share"]) for step in order["steps"]] == [(0.0, {"NOx": 0.5})]
    assert PROJECTED in brief_notices(brief)


def test_a_day_without_an_inventory_that_nothing_projected_is_unknown(home) -> None:
    brief = gather_brief(CITY, NEXT, fill_next_day())
    assert (brief.is_projected, brief.has_inventory) == (False, False)
    assert PROJECTED not in brief_notices(brief)


def test_a_day_with_an_inventory_is_not_projected(home) -> None:
    assert not gather_brief(CITY, DAY, fill_town(), project_day=projected).is_projected
