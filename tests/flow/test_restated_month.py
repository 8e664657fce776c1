"""An audited total that arrives after its month: the days then add up to it, as new versions; earlier ones stay."""

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
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.checksums import sha256_digest
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window, parse_day
from bigdata_emis.workflow.day import run_flow
from bigdata_emis.workflow.draft_lake import DraftStore
from bigdata_emis.workflow.restatement import restate, restated_lines

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DAYS = [parse_day("2015-02-01") + timedelta(days=number) for number in range(28)]
ESTIMATED_KG, AUDITED_KG = 28 * 24 * 2.0, 28 * 24 * 2.5
DAY_STAGES = ("anchor_emission", "combine", "allocate", "total_emission", "publish")
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
def february(town):
    """The February of the town, computed once without an audit: its fused hours are given, what follows is run."""
    region = load_region("town")
    run_flow(region, day_window(DAYS[0], "UTC"), known_utc=FIRST, only=["register", "grid"])
    for day in DAYS:
        open_lake(region).write("emission_fused_hourly", fused(day), [day], known_utc=FIRST, run_id="given")
    window = day_window(DAYS[0], "UTC")
    run_flow(region, window, known_utc=FIRST, only=DAY_STAGES)
    return town, region


def total_kg(region, days, *, as_of=None) -> float:
    return pc.sum(open_lake(region).read("emission_hourly", days, as_of=as_of)["emission_g"]).as_py() / 1000


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


def test_a_month_adds_up_to_its_audit_also_after_a_rerun_and_earlier_versions_can_still_be_read(february):
    town, region = february
    before = total_kg(region, DAYS[:1])
    store = open_lake(region)
    for page in (f"quality/{DAYS[0]}-checks.html", f"report/{DAYS[0]}.html"):
        store.write_document(page, b"the page of the version before", tree="published")
    town.registry(audited_emission_monthly=[audit()])
    document = restate(region, "2015-02", known_utc=LATER)
    row = {"source": "l1", "pollutant": "SO2", "audited_kg": AUDITED_KG, "made_kg": ESTIMATED_KG, "status": "agrees"}
    assert document["audits"] == [{**row, "reason": "the month adds up to it"}]
    assert document["days"] == published_days(town) == [day.isoformat() for day in DAYS]
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)
    assert total_kg(region, DAYS[:1], as_of=FIRST) == before == 48
    assert len(open_lake(region).versions("emission_hourly", DAYS[:1])) == 2
    assert b"checks before publishing" in (
        store.read_document(f"quality/{DAYS[0]}-checks.html", tree="published") or b""
    )
    assert document["pages_failed"] == []
    assert b"echarts" in (store.read_document(f"report/{DAYS[0]}.html", tree="published") or b"")
    assert store.read_document(f"report/{DAYS[1]}.html", tree="published") is None
    assert {row["known_utc"] for row in published("town")["versions"]} == {LATER.isoformat()}
    shown = day_data(region, DAYS[0], open_lake(region), scenario=None)
    assert [(row["id"], row["kg"], row["before_kg"]) for row in shown["top"]["SO2"]] == [("l1", 60.0, 48.0)]
    assert [(row["made_kg"], row["audited_kg"], row["contradicts"]) for row in shown["audit"]["rows"]] == [
        (ESTIMATED_KG, AUDITED_KG, False)
    ]
    run_flow(region, day_window(DAYS[3], "UTC"), known_utc=LATER, only=DAY_STAGES)
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)


def idle_from(first) -> None:
    """The line is audited, and is idle from a day on: what is restated of these days is what is published already."""
    region = load_region("town")
    for day in (day for day in DAYS if day >= first):
        idle = changed(day, emission_g=0.0, emission_g_p05=0.0, emission_g_p95=0.0)
        open_lake(region).write("emission_fused_hourly", idle, [day], known_utc=FIRST, run_id="given")
    run_flow(region, day_window(first, "UTC"), known_utc=FIRST, only=DAY_STAGES)


@pytest.mark.parametrize("first_idle", [None, DAYS[10]], ids=["every day runs", "idle from the 11th"])
def test_a_month_restated_twice_and_thrice_is_as_it_was_after_the_first_time(february, first_idle):
    town, region = february
    if first_idle:
        idle_from(first_idle)
    run_days = [day for day in DAYS if not first_idle or day < first_idle]
    audited_kg = 24 * 2.5 * len(run_days)
    town.registry(audited_emission_monthly=[audit(audited_emission_g=audited_kg * 1000)])
    restate(region, "2015-02", known_utc=LATER)
    assert total_kg(region, DAYS) == pytest.approx(audited_kg, rel=1e-12)
    before = town.published, published("town"), known_times(region)
    for _ in range(2):
        answer = town.call("restate", "--region", "town", "--month", "2015-02")
        assert answer.status == 0
        assert "every audit is met already: 28 days stay as they are, nothing was written" in answer.out
        assert (town.published, published("town"), known_times(region)) == before
    more_kg = audited_kg * 1.02
    town.registry(audited_emission_monthly=[audit(audited_emission_g=more_kg * 1000)])
    document = restate(region, "2015-02", known_utc=datetime.now(UTC))
    assert total_kg(region, DAYS) == pytest.approx(more_kg, rel=1e-12)
    assert set(document["days"]) >= {day.isoformat() for day in run_days}
    assert_one_state(town, region)


def test_a_restatement_killed_after_its_draft_was_checked_is_finished_by_the_next_and_changes_nothing_more(february):
    """The kill leaves a checked draft of which nothing is in place; what is published by the next run is the audit."""
    town, region = february
    town.registry(audited_emission_monthly=[audit()])
    with open_lake(region).lock_tables(DAYS[:1], writes=["emission_area_hourly"]):
        month = start_python(
            "from bigdata_emis.cli.app import main; main()", "restate", "--region", "town", "--month", "2015-02"
        )
        assert read_what_it_waits_for(month) == "emission_area_hourly of 2015-02-01"
        month.kill()
        month.communicate()
    assert published_days(town) == ["2015-02-01"]
    answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert answer.status == 0
    assert "28 days that an interrupted run had checked were published first" in answer.out
    assert "every audit is met already: 28 days stay as they are" in answer.out
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)
    assert_one_state(town, region)


def test_a_day_that_a_clock_dated_in_the_future_is_restated_and_named(february):
    town, region = february
    ahead = datetime.fromisoformat("2099-01-01T00:00+00:00")
    rows = open_lake(region).read("emission_hourly", DAYS[:1])
    open_lake(region).write("emission_hourly", rows.slice(1), DAYS[:1], known_utc=ahead, run_id="clock ahead")
    town.registry(audited_emission_monthly=[audit()])
    document = restate(region, "2015-02", known_utc=LATER)
    assert document["overtaken"] == []
    assert document["dated_ahead"] == ["2015-02-01"]
    assert total_kg(region, DAYS) == pytest.approx(AUDITED_KG, rel=1e-12)
    assert_one_state(town, region)


def test_when_the_gate_refuses_one_day_no_day_is_published_and_the_lake_is_as_it_was(february):
    """On the 15th there is more PM2.5 than PM10; no audit is about either of them."""
    town, region = february
    run_flow(region, day_window(DAYS[1], "UTC"), known_utc=FIRST, only=DAY_STAGES)
    rows = [fused(DAYS[14]), *(particulate(DAYS[14], code, grams) for code, grams in (("PM10", 4.0), ("PM2.5", 5.0)))]
    frame = conform(pa.concat_tables(rows), schema.table("emission_fused_hourly"))
    open_lake(region).write("emission_fused_hourly", frame, DAYS[14:15], known_utc=FIRST, run_id="given")
    town.registry(audited_emission_monthly=[audit()])
    before = town.published, published("town"), known_times(region)
    answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert answer.status == 3
    assert re.search(
        r"2015-02 is not restated, 2015-02-15 is refused: .*PM2\.5.*PM10.*l1.*; every day stays as it was published; "
        r"correct",
        answer.line,
    )
    assert (town.published, published("town"), known_times(region)) == before
    assert list((town.home / "lake" / "draft").rglob("*.parquet")) == []


def particulate(day, code, grams) -> pa.Table:
    return changed(day, pollutant_code=code, emission_g=grams, emission_g_p05=grams, emission_g_p95=grams)


def changed(day, **values) -> pa.Table:
    rows = fused(day)
    return pa.table(
        {name: pa.array([values[name]] * 24) if name in values else rows[name] for name in rows.column_names},
        schema=rows.schema,
    )


def test_a_killed_restatement_is_finished_by_the_next_and_a_withdrawn_audit_restores_the_month(february):
    town, region = february
    town.registry(audited_emission_monthly=[audit()])
    command = [
        sys.executable,
        "-c",
        "from bigdata_emis.cli.app import main; main()",
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
    # The audit is withdrawn, and the 28th has other inputs: the other days are first put in place, then all restored.
    town.registry(audited_emission_monthly=[audit(month_start="2015-03-01")])
    inputs, begun = changed(DAYS[-1], emission_g=3000.0, emission_g_p95=4000.0), datetime.now(UTC)
    open_lake(region).write("emission_fused_hourly", inputs, DAYS[-1:], known_utc=begun, run_id="later")
    document = restate(region, "2015-02", known_utc=datetime.now(UTC))
    assert document["days"] == published_days(town) == [day.isoformat() for day in DAYS]
    assert sorted({*document["recovered"], *half}) == document["days"][:-1]
    count = len(document["recovered"])
    first_line = f"{count} days that an interrupted run had checked were published first: {document['recovered'][0]}"
    assert restated_lines(document)[0] == f"{first_line} to 2015-02-27"
    assert total_kg(region, DAYS) == ESTIMATED_KG + 24
    assert total_kg(region, DAYS[:-1], as_of=begun) == pytest.approx(27 / 28 * AUDITED_KG, rel=1e-12)
    assert [len(open_lake(region).versions("emission_hourly", [day])) for day in DAYS[-2:]] == [2, 1]
    assert_one_state(town, region)


DAY_SCRIPT = """
import sys
from datetime import UTC, date, datetime
from bigdata_emis.workflow.day import run_flow
from bigdata_emis.region import load_region
from bigdata_emis.window import day_window
window = day_window(date.fromisoformat(sys.argv[1]), "UTC")
run_flow(load_region("town"), window, known_utc=datetime.now(UTC), only=sys.argv[2:])
"""


def start_python(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_what_it_waits_for(child) -> str:
    """The end of the line that says so; empty when the process ended without such a line."""
    return next(
        (
            line.partition("waiting for another process that works on ")[2].strip()
            for line in child.stderr
            if "waiting for" in line
        ),
        "",
    )


def test_a_day_computed_again_while_its_month_is_put_in_place_stays_and_the_other_days_are_restated(february):
    """The restatement waits at the 4th for a stage; that day then has other inputs, and is computed again behind it."""
    town, region = february
    town.registry(audited_emission_monthly=[audit()])
    with open_lake(region).lock_tables(DAYS[3:4], writes=["emission_area_hourly"]):
        month = start_python(
            "from bigdata_emis.cli.app import main; main()",
            "restate",
            "--region",
            "town",
            "--month",
            "2015-02",
            "--json",
        )
        assert read_what_it_waits_for(month) == "emission_area_hourly of 2015-02-04"
        assert published_days(town) == ["2015-02-01", "2015-02-02", "2015-02-03"]
        inputs = changed(DAYS[3], emission_g=3000.0, emission_g_p05=2410.0, emission_g_p95=3710.0)
        now = datetime.now(UTC)
        open_lake(region).write("emission_fused_hourly", inputs, DAYS[3:4], known_utc=now, run_id="later")
        day = start_python(DAY_SCRIPT, "2015-02-04", *DAY_STAGES)
        assert read_what_it_waits_for(day) == "audit_settlement of 2015-02-04"
    out, _ = month.communicate()
    day.communicate()
    assert (month.returncode, day.returncode) == (0, 0)
    document = json.loads(out)
    assert document["overtaken"] == ["2015-02-04"]
    assert document["days"] == [day.isoformat() for day in DAYS if day != DAYS[3]]
    assert published_days(town) == [day.isoformat() for day in DAYS]
    # Every hour is equally uncertain, so the audit moves each by 0.5 kg, also the later ones of 3 kg.
    assert [total_kg(region, [day]) for day in (DAYS[0], DAYS[3])] == pytest.approx([24 * 2.5, 24 * 3.5], rel=1e-9)
    assert_one_state(town, region)


def assert_one_state(town, region) -> None:
    """What is published is what stages read, and the newest version."""
    for table in ("emission_hourly", "emission_gridded_hourly"):
        newest = {version.day: version.sha256 for version in open_lake(region).versions(table, DAYS)}
        for tree in ("current", "published"):
            files = sorted((town.home / "lake" / tree / "town" / table).rglob("*.parquet"))
            assert [sha256_digest(file.read_bytes()) for file in files] == list(newest.values())


def known_times(region) -> list[str]:
    tables = ("audit_settlement", "emission_industry_hourly", "emission_hourly")
    return [version.known_utc for table in tables for version in open_lake(region).versions(table, DAYS)]


def test_a_month_without_an_audit_is_not_changed_and_the_answer_says_so(february):
    town, region = february
    before = known_times(region)
    answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert (answer.status, known_times(region)) == (0, before)
    assert "no audited total of 2015-02" in answer.out
    assert "nothing was written" in answer.out


def test_an_audit_that_moves_no_hour_computes_no_day_again_and_has_its_reason(february):
    town, region = february
    before = len(open_lake(region).versions("emission_industry_hourly", DAYS))
    town.registry(audited_emission_monthly=[audit(pollutant_code="NH3", audited_emission_g=1.0)])
    document = restate(region, "2015-02", known_utc=LATER)
    assert (document["days"], document["audits"][0]["status"]) == ([], "not_emitted")
    assert any("emits no such pollutant" in line for line in restated_lines(document))
    assert len(open_lake(region).versions("emission_industry_hourly", DAYS)) == before


def test_a_month_without_days_a_text_that_is_no_month_and_a_second_restatement_are_refused(town):
    for words, message in ((["2015-02"], "no day of 2015-02 has been computed"), (["February"], "is not a month")):
        answer = town.call("restate", "--region", "town", "--month", *words)
        assert answer.status == 2
        assert message in answer.line
    with DraftStore(open_lake(load_region("town")), "restate-2015-02").lock_draft():
        answer = town.call("restate", "--region", "town", "--month", "2015-02")
    assert (answer.status, "another process works on restate-2015-02" in answer.line) == (2, True)
