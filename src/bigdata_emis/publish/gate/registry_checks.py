"""Shares in the registry that must sum to 1: grid weights of a source, fleet of a road class and hour.

Belongs here: the facts and their check. Does not: single rows of the registry (collect/register).
"""

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.publish.gate.checks import Check, expect_zero
from bigdata_emis.storage import database

SHARE_TOLERANCE = 1e-6
FURTHEST = 3
SHARES = (
    ("grid_weight", "weight_share", ("source_id",)),
    ("fleet_mix", "fleet_share", ("road_class_code", "local_hour")),
    ("local_fleet", "fleet_share", ("local_fleet_id",)),
)
"""Table, its column of shares, and the columns over whose groups the shares sum to 1."""


def share_check(region_id: str) -> Check:
    """The sums of shares that are furthest from 1, of each table; if they are within the tolerance, all are."""
    furthest = [_furthest(database.read(name, region_id), name, column, group) for name, column, group in SHARES]
    expected = expect_zero("beyond_one", "shares must sum to 1", tolerance=SHARE_TOLERANCE)
    return Check("registry", pa.concat_tables(furthest), ("what",), (expected,))


def _furthest(frame: pa.Table, name: str, column: str, group: tuple[str, ...]) -> pa.Table:
    sums = frame.group_by(list(group)).aggregate([(column, "sum")])
    beyond = pc.subtract(sums[f"{column}_sum"], 1.0)
    ordered = sums.append_column("beyond_one", beyond).sort_by([("beyond_one", "ascending")])
    last = ordered.slice(max(FURTHEST, ordered.num_rows - FURTHEST))
    rows = [*ordered.slice(0, FURTHEST).to_pylist(), *last.to_pylist()]
    what = [f"{name} of {', '.join(str(row[part]) for part in group)}" for row in rows]
    return pa.table(
        {"what": pa.array(what, pa.string()), "beyond_one": pa.array([row["beyond_one"] for row in rows], pa.float64())}
    )
