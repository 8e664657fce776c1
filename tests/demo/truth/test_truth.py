"""Files of the hidden truth are written and read back."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from bigdata_emis.demo.truth.truth import (
    FOLDER,
    TruthFiles,
    read_miscounted_totals,
    read_true_emission,
    read_true_lines,
    read_untreated_hours,
)
from bigdata_emis.errors import InputError

DAY = date(2015, 12, 20)


@pytest.fixture
def truth(tmp_path) -> TruthFiles:
    return TruthFiles(tmp_path / FOLDER)


def test_emission_has_one_row_a_source_and_hour_from_local_midnight(truth, tmp_path):
    keys = pd.DataFrame({"source_id": ["L1", "L2"], "sector_code": "mobile", "pollutant_code": "NOx"})
    truth.write_emission(DAY, [(keys, np.arange(48, dtype=np.float32).reshape(2, 24))])
    table = read_true_emission(tmp_path, DAY)
    assert table.num_rows == 48
    assert table.slice(25, 1).to_pylist() == [
        {
            "source_id": "L2",
            "sector_code": "mobile",
            "pollutant_code": "NOx",
            "hour_utc": datetime(2015, 12, 19, 17, tzinfo=UTC),
            "truth_emission_g": 25.0,
        }
    ]


def test_activity_has_one_row_a_line_and_hour(truth, tmp_path):
    truth.write_activity(DAY, np.array(["L1"], dtype=object), np.full((1, 24), 2.0, dtype=np.float32))
    table = pq.read_table(tmp_path / FOLDER / "activity_hourly" / f"{DAY}.parquet")
    assert table["production_line_id"].to_pylist() == ["L1"] * 24
    assert table["activity"].to_pylist() == [2.0] * 24


def test_small_tables_are_read_back_as_written(truth, tmp_path):
    truth.write_frame("line", pd.DataFrame({"production_line_id": ["L1"]}))
    truth.write_frame("miscounted_total", pd.DataFrame({"district_id": ["1"]}))
    truth.write_frame("untreated_hour", pd.DataFrame({"production_line_id": ["L2"]}))
    assert read_untreated_hours(tmp_path).to_pydict() == {"production_line_id": ["L2"]}
    assert read_true_lines(tmp_path).to_pydict() == {"production_line_id": ["L1"]}
    assert read_miscounted_totals(tmp_path).to_pydict() == {"district_id": ["1"]}


@pytest.mark.parametrize(
    "read", [read_true_lines, read_miscounted_totals, read_untreated_hours, lambda home: read_true_emission(home, DAY)]
)
def test_a_home_without_the_demonstration_is_refused_with_the_command_to_run(read, tmp_path):
    with pytest.raises(InputError, match="emis demo"):
        read(tmp_path)
