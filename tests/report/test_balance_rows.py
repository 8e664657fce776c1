"""District totals that contradict meters, and audited totals next to the inventory, on the page of a day."""

from datetime import date, timedelta

import pytest

from bigdata_emis import schema
from bigdata_emis.codes import AuditStatus
from bigdata_emis.inventory.audits import monthly_benchmark
from bigdata_emis.report.balance_rows import CONTRADICTING, MET, STATUS_ORDER, audit_section, district_balance_section
from bigdata_emis.report.sheet.report_sheet import words
from bigdata_emis.storage.lake import Store
from tests.report.stores import DAY, START, empty_store, write_rows

NAMES = {"l1": {"en": "North works", "zh": "北厂"}}


def store_balances(tmp_path, *cells) -> Store:
    """Each cell: district, industry, code, and by hour (total, metered, abatement) in kWh."""
    rows = [
        {
            "district_id": district,
            "industry_code": industry,
            "hour_utc": START + timedelta(hours=hour),
            "district_energy_kwh": total,
            "metered_energy_kwh": metered,
            "abatement_energy_kwh": abatement,
            "line_energy_kwh": metered,
            "unregistered_energy_kwh": 0.0,
            "energy_discrepancy_kwh": 0.0,
            "balance_code": code,
        }
        for district, industry, code, hours in cells
        for hour, (total, metered, abatement) in enumerate(hours)
    ]
    store = empty_store(tmp_path)
    write_rows(store, "energy_balance_hourly", rows)
    return store


def store_audits(tmp_path, *audits, hours_known_utc=START) -> Store:
    """Each audit: line, pollutant, methods of its hours, inventory and audited kg, status."""
    plain = {
        "from_utc": START,
        "month_start": date(2015, 12, 1),
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
            "made_emission_g": inventory_kg * 1000,
            "audited_emission_g": audited_kg * 1000,
            "audit_status_code": status,
        }
        for line, pollutant, methods, inventory_kg, audited_kg, status in audits
        for method in methods
    ]
    store = empty_store(tmp_path)
    write_rows(store, "audit_settlement", rows)
    write_rows(store, "emission_industry_hourly", [], known_utc=hours_known_utc)
    return store


def test_contradicted_totals_are_summed_over_their_hours_most_hours_first(tmp_path):
    store = store_balances(
        tmp_path,
        ("1", "foundry", "reconciled", [(100.0, 90.0, 0.0)]),
        ("2", "coking", "exceeded", [(80.0, 100.0, 4.0), (80.0, 100.0, 4.0)]),
        ("3", "foundry", "unexplained", [(900.0, 100.0, 0.0)]),
    )
    section = district_balance_section(DAY, store, {"3": words("South District, Tianjin", "天津南区")})
    assert (section["cells"], section["contradicted"]) == (3, 2)
    assert [(row["district"]["zh"], row["hours"], row["total_kwh"], row["metered_kwh"]) for row in section["rows"]] == [
        ("2", 2, 160.0, 208.0),
        ("天津南区", 1, 900.0, 100.0),
    ]
    assert section["rows"][0]["industry"]["en"] == "coking"
    assert section["rows"][1]["code"]["zh"] == schema.codes()["energy_balance"]["unexplained"].title_zh


def test_a_region_without_totals_has_no_section(tmp_path):
    assert district_balance_section(DAY, empty_store(tmp_path), {}) is None


def test_each_audit_is_one_row_and_contradicting_ones_come_first(tmp_path):
    store = store_audits(
        tmp_path,
        ("l1", "SO2", ["measured", "modelled"], 200.0, 210.0, "agrees"),
        ("l1", "NOx", ["modelled"], 100.0, 300.0, "contradicts"),
        ("l2", "PM10", ["modelled"], 50.0, 40.0, "irreconcilable"),
        ("l2", "NH3", ["modelled"], 0.0, 1.0, "not_emitted"),
    )
    section = audit_section(DAY, store, NAMES)
    assert [
        (row["id"], row["pollutant"], row["made_kg"], row["audited_kg"], row["ratio"], row["contradicts"])
        for row in section["rows"]
    ] == [
        ("l2", "PM10", 50.0, 40.0, 0.8, True),
        ("l1", "NOx", 100.0, 300.0, 3.0, True),
        ("l2", "NH3", 0.0, 1.0, None, False),
        ("l1", "SO2", 200.0, 210.0, 1.05, False),
    ]
    assert [(row["en"], row["zh"]) for row in section["rows"][:2]] == [("l2", "l2"), ("North works", "北厂")]
    assert section["rows"][3]["status"]["zh"] == schema.codes()["audit_status"]["agrees"].title_zh
    assert section["words"] == {
        "en": "Of 4 audited totals of 2015-12, 1 equals the sum of its line, 2 contradict the inventory, a monitor or "
        "another audit, and 1 could not be applied.",
        "zh": "2015-12 共有 4 项核定月总量：1 项与所属生产线的清单合计一致；"
        "2 项与清单、监测或其他核定量相矛盾；1 项未能采用。",
    }
    assert (section["count"], section["met"], section["contradicting"], section["left_out"]) == (4, 1, 2, 0)


def test_a_single_audit_is_written_in_the_singular(tmp_path):
    section = audit_section(DAY, store_audits(tmp_path, ("l1", "NOx", ["modelled"], 1.0, 3.0, "contradicts")), NAMES)
    assert section["words"]["en"] == (
        "Of 1 audited total of 2015-12, 0 equal the sums of their lines, 1 contradicts the inventory, a monitor or "
        "another audit, and 0 could not be applied."
    )


def test_of_many_audits_those_farthest_from_the_inventory_are_shown(tmp_path):
    audits = [(f"l{number:02d}", "SO2", ["modelled"], 100.0, 100.0 + number, "agrees") for number in range(32)]
    section = audit_section(DAY, store_audits(tmp_path, *audits), NAMES)
    assert [row["id"] for row in section["rows"]] == [f"l{number:02d}" for number in range(31, 1, -1)]
    assert section["left_out"] == 2


@pytest.mark.parametrize("hours_are_older", [True, False])
def test_hours_older_than_the_audits_ask_for_a_restatement(tmp_path, hours_are_older):
    known_utc = START - timedelta(hours=1) if hours_are_older else START
    audit = ("l1", "NOx", ["modelled"], 100.0, 110.0, "agrees")
    words = audit_section(DAY, store_audits(tmp_path, audit, hours_known_utc=known_utc), NAMES)["words"]
    assert ("restate the month (emis restate)" in words["en"]) is hours_are_older
    assert ("请重算该月" in words["zh"]) is hours_are_older


def test_a_ratio_beyond_all_numbers_is_left_out(tmp_path):
    audit = ("l1", "NOx", ["modelled"], 1e-320, 300.0, "contradicts")
    assert audit_section(DAY, store_audits(tmp_path, audit), NAMES)["rows"][0]["ratio"] is None


def test_a_month_without_audits_has_no_section(tmp_path):
    assert audit_section(DAY, empty_store(tmp_path), NAMES) is None


def test_every_status_has_a_place_and_those_that_are_met_are_applied_in_the_inventory():
    assert set(STATUS_ORDER) == set(AuditStatus)
    assert set(monthly_benchmark.APPLIED_STATUSES) == {*MET, AuditStatus.CONTRADICTS}
    assert set(CONTRADICTING) < set(STATUS_ORDER)
