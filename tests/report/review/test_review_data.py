"""What a review reads: the registry and the lake of its hours."""

from bigdata_emis.codes import Cause
from bigdata_emis.report.review.measure_effects import JudgedHours
from bigdata_emis.report.review.review_data import gather_review
from bigdata_emis.report.review.review_subject import find_subject
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.report.city_day import CITY, add_scenario, fill_day
from tests.report.review.reviewed_town import DAY, START, account, achieved, proposal
from tests.report.stores import DAY as LOCAL_DAY
from tests.report.stores import declared_table, write_rows

IN_FORCE = {"status": "in_force", "in_force_from_utc": START, "in_force_to_utc": START + DAY}


def of_scenario(table):
    return table.set_column(0, table.schema.field(0), [["red-1"] * table.num_rows])


def gather(*, outcome: bool):
    store = fill_day()
    add_scenario("red-1", **IN_FORCE)
    own = ScenarioStore(store, "red-1")
    own.write("control_account", of_scenario(account()), [LOCAL_DAY], known_utc=START, run_id="r")
    if outcome:
        own.write("achieved_cut", of_scenario(achieved()), [LOCAL_DAY], known_utc=START, run_id="r")
    air = {"station_id": "s1", "pollutant_code": "PM2.5", "hour_utc": START, "concentration_ug_per_m3": 250.0}
    write_rows(store, "air_quality_hourly", [{**air, "reading_count": 1, "flag_codes": []}])
    asked = {**proposal("red", START), "alert_id": "p"}
    database.upsert("alert", "city", declared_table("alert", [asked]))
    subject = find_subject(CITY, known_utc=START + 2 * DAY, scenario_id="red-1")
    return gather_review(CITY, subject, open_lake(CITY))


def test_a_judged_scenario_has_effects_totals_cause_and_time_line(home) -> None:
    review = gather(outcome=True)
    assert review.cause == Cause.FINE_PARTICLES
    assert {row["measure_id"] for row in review.effects.to_pylist()} == {"kiln", "mill", "trucks"}
    assert set(review.effects["alert_level_code"].to_pylist()) == {"red"}
    assert review.totals[0]["achieved"]["achieved_emission_g"] == 45_000.0
    assert review.judged == JudgedHours(Window(START, START + DAY), 24)
    assert [row["pollutant"] for row in review.air] == ["PM2.5"]
    assert review.timeline[0]["level"] == "red"
    assert (review.ledger_notices, review.names["l"]["zh"]) == ([], "北厂")
    assert review.scenario_window is not None


def test_without_an_outcome_nothing_is_judged(home) -> None:
    review = gather(outcome=False)
    assert (review.judged, review.line_hours, review.cases) == (None, {}, [])
    assert review.effects["achieved_emission_g"].null_count == 3
