"""What changed between two versions of a day, in kilograms that a person can add up."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import Store
from bigdata_emis.workflow.version_difference import describe_difference, store_difference

DAY = date(2015, 12, 20)
KNOWN = datetime(2015, 12, 21, tzinfo=UTC)


def write(store: Store, number: int, *masses: tuple[str, int, float]) -> dict[str, str]:
    """A version with the emission in kg of sources and hours; its name, as a manifest has it."""
    rows = [
        {
            "source_id": source,
            "sector_code": "industrial_process",
            "pollutant_code": "SO2",
            "hour_utc": datetime(2015, 12, 20, hour, tzinfo=UTC),
            "emission_g": kg * 1000,
            "emission_g_p05": kg * 900,
            "emission_g_p95": kg * 1100,
            "method_code": "modelled",
        }
        for source, hour, kg in masses
    ]
    frame = pa.Table.from_pylist(rows, pa.schema(arrow_schema(schema.table("emission_hourly"))))
    (version,) = store.write(
        "emission_hourly", frame, [DAY], known_utc=KNOWN + timedelta(hours=number), run_id=f"run-{number}"
    )
    return {"emission_hourly": version.version, "power_reading": f"r{number}"}


def difference(folder: Path, old: list[Any] | None, new: list[Any]) -> dict[str, Any]:
    store = Store(str(folder), "town", "UTC")
    before = {} if old is None else write(store, 1, *old)
    return describe_difference(store, DAY, before=before, after=write(store, 2, *new))


def test_late_rows_raise_one_hour_of_one_source(tmp_path: Path) -> None:
    """10 + 20 kg become 10 + 26 kg: 20 % more."""
    found = difference(tmp_path, [("a", 1, 10.0), ("b", 2, 20.0)], [("a", 1, 10.0), ("b", 2, 26.0)])
    (total,) = found["totals"]
    assert (total["old_kg"], total["new_kg"], round(total["changed_share"], 9)) == (30.0, 36.0, 0.2)
    assert [(row["source_id"], row["changed_kg"]) for row in found["sources"]] == [("b", 6.0)]
    assert (found["changed_rows"], found["changed_hours"], found["inputs"]) == (
        1,
        1,
        ["emission_hourly", "power_reading"],
    )


def test_mass_that_moves_between_hours_is_a_change_without_a_total(tmp_path: Path) -> None:
    found = difference(tmp_path, [("a", 1, 10.0), ("a", 2, 20.0)], [("a", 1, 20.0), ("a", 2, 10.0)])
    assert (found["is_changed"], found["totals"], found["changed_rows"]) == (True, [], 2)
    assert found["sources"][0]["changed_kg"] == 20.0


def test_a_first_version_is_all_new(tmp_path: Path) -> None:
    (total,) = difference(tmp_path, None, [("a", 1, 10.0)])["totals"]
    assert (total["old_kg"], total["new_kg"], total["changed_share"]) == (0.0, 10.0, None)


def test_a_difference_lies_under_its_day_and_versions(tmp_path: Path) -> None:
    found = difference(tmp_path, [("a", 1, 10.0)], [("a", 1, 11.0)])
    path = store_difference(Store(str(tmp_path), "town", "UTC"), found)
    assert path is not None
    assert f"day=2015-12-20/{found['old_version']}-{found['new_version']}.json" in path
    assert json.loads(Path(path).read_text("utf-8"))["totals"] == found["totals"]
    assert store_difference(Store(str(tmp_path), "town", "UTC"), found | {"new_version": found["old_version"]}) is None
