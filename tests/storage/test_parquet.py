"""Equal rows give equal bytes, and compression follows the content."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.storage import parquet
from bigdata_emis.storage.parquet import compression_options, encode_parquet

FRAME = pa.table({"source_id": ["a", "b"], "emission_g": [1.0, 2.0]})


def test_a_frame_is_read_back_from_its_bytes_which_are_the_same_each_time() -> None:
    content, rows = encode_parquet(FRAME, is_simulated=False)
    assert rows == 2
    assert pq.read_table(io.BytesIO(content)).equals(FRAME)
    assert encode_parquet(FRAME, is_simulated=False)[0] == content


def test_the_bytes_do_not_depend_on_how_the_frame_is_chunked() -> None:
    assert (
        encode_parquet(pa.concat_tables([FRAME[:1], FRAME[1:]]), is_simulated=False)[0]
        == encode_parquet(FRAME, is_simulated=False)[0]
    )


@pytest.mark.parametrize(("is_simulated", "value"), [(True, b"true"), (False, b"false")])
def test_a_file_says_whether_its_rows_are_simulated_beside_its_other_metadata(is_simulated: bool, value: bytes) -> None:
    described = FRAME.replace_schema_metadata({"table": "emission_hourly"})
    metadata = pq.read_schema(io.BytesIO(encode_parquet(described, is_simulated=is_simulated)[0])).metadata
    assert metadata == {b"table": b"emission_hourly", b"simulated": value}


def test_a_long_column_of_floats_that_never_repeat_is_plain_and_all_others_are_compressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 1000)
    random = np.random.default_rng(1)
    frame = pa.table({"noise_g": random.random(1000), "zero_g": np.zeros(1000), "flag_codes": [["gap"]] * 1000})
    options = compression_options(frame)
    assert options["compression"] == {"noise_g": "none", "zero_g": "zstd", "flag_codes.list.element": "zstd"}
    assert options["use_dictionary"] == ["zero_g", "flag_codes.list.element"]
    short = compression_options(frame[:999])
    assert short["compression"]["noise_g"] == "zstd"
