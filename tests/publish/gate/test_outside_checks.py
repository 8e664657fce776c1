"""Mass outside the grid refuses a day, and names the source that is most likely misplaced."""

import pyarrow as pa

from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.outside_checks import outside_check

WEIGHTS = pa.table(
    {"source_id": ["kiln", "road", "road"], "cell_id": ["outside", "r0c0", "outside"], "weight_share": [1.0, 0.5, 0.5]}
)


def day(kiln_g: float, road_g: float, **more_g: float) -> dict[str, pa.Table]:
    sources = {"kiln": kiln_g, "road": road_g, **more_g}
    inside = 0.5 * road_g + sum(more_g.values())
    emission = pa.table(
        {"source_id": list(sources), "pollutant_code": ["NOx"] * len(sources), "emission_g": list(sources.values())}
    )
    gridded = pa.table(
        {
            "cell_id": ["r0c0", "outside"],
            "pollutant_code": ["NOx", "NOx"],
            "emission_g": [inside, kiln_g + 0.5 * road_g],
        }
    )
    return {"emission_hourly": emission, "emission_gridded_hourly": gridded}


def placed(*names: str) -> pa.Table:
    more = pa.table({"source_id": list(names), "cell_id": ["r0c0"] * len(names), "weight_share": [1.0] * len(names)})
    return pa.concat_tables([WEIGHTS, more])


def test_one_percent_outside_is_accepted() -> None:
    """Of 1000 g, 5 g of the kiln and half of the 10 g of the road lie outside: 1 %."""
    assert not run_checks([outside_check([day(5.0, 10.0, mill=985.0)], placed("mill"))]).refusals


def test_more_refuses_the_day_and_names_the_largest_source_outside() -> None:
    check = outside_check([day(5.0, 10.0, mill=985.0), day(40.0, 10.0, mill=950.0)], placed("mill"))
    (finding,) = run_checks([check]).refusals
    assert "NOx kiln" in finding.examples[0]
    assert "check the coordinates of the source named, or enlarge the grid" in finding.meaning


def test_a_source_without_a_place_is_outside_as_a_whole() -> None:
    (row,) = outside_check([day(0.0, 10.0, ghost=90.0)], WEIGHTS).facts.to_pylist()
    assert row["likely_source"] == "ghost"
