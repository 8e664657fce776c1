"""A gas turbine scored in years after those fitted."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import GasTurbineDocument
from bigdata_emis.validate.page import render
from bigdata_emis.validate.tasks import validate
from tests.validate.document_check import wrong_keys
from tests.validate.gas_turbine.year_files import write_year


@pytest.mark.slow
def test_walk_forward_models_follow_a_drift_and_a_frozen_model_does_not(tmp_path):
    write_year(tmp_path, 2011, rows=1440)
    write_year(tmp_path, 2012, level=70.0)
    document = validate("gas-turbine", tmp_path, fit=(2011,), score=(2012,))
    assert wrong_keys(document, GasTurbineDocument) == []
    assert [unit["id"] for unit in document["units"]] == [
        f"{p} 2012{q}" for p in ("NOx", "CO") for q in ("", " Q1", " Q2", " Q3", " Q4")
    ]
    late = document["late"]["24"]["NOx"]
    assert document["models"] == late["models"]
    assert all(summary["is_research"] for summary in document["models"].values())
    assert document["chosen"]["NOx"]["sharpness"].keys() == {"24", "720"}
    assert late["r2"]["blend"]["NOx 2012 Q4"] > 0.9
    assert late["r2"]["frozen"]["NOx 2012 Q4"] < 0
    assert late["r2"]["blend"]["NOx 2012"] > document["late"]["720"]["NOx"]["r2"]["blend"]["NOx 2012"]
    assert "worst fortnight" in render(document)


@pytest.mark.parametrize(
    ("fit", "score", "message"),
    [
        ((2012,), (2011,), "score after fit"),
        ((2011,), (2011,), "each once"),
        ((2011,), (2014,), "gt_2014.csv.gz is missing"),
        ((2011,), (2016,), "column .*NOX.* is missing"),
        ((2011,), (2017,), "fewer than"),
        ((2011,), (2018,), "gt_2018"),
        ((2011,), (2012,), "fewer than 1440"),
    ],
    ids=["backwards", "overlap", "no file", "no column", "short", "no table", "short fit"],
)
def test_bad_input_is_one_line_that_names_the_file(tmp_path, fit, score, message):
    write_year(tmp_path, 2011)
    write_year(tmp_path, 2012)
    write_year(tmp_path, 2016, drop="NOX")
    write_year(tmp_path, 2017, rows=48)
    (tmp_path / "gt_2018.csv.gz").write_bytes(b"not a table")
    with pytest.raises(InputError, match=message) as refusal:
        validate("gas-turbine", tmp_path, fit=fit, score=score)
    assert "\n" not in str(refusal.value)
