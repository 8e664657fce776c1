"""A line a day, and what changed in it by how much."""

from bigdata_emis.cli.commands.backfill_command import backfill_lines

TOTAL = {"sector_code": "power", "pollutant_code": "SO2", "old_kg": 48.0, "new_kg": 56.0, "changed_share": 1 / 6}
DAY = {
    "day": "2015-12-20",
    "is_changed": True,
    "changed_rows": 4,
    "changed_hours": 4,
    "old_version": "a",
    "new_version": "b",
    "inputs": ["emission_hourly", "power_reading"],
    "totals": [TOTAL, TOTAL | {"old_kg": 0.0, "changed_share": None}],
    "partial_reasons": [],
}


def test_a_changed_day_says_what_and_by_how_much():
    document = {"region": "town", "from": "2015-12-20", "to": "2015-12-20", "days": [DAY], "skipped": 2, "waiting": []}
    assert backfill_lines(document) == [
        "town 2015-12-20 – 2015-12-20: 1 days 重算天数",
        "2 days were done before 已完成",
        "2015-12-20: 4 rows in 4 hours changed 变化 (a → b; power_reading)",
        "    power SO2: 48.0 → 56.0 kg (+16.67%)",
        "    power SO2: 0.0 → 56.0 kg (new 新增)",
    ]


def test_a_day_without_a_change_says_so():
    document = {
        "region": "r",
        "from": "a",
        "to": "b",
        "days": [DAY | {"is_changed": False, "totals": []}],
        "skipped": 0,
        "waiting": [],
    }
    assert backfill_lines(document)[1] == "2015-12-20: unchanged 无变化"


def test_days_that_wait_come_with_the_command_that_computes_them():
    waiting = ["2015-12-21", "2015-12-23"]
    document = {"region": "r", "from": "a", "to": "b", "days": [], "skipped": 0, "waiting": waiting}
    assert backfill_lines(document)[-1] == (
        "2 more days wait 待补算: 2015-12-21, 2015-12-23 — "
        "emis backfill --region r --from 2015-12-21 --to 2015-12-23 --late"
    )
