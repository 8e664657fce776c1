"""The registry's row of a scenario, from its recalculation on: a draft until somebody decides.

Belongs here: keeping the row. Does not: the recalculation (control/recalculate.py) or the decision (publish/approve.py).
"""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.window import Window

DRAFT = "draft"


def keep_draft(
    *,
    region_id: str,
    scenario_id: str,
    name: str | None,
    level: str,
    window: Window,
    parameters: dict[str, Any],
    run_id: str,
    known_utc: datetime,
) -> None:
    """Keep what a scenario is about. The same scenario made again keeps the decision on it, since its bytes are the same."""
    database.migrate()
    if any(row["scenario_id"] == scenario_id for row in database.read("scenario", region_id).to_pylist()):
        return
    row = {
        "scenario_id": scenario_id,
        "name_en": name or scenario_id,
        "alert_level_code": level,
        "from_utc": window.from_utc,
        "to_utc": window.to_utc,
        "parameters_json": json.dumps(parameters, sort_keys=True),
        "run_id": run_id,
        "known_utc": known_utc,
        "status": DRAFT,
    }
    database.upsert("scenario", region_id, pa.Table.from_pylist([row], arrow_schema(schema.table("scenario"))))
