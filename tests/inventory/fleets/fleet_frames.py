"""Fleets of a region for tests of roads: tables of the registry without own fleets or restrictions, or with some."""

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import schema
from bigdata_emis.inventory.fleets.day_fleets import FleetTables, day_fleets
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.schema.arrow import TYPES, empty

ZONE = "Asia/Shanghai"


def frame(name, rows):
    """A declared table; columns that the rows do not have are empty."""
    declared = schema.table(name).fields
    return pa.table({f.name: pa.array([row.get(f.name) for row in rows], TYPES[f.kind]) for f in declared})


def fleets_of(fleet_mix, *, hours, links=(), local=(), restrictions=(), calendar=None, time_zone=ZONE):
    """The fleets of some hours; rows of own fleets and restrictions as dictionaries."""
    mix = fleet_mix if isinstance(fleet_mix, pa.Table) else frame("fleet_mix", fleet_mix)
    own = frame("local_fleet", [{"is_counted_on_road": False, "source": "test", **row} for row in local])
    bans = [{"banned_share": 1.0, "compliance_share": 1.0, "source": "test", **row} for row in restrictions]
    tables = FleetTables(mix, own, frame("traffic_restriction", bans))
    return day_fleets(tables, links, hours=hours, time_zone=time_zone, calendar=calendar or WorkCalendar({}))


def on_engine(spark, table):
    """A table as a frame of the engine, which cannot tell the types of one without rows."""
    return spark.createDataFrame(table, schema=from_arrow_schema(table.schema))


def no_own_fleets():
    """Tables local_fleet and traffic_restriction without rows."""
    return empty(schema.table("local_fleet")), empty(schema.table("traffic_restriction"))
