"""Which meters tell of which line: roles, sites, and meters that several lines share.

Belongs here: the register of meters as weights. Does not: readings, or what the energy of a line is (line_energy).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.errors import InputError

PRODUCING_ROLES = ("production", "generation")
SITE_ROLE, SELF_ROLE, ABATEMENT_ROLE, GENERATION_ROLE = "whole_site", "self_generation", "abatement", "generation"
SHARE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Wiring:
    """Weights of lines (rows) by meters (columns), both in order of their identifiers.

    counted: the meters that make the energy of a line; self_generation: those of them that read what the site made itself;
    abatement: those of its treatment devices. account numbers the lines that hang on the same meters.
    """

    line_ids: list[str]
    meter_ids: list[str]
    counted: Any
    self_generation: Any
    abatement: Any
    is_metered: Flags
    is_site: Flags
    is_shared: Flags
    generates: Flags
    account: Integers


def wire(meter: pa.Table, meter_share: pa.Table, production_line: pa.Table) -> Wiring:
    """The weights by the rule of roles.

    Production and generation meters of a line add up; a whole-site meter counts where the line has neither; self-generation adds to
    what is bought. Abatement meters never count: their power says that emission is treated, not that something is made. A meter
    with rows in meter_share measures those lines: by the parts that are stated, the rest by normal energy.

    Raises:
        InputError: the stated parts of a meter do not sum to 1.
    """
    reference = dict(
        zip(
            production_line["production_line_id"].to_pylist(),
            production_line["reference_energy_kwh"].to_pylist(),
            strict=True,
        )
    )
    lines, meters = sorted(reference), meter.sort_by("meter_id")
    meter_ids, roles = meters["meter_id"].to_pylist(), np.array(meters["meter_role_code"].to_pylist(), dtype=object)
    whole = _weights(meters, meter_share, lines, reference)
    producing = _of_roles(whole, np.isin(roles, PRODUCING_ROLES))
    site = _of_roles(whole, roles == SITE_ROLE)
    has_own = _has_any(producing)
    site = csr_array(site * (~has_own)[:, None])
    is_metered = has_own | _has_any(site)
    own = csr_array(_of_roles(whole, roles == SELF_ROLE) * is_metered[:, None])
    counted = csr_array(producing + site + own)
    return Wiring(
        lines,
        meter_ids,
        counted,
        own,
        _of_roles(whole, roles == ABATEMENT_ROLE),
        is_metered,
        _has_any(site),
        _is_shared(counted),
        _has_any(_of_roles(whole, roles == GENERATION_ROLE)),
        _accounts(counted),
    )


def _weights(meters: pa.Table, meter_share: pa.Table, lines: list[str], reference: dict[str, float | None]) -> Any:
    """Lines by meters, each column summing to 1."""
    row_of, column_of = (
        {name: i for i, name in enumerate(lines)},
        {name: i for i, name in enumerate(meters["meter_id"].to_pylist())},
    )
    shared: dict[str, list[tuple[str, float | None]]] = {}
    for told in meter_share.to_pylist():
        shared.setdefault(told["meter_id"], []).append((told["production_line_id"], told["energy_share"]))
    cells: list[tuple[int, int, float]] = []
    for meter_id, line_id in zip(meters["meter_id"].to_pylist(), meters["production_line_id"].to_pylist(), strict=True):
        parts = _parts(meter_id, shared[meter_id], reference) if meter_id in shared else {line_id: 1.0}
        cells += [(row_of[line], column_of[meter_id], part) for line, part in parts.items() if part > 0]
    rows, columns, parts_of = zip(*cells, strict=True) if cells else ((), (), ())
    return csr_array(
        (np.array(parts_of, dtype=np.float64), (np.array(rows, np.int64), np.array(columns, np.int64))),
        (len(lines), len(column_of)),
    )


def _parts(meter_id: str, told: list[tuple[str, float | None]], reference: dict[str, float | None]) -> dict[str, float]:
    stated = sum(part for _, part in told if part is not None)
    open_lines = [line for line, part in told if part is None]
    if stated > 1 + SHARE_TOLERANCE or (not open_lines and stated < 1 - SHARE_TOLERANCE):
        raise InputError(
            f"table meter_share, meter {meter_id}: the parts sum to {stated:g}",
            "make them sum to 1, or leave some empty",
        )
    sizes = np.array([reference.get(line) or 0.0 for line in open_lines])
    by_size = sizes / sizes.sum() if len(sizes) and (sizes > 0).all() else np.full(len(sizes), 1 / max(len(sizes), 1))
    left = max(1 - stated, 0.0) if open_lines else 0.0
    scale = 1.0 if open_lines else 1 / stated
    return {line: part * scale for line, part in told if part is not None} | {
        line: left * float(part) for line, part in zip(open_lines, by_size, strict=True)
    }


def _of_roles(weights: Any, has_role: Flags) -> Any:
    return csr_array(weights * has_role[None, :])


def _has_any(weights: Any) -> Flags:
    return np.asarray(weights.sum(axis=1) > 0).ravel()


def _is_shared(counted: Any) -> Flags:
    """Lines that have only a part of a meter."""
    partly = counted.copy()
    partly.data = ((partly.data > 0) & (partly.data < 1 - SHARE_TOLERANCE)).astype(np.float64)
    return _has_any(partly)


def _accounts(counted: Any) -> Integers:
    """Lines joined by meters that they share have one number."""
    return np.asarray(connected_components(counted @ counted.T, directed=False)[1], dtype=np.int64)
