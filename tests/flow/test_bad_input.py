"""A small town whose feeds and files go wrong: one line says what and where, what was good is kept, nothing is half-written."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

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
    told: dict[str, tuple[int, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = told["answer"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("EMIS_FEEDS_ADDRESS", f"http://127.0.0.1:{server.server_address[1]}")
    yield told
    server.shutdown()
    server.server_close()


def total_g(town, table: str = "emission_hourly") -> float:
    path = town.home / "lake" / "published" / "town" / table / "day=2015-12-20" / f"{table}.parquet"
    rows = pq.read_table(path, partitioning=None)
    return pc.sum(rows["emission_g"].filter(pc.equal(rows["pollutant_code"], "SO2"))).as_py()


def receipts(answer) -> dict[str, dict]:
    return {receipt["stage"]: receipt for receipt in json.loads(answer.out)["receipts"]}


def test_a_day_of_a_works_is_what_a_person_reckons_on_paper(town):
    answer = town.day("--json")
    assert answer.status == 0, answer.line
    # 100 of 200 kWh: half of 2 t/h for 24 h; each tonne 4 kg SO2, of which half is removed.
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    assert total_g(town, "emission_gridded_hourly") == pytest.approx(48_000, rel=1e-9)


@pytest.mark.parametrize("broken", [(500, b"{}"), (200, HALF)], ids=["status 500", "half a body"])
def test_a_feed_that_fails_makes_the_day_partial_and_what_was_good_is_published(town, provider, broken):
    provider["answer"] = broken
    (town.folder / "feeds.toml").write_text((town.folder / "feeds.toml").read_text("utf-8") + BY_HTTP, "utf-8")
    answer = town.day("--json")
    assert answer.status == 2
    assert len(answer.line.strip().splitlines()) == 1
    assert "feed air_quality" in answer.line
    assert "partial" in answer.line
    assert json.loads(answer.out)["failures"]
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)
    assert "collect_air_quality" not in receipts(answer)


def test_energy_that_is_text_is_set_aside_by_reason_and_the_hour_filled_and_marked(town):
    town.power(["abc" if hour == 12 else 100.0 for hour in range(24)])
    answer = town.day("--json")
    assert answer.status == 0, answer.line
    assert receipts(answer)["clean_power"]["quarantined"] == {"not_a_number": 1}
    hours = pq.read_table(
        town.home / "lake" / "current" / "town" / "power_hourly" / "day=2015-12-20" / "power_hourly.parquet",
        partitioning=None,
    )
    assert [row["hour_utc"].hour for row in hours.to_pylist() if row["imputation_code"] == "interpolated"] == [12]
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)


def test_a_registry_row_that_points_nowhere_is_one_line_and_nothing_is_registered_or_published(town):
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


def test_a_registry_that_went_bad_leaves_the_registry_and_the_publication_of_yesterday(town):
    assert town.day().status == 0
    before = town.published
    town.registry(
        meter=[{"meter_id": "m1", "production_line_id": "l9", "meter_role_code": "production", "interval_min": 60}]
    )
    assert town.day().status == 2
    with sqlite3.connect(town.home / "emis.sqlite") as database:
        assert database.execute("SELECT production_line_id FROM meter").fetchall() == [("l1",)]
    assert town.published == before


def test_a_day_without_its_file_is_partial_and_the_old_publication_stays_true_to_its_manifest(town):
    assert town.day().status == 0
    (town.folder / "drop" / "2015-12-20.csv").unlink()
    answer = town.day()
    assert answer.status == 2
    assert "2015-12-20.csv" in answer.line
    assert total_g(town) == pytest.approx(48_000, rel=1e-12)


def test_weights_that_lose_mass_are_refused_and_the_old_publication_stays(town):
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
