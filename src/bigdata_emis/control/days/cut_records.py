"""Records of cut days: what a recalculation knows of a day, so that the next one computes only what differs.

Belongs here: the file of a record, and what decides that two days have everything but their measures in common. Does
not: which rows are taken from a record (reused_pieces).

A record can be deleted at any time. The newest few are kept, of the days that were recalculated last.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bigdata_emis import settings as package
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.documents import ScenarioParameters
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.storage.files import FILE_MODE, make_folder
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.storage.temporary_files import temporary_path

log = logging.getLogger(__name__)

RECORDS_OF_A_DAY = 3
DAYS_WITH_RECORDS = 16
"""Days that were recalculated last: of others a recalculation is seldom edited, and a large record has 50 MB."""
OF_MEASURES = ("level", "from_utc", "to_utc", "measures_sha256", "measure_rows", "orders", "inputs", "moved")
"""Parameters of a scenario that are compared hour by hour, or by day, or move what was cut."""
CODE = (
    "control/scenario",
    "control/days",
    "control/outcome/normal_emission.py",
    "equations/control.py",
    "statistics/propagation.py",
)
"""What computes a cut: another version of it gives another record."""


LONGEST_HEADER = 1 << 20
NOT_WRITTEN = "it is not what was written"


@dataclass(frozen=True)
class CutRecord:
    """A day as a scenario cut it; arrays as in the plan, its totals and its errors.

    counts: of rows whose base is not the inventory, as BASE_COUNTS.
    piece_sources: the sources of all pieces of the inventory, one piece after the other; piece_starts: where each
    begins; piece_rows: rows with a cut of each.
    """

    kind_of_source: NDArray[np.int32]
    shares: Floats
    banned: Floats
    segments: Positions
    piece_sources: Integers
    piece_starts: Integers
    piece_rows: Positions
    baseline_g: Floats
    cut_g: Floats
    road_km: Floats
    is_hour_present: Flags
    counts: Positions
    obeyed_g: Floats
    shared_g: Floats
    variance: Floats
    head: Floats
    carry: Floats
    faded: Floats


class CutRecords:
    """The records of a day in the lake that have everything but measures in common with one plan."""

    def __init__(self, lake: ScenarioStore, day: date, key: str) -> None:
        self._folder, self._key, self._own = Path(lake.layout.cut_folder(day)), key, lake.scenario_id

    def __iter__(self) -> Iterator[tuple[str, "StoredRecord"]]:
        """The scenarios that have a record, the newest first."""
        for path in _newest_first(self._folder.glob(f"{self._key}-*.cut")):
            if not path.is_file():
                continue
            yield path.stem.removeprefix(f"{self._key}-"), StoredRecord(path)

    def save(self, record: CutRecord) -> None:
        """Store the record of this scenario whole, and delete the oldest ones, of this day and of other days."""
        target = self._folder / f"{self._key}-{self._own}.cut"
        part = temporary_path(target)
        try:
            make_folder(target.parent)
            with part.open("wb") as file:
                _write_arrays(file, {name: np.ascontiguousarray(values) for name, values in vars(record).items()})
            part.chmod(FILE_MODE)
            part.replace(target)
        except OSError as problem:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            log.warning("%s is not stored, which costs time only: %s", target, problem)
            return
        for path in _newest_first(self._folder.glob("*.cut"))[RECORDS_OF_A_DAY:]:
            try:
                path.unlink(missing_ok=True)
            except OSError as problem:
                log.warning("%s is not deleted, which costs space only: %s", path, problem)
        for folder in _newest_first(self._folder.parent.glob("day=*"))[DAYS_WITH_RECORDS:]:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class StoredRecord:
    """The file of a record."""

    path: Path

    def read(self, *names: str) -> dict[str, NDArray[Any]] | None:
        """Some arrays, compared with their checksums; None of a file that is damaged or gone, which is logged."""
        try:
            with self.path.open("rb") as file:
                listed = {one["name"]: one for one in _read_header(file)}
                return {name: _read_array(file, listed[name]) for name in names}
        except (OSError, ValueError, KeyError, TypeError) as problem:
            log.warning("%s is not used: %s", self.path, problem)
            return None

    def touch(self) -> None:
        """Count it as new: it was used. Another recalculation may have deleted it meanwhile."""
        with suppress(FileNotFoundError):
            os.utime(self.path)

    def read_whole(self) -> CutRecord | None:
        """All of it, compared with its checksums."""
        arrays = self.read(*(field.name for field in fields(CutRecord)))
        return None if arrays is None else CutRecord(**arrays)


def _write_arrays(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """A line that names the arrays with their checksums, then their bytes: a plain copy of memory is the fastest.

    The line begins with a checksum of its own, so that no shape is believed that was not written.
    """
    listed, start = [], 0
    for name, values in arrays.items():
        known = {"kind": values.dtype.str, "shape": values.shape, "sha256": _digest_of([values])}
        listed.append({"name": name, "start": start, **known})
        start += values.nbytes
    header = json.dumps(listed).encode()
    file.write(hashlib.sha256(header).hexdigest().encode() + b" " + header + b"\n")
    for values in arrays.values():
        file.write(values.data)


def _read_header(file: BinaryIO) -> list[dict[str, Any]]:
    checksum, _, header = file.readline(LONGEST_HEADER).rstrip(b"\n").partition(b" ")
    if hashlib.sha256(header).hexdigest().encode() != checksum:
        raise ValueError(NOT_WRITTEN)
    return list(json.loads(header))


def _read_array(file: BinaryIO, listed: Mapping[str, Any]) -> NDArray[Any]:
    """One of the arrays; the file is left where the header ends."""
    body, count = file.tell(), int(np.prod(listed["shape"]))
    file.seek(listed["start"], os.SEEK_CUR)
    values = np.fromfile(file, np.dtype(listed["kind"]), count)
    file.seek(body)
    if len(values) < count:
        raise ValueError("it is too short")
    if _digest_of([values]) != listed["sha256"]:
        raise ValueError(NOT_WRITTEN)
    return values.reshape(listed["shape"])


def _digest_of(arrays: Iterable[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for values in arrays:
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def record_key(
    day: date, plan: DayPlan, parameters: ScenarioParameters, in_force: ScenariosInForce, correlations: object
) -> str:
    """A digest of everything but the measures that decides what a cut of a day is."""
    others: Mapping[str, Any] = {name: value for name, value in parameters.items() if name not in OF_MEASURES}
    inputs = {table: by_day.get(str(day)) for table, by_day in parameters["inputs"].items()}
    windows = {name: order.event.window for name, order in sorted(in_force.orders.items())}
    held = {name: [str(window.from_utc), str(window.to_utc)] for name, window in windows.items()}
    hours = [plan.start_us, plan.hour_count, plan.hours.start, plan.hours.stop]
    orders = [_digest_of((one.cuts.shares, one.cuts.kind_of_source, one.roads.banned)) for one in plan.in_force]
    known = [others, inputs, held, hours, orders, repr(vars(correlations)), _code_digest()]
    text = json.dumps(known, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _code_digest() -> str:
    places = [package.PACKAGE / name for name in CODE]
    files = [file for place in places for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    content = hashlib.sha256(np.__version__.encode())
    for file in files:
        content.update(file.read_bytes())
    return content.hexdigest()


def _newest_first(paths: Iterator[Path]) -> list[Path]:
    times = {}
    for path in paths:
        try:
            times[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # another recalculation has just deleted it
    return sorted(times, key=lambda path: (-times[path], path.name))
