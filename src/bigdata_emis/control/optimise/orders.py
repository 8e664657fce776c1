"""What an optimisation has to respect: targets, steps that must be ordered, steps that must not.

Belongs here: reading these files and applying them to steps. Does not: the steps (candidates), the search (least_cost).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bigdata_emis import reference
from bigdata_emis.control.optimise.search.problem import CandidateStep
from bigdata_emis.control.optimise.table_files import read_table_file
from bigdata_emis.control.scenario.measures import levels_up_to
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region

ANY_STEP_SHARE = 0.0


@dataclass(frozen=True)
class Orders:
    """Least and largest steps that are allowed, by source.

    required: at least this share of the source must be cut, 0 for any step; forbidden: this share or more must not.
    """

    required: Mapping[str, float] = field(default_factory=dict)
    forbidden: Mapping[str, float] = field(default_factory=dict)

    def allows(self, step: CandidateStep) -> bool:
        """Whether a step is neither below what is required of its source nor at what is forbidden."""
        limit = self.forbidden.get(step.source_id)
        return step.step_share >= self.required.get(step.source_id, 0.0) and (limit is None or step.step_share < limit)


def read_orders(require_file: Path | None, forbid_file: Path | None) -> Orders:
    """The steps that must be ordered and must not, each a CSV with source_id and an optional cut_share.

    A source without cut_share in the first file needs some step; in the second it may have none.

    Raises:
        InputError: with row and column of the first error, or for a source that is in both files with no step between.
    """
    required, forbidden = _read(require_file), _read(forbid_file)
    for source_id in sorted(required.keys() & forbidden.keys()):
        if required[source_id] >= forbidden[source_id]:
            what = f"source {shorten(source_id)} is required from {required[source_id]:g} on and forbidden from"
            raise InputError(f"{what} {forbidden[source_id]:g} on", "remove it from one of the two files")
    return Orders(required, forbidden)


def check_sources(orders: Orders, source_ids: Iterable[str]) -> None:
    """Refuse an order for a source that cannot be ordered anything.

    Raises:
        InputError: for the first such source.
    """
    unknown = sorted((orders.required.keys() | orders.forbidden.keys()) - set(source_ids))
    if unknown:
        what = f"source {shorten(unknown[0])} is required or forbidden and is no source that can be ordered a step"
        raise InputError(what, "correct the file; emis optimise --json lists the candidates by source")


def read_targets(region: Region, level: str, path: Path | None) -> dict[str, float]:
    """The target of each pollutant: of the file (pollutant_code, target_share), else of the level.

    Raises:
        InputError: the level is unknown, a pollutant is repeated, a share is not in 0 to 1, or there is no target.
    """
    levels_up_to(level)
    if path is None:
        rows = reference.read("alert_target", region.folder).to_pylist()
        targets = {row["pollutant_code"]: row["target_share"] for row in rows if row["alert_level_code"] == level}
        if not targets:
            raise InputError(f"level {level} has no targets in alert_target", "give them with --targets")
        return targets
    targets = {}
    for row in read_table_file(path, required=("pollutant_code",), numbers=("target_share",)):
        code = row.texts["pollutant_code"]
        if code in targets:
            raise row.error(f"{code} is repeated", "keep one of the rows")
        targets[code] = row.numbers["target_share"]
    if not targets:
        raise InputError(f"{path} has no rows: expected a target for a pollutant", "add rows, or omit --targets")
    return targets


def _read(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    shares: dict[str, float] = {}
    for row in read_table_file(path, required=("source_id",), optional=("cut_share",), numbers=("cut_share",)):
        source_id = row.texts["source_id"]
        if source_id in shares:
            raise row.error(f"source {shorten(source_id)} is repeated", "keep one of the rows")
        shares[source_id] = row.numbers.get("cut_share", ANY_STEP_SHARE)
    return shares
