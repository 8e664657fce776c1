"""Meters whose readings come at another step than registered, among others that are right."""

import datetime as dt

import numpy as np
import pytest

from bigdata_emis.clean.clean_power import clean_power_rows
from bigdata_emis.clean.faults.reading_steps import find_other_steps
from bigdata_emis.clean.readings.judged_readings import judge_readings
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import START, grid, table

QUARTERS = [15.0 * number for number in range(96)]
HOURS = [60.0 * number for number in range(24)]


def rows_at(minutes: list[float], *, meter: str = "m1", energy: float = 10.0) -> list[dict]:
    """Readings whose energy changes a little, so that no meter is stuck."""
    return [
        {
            "meter_id": meter,
            "interval_start_utc": START + dt.timedelta(minutes=minute),
            "energy_kwh": energy + number % 5,
        }
        for number, minute in enumerate(minutes)
    ]


def cleaned(rows: list[dict], interval: float = 15.0) -> tuple[dict[str, float], dict[str, set[str]]]:
    """By meter the energy of all hours that were read, and its reasons of quarantine."""
    hourly, quarantined = clean_power_rows(
        table("power_reading", rows),
        rules=compile_rules("power_reading", registered={"meter_id": ["m1", "m2"]}, filled=("energy_kwh",)),
        interval_min={"m1": interval, "m2": interval},
        maximum_kwh={},
        grid=grid(),
        options=CleaningOptions(),
    )
    energy, reasons = dict[str, float](), dict[str, set[str]]()
    for row in hourly.to_pylist():
        energy[row["meter_id"]] = energy.get(row["meter_id"], 0.0) + row["energy_kwh"]
    for row in quarantined.to_pylist():
        reasons.setdefault(row["meter_id"], set()).update(row["reason_codes"])
    return energy, reasons


def test_hourly_readings_of_one_meter_of_quarter_hours_are_quarantined_and_not_scaled_up():
    energy, reasons = cleaned(rows_at(HOURS, energy=40.0) + rows_at(QUARTERS, meter="m2"))
    assert list(energy) == ["m2"]
    assert reasons == {"m1": {"out_of_bounds"}}


@pytest.mark.parametrize("minutes", [[30.0 * n for n in range(48)], sorted([*QUARTERS, *(m + 5 for m in QUARTERS)])])
def test_half_hours_and_readings_that_come_twice_are_quarantined(minutes):
    energy, reasons = cleaned(rows_at(minutes))
    assert (energy, reasons) == ({}, {"m1": {"out_of_bounds"}})


def test_quarter_hours_of_an_hourly_meter_are_quarantined():
    assert cleaned(rows_at(QUARTERS), interval=60.0)[1] == {"m1": {"out_of_bounds"}}


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_readings_that_were_lost_leave_the_others_as_they_are(share):
    """Of quarter hours of which most are lost, some are still one interval apart, or the gaps differ."""
    is_there = np.random.default_rng(4).random(96) < share
    minutes = [minute for minute, there in zip(QUARTERS, is_there, strict=True) if there]
    assert cleaned(rows_at(minutes))[1] == {}


def test_the_same_readings_twice_count_once():
    energy, reasons = cleaned(rows_at(QUARTERS) + rows_at(QUARTERS))
    assert energy == cleaned(rows_at(QUARTERS))[0]
    assert reasons == {"m1": {"duplicate"}}


def test_a_few_readings_show_no_step():
    assert cleaned(rows_at(HOURS[:6]))[1] == {}


def test_a_meter_whose_interval_is_not_registered_is_compared_with_none():
    """One expected at 15 minutes beside one of which nothing is known, both with hourly readings."""
    rows = table("power_reading", rows_at(HOURS) + rows_at(HOURS, meter="m2"))
    judged = judge_readings(rows, (), reading_table="power_reading", grid=grid())
    is_other = find_other_steps(judged, np.array([15.0, np.nan]))
    assert [bool(is_other[judged.source == number].all()) for number in (0, 1)] == [True, False]
    assert not is_other[judged.source == 1].any()
