"""`emis feed check` as a person sees it."""

from bigdata_emis.cli.commands.feed_command import check_lines, suggestion_lines

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
