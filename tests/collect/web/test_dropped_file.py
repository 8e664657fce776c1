"""Files that were dropped in a folder or in a bucket: the same rules for both, in one line where they are not there."""

import datetime as dt

import pytest

from bigdata_emis.collect.asking.landings import changed_drop_days
from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.collect.redaction import redact
from bigdata_emis.collect.web.dropped_file import BucketFile, LocalFile, open_dropped_file
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.window import Window, day_window
from tests.collect.feed_builders import DAY, POWER, ZONE, context, power_feed, raw_names
from tests.collect.web.bucket_server import serving_bucket

FILE = "/exchange/power/2015-12-20.csv"
ADDRESS = "s3://exchange/power/2015-12-20.csv"
LIMITS = Limits("power", byte_count=100, row_count=10)
IN_BUCKET = {"drop": "s3://exchange/power/{day}.csv", "bucket_secret": "POWER_KEYS", "attempts": 2, "timeout_s": 2}


def csv(*energies: float) -> bytes:
    rows = [f"m1,2015-12-20 {hour:02}:00,{energy}" for hour, energy in enumerate(energies)]
    return "\n".join(["meterNo,startTime,kWh", *rows]).encode()


def bucket_feed(address: str, **changes) -> Feed:
    return power_feed(**IN_BUCKET | {"bucket_endpoint": address} | changes)


def next_day() -> Window:
    return day_window(DAY + dt.timedelta(days=1), ZONE)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWER_KEYS", "emis:top+secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_a_file_of_a_folder_and_one_of_a_bucket_are_recognised_by_their_address(tmp_path):
    assert isinstance(open_dropped_file(ADDRESS, power_feed()), BucketFile)
    assert open_dropped_file("drop/x.csv", power_feed(tmp_path)) == LocalFile(tmp_path / "drop/x.csv")


def test_an_object_has_a_name_a_size_and_bytes():
    with serving_bucket({FILE: b"some bytes"}, access_key="emis") as address:
        file = open_dropped_file(ADDRESS, bucket_feed(address))
        assert (file.name, file.exists, file.byte_count, file.read(LIMITS)) == (
            "2015-12-20.csv",
            True,
            10,
            b"some bytes",
        )


def test_a_bucket_without_a_secret_is_asked_as_anybody_may(monkeypatch):
    """Keys that the machine has for something else are not sent."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    with serving_bucket({FILE: b"open"}) as address:
        assert open_dropped_file(ADDRESS, bucket_feed(address, bucket_secret="")).read(LIMITS) == b"open"
    with serving_bucket({FILE: b"closed"}, access_key="other") as address, pytest.raises(FeedError):
        open_dropped_file(ADDRESS, bucket_feed(address, bucket_secret="")).read(LIMITS)


def test_an_object_that_is_not_there_or_too_large_is_refused_before_it_is_read():
    with serving_bucket({FILE: b"x" * 101}, access_key="emis") as address:
        with pytest.raises(TooLargeError, match=r"power/2015-12-20.csv: more than 100 bytes"):
            open_dropped_file(ADDRESS, bucket_feed(address)).read(LIMITS)
        missing = open_dropped_file("s3://exchange/power/2015-12-21.csv", bucket_feed(address))
        assert (missing.exists, missing.byte_count) == (False, None)
        with pytest.raises(FeedError, match=r"power/2015-12-21.csv: is no file of the bucket; put the file there"):
            missing.read(LIMITS)


def test_a_refused_key_is_one_line_without_the_secret():
    with serving_bucket({FILE: b"x"}, access_key="another") as address:
        feed = bucket_feed(address)
        with pytest.raises(FeedError) as refused:
            open_dropped_file(ADDRESS, feed).read(LIMITS)
    assert "check bucket_endpoint and bucket_secret" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value).replace("bucket_secret", "")
    assert redact("of top+secret", feed) == "of {POWER_KEYS}"


def test_a_server_that_fails_once_is_asked_again_and_one_that_fails_always_is_refused():
    with serving_bucket({FILE: b"late"}, statuses=[503]) as address:
        assert open_dropped_file(ADDRESS, bucket_feed(address)).read(LIMITS) == b"late"
    with serving_bucket({FILE: b"never"}, statuses=[503] * 20) as address, pytest.raises(FeedError):
        open_dropped_file(ADDRESS, bucket_feed(address)).read(LIMITS)


@pytest.mark.parametrize("kind", ["is_silent", "is_dripping"])
def test_a_server_that_does_not_answer_wholly_is_refused_at_the_deadline_in_one_line(kind):
    """The time-outs of the client are far longer; of an object that drips they are never reached."""
    with serving_bucket({FILE: b"x" * 90}, access_key="emis", **{kind: True}) as address:
        feed = bucket_feed(address, timeout_s=600, answer_deadline_s=0.5)
        with pytest.raises(FeedError) as refused:
            open_dropped_file(ADDRESS, feed).read(LIMITS)
    assert str(refused.value) == (
        "feed power: s3://exchange/power/2015-12-20.csv: the answer was not complete after 0.5 s; "
        "collect again later, or raise answer_deadline_s in feeds.toml"
    )


def test_a_server_that_is_silent_is_refused_at_the_timeout_of_the_client_in_one_line():
    with serving_bucket({FILE: b"x"}, access_key="emis", is_silent=True) as address:
        feed = bucket_feed(address, timeout_s=1, attempts=1, answer_deadline_s=600)
        with pytest.raises(FeedError, match="Timeout was reached") as refused:
            open_dropped_file(ADDRESS, feed).read(LIMITS)
    assert "\n" not in str(refused.value)
    assert "check bucket_endpoint and bucket_secret" in str(refused.value)


def test_a_day_whose_bucket_does_not_answer_is_refused_and_nothing_is_stored(tmp_path):
    with serving_bucket({FILE: csv(1.0)}, access_key="emis", is_dripping=True) as address:
        power = POWER | IN_BUCKET | {"bucket_endpoint": address, "answer_deadline_s": 0.5}
        with pytest.raises(FeedError, match=r"not complete after 0\.5 s"):
            collect_feed("power", "power_reading", context=context(tmp_path, power=power))
    assert raw_names(tmp_path, "power") == []


@pytest.mark.parametrize("given", ["", "emis", ":x", "emis:"])
def test_a_secret_that_is_no_pair_of_keys_is_refused(monkeypatch, given):
    monkeypatch.setenv("POWER_KEYS", given)
    with pytest.raises(InputError, match=r"POWER_KEYS holds no keys of the bucket; export POWER_KEYS=ACCESS_KEY:"):
        open_dropped_file(ADDRESS, bucket_feed("http://127.0.0.1:9")).read(LIMITS)


def test_a_file_of_a_folder_that_is_none_is_refused(tmp_path):
    for path, problem in ((tmp_path, "is no file"), (tmp_path / "x.csv", "No such file")):
        with pytest.raises(FeedError, match=problem):
            LocalFile(path).read(LIMITS)


def test_a_day_of_a_bucket_is_collected_withdrawn_and_watched_like_one_of_a_folder(tmp_path):
    """The newer file lacks the second reading and corrects the first; a day later it is changed once more."""
    objects = {FILE: csv(1.0, 2.0)}
    with serving_bucket(objects, access_key="emis") as address:
        power = POWER | IN_BUCKET | {"bucket_endpoint": address}
        first = collect_feed("power", "power_reading", context=context(tmp_path, power=power))
        assert first["energy_kwh"].to_pylist() == [1.0, 2.0]
        objects[FILE] = csv(5.0)
        again = collect_feed("power", "power_reading", context=context(tmp_path, known_h=1, power=power))
        assert again["energy_kwh"].to_pylist() == [1.0, 5.0]  # of one hour: the last to arrive counts; 2.0 is gone
        later = context(tmp_path, known_h=30, window=next_day(), power=power)
        feed = bucket_feed(address)
        assert changed_drop_days(feed, later) == []
        objects[FILE] = csv(6.0)
        assert changed_drop_days(feed, later) == [DAY]
        del objects[FILE]
        with pytest.raises(FeedError, match="is no file of the bucket"):
            collect_feed("power", "power_reading", context=context(tmp_path, known_h=2, power=power))
    assert len(raw_names(tmp_path, "power")) == 2
