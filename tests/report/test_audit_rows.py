"""What the page of a day tells of the audited totals of its month."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.audits import monthly_benchmark
from bigdata_emis.report.balance_rows import CONTRADICTING, MET, ORDER, audits
from bigdata_emis.report.day_page import render
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

DAY = date(2015, 11, 3)
START = datetime(2015, 11, 2, 16, tzinfo=UTC)
NAMES = {"l1": {"en": "North works", "zh": "北厂"}}


def stored(tmp_path, *settled):
    """Each audit: line, pollutant, methods of its hours, made and audited kg, status."""
    store, table = Store(str(tmp_path), "city", "Asia/Shanghai"), schema.table("audit_settlement")
    plain = {
        "from_utc": START,
        "month_start": date(2015, 11, 1),
        "relative_sd_share": 0.05,
        "mean_sd_g": 1.0,
        "shared_coefficient": 0.5,
        "own_coefficient": 0.0,
        "audit_shift": 1.0,
    }
    rows = [
        {
            **plain,
            "source_id": line,
            "pollutant_code": pollutant,
            "method_code": method,
            "made_emission_g": made * 1000,
            "audited_emission_g": audited * 1000,
            "audit_status_code": status,
        }
        for line, pollutant, methods, made, audited, status in settled
        for method in methods
    ]
    frame = pa.Table.from_pylist(rows, pa.schema(list(arrow_schema(table))))
    hours = arrow_schema(schema.table("emission_industry_hourly")).empty_table()
    store.write("audit_settlement", conform(frame, table), [DAY], known_utc=START, run_id="r")
    store.write("emission_industry_hourly", hours, [DAY], known_utc=START, run_id="r")
    return store


def test_each_audit_is_one_row_beside_what_was_made_and_those_that_contradict_come_first(tmp_path):
    store = stored(
        tmp_path,
        ("l1", "SO2", ["measured", "modelled"], 200.0, 210.0, "settled"),
        ("l1", "NOx", ["modelled"], 100.0, 300.0, "contradicts"),
        ("l2", "PM10", ["modelled"], 50.0, 40.0, "irreconcilable"),
        ("l2", "NH3", ["modelled"], 0.0, 1.0, "not_emitted"),
    )
    told = audits(DAY, store, NAMES)
    assert [
        (row["id"], row["pollutant"], row["made_kg"], row["audited_kg"], row["ratio"], row["contradicts"])
        for row in told["rows"]
    ] == [
        ("l2", "PM10", 50.0, 40.0, 0.8, True),
        ("l1", "NOx", 100.0, 300.0, 3.0, True),
        ("l2", "NH3", 0.0, 1.0, None, False),
        ("l1", "SO2", 200.0, 210.0, 1.05, False),
    ]
    assert [(row["en"], row["zh"]) for row in told["rows"][:2]] == [("l2", "l2"), ("North works", "北厂")]
    assert told["rows"][3]["status"] == {"en": "the month adds up to it", "zh": "已校正"}
    assert told["words"]["en"] == (
        "Of 4 audited totals of 2015-11, 1 is what its line adds up to, 2 contradict what was made or measured, or another audit, 1 could not be applied."
    )
    assert "2015-11 共有 4 项" in told["words"]["zh"]
    assert (told["count"], told["met"], told["contradicting"], told["left_out"]) == (4, 1, 2, 0)


def test_one_audit_is_told_in_the_singular_and_of_many_the_first_are_shown(tmp_path):
    one = audits(DAY, stored(tmp_path / "one", ("l1", "NOx", ["modelled"], 100.0, 300.0, "contradicts")), NAMES)
    assert one["words"]["en"] == (
        "Of 1 audited total of 2015-11, 0 are what their lines add up to, 1 contradicts what was made or measured, or another audit, 0 could not be applied."
    )
    lines = [(f"l{number:02d}", "SO2", ["modelled"], 100.0, 100.0 + number, "settled") for number in range(32)]
    many = audits(DAY, stored(tmp_path / "many", *lines), NAMES)
    assert [row["id"] for row in many["rows"]] == [f"l{number:02d}" for number in range(31, 1, -1)]
    assert many["left_out"] == 2


def test_a_settlement_that_no_hour_of_the_day_knows_yet_is_told_to_be_waiting(tmp_path):
    store = stored(tmp_path, ("l1", "NOx", ["modelled"], 100.0, 110.0, "settled"))
    assert "older" not in audits(DAY, store, NAMES)["words"]["en"]
    store.write(
        "audit_settlement",
        store.read("audit_settlement", [DAY]).slice(0, 0),
        [DAY],
        known_utc=START + timedelta(hours=1),
        run_id="s",
    )
    again = stored(tmp_path, ("l1", "NOx", ["modelled"], 100.0, 120.0, "settled"))
    assert audits(DAY, again, NAMES)["words"]["en"].endswith(
        "The hours of this day are older than this settlement: restate the month (emis restate)."
    )
    assert "早于此次核定结算" in audits(DAY, again, NAMES)["words"]["zh"]


def test_a_ratio_that_no_number_holds_is_left_out(tmp_path):
    told = audits(DAY, stored(tmp_path, ("l1", "NOx", ["modelled"], 1e-320, 300.0, "contradicts")), NAMES)
    assert told["rows"][0]["ratio"] is None


def test_a_month_without_a_settlement_is_told_nothing(tmp_path):
    assert audits(DAY, Store(str(tmp_path), "city", "Asia/Shanghai"), NAMES) is None


def test_every_status_has_its_place_and_moves_as_the_inventory_says():
    assert set(ORDER) == set(schema.codes()["audit_status"])
    assert set(monthly_benchmark.MOVING) == {*MET, "contradicts"}
    assert set(CONTRADICTING) < set(ORDER)


def page(audit) -> str:
    plain = {
        "region": {"en": "City", "zh": "城市", "simulated": False},
        "day": "2015-11-03",
        "hours": ["00:00"],
        "series": {},
        "models": None,
    }
    return render({**plain, "audit": audit}, known_utc=START)


@pytest.mark.parametrize("name", ["North works", "<b>North</b>"])
def test_the_page_has_a_section_of_audits_only_when_there_are_any(tmp_path, name):
    told = audits(
        DAY,
        stored(tmp_path, ("l1", "NOx", ["modelled"], 1234.5, 2469.0, "contradicts")),
        {"l1": {"en": name, "zh": "北厂"}},
    )
    text = page(told)
    assert '<section class="card wide" id="audit">' in text
    for shown in (
        "1,234.5",
        "2,469.0",
        "<td>2.00</td>",
        "已校正（超出不确定度）",
        "北厂",
        told["words"]["zh"],
        'class="bad"',
    ):
        assert shown in text
    assert "<b>North</b>" not in text
    assert 'id="audit"' not in page(None)
