"""The rows of a stored pass, and what is said of one that cannot be read any more."""

import json

import pytest

from bigdata_emis.collect.doubts.named_units import UNIT_COLUMNS
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.collect.passes.parsed_passes import Parsed, UnreadablePassError, parse_answer, parse_pass
from bigdata_emis.collect.raw_archive import RawArchive
from bigdata_emis.collect.values import ValueCounts
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import DAY, MIDNIGHT, lake, power_feed, region

HEADER = "meterNo,startTime,kWh\n"
GOOD = (HEADER + "m1,2015-12-20T00:00,1.5\nm1,2015-12-20T01:00,2.5\n").encode()


def stored(home, payload: bytes) -> RawArchive:
    archive = RawArchive(lake(home), "power", DAY)
    with archive.landing(MIDNIGHT) as arrival:
        arrival.add(Answer("drop-2015-12-20", payload, "csv"))
    return archive


def test_a_stored_pass_is_parsed_once_in_a_collection(home):
    archive, parsed = stored(home, GOOD), Parsed()
    (received,) = archive.passes()
    rows = parse_pass(received, archive=archive, feed=power_feed(), parsed=parsed)
    assert (rows["energy_kwh"].to_pylist(), parsed.byte_count) == ([1.5, 2.5], len(GOOD))
    parsed.rows[received.content_id] = rows
    assert parse_pass(received, archive=archive, feed=power_feed(), parsed=parsed) is rows
    assert parsed.byte_count == len(GOOD)


@pytest.mark.parametrize("damage", ["changed", "gone", "declared otherwise"])
def test_a_stored_pass_that_cannot_be_read_names_the_command_that_excludes_it(home, damage):
    archive, feed = stored(home, GOOD), power_feed()
    (raw,) = (home / "lake" / "raw").rglob("*.csv")
    if damage == "changed":
        raw.chmod(0o640)
        raw.write_bytes(GOOD[:-4])
    elif damage == "gone":
        raw.unlink()
    else:
        raw.chmod(0o640)
        feed = power_feed(skip_rows=9)
    with pytest.raises(UnreadablePassError) as refused:
        parse_pass(archive.passes()[0], archive=archive, feed=feed, parsed=Parsed())
    message = str(refused.value)
    assert "(stored as pass 1 of 2015-12-20)" in message
    assert "emis feed exclude --region r --feed power --date 2015-12-20 --pass 1 --by" in message
    assert "\n" not in message


def test_a_renamed_column_refuses_a_new_answer_and_is_missing_in_a_stored_one(home):
    renamed = Answer("x", GOOD.replace(b"kWh", b"energyKwh"), "csv")
    with pytest.raises(FeedError, match="has no column 'kWh'"):
        parse_answer(renamed, power_feed(), ValueCounts(), is_new=True)
    rows = parse_answer(renamed, power_feed(), ValueCounts(is_stored=True), is_new=False)
    assert rows["energy_kwh"].to_pylist() == [None, None]


@pytest.mark.parametrize("name", UNIT_COLUMNS)
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_column_of_units_may_have_any_name_under_which_one_is_looked_for(tmp_path, name, suffix):
    keys = {"format": suffix, "drop": "x", "unit_column": name}
    feed = read_feed(region(tmp_path, air_quality=keys), "air_quality", "air_quality_reading")
    cells = {"station_id": "s", "pollutant_code": "CO", "hour_utc": "2015-12-20T00:00", "concentration_ug_per_m3": 0.8}
    cells |= {name: "mg/m3"}
    lines = ",".join(cells), ",".join(map(str, cells.values()))
    text = json.dumps(cells) if suffix == "jsonl" else "\n".join(lines)
    rows = parse_answer(Answer("x", f"{text}\n".encode(), suffix), feed, ValueCounts(), is_new=True)
    assert rows["concentration_ug_per_m3"].to_pylist() == [800.0]
