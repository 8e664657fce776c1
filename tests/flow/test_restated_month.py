"""An audited total that arrives after the month: its days add up to it, as new versions beside those that were known before."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.manifest import published
from bigdata_emis.region import load_region
from bigdata_emis.report.day_data import day_data
from bigdata_emis.run.stage import lake
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.parquet import sha256_of
from bigdata_emis.window import day_window, parse_day
from bigdata_emis.workflow.day import run_flow
from bigdata_emis.workflow.draft_lake import DraftStore
from bigdata_emis.workflow.restatement import restate, restated_lines

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DAYS = [parse_day("2015-02-01") + timedelta(days=number) for number in range(28)]
MADE_KG, AUDITED_KG = 28 * 24 * 2.0, 28 * 24 * 2.5
AGAIN = ("anchor_emission", "combine", "allocate", "total_emission", "publish")
FIRST, LATER = datetime.fromisoformat("2015-03-02T00:00+00:00"), datetime.fromisoformat("2015-03-20T00:00+00:00")


def fused(day) -> pa.Table:
    """2 kg of SO2 in each hour, modelled to 20 %."""
    hours = list(day_window(day, "UTC").hour_starts_utc())
    row = {
        "source_id": "l1",
        "sector_code": "industrial_process",
        "pollutant_code": "SO2",
        "emission_g": 2000.0,
        "emission_g_p05": 1410.0,
        "emission_g_p95": 2710.0,
        "method_code": "modelled",
        "factor_source_code": "source_specific",
    }
    return pa.Table.from_pylist(
        [{**row, "hour_utc": hour, "monitor_ratio": None} for hour in hours],
        arrow_schema(schema.table("emission_fused_hourly")),
    )


@pytest.fixture
def made(town):
    """The town's February, made once without an audit: its fused hours are given, what follows is run."""
    region = load_region("town")
    run_flow(region, day_window(DAYS[0], "UTC"), known_utc=FIRST, only=["register", "grid"])
    for day in DAYS:
        lake(region).write("emission_fused_hourly", fused(day), [day], known_utc=FIRST, run_id="given")
    window = day_window(DAYS[0], "UTC")
    run_flow(region, window, known_utc=FIRST, only=AGAIN)
    return town, region


def total_kg(region, days, *, as_of=None) -> float:
    return pc.sum(lake(region).read("emission_hourly", days, as_of=as_of)["emission_g"]).as_py() / 1000


def audit(**values) -> dict[str, object]:
    row = {
        "production_line_id": "l1",
        "pollutant_code": "SO2",
        "month_start": "2015-02-01",
        "audited_emission_g": AUDITED_KG * 1000,
        "relative_sd_share": 0.05,
    }
    return {**row, **values}


def published_days(town) -> list[str]:
    return sorted(
        path.parent.name[4:]
        for path in (town.home / "lake" / "published" / "town" / "emission_hourly").glob("*/*.parquet")
    )


def test_a_month_adds_up_to_its_audit_after_a_rerun_too_and_what_was_known_before_stays_known(made):
    town, region = made
    before = total_kg(region, DAYS[:1])
    town.registry(audited_emission_monthly=[audit()])
    document = restate(region, "2015-02", known_utc=LATER)
    told = {"source": "l1", "pollutant": "SO2", "audited_kg": AUDITED_KG, "made_kg": MADE_KG, "status": "settled"}
    assert document["audits"] == [{**told, "reason": "the month adds up to it"}]
    assert document["days"] == published_days(town) == [day.isoformat() for day in DAYS]
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)
    assert total_kg(region, DAYS[:1], as_of=FIRST) == before == 48
    assert len(lake(region).versions("emission_hourly", DAYS[:1])) == 2
    assert {row["known_utc"] for row in published("town")["versions"]} == {LATER.isoformat()}
    shown = day_data(region, DAYS[0], lake(region), scenario=None)
    assert [(row["id"], row["kg"], row["before_kg"]) for row in shown["top"]["SO2"]] == [("l1", 60.0, 48.0)]
    assert [(row["made_kg"], row["audited_kg"], row["contradicts"]) for row in shown["audit"]["rows"]] == [
        (MADE_KG, AUDITED_KG, False)
    ]
    run_flow(region, day_window(DAYS[3], "UTC"), known_utc=LATER, only=AGAIN)
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)


def test_when_the_gate_refuses_one_day_no_day_is_published_and_the_lake_is_as_it_was(made):
    """On the 15th more PM2.5 than PM10 is made; no audit tells of either."""
    town, region = made
    run_flow(region, day_window(DAYS[1], "UTC"), known_utc=FIRST, only=AGAIN)
    rows = [fused(DAYS[14]), *(particulate(DAYS[14], code, grams) for code, grams in (("PM10", 4.0), ("PM2.5", 5.0)))]
    frame = conform(pa.concat_tables(rows), schema.table("emission_fused_hourly"))
    lake(region).write("emission_fused_hourly", frame, DAYS[14:15], known_utc=FIRST, run_id="given")
    town.registry(audited_emission_monthly=[audit()])
    before = town.published, published("town"), written(region)
    answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert answer.status == 3
    assert re.search(
        r"2015-02 is not restated, 2015-02-15 is refused: .*PM2\.5 than PM10 of l1.*; every day stays as it was published; mend",
        answer.line,
    )
    assert (town.published, published("town"), written(region)) == before
    assert list((town.home / "lake" / "draft").rglob("*.parquet")) == []


def particulate(day, code, grams) -> pa.Table:
    return changed(day, pollutant_code=code, emission_g=grams, emission_g_p05=grams, emission_g_p95=grams)


def changed(day, **values) -> pa.Table:
    rows = fused(day)
    return pa.table(
        {name: pa.array([values[name]] * 24) if name in values else rows[name] for name in rows.column_names},
        schema=rows.schema,
    )


def test_a_restatement_that_is_killed_between_two_publications_is_finished_by_the_next_and_a_withdrawn_audit_gives_the_month_back(
    made,
):
    town, region = made
    town.registry(audited_emission_monthly=[audit()])
    command = [
        sys.executable,
        "-c",
        "from bigdata_emis.cli import main; main()",
        "restate",
        "--region",
        "town",
        "--month",
        "2015-02",
    ]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while len(published_days(town)) < 3 and child.poll() is None:
        time.sleep(0.002)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    half = published_days(town)
    assert 3 <= len(half) < 28
    # Withdrawn meanwhile, and the 28th was run on other rows: the other days are still made whole first, and then all are given back.
    town.registry(audited_emission_monthly=[audit(month_start="2015-03-01")])
    other, begun = changed(DAYS[-1], emission_g=3000.0, emission_g_p95=4000.0), datetime.now(UTC)
    lake(region).write("emission_fused_hourly", other, DAYS[-1:], known_utc=begun, run_id="anew")
    document = restate(region, "2015-02", known_utc=datetime.now(UTC))
    assert document["days"] == published_days(town) == [day.isoformat() for day in DAYS]
    assert document["recovered"] == document["days"][:-1]
    assert (
        restated_lines(document)[0]
        == "27 days were published first that a run which was broken off had judged: 2015-02-01 to 2015-02-27"
    )
    assert total_kg(region, DAYS) == MADE_KG + 24
    assert total_kg(region, DAYS[:-1], as_of=begun) == pytest.approx(27 / 28 * AUDITED_KG, rel=1e-12)
    assert [len(lake(region).versions("emission_hourly", [day])) for day in DAYS[-2:]] == [2, 1]
    assert_one_state(town, region)


DAY_AGAIN = """
import sys
from datetime import UTC, date, datetime
from bigdata_emis.day import run_flow
from bigdata_emis.region import load_region
from bigdata_emis.window import day_window
run_flow(load_region("town"), day_window(date.fromisoformat(sys.argv[1]), "UTC"), known_utc=datetime.now(UTC), only=sys.argv[2:])
"""


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def says_that_it_waits(child) -> str:
    """The tail of the line; empty when it ended without one."""
    return next(
        (
            line.partition("waiting for another process that works on ")[2].strip()
            for line in child.stderr
            if "waiting for" in line
        ),
        "",
    )


def test_a_day_made_while_its_month_is_put_in_place_stands_and_the_other_days_are_restated(made):
    """The month has come to the 4th, of which a stage is under way, and waits for it; the 4th then has other rows, and is run again behind the month."""
    town, region = made
    town.registry(audited_emission_monthly=[audit()])
    with lake(region).turn(DAYS[3:4], writes=["emission_area_hourly"]):
        month = started(
            "from bigdata_emis.cli import main; main()", "restate", "--region", "town", "--month", "2015-02", "--json"
        )
        assert says_that_it_waits(month) == "emission_area_hourly of 2015-02-04"
        assert published_days(town) == ["2015-02-01", "2015-02-02", "2015-02-03"]
        other = changed(DAYS[3], emission_g=3000.0, emission_g_p05=2410.0, emission_g_p95=3710.0)
        lake(region).write("emission_fused_hourly", other, DAYS[3:4], known_utc=datetime.now(UTC), run_id="anew")
        day = started(DAY_AGAIN, "2015-02-04", *AGAIN)
        assert says_that_it_waits(day) == "audit_settlement of 2015-02-04"
    out, _ = month.communicate()
    day.communicate()
    assert (month.returncode, day.returncode) == (0, 0)
    document = json.loads(out)
    assert document["overtaken"] == ["2015-02-04"]
    assert document["days"] == [day.isoformat() for day in DAYS if day != DAYS[3]]
    assert published_days(town) == [day.isoformat() for day in DAYS]
    # Every hour is as unsure as any other, so the audit moves each by 0.5 kg, also the later ones of 3 kg.
    assert [total_kg(region, [day]) for day in (DAYS[0], DAYS[3])] == pytest.approx([24 * 2.5, 24 * 3.5], rel=1e-9)
    assert_one_state(town, region)


def assert_one_state(town, region) -> None:
    """What is published is what stages read, and the newest version."""
    for table in ("emission_hourly", "emission_gridded_hourly"):
        newest = {version.day: version.sha256 for version in lake(region).versions(table, DAYS)}
        for tree in ("current", "published"):
            files = sorted((town.home / "lake" / tree / "town" / table).rglob("*.parquet"))
            assert [sha256_of(file.read_bytes()) for file in files] == list(newest.values())


def written(region) -> list[str]:
    tables = ("audit_settlement", "emission_industry_hourly", "emission_hourly")
    return [version.known_utc for table in tables for version in lake(region).versions(table, DAYS)]


def test_a_month_without_an_audit_is_left_alone_and_the_answer_says_so(made):
    town, region = made
    before = written(region)
    answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert (answer.status, written(region)) == (0, before)
    assert "no audited total of 2015-02" in answer.out
    assert "nothing was written" in answer.out


def test_an_audit_that_moves_nothing_makes_no_day_again_and_is_told_why(made):
    town, region = made
    before = len(lake(region).versions("emission_industry_hourly", DAYS))
    town.registry(audited_emission_monthly=[audit(pollutant_code="NH3", audited_emission_g=1.0)])
    document = restate(region, "2015-02", known_utc=LATER)
    assert (document["days"], document["audits"][0]["status"]) == ([], "not_emitted")
    assert any("emits no such pollutant" in line for line in restated_lines(document))
    assert len(lake(region).versions("emission_industry_hourly", DAYS)) == before


def test_the_command_says_that_no_day_was_made_what_a_month_is_and_that_another_restates_it(town):
    for words, said in ((["2015-02"], "no day of 2015-02 has been made"), (["February"], "is not a month")):
        answer = town.call("restate", "--region", "town", "--month", *words)
        assert answer.status == 2
        assert said in answer.line
    with DraftStore.of(lake(load_region("town")), "restate-2015-02").alone():
        answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert (answer.status, "another process works on restate-2015-02" in answer.line) == (2, True)
