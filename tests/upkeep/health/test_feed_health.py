"""One request to each feed; nothing of the answer is stored, and the clocks are compared."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler

import pytest

from bigdata_emis.upkeep.health.feed_health import check_feeds, check_provider_clocks, last_complete_day
from bigdata_emis.upkeep.health.health_finding import HealthFinding
from tests.loopback import serving
from tests.upkeep.conftest import NOW, Village

PROVIDER_DATE = "Sun, 01 Mar 2026 12:00:00 GMT"
RECORD = {"meter_id": "m1", "interval_start_utc": "2026-02-28T12:00:00Z", "interval_min": 60, "energy_kwh": 1.0}


class Provider(BaseHTTPRequestHandler):
    """Answers /power with one record, /empty with none, and refuses everything else; its clock is fixed."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = {
            "/power": {"page": 1, "pages": 1, "records": [RECORD]},
            "/empty": {"page": 1, "pages": 1, "records": []},
        }
        self.send_response_only(200 if path in body else 403)
        payload = json.dumps(body.get(path, {})).encode()
        for name, value in (("Date", PROVIDER_DATE), ("Content-Length", str(len(payload)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)


@pytest.fixture
def provider() -> Iterator[str]:
    with serving(Provider) as address:
        yield address


Make = Callable[[str], Village]


def feed(address: str, more: str = "") -> str:
    return f'[power]\nformat = "json"\naddress = "{address}"\n{more}'


def only(village: Village) -> HealthFinding:
    (finding,) = check_feeds(village.region, NOW)
    return finding


@pytest.mark.parametrize(
    ("path", "level", "what"),
    [
        ("power", "ok", "answers, 1 records of the hour 2026-02-28T12:00Z"),
        ("empty", "warn", "answers, but without a record of the hour 2026-02-28T12:00Z"),
        ("nowhere", "fail", "status 403"),
    ],
)
def test_a_feed_over_http_is_asked_once(make_village: Make, provider: str, path: str, level: str, what: str) -> None:
    village = make_village(feed(f"{provider}/{path}"))
    finding = only(village)
    assert (str(finding.level), finding.subject, finding.region) == (level, "power", "village")
    assert what in finding.what
    assert not (village.home / "lake").exists(), "nothing is stored"


def test_a_provider_that_is_not_there_fails_at_once(make_village: Make) -> None:
    assert str(only(make_village(feed("http://127.0.0.1:1/power"))).level) == "fail"


def test_a_secret_that_is_not_set_is_named(make_village: Make, provider: str) -> None:
    finding = only(make_village(feed(f"{provider}/power", 'auth_secret = "NO_SUCH_TOKEN"')))
    assert "NO_SUCH_TOKEN is not set" in finding.what


def test_a_file_is_looked_for(make_village: Make) -> None:
    village = make_village('[power]\nformat = "csv"\ndrop = "drop/{day}.csv"\n')
    assert (str(only(village).level), only(village).what) == (
        "warn",
        f"{village.folder}/drop/2026-02-28.csv is not there",
    )
    (village.folder / "drop").mkdir()
    (village.folder / "drop" / "2026-02-28.csv").write_text("a,b\n", "utf-8")
    assert (str(only(village).level), only(village).what[-7:]) == ("ok", "4 bytes")


def test_a_feed_that_is_declared_wrongly_is_a_failure(make_village: Make) -> None:
    finding = only(make_village('[power]\nformat = "csv"\ndrop = "x"\npage = 3\n'))
    assert (str(finding.level), "expected a key of a feed" in finding.what) == ("fail", True)


def test_simulated_feeds_that_nobody_serves_are_one_finding(
    make_village: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMIS_FEEDS_ADDRESS", raising=False)
    address = "{EMIS_FEEDS_ADDRESS}"
    others = "".join(f'[{name}]\nformat = "json"\naddress = "{address}/{name}"\n' for name in ("cems", "traffic"))
    village = make_village(feed(f"{address}/power") + others)
    finding = only(village)
    assert (str(finding.level), finding.what[:38]) == ("warn", "3 simulated feeds were not asked: the ")
    assert "`emis demo`" in finding.remedy
    file = village.folder / "region.toml"
    file.write_text(file.read_text("utf-8").replace("is_simulated = true", "is_simulated = false"), "utf-8")
    assert [str(one.level) for one in check_feeds(village.region, NOW)] == ["fail"] * 3


@pytest.mark.parametrize(
    ("now", "level", "what"),
    [
        (datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC), "ok", "30 s ahead of the clock of the provider"),
        (datetime(2026, 3, 1, 11, 50, tzinfo=UTC), "warn", "600 s behind the clock of the provider"),
        (datetime(2026, 3, 1, 14, 0, tzinfo=UTC), "fail", "7200 s ahead of the clock of the provider"),
    ],
)
def test_the_clock_is_compared_with_the_one_of_the_provider(
    make_village: Make, provider: str, now: datetime, level: str, what: str
) -> None:
    (finding,) = check_provider_clocks(make_village(feed(f"{provider}/nowhere")).region, now, lambda: now)
    assert (str(finding.level), finding.what) == (level, what)


def test_a_provider_that_is_down_has_no_clock(make_village: Make) -> None:
    assert list(check_provider_clocks(make_village(feed("http://127.0.0.1:1/")).region, NOW, lambda: NOW)) == []


def test_the_last_complete_day_is_local_and_of_an_archive_its_last(village: Village) -> None:
    assert last_complete_day(village.region, NOW) == date(2026, 2, 28)
    file = village.folder / "region.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('"UTC"', '"Asia/Shanghai"'), "utf-8")
    assert last_complete_day(village.region, datetime(2026, 3, 1, 17, tzinfo=UTC)) == date(2026, 3, 1)
    file.write_text(f'{text}[options]\nlast_day = "2019-12-31"\n', "utf-8")
    assert last_complete_day(village.region, NOW) == date(2019, 12, 31)
