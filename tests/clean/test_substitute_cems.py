"""The legal series of stacks beside their best estimate."""

import datetime as dt

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.clean.substitute_cems import substitute_cems
from bigdata_emis.schema.arrow import arrow_schema, conform
from tests.clean.reading_frames import context, hour

LOOKBACK_DAYS = 30
STACKS = pa.table({"stack_id": ["s1"], "production_line_id": ["l1"]})
RULES = reference.read("cems_substitution")


def emissions(values: dict[int, float]) -> pa.Table:
    """The valid hours of stack s1, by hour from the beginning of the day."""
    base = {"stack_id": "s1", "pollutant_code": "NOx", "is_valid": True, "imputation_code": "none", "reading_count": 1}
    rows = [base | {"hour_utc": hour(h), "emission_g": g, "flag_codes": []} for h, g in values.items()]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table("cems_hourly")))


def energy(values: dict[int, float]) -> pa.Table:
    base = {"production_line_id": "l1", "energy_sd_kwh": 0.0, "energy_method_code": "metered", "flag_codes": []}
    rows = [base | {"hour_utc": hour(h), "energy_kwh": kwh} for h, kwh in values.items()]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table("line_energy_hourly")))


def legal(cems: pa.Table, lines: pa.Table) -> dict[int, tuple]:
    table = substitute_cems(cems, STACKS, lines, RULES, context=context(lookback_days=LOOKBACK_DAYS))
    rows = conform(table, schema.table("cems_legal_hourly")).to_pylist()
    names = ("legal_emission_g", "substitute_hour_count", "is_stopped")
    return {round((row["hour_utc"] - hour(0)) / dt.timedelta(hours=1)): tuple(row[n] for n in names) for row in rows}


def test_a_missing_hour_has_the_maximum_before_it_and_a_stopped_one_is_zero():
    """200 hours of 50 g with a peak of 300 g; hours 3 to 5 of the day are missing, in hour 5 the line stood still."""
    before = dict.fromkeys(range(-200, 3), 50.0) | {-100: 300.0}
    after = dict.fromkeys(range(6, 24), 50.0)
    series = legal(emissions(before | after), energy({4: 900.0, 5: 0.0}))
    assert len(series) == 24
    assert [series[h] for h in (2, 3, 4, 5, 6)] == [
        (50.0, 0, False),
        (300.0, 180, False),
        (300.0, 180, False),
        (0.0, 0, True),
        (50.0, 0, False),
    ]


def test_a_measured_hour_counts_though_the_line_used_no_energy():
    assert legal(emissions({0: 7.0}), energy({0: 0.0}))[0] == (7.0, 0, False)


def test_without_energy_no_hour_is_stopped_and_without_capture_there_is_no_substitute():
    series = legal(emissions({0: 7.0}), energy({}))
    assert series[23] == (None, 0, False)


def test_a_day_without_stacks_has_no_rows():
    assert legal(emissions({}), energy({})) == {}
