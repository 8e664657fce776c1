"""The alert level of a region from its collected forecasts; asking changes nothing, proposing records."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import AlertEvent
from bigdata_emis.control.current_alert import AlertQuestion, current_alert, propose_alert
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, load_region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction
from tests.control.alert.forecasts import HOUR, pm25_of, series, spells

NOW = datetime(2025, 12, 18, 0, tzinfo=UTC)


def region(**rules: str) -> Region:
    return replace(load_region("nys"), time_zone="UTC", rules=rules or {"alert": "2024"})


def write_forecast(air: pa.Table) -> None:
    """Store forecasts in the days of their hours."""
    unflagged = pa.array([[]] * air.num_rows, pa.list_(pa.string()))
    rows = air.append_column("record_number", pa.nulls(air.num_rows, pa.int64())).append_column("flag_codes", unflagged)
    for name in ("city_name", "provider_name", "member_id"):
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array([""] * rows.num_rows))
    if "wind_speed_m_per_s" not in rows.column_names:
        rows = rows.append_column("wind_speed_m_per_s", pa.nulls(rows.num_rows, pa.float64()))
    days = sorted({hour.date() for hour in air["hour_utc"].to_pylist()})
    every_day = [days[0] + timedelta(days=n) for n in range(-3, (days[-1] - days[0]).days + 10)]
    Store(settings().lake, "nys", "UTC").write(
        "air_quality_forecast",
        conform(rows, schema.table("air_quality_forecast")),
        every_day,
        known_utc=NOW,
        run_id="t",
    )


def test_asking_changes_nothing_and_does_not_depend_on_who_asked_before(home) -> None:
    write_forecast(spells((0, 48, 240), start=NOW, issued=NOW))
    first = current_alert(region(), at_utc=NOW)
    for hour in (0, 5, 30, 47):
        current_alert(region(), at_utc=NOW + hour * HOUR)
    assert current_alert(region(), at_utc=NOW) == first
    assert not database.can_be_read() or database.read("alert", "nys").num_rows == 0
    assert (first["level"], first["from_utc"], first["to_utc"]) == ("orange", NOW, NOW + 48 * HOUR)


def test_a_proposal_is_recorded_and_changes_no_later_answer(home) -> None:
    write_forecast(spells((0, 30, 240), start=NOW, issued=NOW))
    later = current_alert(region(), at_utc=NOW + 20 * HOUR)
    for _ in range(2):
        document = propose_alert(region(), at_utc=NOW)
    (row,) = database.read("alert", "nys").to_pylist()
    assert (row["alert_level_code"], row["known_utc"], row["note"]) == ("yellow", NOW, document["reason"])
    assert current_alert(region(), at_utc=NOW + 20 * HOUR) == later


def test_a_level_in_force_is_part_of_the_question(home) -> None:
    write_forecast(spells((0, 20, 240), start=NOW, issued=NOW))
    in_force = AlertQuestion(in_force="orange", since_utc=NOW - 10 * HOUR)
    document = current_alert(region(alert="2018"), at_utc=NOW, question=in_force)
    assert (document["level"], document["from_utc"]) == ("orange", NOW - 10 * HOUR)
    assert document["to_utc"] == NOW + 20 * HOUR
    assert current_alert(region(alert="2018"), at_utc=NOW)["level"] == "none"


def test_a_forecast_of_a_week_shows_a_spell_of_96_hours_before_it_begins(home) -> None:
    write_forecast(spells((40, 160, 250), (60, 108, 350), start=NOW, issued=NOW, hours=144))
    document = current_alert(region(alert="2017"), at_utc=NOW)
    assert (document["level"], document["from_utc"]) == ("red", NOW + 40 * HOUR)


def test_an_issue_of_one_pollutant_replaces_no_other(home) -> None:
    red = spells((0, 120, 350), start=NOW, issued=NOW)
    ozone = series([40.0] * 120, start=NOW, issued=NOW + HOUR, pollutant="O3")
    write_forecast(pa.concat_tables([red, ozone]))
    document = current_alert(region(), at_utc=NOW + HOUR)
    assert (document["level"], document["to_utc"]) == ("red", NOW + 120 * HOUR)
    assert document["issued_utc"] == NOW + HOUR


def test_processes_and_notices_are_in_the_document(home) -> None:
    dust = series([1500.0] * 48, start=NOW + 80 * HOUR, issued=NOW, pollutant="PM10")
    write_forecast(pa.concat_tables([spells((0, 24, 240), start=NOW, issued=NOW), dust]))
    document = current_alert(region(), at_utc=NOW)
    assert document["processes"] == [{"level": "yellow", "from_utc": NOW, "to_utc": NOW + 24 * HOUR}]
    (notice,) = document["notices"]
    assert (notice["cause"], notice["index_aqi"], notice["from_utc"]) == ("dust", 500, NOW + 80 * HOUR)


def test_the_plan_of_the_city_decides_on_its_days(home) -> None:
    write_forecast(spells((0, 24, 240), start=NOW, issued=NOW))
    assert current_alert(region(alert_area="Beijing"), at_utc=NOW)["rule_version"] == "2024"
    with pytest.raises(InputError, match="no plan of alerts of 'Paris'"):
        current_alert(region(alert_area="Paris"), at_utc=NOW)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (AlertQuestion(dust="maybe"), "dust 'maybe' is unknown; use one of auto, yes, no"),
        (AlertQuestion(in_force="purple"), "level in force 'purple' is unknown"),
        (AlertQuestion(since_utc=NOW), "--since is given without a level in force"),
        (AlertQuestion(in_force="red", since_utc=NOW + HOUR), "after the time asked about"),
        (AlertQuestion(rule_version="1999"), "selects no single version"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(home, question, words) -> None:
    write_forecast(spells(start=NOW, issued=NOW))
    with pytest.raises(InputError, match=words):
        current_alert(region(), at_utc=NOW, question=question)


def test_a_region_without_a_forecast_is_refused(home) -> None:
    with pytest.raises(InputError, match="no forecast issued by 2025-12-18"):
        current_alert(load_region("nys"), at_utc=NOW)


def of_city(forecast: pa.Table, city: str, member: str = "") -> pa.Table:
    named = forecast.append_column("city_name", pa.array([city] * forecast.num_rows))
    return named.append_column("member_id", pa.array([member] * forecast.num_rows))


def act(kind: AlertEvent, level: str, *, from_h: int, to_h: int, cities: tuple[str, ...] = (), by: str = "Li") -> None:
    """Record an act of a person, as `emis alert issue` does."""
    prepare_registry()
    with scenario_transaction("nys") as registry:
        registry.add_alert_event(
            {
                "standing_alert_id": f"{kind}-{from_h}",
                "alert_event_code": kind.value,
                "alert_level_code": level,
                "city_names": ";".join(cities),
                "from_utc": NOW + from_h * HOUR,
                "to_utc": NOW + to_h * HOUR,
                "actor": by,
                "authentication_code": "command",
                "known_utc": NOW - 99 * HOUR,
            }
        )


def test_each_city_has_its_own_level_and_the_region_the_highest(home) -> None:
    polluted, clean = (spells(*parts, start=NOW, issued=NOW) for parts in ([(0, 48, 240)], []))
    write_forecast(pa.concat_tables([of_city(clean, "Baoding"), of_city(polluted, "Beijing")]))
    document = current_alert(region(alert="2017"), at_utc=NOW)
    assert [(city["city"], city["level"]) for city in document["cities"]] == [
        ("Baoding", "none"),
        ("Beijing", "yellow"),
    ]
    assert (document["level"], document["to_utc"]) == ("yellow", NOW + 48 * HOUR)
    assert document["reason"].startswith("Beijing, the highest of 2 cities: yellow by the national rules of 2017")
    assert document["reason_zh"].startswith("2个城市中最高为Beijing：")  # this region has no outlines, so no other name
    one = current_alert(region(alert="2017"), at_utc=NOW, question=AlertQuestion(cities=("Baoding",)))
    assert one["level"] == "none"
    with pytest.raises(InputError, match="no forecast of city 'Paris'; cities with a forecast: Baoding, Beijing"):
        current_alert(region(), at_utc=NOW, question=AlertQuestion(cities=("Paris",)))


def test_a_chinese_reason_names_the_city_in_chinese(home, tmp_path) -> None:
    clean, polluted = spells(start=NOW, issued=NOW), spells((0, 48, 240), start=NOW, issued=NOW)
    write_forecast(pa.concat_tables([of_city(clean, "Baoding"), of_city(polluted, "Beijing")]))
    outlines = {"features": [{"properties": {"city": "北京", "city_en": "Beijing"}}]}
    (tmp_path / "boundaries.geojson").write_text(json.dumps(outlines), "utf-8")
    document = current_alert(replace(region(alert="2017"), folder=tmp_path), at_utc=NOW)
    assert document["reason_zh"].startswith("2个城市中最高为北京：")
    assert document["reason"].startswith("Beijing, the highest of 2 cities")


def test_one_forecast_of_several_cities_calls_for_every_level_at_once(home) -> None:
    """Worked example 17, a day ahead: severe in the south on 2015-12-22, moderate on 12-23, good on 12-24."""
    start = datetime(2015, 12, 19, tzinfo=UTC)
    days = {
        "Handan": (250, 250, 250, 350, 180, 60),  # four days above 200: more than three
        "Shijiazhuang": (180, 250, 250, 350, 180, 60),  # three
        "Zhengzhou": (60, 180, 250, 350, 180, 60),  # two, one of them above 300
        "Jinan": (60, 180, 180, 250, 180, 60),  # one
        "Qinhuangdao": (60, 110, 110, 180, 110, 60),
    }
    cities = [
        of_city(series([pm25_of(day) for day in of_days for _ in range(24)], start=start, issued=start), city)
        for city, of_days in days.items()
    ]
    write_forecast(pa.concat_tables(cities))
    document = current_alert(
        region(), at_utc=start + timedelta(days=1), question=AlertQuestion(rule_version="beijing-2015")
    )
    assert {city["city"]: city["level"] for city in document["cities"]} == {
        "Handan": "red",
        "Shijiazhuang": "orange",
        "Zhengzhou": "yellow",
        "Jinan": "blue",
        "Qinhuangdao": "none",
    }
    assert document["level"] == "red"


def test_a_city_with_a_plan_of_its_own_is_judged_by_it(home) -> None:
    start = datetime(2023, 11, 1, tzinfo=UTC)
    air = spells((0, 72, 170), start=start, issued=start)
    write_forecast(pa.concat_tables([of_city(air, "Beijing"), of_city(air, "Baoding")]))
    cities = current_alert(region(alert_area="key"), at_utc=start)["cities"]
    assert [(city["rule_version"], city["level"]) for city in cities] == [("2018", "none"), ("beijing-2023", "orange")]


def test_a_standing_alert_is_kept_for_its_cities_until_the_air_improves(home) -> None:
    air = spells((0, 20, 240), start=NOW, issued=NOW)
    write_forecast(pa.concat_tables([of_city(air, "A"), of_city(air, "B")]))
    act(AlertEvent.ISSUE, "orange", from_h=-10, to_h=30, cities=("A",))
    cities = current_alert(region(alert="2018"), at_utc=NOW)["cities"]
    assert [city["level"] for city in cities] == ["orange", "none"]
    assert (cities[0]["from_utc"], cities[0]["to_utc"]) == (NOW - 10 * HOUR, NOW + 20 * HOUR)
    overruled = AlertQuestion(in_force="none")
    assert current_alert(region(alert="2018"), at_utc=NOW, question=overruled)["level"] == "none"


def test_a_standing_prompt_of_the_region_prevails_in_its_hours(home) -> None:
    write_forecast(spells((0, 24, 240), start=NOW, issued=NOW))
    act(AlertEvent.REGIONAL_PROMPT, "red", from_h=0, to_h=10)
    assert current_alert(region(), at_utc=NOW)["level"] == "red"
    assert current_alert(region(), at_utc=NOW + 10 * HOUR)["level"] == "yellow"
    assert current_alert(region(), at_utc=NOW, question=AlertQuestion(regional_level="none"))["level"] == "yellow"


def test_members_have_a_spread_and_damping_is_an_option(home) -> None:
    parts = [((0, 72, 330),), ((0, 48, 240),), ()]
    members = [of_city(spells(*p, start=NOW, issued=NOW), "A", str(n)) for n, p in enumerate(parts)]
    write_forecast(pa.concat_tables(members))
    (city,) = current_alert(region(), at_utc=NOW)["cities"]
    assert city["level"] == "orange"
    assert city["members"]["count"] == 3
    assert city["members"]["call_share"]["red"] == pytest.approx(1 / 3)
    with pytest.raises(InputError, match="damping 'often' is unknown"):
        current_alert(region(), at_utc=NOW, question=AlertQuestion(damping="often"))


def test_a_level_called_once_is_not_taken_when_it_must_be_called_twice(home) -> None:
    clean, red = spells(start=NOW, issued=NOW - 6 * HOUR), spells((0, 72, 330), start=NOW, issued=NOW)
    write_forecast(pa.concat_tables([clean, red]))
    assert current_alert(region(), at_utc=NOW)["level"] == "red"
    assert current_alert(region(), at_utc=NOW, question=AlertQuestion(damping="twice"))["level"] == "none"


@pytest.mark.parametrize(
    ("parts", "level", "is_temporary"),
    [
        ([(0, 24, 160)], "none", True),
        ([(0, 48, 120)], "none", True),
        ([(0, 24, 120)], "none", False),
        ([(0, 24, 240)], "yellow", False),
    ],
)
def test_temporary_control_is_below_all_levels(home, parts, level, is_temporary) -> None:
    write_forecast(spells(*parts, start=NOW, issued=NOW))
    document = current_alert(region(), at_utc=NOW)
    assert (document["level"], document["is_temporary_control"]) == (level, is_temporary)


def test_only_a_new_issue_is_proposed_again(home) -> None:
    first = spells((0, 24, 240), start=NOW, issued=NOW)
    write_forecast(first)
    for hour in (0, 1, 2):
        propose_alert(region(), at_utc=NOW + hour * HOUR, if_new=True)
    assert database.read("alert", "nys").num_rows == 1
    write_forecast(pa.concat_tables([first, spells((0, 48, 240), start=NOW, issued=NOW + 3 * HOUR)]))
    propose_alert(region(), at_utc=NOW + 3 * HOUR, if_new=True)
    assert [row["alert_level_code"] for row in database.read("alert", "nys").to_pylist()] == ["yellow", "orange"]
