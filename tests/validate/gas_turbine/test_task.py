"""A gas turbine judged in years that it walks into."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import validate
from bigdata_emis.validate.gas_turbine.data import read_turbine
from bigdata_emis.validate.page import render

ROWS = 480


def write_year(
    folder: Path, year: int, *, rows: int = ROWS, level: float = 60.0, drop: str = "", header: str = ""
) -> None:
    rng = np.random.default_rng(year)
    load = 130 + 20 * np.sign(rng.normal(size=rows)).repeat(6)[:rows]
    hour = np.arange(rows)
    weather = {
        "AT": 15 + 8 * np.sin(hour / 24 * 2 * np.pi),
        "AP": 1013 + rng.normal(0, 5, rows),
        "AH": np.full(rows, 80.0),
    }
    nox = level + 0.3 * (load - 130) - 0.2 * weather["AT"] + rng.normal(0, 0.5, rows)
    table = pd.DataFrame({**weather, "AFDP ": 4.0, "TEY": load, "CO": 2 + 0.05 * (load - 110), "NOX": nox})
    table.drop(columns=drop or []).rename(columns={"NOX": header or "NOX"}).to_csv(
        folder / f"gt_{year}.csv.gz", index=False
    )


@pytest.mark.slow
def test_the_walk_follows_a_turbine_that_has_drifted_and_a_frozen_model_does_not(tmp_path):
    write_year(tmp_path, 2011, rows=1440)
    write_year(tmp_path, 2012, level=70.0)
    document = validate("gas-turbine", tmp_path, fit=(2011,), score=(2012,))
    assert [unit["id"] for unit in document["units"]] == [
        f"{p} 2012{q}" for p in ("NOx", "CO") for q in ("", " Q1", " Q2", " Q3", " Q4")
    ]
    late = document["late"]["24"]["NOx"]
    assert document["models"] == late["models"]
    assert document["chosen"]["NOx"]["sharpness"].keys() == {"24", "720"}
    assert late["r2"]["blend"]["NOx 2012 Q4"] > 0.9
    assert late["r2"]["frozen"]["NOx 2012 Q4"] < 0
    assert late["r2"]["blend"]["NOx 2012"] > document["late"]["720"]["NOx"]["r2"]["blend"]["NOx 2012"]
    assert "worst fortnight" in render(document)


def test_a_header_with_blanks_is_read_and_nothing_from_inside_the_turbine(tmp_path):
    write_year(tmp_path, 2015, header=" NOX ")
    write_year(tmp_path, 2013)
    rows = read_turbine(tmp_path, (2015, 2013))
    assert rows.inputs.shape == (2 * ROWS, 5)
    assert rows.hour_number[[0, ROWS - 1, ROWS]].tolist() == [0, ROWS - 1, ROWS + 8760]


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
