"""The chosen measures as a list that a recalculation reads."""

from pathlib import Path

import pytest

from bigdata_emis.control.optimise.measure_file import write_measures
from bigdata_emis.control.scenario.measures import Measure, read_measures
from bigdata_emis.errors import InputError

MEASURES = [
    Measure("opt-kiln, north", "orange", production_line_id="kiln, north", cut_share=0.3),
    Measure("truck", "orange", "mobile", vehicle_class_code="HeavyT", stage_threshold_code="IV", affected_share=0.5),
]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "measure.csv"
    write_measures(path, MEASURES)
    assert read_measures(path) == MEASURES
    first = path.read_bytes()
    write_measures(path, MEASURES)
    assert path.read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == ["measure.csv"]


def test_sentences_above_the_header_are_read_over(tmp_path: Path) -> None:
    write_measures(tmp_path / "measure.csv", MEASURES, ["模拟数据。", "SIMULATED: no plant may be judged by it."])
    assert (tmp_path / "measure.csv").read_text("utf-8").splitlines()[1] == "# SIMULATED: no plant may be judged by it."
    assert read_measures(tmp_path / "measure.csv") == MEASURES


def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give a file in a folder that can be written"):
        write_measures(tmp_path / "nowhere" / "measure.csv", MEASURES)
