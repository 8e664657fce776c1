"""The record of runs in the registry: when each run of a stage began and ended, how it ended, and why it failed.

Belongs here: the rows of table `run`, and the only clock of this room. Does not: running a stage (stage).
"""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pyarrow as pa

from bigdata_emis import __version__, schema
from bigdata_emis.codes import RunStatus
from bigdata_emis.context import Context
from bigdata_emis.errors import EmisError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.run.secret_text import secret_names, without_secrets
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.run_rows import end_running, remove_running
from bigdata_emis.storage.temporary_files import is_stale, lasting_process_tag, process_tag
from bigdata_emis.window import Window

log = logging.getLogger(__name__)

CURRENT_RUN: ContextVar[str] = ContextVar("current_run", default="")
"""The id of the run that this process is in, as a log names it; empty between runs."""

ANNOUNCED = "EMIS_ANNOUNCED_RUN"
"""The variable that names the row in which whoever started this process announced its run."""

Clock = Callable[[], datetime]
ERROR_LENGTH = 1000
NO_LIMIT = 2**31 - 1
DEFAULT_LIMIT = 20
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_RUN = timedelta(days=1)
"""No stage runs longer; the longest, a training, is ended by Airflow after twelve hours."""


SUCCESSFUL = frozenset({RunStatus.DONE, RunStatus.PARTIAL})
UNSUCCESSFUL = frozenset({RunStatus.FAILED, RunStatus.REFUSED, RunStatus.INTERRUPTED, RunStatus.ABANDONED})


@dataclass
class RunEntry:
    """The open record of a run; the stage's receipt, or why a day is partial, is put here when it has ended."""

    receipt: Receipt | None = None
    partial_reason: str = ""


def wall_clock() -> datetime:
    """The time of day: when a run really begins and ends, whatever time counts as its "now"."""
    return datetime.now(UTC)


@contextmanager
def record_run(stage_name: str, context: Context, *, clock: Clock = wall_clock) -> Iterator[RunEntry]:
    """Record the run of a stage: `running` while the block runs, then how it ended, also when it raises.

    A record that cannot be written after a failure is logged; the error of the block is the one that is raised.
    """
    row = _record_start(stage_name, context, clock())
    entry, token = RunEntry(), CURRENT_RUN.set(row["run_id"])
    log.info("%s began over %s to %s", stage_name, row["from_utc"], row["to_utc"])
    try:
        yield entry
    except BaseException as problem:
        reason = one_line(problem, context.region)
        log.info("%s ended as %s: %s", stage_name, status_after(problem), reason)
        try:
            _record_end(row, context, clock(), status_after(problem), error=reason)
        except Exception as unrecorded:
            log.warning("run %s ended with an error that could not be recorded: %s", row["run_id"], unrecorded)
        raise
    else:
        status = _status_of_entry(entry)
        error = entry.partial_reason[:ERROR_LENGTH] or None
        _record_end(row, context, clock(), status, receipt=entry.receipt, error=error)
        log.info("%s ended as %s", stage_name, status)
    finally:
        CURRENT_RUN.reset(token)


def end_own_rows(region_id: str, process_id: int, *, started_utc: datetime, error: str) -> None:
    """End the rows that a process of this host has left open, which began at a time or later and was killed."""
    tag = process_tag(process_id)
    for row in _rows_since(started_utc, region_id):
        if str(row["process_tag"] or "").partition("@")[0] == tag:
            end_running(region_id, row["run_id"], status=RunStatus.INTERRUPTED, error=error, ended_utc=wall_clock())


def status_after(problem: BaseException) -> RunStatus:
    """The status of a run that this error ended."""
    if isinstance(problem, RefusedError):
        return RunStatus.REFUSED
    return RunStatus.FAILED if isinstance(problem, Exception) else RunStatus.INTERRUPTED


def one_line(problem: BaseException, *regions: Region) -> str:
    """An error as one line of bounded length, without secrets of these regions; of an unexpected one also its type."""
    # Secrets are removed before the line is cut: half a token is still a secret.
    text = " ".join(without_secrets(str(problem), secret_names(regions)).split())
    kind = type(problem).__name__
    line = text if isinstance(problem, EmisError) else f"{kind}: {text}" if text else kind
    return line[:ERROR_LENGTH]


def list_runs(
    region_id: str = "",
    *,
    is_failed_only: bool = False,
    since_utc: datetime = SINCE_EVER,
    limit: int = DEFAULT_LIMIT,
    clock: Clock = wall_clock,
) -> list[dict[str, Any]]:
    """Runs of a region, or of all, newest first.

    A run that is recorded as running, but whose process on this host has ended, counts as interrupted. One of another
    host, which cannot be asked, counts as abandoned when it began more than LONGEST_RUN ago. Of a run that did not
    succeed, `later` is a later one of the same stage and window, or of the same command: the first that succeeded, else
    the last.
    """
    now_utc = clock()
    rows = database.query(
        "runs_since",
        region_id=region_id,
        started_utc=since_utc,
        status=RunStatus.FAILED.value if is_failed_only else "",
        row_count=NO_LIMIT if is_failed_only else limit,
    ).to_pylist()
    runs = [_run_of_row(row, now_utc) for row in rows]
    shown = [run for run in runs if not is_failed_only or run["status"] in UNSUCCESSFUL][:limit]
    return _with_later_tries(shown, region_id, now_utc)


def _rows_since(since_utc: datetime, region_id: str) -> list[dict[str, Any]]:
    """All recorded runs since a time, the newest first."""
    found = database.query("runs_since", region_id=region_id, started_utc=since_utc, status="", row_count=NO_LIMIT)
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _with_later_tries(shown: list[dict[str, Any]], region_id: str, now_utc: datetime) -> list[dict[str, Any]]:
    """The runs, of which those that did not succeed say what became of a later try."""
    unsuccessful = [run for run in shown if run["status"] in UNSUCCESSFUL]
    if not unsuccessful:
        return shown
    tries: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in _rows_since(min(run["started_utc"] for run in unsuccessful), region_id):
        tries.setdefault(_what_ran(run := _run_of_row(row, now_utc)), []).append(run)
    for run in unsuccessful:
        later = [one for one in tries[_what_ran(run)] if one["started_utc"] > run["started_utc"]]
        succeeded = [one for one in later if one["status"] in SUCCESSFUL]
        chosen = succeeded[-1] if succeeded else later[0] if later else None
        run["later"] = chosen and {name: chosen[name] for name in ("run", "started_utc", "status")}
    return shown


def _what_ran(run: dict[str, Any]) -> tuple[Any, ...]:
    """What two runs have in common of which the second is another try of the first."""
    window = (run["from_utc"], run["to_utc"])
    return run["region"], run["stage"], run["command"] or window


def _run_of_row(row: dict[str, Any], now_utc: datetime) -> dict[str, Any]:
    started, ended = row["started_utc"], row["ended_utc"]
    status, error = _status_of_row(row, now_utc)
    return {
        "started_utc": started,
        "ended_utc": ended,
        "seconds": (ended - started).total_seconds() if ended and started else None,
        "region": row["region_id"],
        "stage": row["stage_name"],
        "from_utc": row["from_utc"],
        "to_utc": row["to_utc"],
        "status": str(status),
        "error": error,
        "run": row["run_id"],
        "command": row["command"],
        "later": None,
    }


def _status_of_row(row: dict[str, Any], now_utc: datetime) -> tuple[str, str | None]:
    """The status of a recorded run as far as this host can know it, and the error that belongs to it."""
    if row["status"] != RunStatus.RUNNING:
        return row["status"], row["error"]
    if not _is_running(row):
        process = str(row["process_tag"]).partition("@")[0]
        return RunStatus.INTERRUPTED, row["error"] or f"process {process} ended without a message"
    if _is_of_this_host(row) or now_utc - row["started_utc"] <= LONGEST_RUN:
        return RunStatus.RUNNING, row["error"]
    hours = (now_utc - row["started_utc"]).total_seconds() / 3600
    process = str(row["process_tag"]).partition("@")[0]
    return RunStatus.ABANDONED, f"process {process} began {hours:.0f} h ago and has reported no end"


def _record_start(stage_name: str, context: Context, started_utc: datetime) -> dict[str, Any]:
    """Add the row of a run; another attempt of the same run gets its own row as long as the first one is running."""
    row = new_row(stage_name, context.window, started_utc, process_tag=lasting_process_tag())
    row["known_utc"] = context.known_utc
    for attempt in count(1):
        row["run_id"] = f"{context.run_id}/{stage_name}" + (f"/{attempt}" if attempt > 1 else "")
        is_written = database.upsert_row(
            "run", context.region.region_id, row, may_replace=lambda existing: not _is_running(existing)
        )
        if is_written:
            break
    _replace_announcement(stage_name, context.region.region_id)
    return row


def _replace_announcement(stage_name: str, region_id: str) -> None:
    """Remove the row in which this run was announced, now that it has one of its own."""
    announced = os.environ.get(ANNOUNCED, "")
    if announced.startswith(f"{region_id}-") and announced.partition("/")[2] == stage_name:
        remove_running(region_id, announced)


def new_row(stage_name: str, window: Window, started_utc: datetime, *, process_tag: str) -> dict[str, Any]:
    """The row of a run that has just begun; its id is still missing."""
    return {
        "stage_name": stage_name,
        "from_utc": window.from_utc,
        "to_utc": window.to_utc,
        "started_utc": started_utc,
        "ended_utc": None,
        "status": RunStatus.RUNNING.value,
        "error": None,
        "process_tag": process_tag,
        "code_version": __version__,
        "known_utc": None,
        "receipt_json": None,
        "command": None,
    }


def _record_end(
    row: dict[str, Any],
    context: Context,
    ended_utc: datetime,
    status: RunStatus,
    *,
    receipt: Receipt | None = None,
    error: str | None = None,
) -> None:
    text = json.dumps(asdict(receipt), sort_keys=True) if receipt else None
    ended = {**row, "ended_utc": ended_utc, "status": status.value, "error": error, "receipt_json": text}
    write_row(ended, context.region.region_id)


def write_row(row: dict[str, Any], region_id: str) -> None:
    """Write the row of a run, in place of the one with the same id."""
    database.upsert("run", region_id, pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))


def _status_of_entry(entry: RunEntry) -> RunStatus:
    is_empty = entry.receipt is not None and entry.receipt.complete_share == 0
    return RunStatus.PARTIAL if is_empty or entry.partial_reason else RunStatus.DONE


def _is_running(row: dict[str, Any]) -> bool:
    """Whether a recorded run still runs; the process of another host cannot be asked and counts as running."""
    return bool(row["status"] == RunStatus.RUNNING and not is_stale(row["process_tag"] or ""))


def _is_of_this_host(row: dict[str, Any]) -> bool:
    return str(row["process_tag"] or "").rpartition("-")[0] == process_tag().rpartition("-")[0]
