"""A small town whose feeds and files are wrong: one line says what and where, and nothing is half-written."""

import json
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.loopback import serving

BY_HTTP = """
[air_quality]
format = "json"
address = "{EMIS_FEEDS_ADDRESS}/air_quality"
attempts = 2
wait_s = 0.0
"""
HALF = b'{"feed": "air_quality", "page": 1, "pages": 1, "records": [{"station_id": "s1", '


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[int, bytes]]]:
    """A provider that gives every request the same answer: (status, body) under 'answer'."""
    answers: dict[str, tuple[int, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers["answer"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as address:
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", address)
        yield answers


def total_g(town, table: str = "emission_hourly") -> float:
    path = town.home / "lake" / "published" / "town" / table / "day=2015-12-20" / f"{table}.parquet"
    rows = pq.read_table(path, partitioning=None)
    return pc.sum(rows["emission_g"].filter(pc.equal(rows["pollutant_code"], "SO2"))).as_py()


def receipts(answer) -> dict[str, dict]:
    return {receipt["stage"]: receipt for receipt in json.loads(answer.out)["receipts"]}


def test_a_day_of_an_enterprise_is_what_a_person_computes_on_paper(town):
    answer = town.day("--json")
    assert answer.status == 0, answer.line
    # 100 of 200 kWh: half of 2 t/h for 24 h; each tonne 4 kg SO2, of which half is removed.
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    assert total_g(town, "emission_gridded_hourly") == pytest.approx(48_000, rel=1e-9)


@pytest.mark.parametrize("failure", [(500, b"{}"), (200, HALF)], ids=["status 500", "half a body"])
def test_a_feed_that_fails_makes_the_day_partial_and_everything_else_is_published(town, provider, failure):
    provider["answer"] = failure
    (town.folder / "feeds.toml").write_text((town.folder / "feeds.toml").read_text("utf-8") + BY_HTTP, "utf-8")
    answer = town.day("--json")
    assert answer.status == 4
    assert len(answer.line.strip().splitlines()) == 1
    assert "feed air_quality" in answer.line
    assert "partial" in answer.line
    assert json.loads(answer.out)["failures"]
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    assert "collect_air_quality" not in receipts(answer)
    (failed,) = json.loads(town.call("runs", "--failed", "--json").out)["runs"]
    assert (failed["stage"], failed["status"]) == ("collect_air_quality", "failed")
    assert failed["error"].startswith("feed air_quality")


def test_energy_that_is_text_is_quarantined_by_reason_and_its_hour_is_filled_and_flagged(town):
    town.power(["abc" if hour == 12 else 100.0 for hour in range(24)])
    answer = town.day("--json")
    assert answer.status == 4, answer.line
    assert "feed power: no reading in 1 hours (12:00)" in answer.line
    assert receipts(answer)["clean_power"]["quarantined"] == {"not_a_number": 1}
    hours = pq.read_table(
        town.home / "lake" / "current" / "town" / "power_hourly" / "day=2015-12-20" / "power_hourly.parquet",
        partitioning=None,
    )
    assert [row["hour_utc"].hour for row in hours.to_pylist() if row["imputation_code"] == "interpolated"] == [12]
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)


def test_a_registry_row_with_an_unknown_line_is_one_message_and_nothing_is_registered_or_published(town):
    town.registry(
        meter=[{"meter_id": "m1", "production_line_id": "l9", "meter_role_code": "production", "interval_min": 60}]
    )
    answer = town.day()
    assert (answer.status, answer.out) == (2, "")
    assert len(answer.line.strip().splitlines()) == 1
    assert "meter.csv, row 2, column production_line_id: 'l9'" in answer.line
    with sqlite3.connect(town.home / "emis.sqlite") as database:
        assert database.execute("SELECT count(*) FROM enterprise").fetchone() == (0,)
    assert town.published == {}


def test_a_registry_file_that_became_wrong_leaves_the_earlier_registry_and_publication(town):
    assert town.day().status == 0
    before = town.published
    town.registry(
        meter=[{"meter_id": "m1", "production_line_id": "l9", "meter_role_code": "production", "interval_min": 60}]
    )
    assert town.day().status == 2
    with sqlite3.connect(town.home / "emis.sqlite") as database:
        assert database.execute("SELECT production_line_id FROM meter").fetchall() == [("l1",)]
    assert town.published == before


def test_a_day_whose_file_went_away_keeps_the_earlier_readings_and_says_that_the_feed_is_down(town):
    assert town.day().status == 0
    (town.folder / "drop" / "2015-12-20.csv").unlink()
    answer = town.day()
    assert answer.status == 0
    assert "2015-12-20.csv" in answer.line
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)


def test_a_day_whose_file_never_came_is_computed_from_profiles_and_published_as_partial(town):
    """The day before is whole, so that the profile of the meter is known."""
    town.power([100.0] * 24, day="2015-12-19")
    assert town.call("day", "--region", "town", "--date", "2015-12-19").status == 0
    (town.folder / "drop" / "2015-12-20.csv").unlink()
    answer = town.day("--json")
    assert answer.status == 4
    assert "2015-12-20 is published as partial: feed power: no reading of this day" in answer.line
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    assert json.loads(town.call("runs", "--failed", "--json").out)["runs"][0]["stage"] == "collect_power"


def test_by_hand_a_stage_without_its_input_is_refused_in_one_line(town):
    window = ("--region", "town", "--from", "2015-12-20", "--to", "2015-12-21")
    assert town.call("run", "register", *window).status == 0
    answer = town.call("run", "clean_power", *window)
    assert answer.status == 3
    assert answer.line.strip() == (
        "emis: stage clean_power: table power_reading has no version of 2015-12-20; run stage collect_power first"
    )
    (town.folder / "drop" / "2015-12-20.csv").unlink()
    assert town.call("run", "collect_power", *window, "--empty-if-down").status == 2
    assert town.call("run", "clean_power", *window).status == 0


def test_an_analysis_that_fails_is_said_and_the_day_is_published_all_the_same(town):
    """The decomposition alone reads the inventory of the day before, whose file is damaged."""
    town.power([100.0] * 24, day="2015-12-19")
    assert town.call("day", "--region", "town", "--date", "2015-12-19").status == 0
    (file,) = (town.home / "lake" / "history" / "town" / "emission_hourly" / "day=2015-12-19").glob("*.parquet")
    file.unlink()
    file.write_bytes(b"PAR1 cut")
    answer = town.day("--json")
    assert answer.status == 0
    assert (
        answer.line.strip()
        .splitlines()[-1]
        .startswith("emis: decompose failed, without which the inventory is whole: ")
    )
    (failure,) = json.loads(answer.out)["failures"]
    assert failure.startswith("decompose failed")
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    (failed,) = json.loads(town.call("runs", "--failed", "--json").out)["runs"]
    assert (failed["stage"], failed["status"]) == ("decompose", "refused")


def test_weights_that_lose_mass_are_refused_and_the_earlier_publication_stays(town):
    assert town.day().status == 0
    before = town.published
    with sqlite3.connect(town.home / "emis.sqlite") as database:
        database.execute("UPDATE grid_weight SET weight_share = weight_share * 0.9")
    for stage in ("allocate", "publish"):
        answer = town.call("run", stage, "--region", "town", "--from", "2015-12-20", "--to", "2015-12-21")
        assert answer.status == 3, stage
        assert len(answer.line.strip().splitlines()) == 1
        assert answer.out == ""
    assert town.published == before


@pytest.mark.parametrize("engine", ["spark3", "SAIL", "sc://127.0.0.1:1"])
@pytest.mark.parametrize(
    "words",
    [
        ("day", "--date", "2015-12-20"),
        ("run", "combine", "--from", "2015-12-20", "--to", "2015-12-21"),
        ("restate", "--month", "2015-12"),
    ],
    ids=lambda words: words[0],
)
def test_an_engine_that_is_not_there_is_refused_before_anything_is_written(
    town, engine: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bigdata_emis.engine.spark_session.ANSWER_SECONDS", 0.1)
    monkeypatch.setenv("EMIS_ENGINE", engine)
    files = sorted(town.home.rglob("*"))
    answer = town.call(*words, "--region", "town")
    assert answer.status == 2
    assert engine in answer.line
    assert "set" in answer.line
    assert sorted(town.home.rglob("*")) == files
