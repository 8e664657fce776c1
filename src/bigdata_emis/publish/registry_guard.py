"""What the registry promises across rows, held against it each time that something which stands on it is to be published.

Belongs here: shares that sum to 1. Does not: single rows, which conform() and the database refuse when they are written.
"""

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import database
from bigdata_emis.quality import Finding, findings
from bigdata_emis.schema.expectations import zero

SHARE_TOLERANCE = 1e-6
SHOWN = 3
# Table, its column of shares, and over what the shares sum to 1.
SHARES = (("grid_weight", "weight_share", ("source_id",)), ("fleet_mix", "fleet_share", ("road_class_code", "local_hour")))


def registry_findings(region_id: str) -> list[Finding]:
    """Sources whose weights, and roads whose fleet, do not sum to 1; none when all is well."""
    worst = pa.concat_tables([_furthest(database.read(name, region_id), name, column, group) for name, column, group in SHARES])
    return findings("registry", worst, [zero("beyond_one", SHARE_TOLERANCE)], key=("what",)) if worst.num_rows else []


def _furthest(frame: pa.Table, name: str, column: str, group: tuple[str, ...]) -> pa.Table:
    """The sums that are furthest from 1: if they keep within the tolerance, all do."""
    sums = frame.group_by(list(group)).aggregate([(column, "sum")])
    off = sums.append_column("beyond_one", pc.subtract(sums[f"{column}_sum"], 1.0)).sort_by([("beyond_one", "ascending")])
    rows = [*off.slice(0, SHOWN).to_pylist(), *off.slice(max(SHOWN, off.num_rows - SHOWN)).to_pylist()]
    what = [f"{name} of {', '.join(str(row[part]) for part in group)}" for row in rows]
    return pa.table({"what": pa.array(what, pa.string()), "beyond_one": pa.array([row["beyond_one"] for row in rows], pa.float64())})
