"""Which meters count for which production line: roles, whole sites, and meters that several lines share.

Belongs here: the registered meters as weights. Does not: readings, or the energy of a line (metered_energy).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.codes import MeterRole
from bigdata_emis.errors import InputError

PRODUCING_ROLES = (MeterRole.PRODUCTION, MeterRole.GENERATION)
SHARE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class LineMeters:
    """Weights of lines (rows) by meters (columns), sparse, both in order of their identifiers.

    energy_weights: the meters whose sum is the energy of a line. self_generation_weights: those of them that read what
    the site generated itself. abatement_weights: the meters of its treatment devices. meter_group: by line, a number
    that lines share which are connected by shared meters.
    """

    line_ids: list[str]
    meter_ids: list[str]
    energy_weights: Any
    self_generation_weights: Any
    abatement_weights: Any
    is_metered: Flags
    is_whole_site: Flags
    is_shared: Flags
    is_generator: Flags
    meter_group: Integers


def assign_meters(meter: pa.Table, meter_share: pa.Table, production_line: pa.Table) -> LineMeters:
    """The meters of each line, by the roles that the registry gives them.

    Production and generation meters of a line add up. A whole-site meter counts where the line has neither.
    Self-generation adds to what is bought. Abatement meters never count: their power says that emission is treated, not
    that something is produced. A meter with rows in meter_share measures those lines: by the stated shares, and the
    rest by reference energy.

    Raises:
        InputError: the stated shares of a meter do not sum to 1.
    """
    line_ids = production_line["production_line_id"].to_pylist()
    reference = dict(zip(line_ids, production_line["reference_energy_kwh"].to_pylist(), strict=True))
    lines, meters = sorted(reference), meter.sort_by("meter_id")
    roles = np.array(meters["meter_role_code"].to_pylist(), dtype=object)
    weights = _weights(meters, meter_share, lines, reference)
    producing = _select_roles(weights, np.isin(roles, PRODUCING_ROLES))
    has_own = _has_any(producing)
    site = _select_roles(weights, roles == MeterRole.WHOLE_SITE)
    site = csr_array(site * (~has_own)[:, None])
    is_metered = has_own | _has_any(site)
    own = csr_array(_select_roles(weights, roles == MeterRole.SELF_GENERATION) * is_metered[:, None])
    counted = csr_array(producing + site + own)
    return LineMeters(
        line_ids=lines,
        meter_ids=meters["meter_id"].to_pylist(),
        energy_weights=counted,
        self_generation_weights=own,
        abatement_weights=_select_roles(weights, roles == MeterRole.ABATEMENT),
        is_metered=is_metered,
        is_whole_site=_has_any(site),
        is_shared=_has_only_a_share(counted),
        is_generator=_has_any(_select_roles(weights, roles == MeterRole.GENERATION)),
        meter_group=_number_meter_groups(counted),
    )


def _weights(meters: pa.Table, meter_share: pa.Table, lines: list[str], reference: dict[str, float | None]) -> Any:
    """Lines by meters, each column summing to 1."""
    meter_ids, line_of_meter = meters["meter_id"].to_pylist(), meters["production_line_id"].to_pylist()
    row = {line_id: number for number, line_id in enumerate(lines)}
    column = {meter_id: number for number, meter_id in enumerate(meter_ids)}
    shares: dict[str, list[tuple[str, float | None]]] = {}
    for entry in meter_share.to_pylist():
        shares.setdefault(entry["meter_id"], []).append((entry["production_line_id"], entry["energy_share"]))
    entries: list[tuple[int, int, float]] = []
    for meter_id, line_id in zip(meter_ids, line_of_meter, strict=True):
        split = _split(meter_id, shares[meter_id], reference) if meter_id in shares else {line_id: 1.0}
        entries += [(row[line], column[meter_id], share) for line, share in split.items() if share > 0]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    positions = np.array(rows, np.int64), np.array(columns, np.int64)
    return csr_array((np.array(values, dtype=np.float64), positions), (len(lines), len(column)))


def _split(
    meter_id: str, shares: list[tuple[str, float | None]], reference: dict[str, float | None]
) -> dict[str, float]:
    """The share of each line of a meter: as stated, the rest by reference energy or, where one has none, equally."""
    stated = sum(share for _, share in shares if share is not None)
    open_lines = [line for line, share in shares if share is None]
    if stated > 1 + SHARE_TOLERANCE or (not open_lines and stated < 1 - SHARE_TOLERANCE):
        what = f"table meter_share, meter {meter_id}: the parts sum to {stated:g}, expected 1"
        raise InputError(what, "make them sum to 1, or leave some empty")
    sizes = np.array([reference.get(line) or 0.0 for line in open_lines])
    by_size = sizes / sizes.sum() if len(sizes) and (sizes > 0).all() else np.full(len(sizes), 1 / max(len(sizes), 1))
    rest = max(1 - stated, 0.0) if open_lines else 0.0
    scale = 1.0 if open_lines else 1 / stated
    return {line: share * scale for line, share in shares if share is not None} | {
        line: rest * float(share) for line, share in zip(open_lines, by_size, strict=True)
    }


def _select_roles(weights: Any, has_role: Flags) -> Any:
    return csr_array(weights * has_role[None, :])


def _has_any(weights: Any) -> Flags:
    return np.asarray(weights.sum(axis=1) > 0).ravel()


def _has_only_a_share(counted: Any) -> Flags:
    """Lines that have only a share of a meter."""
    partly = counted.copy()
    partly.data = ((partly.data > 0) & (partly.data < 1 - SHARE_TOLERANCE)).astype(np.float64)
    return _has_any(partly)


def _number_meter_groups(counted: Any) -> Integers:
    """Lines that are connected by shared meters have one number."""
    return np.asarray(connected_components(counted @ counted.T, directed=False)[1], dtype=np.int64)
