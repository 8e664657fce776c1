"""Bytes of an answer as columns, whatever the format."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.decode import DecodedAnswer, decode
from bigdata_emis.collect.formats.json_records import read_envelope
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.errors import FeedError

NAMES = ("meter", "kWh")


def read(payload: bytes, suffix: str, **more: object) -> DecodedAnswer:
    limits = more.pop("limits", Limits("power", byte_count=1 << 20, row_count=1000))
    return decode(payload, suffix, feed_id="power", where="here", column_names=NAMES, limits=limits, **more)


def columns(payload: bytes, suffix: str, **more: object) -> tuple[dict[str, list], int]:
    decoded = read(payload, suffix, **more)
    return {name: column.to_pylist() for name, column in decoded.columns.items()}, decoded.row_count


def parquet(**values: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(values), target)
    return target.getvalue()


def test_csv_values_are_texts_and_a_column_that_is_not_asked_for_is_left_out():
    assert columns(b"\xef\xbb\xbfmeter,kWh,note\nm1,01.5,a\nm2,,b\n", "csv") == (
        {"meter": ["m1", "m2"], "kWh": ["01.5", ""]},
        2,
    )


def test_a_column_that_an_answer_lacks_is_left_out():
    assert columns(b"meter\nm1\n", "csv") == ({"meter": ["m1"]}, 1)
    assert columns(b'{"records": [{"meter": "m1"}]}', "json") == ({"meter": ["m1"]}, 1)


def test_json_records_need_not_have_all_names_and_mixed_types_become_texts():
    body = json.dumps({"records": [{"meter": "m1", "kWh": 1}, {"kWh": "--"}]}).encode()
    assert columns(body, "json") == ({"meter": ["m1", None], "kWh": ["1", "--"]}, 2)


def test_an_envelope_that_was_read_already_is_not_parsed_again():
    assert columns(b"no JSON", "json", envelope={"records": [{"kWh": 2}]}) == ({"kWh": [2]}, 1)


def test_parquet_dictionaries_are_decoded():
    content = parquet(meter=pa.array(["m1", "m1"]).dictionary_encode(), kWh=[1.0, 2.0])
    assert columns(content, "parquet") == ({"meter": ["m1", "m1"], "kWh": [1.0, 2.0]}, 2)


def test_a_gzipped_file_is_read_as_what_it_holds():
    assert columns(gzip.compress(b"meter,kWh\nm1,1\n"), "csv.gz") == ({"meter": ["m1"], "kWh": ["1"]}, 1)


@pytest.mark.parametrize(
    ("payload", "suffix", "message"),
    [
        pytest.param(b"", "csv", "here: the file is empty; expected a whole file of format csv", id="empty"),
        pytest.param(b"meter,kWh,kWh\nm1,1,2\n", "csv", "column 'kWh' comes 2 times", id="repeated column"),
        pytest.param(b"meter,kWh\nm1\n", "csv", "Expected 2 columns", id="torn row"),
        pytest.param(b"PAR1", "parquet", "expected a whole file of format parquet", id="half a Parquet file"),
        pytest.param(gzip.compress(b"meter\n" * 100)[:30], "csv.gz", "expected a whole gzip file", id="half a gzip"),
        pytest.param(b"x", "xml", "format 'xml' is unknown; use json, jsonl, csv, parquet, xlsx or hj212", id="format"),
        pytest.param(b'{"records": [}', "json", "no valid JSON", id="no JSON"),
        pytest.param(b'{"records": [{"kWh": "\\ud800"}]}', "json", "'kWh' holds text that is no Unicode", id="text"),
    ],
)
def test_bytes_that_are_not_what_the_suffix_says_are_refused_in_one_line(payload, suffix, message):
    with pytest.raises(FeedError, match=message) as refusal:
        columns(payload, suffix)
    assert "\n" not in str(refusal.value)


def test_a_repeated_column_that_is_not_asked_for_does_no_harm():
    assert columns(b"meter,kWh,note,note\nm1,1,a,b\n", "csv") == ({"meter": ["m1"], "kWh": ["1"]}, 1)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param({"feed": "cems", "records": []}, "is of feed 'cems', not power; correct 'address'", id="feed"),
        pytest.param({"data": []}, "no JSON answer with 'records'; expected {feed, page, pages", id="shape"),
        pytest.param({"records": [1]}, "a record is not an object", id="records"),
        pytest.param([], "no JSON answer with 'records'", id="list"),
    ],
)
def test_an_envelope_of_another_shape_or_feed_is_refused(answer, message):
    with pytest.raises(FeedError, match=message):
        read_envelope(json.dumps(answer).encode(), "power", "here")


@pytest.mark.parametrize(
    ("payload", "suffix"),
    [
        pytest.param(b"meter,note\nm1,a\n", "csv", id="csv"),
        pytest.param(b"meter,note\n", "csv", id="csv without rows"),
        pytest.param(b'{"records": [{"meter": "m1"}, {"note": 1}]}', "json", id="json"),
        pytest.param(parquet(meter=["m1"], note=["a"]), "parquet", id="parquet"),
    ],
)
def test_all_columns_of_an_answer_are_named(payload, suffix):
    assert read(payload, suffix).names == ("meter", "note")


ROWS = b"meter,kWh\n" + b"m1,1\n" * 11


@pytest.mark.parametrize(
    ("payload", "suffix"),
    [
        pytest.param(ROWS, "csv", id="csv"),
        pytest.param(gzip.compress(ROWS), "csv.gz", id="csv.gz"),
        pytest.param(parquet(meter=["m1"] * 11), "parquet", id="parquet"),
        pytest.param(json.dumps({"records": [{}] * 11}).encode(), "json", id="json"),
    ],
)
def test_an_answer_with_more_rows_than_the_feed_allows_is_refused_with_the_key_to_set(payload, suffix):
    with pytest.raises(TooLargeError, match=r"here: more than 10 rows; .* set largest_pass_rows below \[power\]"):
        columns(payload, suffix, limits=Limits("power", byte_count=1 << 20, row_count=10))


def test_as_many_rows_as_the_feed_allows_are_read():
    limits = Limits("power", byte_count=1 << 20, row_count=11)
    assert columns(ROWS, "csv", limits=limits)[1] == columns(gzip.compress(ROWS), "csv.gz", limits=limits)[1] == 11


@pytest.mark.parametrize(
    ("payload", "suffix"),
    [
        pytest.param(b"meter\n" + b"m" * 3000, "csv", id="as received"),
        pytest.param(gzip.compress(b"meter\n" + b"m" * 3000), "csv.gz", id="unzipped"),
        pytest.param(parquet(meter=pa.array(["m" * 500] * 100)), "parquet", id="a long text that repeats"),
    ],
)
def test_an_answer_with_more_bytes_than_the_feed_allows_is_refused(payload, suffix):
    with pytest.raises(TooLargeError, match="here: more than 2000 bytes"):
        columns(payload, suffix, limits=Limits("power", byte_count=2000, row_count=1000))


def test_json_of_many_values_is_refused_before_it_is_parsed():
    many = b'{"records": [' + b"{}," * 2_000_000 + b"{}]}"
    with pytest.raises(TooLargeError, match="here: more than 3000000 values of JSON"):
        read_envelope(many, "power", "here")


def test_a_list_or_an_object_is_no_single_value_however_deep_it_is():
    deep = b'{"records": [{"meter": "m1", "kWh": ' + b"[" * 300 + b"]" * 300 + b'}, {"meter": {}, "kWh": 1}]}'
    assert columns(deep, "json") == ({"meter": ["m1", "{…}"], "kWh": ["{…}", "1"]}, 2)
    with pytest.raises(FeedError, match=r"column 'kWh' holds list<.*> and not single values"):
        columns(parquet(meter=["m1"], kWh=[[1.0]]), "parquet")
