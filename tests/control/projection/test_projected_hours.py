"""Weighted sums of recent days by source and pollutant, and the rows of a projected day."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.control.projection.projected_hours import ProjectedHours
from bigdata_emis.window import day_window

DAY, NEXT = date(2015, 12, 21), date(2015, 12, 22)
FRIDAY, AFTER = date(2015, 12, 25), date(2019, 11, 4)


def piece(day: date, amounts: dict[tuple[str, str], float], *, zone: str = "UTC", hours: range = range(24)) -> pa.Table:
    start = day_window(day, zone).from_utc
    rows = [(s, p, start + timedelta(hours=h), g) for (s, p), g in amounts.items() for h in hours]
    source, pollutant, hour, emission = zip(*rows, strict=True)
    return pa.table(
        {
            "source_id": pa.array(source).dictionary_encode(),
            "pollutant_code": pa.array(pollutant).dictionary_encode(),
            "hour_utc": pa.array(hour, pa.timestamp("us", "UTC")),
            "emission_g": pa.array(emission, pa.float64()),
        }
    )


def sums(zone: str = "UTC") -> ProjectedHours:
    return ProjectedHours(["a", "b"], ["NOx", "SO2"], zone)


def rows_of(hours: ProjectedHours, day: date) -> dict[tuple[str, str, datetime], float]:
    rows = [row for piece in hours.pieces(day) for row in piece.to_pylist()]
    return {(r["source_id"], r["pollutant_code"], r["hour_utc"]): r["emission_g"] for r in rows}


def test_a_projected_hour_is_the_weighted_mean_of_the_recent_ones() -> None:
    hours = sums()
    hours.add_day(DAY, [piece(DAY, {("a", "NOx"): 10.0})], {FRIDAY: 0.25})
    hours.add_day(NEXT, [piece(NEXT, {("a", "NOx"): 20.0})], {FRIDAY: 0.75})
    rows = rows_of(hours, FRIDAY)
    assert len(rows) == 24
    assert set(rows.values()) == {17.5}
    assert min(hour for _, _, hour in rows) == datetime(2015, 12, 25, tzinfo=UTC)


def test_an_hour_without_a_row_is_absent_and_not_zero() -> None:
    hours = sums()
    hours.add_day(DAY, [piece(DAY, {("a", "NOx"): 10.0}, hours=range(6))], {FRIDAY: 0.5})
    hours.add_day(NEXT, [piece(NEXT, {("a", "NOx"): 20.0}, hours=range(3))], {FRIDAY: 0.5})
    by_hour = {hour.hour: grams for (_, _, hour), grams in rows_of(hours, FRIDAY).items()}
    assert by_hour == {0: 15.0, 1: 15.0, 2: 15.0, 3: 10.0, 4: 10.0, 5: 10.0}


def test_rows_come_in_order_of_key() -> None:
    hours = sums()
    hours.add_day(DAY, [piece(DAY, {("b", "SO2"): 1.0, ("a", "SO2"): 2.0, ("a", "NOx"): 3.0})], {FRIDAY: 1.0})
    keys = list(rows_of(hours, FRIDAY))
    assert keys == sorted(keys)
    assert len(keys) == 72


def test_a_source_that_is_not_registered_any_more_is_named_and_counts_nowhere() -> None:
    hours = sums()
    hours.add_day(DAY, [piece(DAY, {("a", "NOx"): 10.0, ("closed", "NOx"): 99.0})], {FRIDAY: 1.0})
    assert hours.unregistered == {"closed"}
    assert {source for source, _, _ in rows_of(hours, FRIDAY)} == {"a"}
    assert hours.day_totals_g[DAY][0].tolist() == [10.0] * 24


def test_totals_of_a_recent_day_are_by_pollutant_and_local_hour() -> None:
    hours = sums("Asia/Shanghai")
    part = piece(DAY, {("a", "SO2"): 1.0, ("b", "SO2"): 2.0}, zone="Asia/Shanghai", hours=range(8, 9))
    hours.add_day(DAY, [part], {FRIDAY: 1.0})
    assert hours.day_totals_g[DAY].sum() == hours.day_totals_g[DAY][1, 8] == 3.0


def test_an_hour_that_clocks_repeat_counts_twice_and_is_projected_once_elsewhere() -> None:
    zone, repeated = "America/New_York", date(2019, 11, 3)
    hours = sums(zone)
    hours.add_day(
        repeated, [piece(repeated, {("a", "NOx"): 5.0}, zone=zone, hours=range(25))], {repeated: 1.0, AFTER: 1.0}
    )
    assert len(rows_of(hours, AFTER)) == 24
    assert set(rows_of(hours, repeated).values()) == {5.0}
    assert len(rows_of(hours, repeated)) == 25


def test_which_sources_have_emission_at_an_hour() -> None:
    hours = sums()
    hours.add_day(DAY, [piece(DAY, {("b", "NOx"): 10.0}, hours=range(7, 8))], {FRIDAY: 1.0})
    flags = hours.hours_with_emission(FRIDAY)
    assert [tuple(place) for place in zip(*flags.nonzero(), strict=True)] == [(1, 7)]


@pytest.mark.parametrize("weight", [0.1, 3.0])
def test_a_common_factor_of_the_weights_changes_nothing(weight: float) -> None:
    hours = sums()
    for day, grams in ((DAY, 10.0), (NEXT, 30.0)):
        hours.add_day(day, [piece(day, {("a", "NOx"): grams})], {FRIDAY: weight})
    assert list(rows_of(hours, FRIDAY).values()) == pytest.approx([20.0] * 24)


def test_whole_days_and_single_hours_of_one_piece_are_summed_alike() -> None:
    whole, gap, late = piece(DAY, {("a", "NOx"): 10.0}), piece(DAY, {("a", "SO2"): 7.0}, hours=range(5)), range(5, 24)
    one = pa.concat_tables([whole, gap, piece(DAY, {("b", "NOx"): 4.0}, hours=late), piece(DAY, {("b", "SO2"): 2.0})])
    hours = sums()
    hours.add_day(DAY, [one.unify_dictionaries().combine_chunks()], {FRIDAY: 0.5})
    by_key: dict[tuple[str, str], list[float]] = {}
    for (source, pollutant, _), grams in rows_of(hours, FRIDAY).items():
        by_key.setdefault((source, pollutant), []).append(grams)
    assert by_key == {
        ("a", "NOx"): [10.0] * 24,
        ("a", "SO2"): [7.0] * 5,
        ("b", "NOx"): [4.0] * 19,
        ("b", "SO2"): [2.0] * 24,
    }
    assert hours.day_totals_g[DAY].tolist() == [[10.0] * 5 + [14.0] * 19, [9.0] * 5 + [2.0] * 19]


def test_a_gap_on_a_day_with_a_repeated_hour_is_no_whole_day() -> None:
    zone, repeated = "America/New_York", date(2019, 11, 3)
    start = day_window(repeated, zone).from_utc
    rows = piece(repeated, {("a", "NOx"): 1.0}, zone=zone, hours=range(25))
    kept = rows.filter(
        pa.compute.not_equal(rows["hour_utc"], pa.scalar(start + timedelta(hours=6), rows["hour_utc"].type))
    )
    hours = sums(zone)
    hours.add_day(repeated, [kept.combine_chunks()], {AFTER: 1.0})
    assert hours.day_totals_g[repeated][0].tolist() == [1.0, 2.0, 1.0, 1.0, 1.0, 0.0] + [1.0] * 18
