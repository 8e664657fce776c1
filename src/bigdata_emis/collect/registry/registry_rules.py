"""What holds between the rows of a registry beyond types, keys and references: parts that sum to 1, devices that are known, parts within wholes.

Belongs here: rules over several rows or tables. Does not: single values, keys and references (registry).
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.region import Region

SHARE_TOLERANCE = 1e-6
FACTOR_TOLERANCE = 1e-9
BETWEEN_ENTERPRISES = "meter_between_enterprises"
Frames = Mapping[str, pa.Table]
Row = dict[str, Any]


def check_rules(frames: Frames, region: Region) -> None:
    """Raise InputError for the first rule that the registry of a region breaks."""
    by_meter = _by(frames["meter_share"], "meter_id")
    own = dict(
        zip(frames["meter"]["meter_id"].to_pylist(), frames["meter"]["production_line_id"].to_pylist(), strict=True)
    )
    for meter_id, rows in by_meter.items():
        _check_parts(meter_id, rows)
        _check_own_line(meter_id, own[meter_id], rows)
    _check_devices(frames["abatement_device"], reference.read("control_efficiency", region.folder))
    containment = Containment(reference.read("pollutant_part", region.folder))
    for line_id, rows in _by(frames["emission_factor"], "production_line_id").items():
        _check_factors(line_id, rows, containment)


def flags(frames: Frames) -> dict[str, int]:
    """What is unusual but may be so: meters whose lines belong to several enterprises, as in a park with one transformer."""
    enterprise = dict(
        zip(
            *(frames["production_line"][name].to_pylist() for name in ("production_line_id", "enterprise_id")),
            strict=True,
        )
    )
    sharing = [
        {enterprise[row["production_line_id"]] for row in rows}
        for rows in _by(frames["meter_share"], "meter_id").values()
    ]
    found = sum(len(owners) > 1 for owners in sharing)
    return {BETWEEN_ENTERPRISES: found} if found else {}


def _check_parts(meter_id: str, rows: list[Row]) -> None:
    stated = sum(row["energy_share"] for row in rows if row["energy_share"] is not None)
    has_open = any(row["energy_share"] is None for row in rows)
    if stated > 1 + SHARE_TOLERANCE or (not has_open and stated < 1 - SHARE_TOLERANCE):
        what = f"table meter_share, meter {meter_id}: the parts of its {len(rows)} lines sum to {stated:g}"
        raise InputError(what, "make them sum to 1, or leave some empty to go by reference energy")


def _check_own_line(meter_id: str, own_line: str, rows: list[Row]) -> None:
    """A meter that is shared names in table meter one of the lines that share it, else the two tables speak of different works."""
    lines = [row["production_line_id"] for row in rows]
    if own_line not in lines:
        what = f"table meter_share, meter {meter_id}: it measures {', '.join(lines[:3])} but table meter says line {own_line}, which is not among them"
        raise InputError(what, "name one of its lines in table meter, or add the line to meter_share")


def _check_devices(abatement_device: pa.Table, control_efficiency: pa.Table) -> None:
    known = set(control_efficiency["device_name"].to_pylist())
    for row in abatement_device.to_pylist():
        if row["device_name"] not in known:
            what = f"table abatement_device, line {row['production_line_id']}: device '{row['device_name']}' is unknown"
            raise InputError(what, f"reference/control_efficiency knows {', '.join(sorted(known))}"[:400])


def _check_factors(line_id: str, rows: list[Row], containment: Containment) -> None:
    """The registry's own factors of a line: what is left of a part behind its devices is no more than what is left of its whole."""
    behind = {
        row["pollutant_code"]: row["emission_factor_g_per_unit"] * (1 - (row["removal_share"] or 0.0)) for row in rows
    }
    for part, whole in containment.pairs(set(behind)):
        if behind[part] > behind[whole] * (1 + FACTOR_TOLERANCE):
            what = f"table emission_factor, line {line_id}: {behind[part]:g} g of {part} a unit behind its devices, but {behind[whole]:g} g of {whole}"
            raise InputError(what, f"{part} is a part of {whole}: mend one of the factors or removals")


def _by(frame: pa.Table, name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frame.to_pylist():
        found[row[name]].append(row)
    return found
