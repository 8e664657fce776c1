"""The alert level of a region from its collected forecasts; asking changes nothing, proposing records."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.current_alert import AlertQuestion, current_alert, propose_alert
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, load_region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from tests.control.alert.forecasts import HOUR, series, spells

NOW = datetime(2025, 12, 18, 0, tzinfo=UTC)


def region(**rules: str) -> Region:
    return replace(load_region("nys"), time_zone="UTC", rules=rules or {"alert": "2024"})


def write_forecast(air: pa.Table) -> None:
    """Store forecasts in the days of their hours."""
    unflagged = pa.array([[]] * air.num_rows, pa.list_(pa.string()))
    rows = air.append_column("record_number", pa.nulls(air.num_rows, pa.int64())).append_column("flag_codes", unflagged)
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
