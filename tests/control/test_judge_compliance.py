"""Compliance of lines by hour: obeyed, not obeyed, or unknown; and what was emitted in excess."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis import reference, schema
from bigdata_emis.control.judge_compliance import judge_compliance
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import conform
from tests.control.outcome.outcome_frames import (
    HOURS,
    NORMAL_DAYS,
    ORDER_DAY,
    context_of,
    emission,
    exclusions,
    hour,
    line_energy,
    lines,
    make_table,
    order_window,
    planned,
)

DAY = NORMAL_DAYS * 24
STACK = {"stack_id": "S1", "production_line_id": "a"}


def judge(energy, *, cut=1.0, industry="foundry", cems=(), meters=(), window=None):
    """A line that emits in proportion to its load, and whose order is a share of the inventory."""
    grams = [
        100.0 if row["metered_energy_kwh"] is None else max(row["metered_energy_kwh"] - 10.0, 1.0) for row in energy
    ]
    emissions = emission("a", lambda n: grams[n])
    counterfactual = [
        {
            "source_id": "a",
            "pollutant_code": "NOx",
            "hour_utc": hour(n),
            "counterfactual_emission_g": 90.0,
            "counterfactual_emission_g_p05": 90.0,
            "counterfactual_emission_g_p95": 90.0,
            "activity_relative_sd_share": 0.0,
            "counterfactual_method_code": "flat",
        }
        for n in range(DAY, HOURS)
    ]
    results = judge_compliance(
        make_table("control_hourly", planned("a", lambda n: cut * grams[n])),
        make_table("emission_hourly", emissions),
        make_table("counterfactual_hourly", counterfactual),
        make_table("line_energy_hourly", energy),
        lines("a", industry=industry),
        make_table("meter", list(meters)),
        make_table("stack", [STACK] if cems else []),
        make_table("cems_hourly", list(cems)),
        make_table("scenario", []),
        make_table("alert_event", []),
        exclusions(),
        reference.read("supervision_rule"),
        context=context_of(window),
    )
    return tuple(conform(results[n], schema.table(n)).to_pylist() for n in ("compliance_hourly", "excess_hourly"))


def codes(rows):
    return [row["compliance_code"] for row in rows]


def test_a_line_that_stops_as_ordered_has_obeyed():
    rows, excess = judge(line_energy("a", lambda h: 0.0))
    assert codes(rows) == ["obeyed"] * 24
    assert excess == []
    assert rows[-1]["breach_probability_share"] < 0.05


def test_a_line_that_goes_on_breaches_once_the_time_to_ramp_down_is_over():
    rows, excess = judge(line_energy("a", lambda h: 1.0))
    assert codes(rows) == ["obeyed"] * 6 + ["breached"] * 18
    assert rows[0]["evidence_codes"] == ["grace"]
    assert rows[-1]["evidence_codes"] == ["above_allowed_energy"]
    assert rows[-1]["breach_probability_share"] > 0.99
    assert rows[-1]["expected_energy_kwh"] == pytest.approx(100.0, rel=0.02)
    assert rows[-1]["allowed_energy_kwh"] == pytest.approx(10.0, rel=0.05)
    assert sum(row["excess_emission_g"] for row in excess) == pytest.approx(18 * 90, rel=0.05)


def test_an_offline_meter_is_unknown_and_never_compliant_nor_accused():
    rows, excess = judge(line_energy("a", lambda h: None if h >= 8 else 0.0))
    assert codes(rows)[8:] == ["unknown"] * 16
    assert all(row["breach_probability_share"] is None for row in rows[8:])
    assert rows[10]["evidence_codes"] == ["meter_offline"]
    assert excess == []


def test_an_offline_meter_is_not_accused_by_its_stack_either():
    cems = flow_of(lambda n: 1.0)
    rows, _ = judge(line_energy("a", lambda h: None), cems=cems)
    assert set(codes(rows)) == {"unknown"}


def test_a_line_that_runs_in_the_evening_is_accused_for_the_evening():
    rows, _ = judge(line_energy("a", lambda h: 1.0 if h >= 18 else 0.0))
    assert codes(rows) == ["obeyed"] * 18 + ["breached"] * 6


def test_an_order_too_small_to_show_in_the_load_is_unknown():
    assert set(codes(judge(line_energy("a", lambda h: 1.0), cut=1e-9)[0])) == {"unknown"}


def test_abatement_without_power_is_a_breach():
    rows, _ = judge(line_energy("a", lambda h: 0.5, abatement=lambda h: 0.1 if h in (9, 10, 11) else 3.0), cut=0.5)
    breached = [n for n, code in enumerate(codes(rows)) if code == "breached"]
    assert breached == [9, 10, 11]
    assert "abatement_off" in rows[9]["evidence_codes"]


def flow_of(load):
    """Stack gas flow by hour; `load(number of the hour)`."""
    key = {"stack_id": "S1", "pollutant_code": "NOx", "is_valid": True, "imputation_code": "none", "reading_count": 1}
    return [
        {**key, "hour_utc": hour(n), "flow_m3_per_h": 1000.0 * load(n) * (1 + 0.02 * (-1) ** n)} for n in range(HOURS)
    ]


def test_gas_in_the_stack_of_a_line_whose_meter_shows_a_stop_contradicts_the_meter():
    rows, _ = judge(line_energy("a", lambda h: 0.0), cems=flow_of(lambda n: 1.0))
    assert codes(rows)[8:] == ["breached"] * 16
    assert rows[12]["evidence_codes"] == ["abatement_idle", "stack_contradicts"]


def test_a_coke_oven_is_judged_by_its_stack():
    rows, _ = judge(
        line_energy("a", lambda h: 1.0), industry="coking", cems=flow_of(lambda n: 1.0 if n < DAY else 0.4), cut=0.6
    )
    assert set(codes(rows)) == {"obeyed"}
    assert "by_stack_flow" in rows[12]["evidence_codes"]


def test_a_coke_oven_without_a_stack_is_unknown():
    rows, _ = judge(line_energy("a", lambda h: 1.0), industry="coking")
    assert set(codes(rows)) == {"unknown"}
    assert rows[3]["evidence_codes"][-1] == "not_by_power"


def test_an_order_that_a_restless_line_hides_is_unknown():
    restless = line_energy("a", lambda h: 0.9, jitter=0.5)
    rows, _ = judge(restless, cut=0.1)
    assert set(codes(rows)) == {"unknown"}
    assert "too_variable" in rows[12]["evidence_codes"]


def test_a_window_within_the_day_is_judged_alone():
    rows, _ = judge(line_energy("a", lambda h: 1.0), window=order_window(7, 20))
    assert [row["hour_utc"] for row in rows] == [hour(DAY + n) for n in range(7, 20)]


def test_planned_cuts_of_no_scenario_are_refused():
    with pytest.raises(InputError, match="no planned cut"):
        judge(line_energy("a", lambda h: 1.0), cut=0.0)


def test_the_same_tables_give_the_same_rows():
    energy = line_energy("a", lambda h: 0.6)
    assert judge(energy, cut=0.5) == judge(energy, cut=0.5)


METER = {"meter_id": "M1", "production_line_id": "a", "meter_role_code": "production", "interval_min": 15.0}
FAULTS = {
    "meter_offline": {"energy_method_code": "imputed", "metered_energy_kwh": None},
    "meter_read_in_part": {"imputation_code": "scaled"},
    "meter_stuck": {"metered_energy_kwh": 98.7},
}


@settings(max_examples=40, deadline=None)
@given(
    load=st.sampled_from([0.0, 0.5, 1.0]),
    cut=st.sampled_from([0.3, 0.6, 1.0]),
    industry=st.sampled_from(["foundry", "coking"]),
    has_stack=st.booleans(),
    is_abatement_off=st.booleans(),
    fault=st.sampled_from(sorted(FAULTS)),
    first=st.integers(0, 22),
    length=st.integers(2, 24),
)
def test_hours_of_a_meter_that_cannot_be_believed_are_never_accused_and_never_obeyed(
    load, cut, industry, has_stack, is_abatement_off, fault, first, length
):
    """Whatever the stack, the abatement and the hours around them say."""
    energy = line_energy("a", lambda h: load, abatement=lambda h: 0.0 if is_abatement_off else 5.0)
    faulty = range(first, min(first + length, 24))
    for number in faulty:
        energy[DAY + number].update(FAULTS[fault])
    cems = flow_of(lambda n: 1.0) if has_stack else ()
    rows, excess = judge(energy, cut=cut, industry=industry, cems=cems, meters=[METER])
    for number in faulty:
        assert rows[number]["compliance_code"] == "unknown"
        assert fault in rows[number]["evidence_codes"]
        assert rows[number]["breach_probability_share"] is None
        assert rows[number]["execution_share"] is None
    assert not {row["hour_utc"] for row in excess} & {hour(DAY + number) for number in faulty}


def test_a_line_whose_meter_was_replaced_on_the_day_of_the_order_is_not_judged():
    new = {**METER, "valid_from": ORDER_DAY}
    rows, excess = judge(line_energy("a", lambda h: 1.0), cems=flow_of(lambda n: 1.0), meters=[new])
    assert set(codes(rows)) == {"unknown"}
    assert rows[8]["evidence_codes"] == ["meter_replaced"]
    assert excess == []


def test_a_coke_oven_whose_meter_is_off_line_is_not_accused_by_its_stack():
    """The stack replaces the power of a coke oven, but a line whose meter is off line is not judged by anything."""
    energy = line_energy("a", lambda h: None)
    rows, _ = judge(energy, industry="coking", cems=flow_of(lambda n: 1.0), cut=0.6)
    assert {tuple(row["evidence_codes"]) for row in rows[6:]} == {("by_stack_flow", "meter_offline")}
    assert set(codes(rows)) == {"unknown"}


def test_a_coke_oven_whose_stack_monitor_is_off_line_is_unknown():
    cems = [row for row in flow_of(lambda n: 1.0) if row["hour_utc"] < hour(DAY + 10)]
    rows, _ = judge(line_energy("a", lambda h: 1.0), industry="coking", cems=cems, cut=0.6)
    assert codes(rows)[10:] == ["unknown"] * 14
    assert "stack_offline" in rows[12]["evidence_codes"]


def test_one_normal_day_is_too_few_to_judge_by():
    energy = line_energy("a", lambda h: 1.0)
    for row in energy[: DAY - 24]:
        row.update(FAULTS["meter_offline"])
    rows, _ = judge(energy)
    assert set(codes(rows)) == {"unknown"}
    assert rows[8]["evidence_codes"] == ["few_normal_days"]


@pytest.mark.parametrize("load", [0.0, 0.5, 1.0])
def test_an_hour_is_unknown_if_and_only_if_it_has_a_reason(load):
    energy = line_energy("a", lambda h: None if h in (9, 14) else load)
    rows, _ = judge(energy, cut=0.6)
    reasons = set(FAULTS) | {"meter_replaced", "too_variable", "unclear", "few_normal_days", "no_meter", "not_by_power"}
    for row in rows:
        assert (row["compliance_code"] == "unknown") == bool(reasons & set(row["evidence_codes"]))


def test_a_furnace_whose_hours_say_nothing_is_judged_by_its_days():
    """Its hours are 60 % above or below their mean: 0.6 is as much as an order of 60 % changes (log 0.46 = −0.78)."""

    def furnace(scale):
        rows = line_energy("a", lambda h: scale)
        for number, row in enumerate(rows):
            load = (scale if number >= DAY else 1.0) * (1.6 if number * 7 % 13 < 6 else 0.45)
            row["metered_energy_kwh"] = 10.0 + 90.0 * load + 0.01 * (number % 7)
        return judge(rows, cut=0.6)[0]

    ignored, obeyed = furnace(1.0), furnace(0.4)
    assert codes(ignored)[6:] == ["breached"] * 18
    assert "by_day" in ignored[12]["evidence_codes"]
    assert "breached" not in codes(obeyed)


def test_a_shut_line_obeys_while_it_stays_shut_and_is_accused_when_it_starts():
    stays, _ = judge(line_energy("a", lambda h: 0.0, normal=0.0))
    assert codes(stays) == ["obeyed"] * 24
    starts, _ = judge(line_energy("a", lambda h: 0.8 if h >= 20 else 0.0, normal=0.0))
    assert codes(starts) == ["obeyed"] * 20 + ["breached"] * 4
    assert "runs_while_shut" in starts[22]["evidence_codes"]
