"""`emis inventory drivers`: the tables that are printed, the document, and bad input."""

import json

import pytest

from bigdata_emis.cli.inventory.drivers_command import driver_lines, drivers
from tests.relate.annual.statistics_files import write_statistics

ROWS = {
    "energy": ["2010,power,coal,100", "2015,power,coal,100"],
    "emission": ["2010,power,coal,SO2,10", "2015,power,coal,SO2,20"],
    "air": ["2010,PM2.5,90", "2015,PM2.5,80"],
}


def test_the_document_and_its_lines(tmp_path, capsys):
    drivers(write_statistics(tmp_path, **ROWS), json_=True)
    document = json.loads(capsys.readouterr().out)
    assert document["years"] == ["2010", "2015"]
    assert document["changes"][0]["terms_t"]["emission_factor"] == pytest.approx(10)
    lines = driver_lines(document)
    assert lines[0] == "SO2 2010 to 2015: 10.0 to 20.0 t"
    assert lines[2].split() == ["all", "全部", "+10.0", "+0.0", "+0.0", "+0.0", "+10.0"]
    assert lines[5].split() == ["ratio", "比值", "2.000", "1.000", "1.000", "1.000", "2.000"]
    assert lines[-1].split() == ["coal", "share", "PM2.5", "change", "-", "-", "-", "0", "too_few_periods"]


def test_one_year_and_missing_months_are_said(tmp_path):
    document = {"years": ["2010"], "incomplete_years": ["2011"], "changes": [], "associations": []}
    assert driver_lines(document) == [
        "years with missing months, left out 缺月份的年份: 2011",
        "fewer than two whole years: nothing to decompose 不足两个完整年份",
    ]
