"""Counters that only count up, as the energy of each interval."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.shapes.register_increments import read_increments
from bigdata_emis.errors import FeedError, InputError
from tests.collect.feed_builders import context, drop, power_feed

FEED = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}, "cumulative": ["energy_kwh"]}
NAMES = "meter_id,interval_start_utc,energy_kwh\n"


def collect(folder, *readings, meter="m1", more="", **changes):
    """The energy by hour of a meter whose register reads so at each hour."""
    lines = "".join(f"{meter},2015-12-20T{hour:02d}:00,{value}\n" for hour, value in readings)
    drop(folder, NAMES + lines + more)
    rows = collect_feed("power", "power_reading", context=context(folder, power=FEED | changes)).to_pylist()
    return [(row["interval_start_utc"].hour + 8) % 24 for row in rows], [
        (row["energy_kwh"], row["flag_codes"]) for row in rows
    ]


def test_an_interval_has_the_difference_of_its_two_readings_and_the_last_reading_has_none(tmp_path):
    hours, energies = collect(tmp_path, (0, 100), (1, 136), (2, 172.5))
    assert (hours, energies) == ([0, 1], [(36.0, []), (36.5, [])])


def test_the_reading_of_the_next_midnight_closes_the_last_interval_of_the_day(tmp_path):
    hours, energies = collect(tmp_path, (22, 100), (23, 110), more="m1,2015-12-21T00:00,125\n")
    assert (hours, energies) == ([22, 23], [(10.0, []), (15.0, [])])


def test_a_counter_that_rolls_over_counts_on(tmp_path):
    readings = (0, 838788.7), (1, 838824.7), (2, 0), (3, 36)
    _, energies = collect(tmp_path, *readings, counter_end=838860.7)
    assert [energy for energy, _ in energies] == pytest.approx([36, 36, 36])


@pytest.mark.parametrize("end", [{}, {"counter_end": 999999.9}], ids=["no end", "far from its end"])
def test_the_interval_in_which_a_meter_was_replaced_has_no_energy_and_a_mark(tmp_path, end):
    _, energies = collect(tmp_path, (0, 5000), (1, 5036), (2, 3), (3, 43), **end)
    assert energies == [(36.0, []), (None, ["not_a_number"]), (40.0, [])]


def test_readings_that_are_missing_leave_their_intervals_empty(tmp_path):
    hours, energies = collect(tmp_path, (0, 100), (1, 110), (4, 140), (5, 152))
    assert (hours, energies) == ([0, 1, 4], [(10.0, []), (None, ["not_a_number"]), (12.0, [])])


def test_a_reading_that_was_sent_again_counts_once_with_its_last_value(tmp_path):
    assert collect(tmp_path, (0, 100), (1, 200), (1, 110), (2, 130))[1] == [(10.0, []), (20.0, [])]


def test_a_pass_without_rows_stays_without_rows():
    rows = pa.table({"meter_id": pa.array([], pa.string())})
    assert read_increments(rows, power_feed(cumulative=["energy_kwh"])) is rows


def test_a_multiplier_holds_from_its_local_time_on_for_its_meter(tmp_path):
    multipliers = {"m1": {"2015-01-01": 40, "2015-12-20T01:00": 60}, "m9": {"2015-01-01": 7}}
    assert collect(tmp_path, (0, 1), (1, 2), (2, 3), multipliers=multipliers)[1] == [(40.0, []), (60.0, [])]
    with pytest.raises(InputError, match="multipliers: 'once' is no time; write the local time from which it holds"):
        collect(tmp_path, (0, 1), (1, 2), multipliers={"m1": {"once": 2}})


def test_units_and_factors_hold_for_differences_and_for_the_end_of_the_counter(tmp_path):
    changes = {"units": {"energy_kwh": "MWh"}, "factors": {"energy_kwh": 2}, "counter_end": 100}
    _, energies = collect(tmp_path, (0, 98), (1, 99), (2, 1), **changes)
    assert [energy for energy, _ in energies] == pytest.approx([2000, 4000])


def test_counters_that_are_not_declared_are_refused_with_the_key_that_reads_them(tmp_path):
    rising = [(hour, 838000 + 36 * hour) for hour in range(24)]
    with pytest.raises(FeedError, match=r"'energy_kwh' only rises.*write cumulative = \[\"energy_kwh\"\] below"):
        collect(tmp_path, *rising, cumulative=[])


def test_a_meter_whose_load_rises_all_day_is_no_counter(tmp_path):
    rising = [(hour, 10 + hour) for hour in range(24)]
    assert len(collect(tmp_path, *rising, cumulative=[])[1]) == 24
