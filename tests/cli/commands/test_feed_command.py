"""`emis feed check` and `emis feed count` as a person sees them."""

import json

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.commands.feed_command import _pass_lines, check_lines, suggestion_lines
from tests.collect.positions.test_area_counts import AREAS, COUNTED

READ = {
    "feed": "power",
    "answer": "drop-2015-12-20.csv",
    "refused": "",
    "written_as": "gb18030, ';'",
    "rows": 2,
    "times": {"interval_start_utc": "excel, local time of Asia/Shanghai, start of the interval"},
    "first_utc": "2015-12-19T16:00:00+00:00",
    "last_utc": "2015-12-19T17:00:00+00:00",
    "constants": {"interval_min": 15},
    "unused_columns": ["remark"],
    "unknown": {"meter_id": {"rows": 2, "count": 1, "first": ["m9"]}},
    "first_rows": [{"meter_id": "m9", "energy_kwh": 1.5}],
    "columns": [
        {
            "column": "电量",
            "field": "energy_kwh",
            "unit": "kW → kilowatt_hour",
            "values": 2,
            "unreadable": 0,
            "missing": 0,
            "out_of_bounds": 1,
            "sent": "6",
            "became": "1.5",
        }
    ],
}


def test_an_answer_is_a_table_of_columns_with_times_unknown_ids_and_first_rows():
    text = "\n".join(check_lines(READ))
    for part in ("电量", "kW → kilowatt_hour", "excel, local time", "gb18030, ';'", "interval_min = 15", "remark"):
        assert part in text
    assert "unknown meter_id: 1 in 2 rows, which will be quarantined: m9" in text
    assert text.endswith("nothing was stored")


def test_positions_that_are_not_counted_are_said_with_the_commonest_reason_first():
    row = {"link_id": "R1", "truck_count": None}
    reduced = {"reduced_rows": 9, "uncounted": {"bad_speed": 2, "off_road": 5}, "rows": 28, "first_rows": [row]}
    lines = check_lines(READ | reduced)
    off_road = "no registered link within reach 附近无登记路段 5, no speed, or one that no truck has 速度无效 2"
    assert f"not counted: 7 of 28 rows (25.0%), which will be quarantined: {off_road}" in lines
    assert "R1" in lines  # an empty cell is blank


def test_a_refused_answer_shows_the_keys_as_one_writes_them():
    document = {"feed": "power", "suggested": {"decimal": ",", "columns": {"电量": "energy_kwh"}}, "refused": "x"}
    assert suggestion_lines(document) == [
        "this reads it, in feeds.toml below [power]:",
        '  decimal = ","',
        "  [power.columns]",
        '  "电量" = "energy_kwh"',
    ]
    assert check_lines(document | {"suggested": {}}) == []


def test_keys_that_bring_an_answer_further_come_with_what_they_leave_open():
    document = {"feed": "power", "suggested": {"decimal": ","}, "remaining": "no time", "refused": "x"}
    assert check_lines(document) == [
        "this brings it further, in feeds.toml below [power]:",
        '  decimal = ","',
        "then: no time",
    ]


REGION = """
name_en = "Town"
name_zh = "城"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 400000
y_origin_m = 4370000
columns = 40
rows = 40
"""


@pytest.fixture
def town(tmp_path, monkeypatch):
    """A region with two areas of fires and a quay, and a file of one fire."""
    registry = tmp_path / "town" / "registry"
    registry.mkdir(parents=True)
    (tmp_path / "town" / "region.toml").write_text(REGION, "utf-8")
    (registry / "activity_area.csv").write_text(AREAS, "utf-8")
    (registry / "counted_area.csv").write_text(COUNTED, "utf-8")
    (tmp_path / "fires.csv").write_text(
        "latitude,longitude,acq_date,acq_time\n39.7,116.6,2015-06-12,0530\n39.7,116.6,2015-06-13,0530\n", "utf-8"
    )
    monkeypatch.setenv("EMIS_REGIONS", str(tmp_path))
    return tmp_path


def count(town, *words):
    given = ("--region", "town", "--unit", "fire", "--positions", str(town / "fires.csv"), "--date", "2015-06-12")
    return CliRunner().invoke(app, ["feed", "count", *given, "--out", str(town / "counts.csv"), *words])


def test_fires_become_a_file_of_the_feed_with_what_was_left_out(town):
    result = count(town, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document == {
        "date": "2015-06-12",
        "unit": "fire",
        "areas": 2,
        "counted_activity": 1.0,
        "outside": 0,
        "other_days": 1,
        "repeated": 0,
        "out": str(town / "counts.csv"),
        "rows_in_file": 2,
        "simulated": True,
    }
    assert (town / "counts.csv").read_text("utf-8") == (
        "activity_area_id,hour_utc,counted_activity\n"
        "east,2015-06-11T16:00:00+00:00,1\n"
        "west,2015-06-11T16:00:00+00:00,0\n"
    )


def test_bad_positions_are_refused_and_nothing_is_written(town):
    (town / "fires.csv").write_text("latitude,longitude\n39.7,116.6\n", "utf-8")
    result = count(town)
    assert "column 'acq_date' is missing" in str(result.exception)
    assert not (town / "counts.csv").exists()


def test_passes_are_listed_as_read_excluded_or_unreadable():
    received = {"received_utc": "2015-12-21T04:00:00+00:00", "rows": None, "problem": "changed", "excluded": None}
    excluded = {"actor": "Li", "role": "data officer", "reason": "damaged"}
    passes = [
        received | {"pass": 1},
        received | {"pass": 2, "excluded": excluded},
        received | {"pass": 3, "rows": 1200, "problem": ""},
    ]
    text = "\n".join(_pass_lines({"day": "2015-12-20", "passes": passes}))
    for part in ("unreadable: changed", "excluded by Li, data officer: damaged", "1,200", "read"):
        assert part in text
    assert _pass_lines({"day": "2015-12-20", "passes": []}) == ["nothing was received for 2015-12-20"]


def test_an_exclusion_needs_a_person_a_role_and_a_reason():
    arguments = ["feed", "exclude", "--region", "a", "--feed", "power", "--date", "2015-12-20", "--pass", "1"]
    result = CliRunner().invoke(app, [*arguments, "--by", "Li", "--note", "x"])
    assert (result.exit_code, "--role" in result.output) == (2, True)
