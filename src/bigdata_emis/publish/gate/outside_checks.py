"""Mass outside the grid: more than a small share of a pollutant means that a source lies where it does not belong.

Belongs here: the facts and their check. Does not: coordinates in the registry (collect/registry/locations), or how
mass comes to lie outside (inventory/grid).
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.publish.gate.checks import Check, expect_between
from bigdata_emis.publish.gate.mass_checks import Frames

OUTSIDE_CELL_ID = "outside"
LARGEST_OUTSIDE_SHARE = 0.01
"""Share of the mass of a pollutant on a day; roads and areas that cross the edge of a grid leave less."""
NO_SOURCE = "no registered source"


def outside_check(days: Sequence[Frames], grid_weight: pa.Table) -> Check:
    """The share of each pollutant of a day that lies outside the grid, with the source that has most of it there."""
    outside = grid_weight.filter(pc.equal(grid_weight["cell_id"], OUTSIDE_CELL_ID))
    share = dict(zip(outside["source_id"].to_pylist(), outside["weight_share"].to_pylist(), strict=True))
    placed = set(pc.unique(grid_weight["source_id"]).to_pylist())
    rows = [row for frames in days for row in _rows(frames, share, placed)]
    names = (("pollutant_code", pa.string()), ("likely_source", pa.string()), ("outside_share", pa.float64()))
    facts = pa.Table.from_pylist(rows, pa.schema(list(names)))
    meaning = (
        f"at most {LARGEST_OUTSIDE_SHARE:.0%} of a pollutant may lie outside the grid; check the coordinates of the "
        "source named, or enlarge the grid in region.toml"
    )
    expected = expect_between("outside_share", 0, LARGEST_OUTSIDE_SHARE, meaning)
    return Check("mass outside the grid", facts, ("pollutant_code", "likely_source"), (expected,))


def _rows(frames: Frames, share: dict[str, float], placed: set[str]) -> list[dict[str, Any]]:
    gridded = frames["emission_gridded_hourly"]
    whole = _mass(gridded, "pollutant_code")
    beyond = _mass(gridded.filter(pc.equal(gridded["cell_id"], OUTSIDE_CELL_ID)), "pollutant_code")
    return [
        {
            "pollutant_code": code,
            "likely_source": _culprit(frames["emission_hourly"], code, share, placed) if beyond.get(code) else "",
            "outside_share": beyond.get(code, 0.0) / mass if mass > 0 else 0.0,
        }
        for code, mass in sorted(whole.items())
    ]


def _culprit(emission_hourly: pa.Table, code: str, share: dict[str, float], placed: set[str]) -> str:
    """The source with the largest mass of a pollutant outside; one without a place lies outside as a whole."""
    mass = _mass(emission_hourly.filter(pc.equal(emission_hourly["pollutant_code"], code)), "source_id")
    beyond = {source: g * (share.get(source, 0.0) if source in placed else 1.0) for source, g in mass.items()}
    return max(sorted(beyond), key=lambda source: beyond[source], default=NO_SOURCE)


def _mass(frame: pa.Table, name: str) -> dict[str, float]:
    sums = frame.group_by(name, use_threads=False).aggregate([("emission_g", "sum")])
    masses = (value or 0.0 for value in sums["emission_g_sum"].to_pylist())
    return dict(zip(sums[name].to_pylist(), masses, strict=True))
