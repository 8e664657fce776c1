"""The days that a result names as missing."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from bigdata_emis.control.inventory_versions import INVENTORY, InventoryVersions
from bigdata_emis.control.results.recalculation_result import RecalculationResult
from bigdata_emis.window import Window

START = datetime(2015, 12, 20, tzinfo=UTC)


def result(inventory: InventoryVersions) -> RecalculationResult:
    return RecalculationResult(
        scenario_id="s",
        run_id="r",
        region_id="r",
        time_zone="UTC",
        level="red",
        window=Window(START, START + timedelta(days=3)),
        ledger=pa.table({}),
        versions=[],
        files=[],
        complete_share=1.0,
        hours_present=24,
        inventory=inventory,
        parameters={
            "level": "red",
            "from_utc": "",
            "to_utc": "",
            "measures_sha256": "",
            "measure_rows": 0,
            "inputs": {},
            "code_version": "",
        },
        without_effect=[],
        ungraded={"sources": 0, "emission_kg": {}, "cut_kg": {}},
        minor_road_fleet=None,
        seconds=1.0,
    )


def test_a_day_that_is_not_published_is_not_a_day_without_inventory() -> None:
    inventory = InventoryVersions({INVENTORY: {}}, is_draft=False, unpublished_days=[date(2015, 12, 21)])
    assert result(inventory).days_without_inventory == [date(2015, 12, 20), date(2015, 12, 22)]
