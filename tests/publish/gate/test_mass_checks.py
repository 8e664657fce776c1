"""The mass of the sources is the mass of cells and totals, day by day."""

import pyarrow as pa
import pytest

from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.mass_checks import mass_check, mass_difference_by_pollutant, row_check


def frame(sector: str = "mobile", **grams: float) -> pa.Table:
    rows = [{"sector_code": sector, "pollutant_code": code, "emission_g": mass} for code, mass in grams.items()]
    columns = [("sector_code", pa.string()), ("pollutant_code", pa.string()), ("emission_g", pa.float64())]
    return pa.Table.from_pylist(rows, pa.schema(columns))


def day(sources: float, cells: float, total: float) -> dict[str, pa.Table]:
    totals = pa.concat_tables([frame("all", NOx=total), frame("mobile", NOx=total)])
    return {
        "emission_hourly": frame(NOx=sources),
        "emission_gridded_hourly": frame(NOx=cells),
        "emission_total_hourly": totals,
        "emission_total_daily": totals,
    }


def test_the_difference_is_a_share_of_the_larger_mass() -> None:
    facts = mass_difference_by_pollutant(frame(NOx=8.0, SO2=1.0), frame(NOx=10.0)).to_pylist()
    assert [(f["pollutant_code"], f["difference_share"]) for f in facts] == [("NOx", 0.2), ("SO2", -1.0)]


def test_equal_masses_pass_and_totals_of_all_sectors_are_counted_once() -> None:
    assert run_checks([mass_check([day(4.0, 4.0, 4.0)])]).findings == ()


@pytest.mark.parametrize(
    ("cells", "total", "table"), [(3.0, 4.0, "emission_gridded_hourly"), (4.0, 5.0, "emission_total_daily")]
)
def test_a_table_that_lost_or_gained_mass_is_named(cells: float, total: float, table: str) -> None:
    (finding,) = run_checks([mass_check([day(4.0, cells, total)])]).refusals
    assert any(example.startswith(f"{table} NOx") for example in finding.examples)


def test_no_day_compensates_for_another() -> None:
    assert run_checks([mass_check([day(4.0, 5.0, 4.0), day(6.0, 5.0, 6.0)])]).refusals


def test_a_table_without_rows_on_one_day_is_found() -> None:
    empty = {name: table.slice(0, 0) for name, table in day(1.0, 1.0, 1.0).items()}
    (finding,) = run_checks([row_check([day(1.0, 1.0, 1.0), empty])]).refusals
    assert finding.examples[0] == "emission_hourly: row_count 0"
