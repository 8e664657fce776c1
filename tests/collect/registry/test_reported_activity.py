"""Activity and emission of reports that no plant or district can have."""

import pytest

from bigdata_emis.collect.register import read_registry_table, register
from bigdata_emis.collect.registry.reported_activity import check_reported_activity
from bigdata_emis.errors import InputError
from tests.collect.registry_files import LINES, WORKS, write

AUDITS = (
    "production_line_id,pollutant_code,month_start,audited_emission_g,audited_activity,relative_sd_share\n"
    "a,SO2,2015-10-01,0,0,0.1\n"
)
DISTRICTS = (
    "district_id,industry_code,pollutant_code,reference_year,annual_emission_t,annual_activity,"
    "activity_unit_code,relative_sd_share\n"
)
CAPACITY = LINES.rstrip("\n") + ",capacity_per_h\n" + "a,e,industrial_process,sinter,t,10\n"
CAPACITY += "b,e,industrial_process,sinter,t,\nc,f,industrial_process,sinter,t,\n"


def registered(folder, **files):
    return register(context=write(folder, **{**WORKS, "production_line": CAPACITY, **files}))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param(
            "a,SO2,2015-11-01,5000,0,0.1", "row 3, column audited_activity: 0 with an emission of 5000 g", id="zero"
        ),
        pytest.param(
            "a,SO2,2015-11-01,5000,21600.5,0.1",
            "row 3, column audited_activity: 21600.5; expected at most 21600, of the capacity",
            id="3 × 10 t/h × 720 h",
        ),
        pytest.param("b,SO2,2015-11-01,5000,1e300,0.1", "audited_activity: 1e.300; expected at most 1e", id="endless"),
        pytest.param(
            "b,SO2,2015-11-01,5000,1e-300,0.1",
            "audited_activity: 1e-300 for 5000 g; expected no more than 1e.09 g a unit",
            id="next to nothing",
        ),
        pytest.param(
            "b,SO2,2015-11-01,6e13,,0.1",
            "audited_emission_g: 6e.07 t; expected less than any country emits in a year, 5e.07 t",
            id="emission",
        ),
    ],
)
def test_an_audited_month_that_no_line_can_have_is_refused_with_its_row(tmp_path, row, message):
    with pytest.raises(InputError, match=rf"registry/audited_emission_monthly\.csv.*{message}"):
        registered(tmp_path, audited_emission_monthly=f"{AUDITS}{row}\n")


@pytest.mark.parametrize("activity", ["21600", "", "1"])
def test_an_audited_month_of_up_to_three_times_the_capacity_or_without_activity_is_registered(tmp_path, activity):
    row = f"a,SO2,2015-11-01,5000,{activity},0.1\n"
    assert registered(tmp_path, audited_emission_monthly=AUDITS + row)["audited_emission_monthly"].num_rows == 2


@pytest.mark.parametrize(
    ("emission_t", "activity", "message"),
    [
        ("3", "0", r"row 2, column annual_activity: 0 with an emission of 3e\+06 g.*or the row out"),
        ("3", "1e-9", r"column annual_activity: 1e-09 for 3e\+06 g; expected no more than 1e\+09 g a unit"),
        ("60000000", "1e9", r"column annual_emission_t: 6e\+07 t; expected less than any country emits"),
    ],
)
def test_a_total_that_no_district_can_have_is_refused_with_its_row(tmp_path, emission_t, activity, message):
    row = f"x,sinter,SO2,2015,{emission_t},{activity},t,0.2\n"
    with pytest.raises(InputError, match=rf"registry/district_emission_annual\.csv.*{message}"):
        registered(tmp_path, district_emission_annual=DISTRICTS + row)


def test_an_industry_that_stood_still_has_neither_activity_nor_emission(tmp_path):
    files = {
        "district_emission_annual": DISTRICTS + "x,sinter,SO2,2015,0,0,t,0.2\n",
        "audited_emission_monthly": AUDITS,
    }
    write(tmp_path, **WORKS, **files)
    names = ("production_line", "audited_emission_monthly", "district_emission_annual")
    check_reported_activity({name: read_registry_table(tmp_path / "registry", name) for name in names}, tmp_path)
