"""Cases: the kind of a breach from the pattern of its hours, ranked by what was emitted in excess."""

import json

import numpy as np
import pytest

from bigdata_emis.control.outcome.cases import LineHours, breach_kind, find_cases
from tests.control.outcome.outcome_frames import NORMAL_DAYS, RULES, SCENARIO, hour, make_table

DAY = NORMAL_DAYS * 24


def kind_of(breached, *, executed=0.0, order=1.0, evidence=(), hours=48):
    """The kind for breaches in some hours of two days that are all judged."""
    flags = np.isin(np.arange(hours), list(breached))
    codes = [list(evidence) if flag else [] for flag in flags]
    line = LineHours(
        order=np.full(hours, order),
        is_breach=flags,
        is_judged=np.ones(hours, dtype=bool),
        executed_share=np.full(hours, executed),
        local_hour=np.arange(hours) % 24,
        evidence=codes,
    )
    return breach_kind(line, RULES)


def test_a_line_that_never_stopped_did_not_obey_the_stop():
    assert kind_of(range(48)) == "stop_not_obeyed"
    assert kind_of(range(48), order=0.5) == "cut_not_obeyed"


def test_a_line_that_cut_half_obeyed_in_part():
    assert kind_of(range(48), executed=0.5, order=0.6) == "partly_obeyed"


def test_a_line_that_obeyed_after_a_day_started_late():
    assert kind_of(range(20)) == "late_start"


def test_a_line_that_ran_again_in_the_last_hours_restarted_early():
    assert kind_of(range(30, 48)) == "early_restart"


def test_a_line_that_ran_in_two_nights_ran_at_night():
    assert kind_of([*range(20, 24), *range(24, 30), *range(45, 48)]) == "night_running"


def test_evidence_of_devices_and_stacks_names_the_kind():
    assert kind_of(range(10, 20), evidence=["abatement_off"]) == "abatement_off"
    assert kind_of(range(48), evidence=["stack_contradicts"]) == "stack_contradicts"
    assert kind_of(range(10, 48), evidence=["runs_while_shut"]) == "started_unannounced"


def compliance(name, breached):
    row = {"scenario_id": SCENARIO, "source_id": name, "cut_order_share": 1.0, "evidence_codes": []}
    return [
        {
            **row,
            "hour_utc": hour(DAY + n),
            "compliance_code": "breached" if n in breached else "obeyed",
            "breach_probability_share": 0.99 if n in breached else 0.01,
            "execution_share": 0.0 if n in breached else 1.0,
            "energy_kwh": 90.0 if n in breached else 10.0,
            "allowed_energy_kwh": 10.0,
        }
        for n in range(24)
    ]


def excess(name, pollutant, grams):
    key = {"scenario_id": SCENARIO, "source_id": name, "pollutant_code": pollutant}
    return {**key, "hour_utc": hour(DAY + 10), "excess_emission_g": grams}


HOURS_OF_DAY = {hour(DAY + number) for number in range(24)}


def test_a_case_says_how_many_of_its_hours_have_an_inventory_of_which_alone_its_excess_is():
    """Four hours are a breach by the meter; the inventory begins with the third of them."""
    rows, above = compliance("a", range(8, 12)), [excess("a", "NOx", 1500.0)]
    known = {hour(DAY + number) for number in range(10, 24)}
    tables = (make_table("compliance_hourly", rows), make_table("excess_hourly", above))
    (case,) = find_cases(*tables, "UTC", RULES, inventory_hours=known)
    evidence = json.loads(case.evidence_json())
    assert (evidence["breach_hours"], evidence["inventory_hours"], evidence["energy_kwh"]) == (4, 2, 360.0)


def test_the_largest_excess_comes_first_and_carbon_dioxide_does_not_decide():
    rows = compliance("a", range(8, 12)) + compliance("b", range(8, 12)) + compliance("c", [])
    above = [excess("a", "NOx", 100.0), excess("a", "CO2", 9e9), excess("b", "NOx", 200.0), excess("b", "SO2", 50.0)]
    cases = find_cases(
        make_table("compliance_hourly", rows),
        make_table("excess_hourly", above),
        "UTC",
        RULES,
        inventory_hours=HOURS_OF_DAY,
    )
    assert [case.source_id for case in cases] == ["b", "a"]
    assert cases[0].total_excess_g == pytest.approx(250.0)


def test_a_case_has_its_span_and_its_evidence():
    rows = make_table("compliance_hourly", compliance("a", range(8, 12)))
    case = find_cases(
        rows, make_table("excess_hourly", [excess("a", "NOx", 1500.0)]), "UTC", RULES, inventory_hours=HOURS_OF_DAY
    )[0]
    assert (case.from_utc, case.to_utc) == (hour(DAY + 8), hour(DAY + 12))
    evidence = json.loads(case.evidence_json())
    assert evidence["order_share"] == 1.0
    assert evidence["excess_kg"] == {"NOx": 1.5}
    assert (evidence["breach_hours"], evidence["energy_kwh"], evidence["allowed_kwh"]) == (4, 360.0, 40.0)


def test_what_was_ordered_is_said_of_the_hours_of_the_case_and_of_each_part_where_it_changed():
    """Ordered is a cut of 30 % to hour 10, of a half to hour 12, and a stop from hour 20, which the line obeys."""
    ordered = [0.3] * 10 + [0.5] * 2 + [0.0] * 8 + [1.0] * 4
    rows = [
        {**row, "cut_order_share": share} for row, share in zip(compliance("a", range(8, 12)), ordered, strict=True)
    ]
    (case,) = find_cases(
        make_table("compliance_hourly", rows),
        make_table("excess_hourly", []),
        "UTC",
        RULES,
        inventory_hours=HOURS_OF_DAY,
    )
    evidence = json.loads(case.evidence_json())
    assert evidence["order_share"] == 0.5
    assert [(part["from_utc"], part["to_utc"], part["order_share"]) for part in evidence["orders"]] == [
        (hour(DAY + 8).isoformat(), hour(DAY + 10).isoformat(), 0.3),
        (hour(DAY + 10).isoformat(), hour(DAY + 12).isoformat(), 0.5),
    ]
    same = find_cases(
        make_table("compliance_hourly", compliance("a", range(4))),
        make_table("excess_hourly", []),
        "UTC",
        RULES,
        inventory_hours=HOURS_OF_DAY,
    )
    assert "orders" not in json.loads(same[0].evidence_json())


def test_a_meter_that_its_abatement_contradicts_is_to_be_checked_after_the_accused_and_has_no_probability():
    rows = compliance("b", []) + compliance("z", range(8, 12))
    for row in rows[4:9]:
        row |= {"compliance_code": "unknown", "breach_probability_share": None}
        row["evidence_codes"] = ["abatement_contradicts"]
    above = [excess("z", "NOx", 1.0)]
    cases = find_cases(
        make_table("compliance_hourly", rows),
        make_table("excess_hourly", above),
        "UTC",
        RULES,
        inventory_hours=HOURS_OF_DAY,
    )
    assert [(case.source_id, case.breach_kind) for case in cases] == [("z", "stop_not_obeyed"), ("b", "meter_in_doubt")]
    doubted = cases[1]
    assert (doubted.from_utc, doubted.to_utc) == (hour(DAY + 4), hour(DAY + 9))
    assert (doubted.probability, doubted.breach_hours, doubted.unknown_hours, doubted.excess_g) == (None, 0, 5, {})


def test_a_town_that_obeys_has_no_case():
    rows = make_table("compliance_hourly", compliance("a", []))
    assert find_cases(rows, make_table("excess_hourly", []), "UTC", RULES, inventory_hours=HOURS_OF_DAY) == []
