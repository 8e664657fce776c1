"""The grid of a region in its registry, as the stage `grid` registers it."""

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.inventory.grid import grid
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.window import Window

SOURCES = ("enterprise", "production_line", "road_link", "activity_area")


def cells_of(region: Region) -> pa.Table:
    """The table `grid` of a region without sources."""
    day = Window(datetime(2015, 12, 20, tzinfo=UTC), datetime(2015, 12, 21, tzinfo=UTC))
    nothing = [arrow_schema(schema.table(name)).empty_table() for name in SOURCES]
    frames = grid(*nothing, context=Context(region, day, day.to_utc, "grid", store=None))
    return conform(frames["grid"], schema.table("grid"))


def register_grid(region: Region) -> None:
    """Write the cells of a region to its registry."""
    database.replace({"grid": cells_of(region)}, region.region_id)


def with_grid(region: Region, projection: str, cell: float, x: float, y: float) -> Region:
    """The region with a grid of 3 columns and 2 rows."""
    return replace(region, grid=Grid(projection, cell, x, y, 3, 2))
