"""Counters that only count up, as the energy of each interval."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.shapes.register_increments import check_no_counter, read_increments
from bigdata_emis.errors import FeedError, InputError
from tests.collect.feed_builders import HOUR, START, context, drop, power_feed

FEED = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}, "cumulative": ["energy_kwh"]}
NAMES = "meter_id,interval_start_utc,energy_kwh\n"


def collect(folder, *readings, meter="m1", more="", **changes):
    """The energy by hour of a meter whose register reads so at each hour."""
    lines = "".join(f"{meter},2015-12-20T{hour:02d}:00,{value}\n" for hour, value in readings)
    drop(folder, NAMES + lines + more)
    feed = {key: value for key, value in (FEED | changes).items() if value is not None}
    rows = collect_feed("power", "power_reading", context=context(folder, power=feed)).to_pylist()
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


@pytest.mark.parametrize("slip", [0, 1080, 99999999])
def test_a_reading_that_falls_out_of_the_row_leaves_both_of_its_intervals_empty(tmp_path, slip):
    """1000, 1036, 1072, …: with 0 at 02:00 the hour after it would count the whole register."""
    readings = [(hour, slip if hour == 2 else 1000 + 36 * hour) for hour in range(6)]
    readings[3] = (3, 1075) if slip == 1080 else readings[3]
    _, energies = collect(tmp_path, *readings)
    unknown = (None, ["not_a_number"])
    assert energies[:3] == [(36.0, []), unknown, unknown]
    assert energies[4] == (36.0, [])


@pytest.mark.parametrize(
    ("readings", "expected", "keys"),
    [
        pytest.param([99990, 2, 14, 26], [12.0, 12.0, 12.0], {"counter_end": 100000}, id="rollover"),
        pytest.param([500, 512, 3, 15], [12.0, None, 12.0], {}, id="new meter"),
        pytest.param([500, 512, 700, 712], [12.0, 188.0, 12.0], {}, id="a high hour"),
    ],
)
def test_what_does_not_come_back_to_where_it_was_is_no_slip(tmp_path, readings, expected, keys):
    assert [energy for energy, _ in collect(tmp_path, *enumerate(readings), **keys)[1]] == expected


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


@pytest.mark.parametrize(
    "rising",
    [
        pytest.param([(hour, 838000 + 36 * hour) for hour in range(24)], id="old"),
        pytest.param([(hour, 1000 + 36 * hour) for hour in range(24)], id="young"),
        pytest.param([(hour, 5000 + 36 * (hour // 3)) for hour in range(24)], id="idle two hours of three"),
        pytest.param([(hour, 838000 + 36 * hour) for hour in range(12)], id="half a day"),
    ],
)
def test_counters_that_are_not_declared_are_refused_with_the_key_that_reads_them(tmp_path, rising):
    message = r"'energy_kwh' only rises.*write cumulative = \[\"energy_kwh\"\] below .* or \[\] if these are amounts"
    with pytest.raises(FeedError, match=message):
        collect(tmp_path, *rising, cumulative=None)


def test_amounts_that_only_rise_are_read_where_the_feed_says_that_they_are_amounts(tmp_path):
    rising = [(hour, 30000 + 100 * hour) for hour in range(24)]
    assert collect(tmp_path, *rising, cumulative=[])[1][:2] == [(30000.0, []), (30100.0, [])]


def rising_power(level, *, interval_min=60.0):
    hours = [START + hour * HOUR for hour in range(24)]
    columns = {"meter_id": ["m1"] * 24, "energy_kwh": [level + 36.0 * hour for hour in range(24)]}
    return pa.table({**columns, "interval_start_utc": hours, "interval_min": [interval_min] * 24})


def test_rising_amounts_of_the_size_that_the_line_of_the_meter_uses_are_amounts():
    """30,000 kWh in an hour are usual for a line of 36,000, and 838,000 are not; nor are 30,000 in a quarter."""
    feed = power_feed(constants={})
    check_no_counter(rising_power(30000.0), feed, "here", usual_kwh={"m1": 36000.0})
    for rows, usual_kwh in (
        (rising_power(838000.0), {"m1": 36000.0}),
        (rising_power(30000.0, interval_min=15.0), {"m1": 36000.0}),
        (rising_power(30000.0), {"m2": 36000.0}),
    ):
        with pytest.raises(FeedError, match="here: 'kWh' only rises"):
            check_no_counter(rows, feed, "here", usual_kwh=usual_kwh)


@pytest.mark.parametrize(
    "load",
    [
        pytest.param([10 + hour for hour in range(24)], id="rises all day"),
        pytest.param([800.0] * 24, id="constant"),
        pytest.param([800 + hour % 5 for hour in range(24)], id="rises and falls"),
        pytest.param([0, 5, 200, 380, 390, 395, *[400] * 18], id="starts and stays"),
    ],
)
def test_a_load_is_no_counter(tmp_path, load):
    assert len(collect(tmp_path, *enumerate(load), cumulative=None)[1]) == 24
