"""What the page of a day tells of totals of the power bureau that its meters contradict."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.report.balance_rows import contradictions
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

DAY = date(2015, 12, 21)
START = datetime(2015, 12, 20, 16, tzinfo=UTC)


def stored(tmp_path, *cells):
    """Each cell: district, industry, code, and by hour (total, metered, abatement) in kWh."""
    store, table = Store(str(tmp_path), "city", "Asia/Shanghai"), schema.table("energy_balance_hourly")
    rows = [
        {
            "district_id": district,
            "industry_code": industry,
            "hour_utc": START + timedelta(hours=hour),
            "district_energy_kwh": total,
            "metered_energy_kwh": metered,
            "abatement_energy_kwh": treated,
            "line_energy_kwh": metered,
            "unregistered_energy_kwh": 0.0,
            "energy_discrepancy_kwh": 0.0,
            "balance_code": code,
        }
        for district, industry, code, hours in cells
        for hour, (total, metered, treated) in enumerate(hours)
    ]
    frame = pa.Table.from_pylist(rows, pa.schema(list(arrow_schema(table))))
    store.write("energy_balance_hourly", conform(frame, table), [DAY], known_utc=START, run_id="r")
    return store


def test_cells_that_contradict_are_told_with_what_was_stated_and_what_was_metered_the_longest_first(tmp_path):
    store = stored(
        tmp_path,
        ("1", "foundry", "reconciled", [(100.0, 90.0, 0.0)]),
        ("2", "coking", "exceeded", [(80.0, 100.0, 4.0), (80.0, 100.0, 4.0)]),
        ("3", "foundry", "unexplained", [(900.0, 100.0, 0.0)]),
    )
    told = contradictions(DAY, store)
    assert (told["cells"], told["contradicted"]) == (3, 2)
    assert [(row["district"], row["hours"], row["total_kwh"], row["metered_kwh"]) for row in told["rows"]] == [
        ("2", 2, 160.0, 208.0),
        ("3", 1, 900.0, 100.0),
    ]
    assert told["rows"][0]["industry"]["en"] == "coking"
    assert told["rows"][1]["code"]["zh"] == schema.codes()["energy_balance"]["unexplained"].title_zh


def test_a_region_without_totals_is_told_nothing(tmp_path):
    assert contradictions(DAY, Store(str(tmp_path), "city", "Asia/Shanghai")) is None
