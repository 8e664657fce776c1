"""Rows of the registry that a retention policy changes: records of runs that go, and published versions without file.

Belongs here: these rows. Does not: how old they have to be (upkeep).
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bigdata_emis.schema.sql import REGION, sql_table
from bigdata_emis.storage.database_connection import connected

ROWS_AT_ONCE = 500


def read_old_runs(region_id: str, *, before_utc: datetime) -> list[dict[str, Any]]:
    """Id, start, status and process of the runs of a region that began before a time, the oldest first."""
    run = sql_table("run")
    columns = (run.c.run_id, run.c.started_utc, run.c.status, run.c.process_tag)
    statement = sa.select(*columns).where(run.c[REGION] == region_id, run.c.started_utc < before_utc)
    with connected() as connection:
        return [dict(row) for row in connection.execute(statement.order_by(run.c.started_utc)).mappings()]


def delete_runs(region_id: str, run_ids: Collection[str]) -> None:
    """Delete the records of these runs, in one transaction."""
    run, ordered = sql_table("run"), sorted(run_ids)
    with connected(write=True) as connection:
        for first in range(0, len(ordered), ROWS_AT_ONCE):
            some = ordered[first : first + ROWS_AT_ONCE]
            connection.execute(sa.delete(run).where(run.c[REGION] == region_id, run.c.run_id.in_(some)))


def mark_version_as_pruned(
    region_id: str, table_name: str, day: date, version: str, *, scenario_id: str, now_utc: datetime
) -> None:
    """Note of a version that its file is deleted; the rows stay, so that as-of answers name the right version."""
    rows = sql_table("published_version")
    is_version = sa.and_(
        rows.c[REGION] == region_id,
        rows.c.table_name == table_name,
        rows.c.day == day,
        rows.c.version == version,
        sa.func.coalesce(rows.c.scenario_id, "") == scenario_id,
    )
    with connected(write=True) as connection:
        connection.execute(sa.update(rows).where(is_version, rows.c.pruned_utc.is_(None)).values(pruned_utc=now_utc))
