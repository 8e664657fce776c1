"""Values of feeds.toml that are of the right kind and cannot be used: one line each."""

from pathlib import Path

import pytest

from bigdata_emis.collect.feed_ranges import check_feed_ranges
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import POWER, POWER_BY_HTTP, power_feed

WRONG = {
    "no time to wait": (
        {"timeout_s": 0},
        "timeout_s = 0: expected a number from 0.001 to 3600; write for instance timeout",
    ),
    "for ever": ({"timeout_s": 1e308}, r"timeout_s = 1e\+308: expected a number from 0.001 to 3600"),
    "late for ever": ({"late_h": 1e308}, r"late_h = 1e\+308: expected a number from 0 to 744"),
    "tried for ever": (
        {"attempts": 2**63 - 1},
        "attempts = 9223372036854775807: expected a whole number from 1 to 100",
    ),
    "all on one page": ({"page_size": 2**40}, "page_size = 1099511627776: expected a whole number from 1 to 1000000"),
    "zone of no place": ({"time_zone": "Mars/Phobos"}, 'time_zone = "Mars/Phobos": expected an IANA time zone'),
    "zone as a path": ({"time_zone": "../../etc/passwd"}, 'time_zone = "../../etc/passwd": expected an IANA time zone'),
    "NUL in a path": ({"drop": "drop/\0.csv"}, r'drop = "drop/\\u0000.csv": expected a printable text'),
    "long name of a file": ({"drop": f"drop/{'x' * 300}.csv"}, ".*: a name in it is longer than 255 bytes"),
    "zone of a request": ({"query_zone": "Mars"}, 'query_zone = "Mars": expected an IANA time zone'),
    "page that no request names": (
        {"paging": "page", "query": {"a": "{from}"}},
        r'paging = "page": no text of query holds \{page\}; write for instance query.page',
    ),
    "offset without a request": ({"paging": "offset"}, 'paging = "offset": query is missing'),
    "cursor that is nowhere": ({"paging": "cursor", "query": {"c": "{cursor}"}}, 'paging = "cursor": next is missing'),
    "pages of a table": (
        {"http_format": "csv"},
        'paging = "pages": answers of JSON have pages; write paging = "single"',
    ),
    "open bracket": ({"address": "http://[::1"}, "address: expected an address that begins with http:// or https://"),
    "port": ({"address": "http://127.0.0.1:99999/x"}, "address: expected an address that begins with http"),
    "file": ({"address": "file:///etc/passwd"}, "address: expected an address that begins with http"),
    "no host": ({"address": "{HOST} x"}, "address: expected an address that begins with http"),
    "token for its name": (
        {"auth_secret": "eyJhbGciOi.J9"},
        "auth_secret: expected the name of an environment variable",
    ),
    "signed with nothing": ({"auth": "signed"}, 'auth = "signed": auth_secret is missing; write the name'),
    "method that signs nothing": ({"sign_method": "md5"}, "sign_method: nothing is signed; write auth = "),
    "file of another machine": (
        {"drop": "ftp://emis/power/{day}.csv"},
        r'drop = "ftp://emis/power/\{day\}.csv": expected a path of this machine, or a file in a bucket; write',
    ),
    "bucket without a file": ({"drop": "s3://emis/"}, 'drop = "s3://emis/": expected a path of this machine, or'),
    "secret of no bucket": ({"bucket_secret": "KEYS"}, 'bucket_secret: no bucket is read; write drop = "s3://'),
    "keys of a bucket": (
        {"drop": "s3://emis/{day}.csv", "bucket_secret": "AKIA:secret"},
        "bucket_secret: expected the name of an environment variable; write the name",
    ),
    "endpoint without scheme": (
        {"drop": "s3://emis/{day}.csv", "bucket_endpoint": "minio:9000"},
        "bucket_endpoint: expected an address that begins with http:// or https://",
    ),
    "nothing": ({"factors": {"energy_kwh": 0}}, "factors.energy_kwh = 0: expected a number above 0"),
    "turned round": ({"factors": {"energy_kwh": -1}}, "factors.energy_kwh = -1: expected a number above 0"),
    "no interval": (
        {"constants": {"interval_min": -1}},
        "constants.interval_min = -1 cannot be used; it must not be below",
    ),
    "truth": ({"constants": {"interval_min": True}}, "constants.interval_min = true cannot be used; give a finite"),
    "no number": ({"constants": {"interval_min": float("nan")}}, "constants.interval_min = nan cannot be used; give a"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_value_that_cannot_be_used_is_refused_in_one_line(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=rf"^feeds\.toml, \[power\], {message}") as refusal:
        check_feed_ranges(POWER | changes, "feeds.toml, [power]")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_a_secret_that_was_written_in_place_of_its_name_is_not_shown() -> None:
    with pytest.raises(InputError) as refusal:
        check_feed_ranges({"auth_secret": "eyJhbGciOi.J9"}, "feeds.toml, [power]")
    assert "eyJ" not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    ["https://host:8443/power?key={KEY}", "{EMIS_FEEDS_ADDRESS}/power", "http://{HOST}:{PORT}/a", "http://[::1]/"],
)
def test_an_address_may_come_from_the_environment(address: str) -> None:
    check_feed_ranges(POWER_BY_HTTP | {"address": address}, "feeds.toml, [power]")


def test_a_feed_is_checked_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="attempts = 1000: expected a whole number from 1 to 100"):
        power_feed(tmp_path, attempts=1000)
