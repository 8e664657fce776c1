"""The row of a run that has been announced: ended, or taken over by the run itself.

Belongs here: these two changes of table `run`. Does not: what is written into it (run.run_record, run.announced_run).
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bigdata_emis.codes import RunStatus
from bigdata_emis.schema.sql import REGION, sql_table
from bigdata_emis.storage.database_connection import connected


def end_running(region_id: str, run_id: str, *, status: RunStatus, error: str | None, ended_utc: datetime) -> bool:
    """End a run that is recorded as running; whether there was one."""
    ended = {"status": status.value, "error": error, "ended_utc": ended_utc}
    with connected(write=True) as connection:
        return bool(
            connection.execute(sa.update(sql_table("run")).where(_is_open(region_id, run_id)).values(ended)).rowcount
        )


def remove_running(region_id: str, run_id: str) -> None:
    """Remove a run that is recorded as running, because another row is about the same process now."""
    with connected(write=True) as connection:
        connection.execute(sa.delete(sql_table("run")).where(_is_open(region_id, run_id)))


def _is_open(region_id: str, run_id: str) -> Any:
    run = sql_table("run")
    return sa.and_(run.c[REGION] == region_id, run.c.run_id == run_id, run.c.status == RunStatus.RUNNING.value)
