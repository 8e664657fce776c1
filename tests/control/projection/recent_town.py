"""The town of the recalculation tests with published days before the window, for tests of projection."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.control.inventory_versions import InventoryVersions, ProjectionBasis
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage.lake import Store
from tests.control.published_days import publish_days
from tests.control.test_recalculate import KNOWN, MEASURES, ZONE, basis, emissions, traffic

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2015, 12, day) for day in (21, 22, 23, 24))


def scaled(day: date, factor: float) -> pa.Table:
    """The emissions of a day, times a factor."""
    frame = emissions(day)
    columns = {n: pc.multiply(frame[n], factor) for n in ("emission_g", "emission_g_p05", "emission_g_p95")}
    for name, column in columns.items():
        frame = frame.set_column(frame.schema.get_field_index(name), name, column)
    return conform(frame, schema.table("emission_hourly"))


def write_day(lake: Store, day: date, folder: Path, *, factor: float = 1.0) -> None:
    tables = {**basis(day, folder), "traffic_hourly": traffic(day), "emission_hourly": scaled(day, factor)}
    for name, frame in tables.items():
        lake.write(name, frame, [day], known_utc=KNOWN, run_id="test")


def town(folder: Path, factors: dict[date, float]) -> Store:
    """A lake with these published days, each with its emissions times a factor."""
    lake = Store(str(folder / "lake"), "test", ZONE)
    for day, factor in factors.items():
        write_day(lake, day, folder, factor=factor)
    publish_days(lake, factors)
    (folder / "measures.csv").write_text(MEASURES, "utf-8")
    return lake


def projected_lake(store: Store, days: Iterable[date]) -> ProjectedLake:
    versions: InventoryVersions = published_or_projected_versions(store, list(days))
    projection = versions.projection
    assert isinstance(projection, ProjectionBasis)
    return ProjectedLake(store, "s", versions, projection)
