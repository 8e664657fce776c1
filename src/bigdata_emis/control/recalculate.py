"""The recalculation of an alert: from a level and a window to a published scenario, without an engine.

Belongs here: what is read, in which order it is worked through, what is written. Does not: arithmetic (hours.py, roads.py).
See docs/decisions/0002-recalculation.md.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import __version__, schema
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import HOUR_US, DayPlan, plan_day
from bigdata_emis.control.scenario.ledger import ledger_document, ledger_table
from bigdata_emis.control.scenario.measure_cuts import Cuts
from bigdata_emis.control.scenario.measures import Measure, check_lines, holding_measures, measures_of
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.settings import settings
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window

EMISSIONS = ("source_id", "pollutant_code", "hour_utc", "emission_g")
FACTORS = schema.table("road_emission_factor_hourly").names
TRAFFIC = ("link_id", "hour_utc", "speed_km_per_h")
INPUTS = ("emission_hourly", "control_source", "road_emission_factor_hourly", "traffic_hourly")
HASH_LENGTH = 10
ONE_DAY = timedelta(days=1)
MICROSECONDS = 1_000_000
NAME = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class RecalculationResult:
    """What a recalculation published, and what it found."""

    scenario_id: str
    run_id: str
    region_id: str
    level: str
    window: Window
    ledger: pa.Table
    versions: list[Version]
    files: list[str]
    complete_share: float
    parameters: dict[str, Any]
    seconds: float

    def document(self) -> dict[str, Any]:
        """What the command prints."""
        return {
            "scenario": self.scenario_id,
            "run": self.run_id,
            "region": self.region_id,
            "level": self.level,
            "from_utc": self.window.from_utc.isoformat(),
            "to_utc": self.window.to_utc.isoformat(),
            "seconds": self.seconds,
            "complete_share": self.complete_share,
            "is_partial": self.complete_share < 1,
            "ledger": ledger_document(self.ledger),
            "files": self.files,
            "parameters": self.parameters,
        }


def recalculate_region(
    *, region: Region, level: str, window: Window, measures_file: Path | None, name: str | None, known_utc: datetime
) -> dict[str, Any]:
    """Recalculate in the lake that the settings name, keep the scenario as a draft, and say what the command prints."""
    store = Store(settings().lake, region.region_id, region.time_zone)
    run_id = f"{region.region_id}-recalc-{known_utc:%Y%m%dT%H%M%S}"
    result = recalculate(
        region=region,
        level=level,
        window=window,
        measures_file=measures_file,
        name=name,
        known_utc=known_utc,
        store=store,
        run_id=run_id,
    )
    _keep_draft()(
        region_id=region.region_id,
        scenario_id=result.scenario_id,
        name=name,
        level=level,
        window=window,
        parameters=result.parameters,
        run_id=run_id,
        known_utc=known_utc,
    )
    return result.document()


def recalculate(
    *,
    region: Region,
    level: str,
    window: Window,
    measures_file: Path | None,
    name: str | None,
    known_utc: datetime,
    store: Store,
    run_id: str,
) -> RecalculationResult:
    """What the measures of a level cut over a window, published by source and hour and as a ledger.

    The same inputs give the same scenario and the same bytes. Hours for which there is no inventory are left out, and the
    scenario is then published as partial (`complete_share` below 1).
    Raises InputError for a wrong level, name or list of measures (also one that names an unknown line), and RefusedError when no hour of the window has an
    inventory or the control basis of a day is missing.
    """
    began = time.perf_counter()
    measures = holding_measures(measures_of(region, measures_file), level)
    inputs = {table: {v.day: v for v in store.versions(table, window.days(region.time_zone))} for table in INPUTS}
    parameters = _parameters(level, window, measures, inputs)
    lake = ScenarioStore.of(store, _scenario_id(region, level, name, parameters), inputs)
    days = _days_with_inventory(region, window, lake)
    if any(measure.production_line_id for measure in measures):
        check_lines(
            measures,
            set(lake.read("control_source", days, columns=["source_id"])["source_id"].to_pylist()),
            f"region {region.region_id}",
        )
    versions, plans, complete_share = _publish_hours(
        days, region, window, Cuts(measures, level), lake, known_utc=known_utc, run_id=run_id
    )
    ledger = ledger_table(
        _totals(plans),
        region=region,
        scenario_id=lake.scenario_id,
        level=level,
        window=window,
        complete_share=complete_share,
    )
    first = window.days(region.time_zone)[0]
    versions += lake.write(
        "control_ledger", ledger, [first], known_utc=known_utc, run_id=run_id, complete_shares={first: complete_share}
    )
    files = [*lake.paths("control_hourly", days), *lake.paths("control_ledger", [first])]
    return RecalculationResult(
        lake.scenario_id,
        run_id,
        region.region_id,
        level,
        window,
        ledger,
        versions,
        files,
        complete_share,
        parameters,
        time.perf_counter() - began,
    )


def _keep_draft() -> Callable[..., None]:
    """The function that records the draft; the database's libraries are loaded only here, while the cuts are computed."""
    from bigdata_emis.storage.scenario_record import keep_draft

    return keep_draft


def _publish_hours(
    days: Sequence[date],
    region: Region,
    window: Window,
    cuts: Cuts,
    lake: ScenarioStore,
    *,
    known_utc: datetime,
    run_id: str,
) -> tuple[list[Version], dict[date, DayPlan], float]:
    """Cut and write each day; also the plans with their totals, and how much of the window the inventory covers."""
    plans: dict[date, DayPlan] = {}
    # The database's libraries take half a second to load: in the meantime, when most of the work needs no interpreter.
    threading.Thread(target=_keep_draft).start()
    work = {day: _worker(day, region, window, cuts, lake, plans) for day in days}
    shares = {day: _known_share(lake, day) for day in days}
    versions = lake.write_pieces("control_hourly", work, known_utc=known_utc, run_id=run_id, complete_shares=shares)
    present = sum(float(plans[day].totals.is_hour_present.sum()) * shares[day] for day in days)
    return versions, plans, present / window.hours


def _parameters(
    level: str, window: Window, measures: Sequence[Measure], inputs: Mapping[str, Mapping[str, Version]]
) -> dict[str, Any]:
    """All that decides the result: level, window, measures by content and inputs by version."""
    listed = json.dumps([vars(measure) for measure in measures], sort_keys=True)
    noted = {table: {day: version.version for day, version in of_days.items()} for table, of_days in inputs.items()}
    return {
        "level": level,
        "from_utc": window.from_utc.isoformat(),
        "to_utc": window.to_utc.isoformat(),
        "measures_sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "measure_rows": len(measures),
        "inputs": noted,
        "code_version": __version__,
    }


def _scenario_id(region: Region, level: str, name: str | None, parameters: dict[str, Any]) -> str:
    if name is not None and not NAME.fullmatch(name):
        raise InputError(f"scenario name '{name}' cannot be a file name", "use up to 40 letters, digits, - and _")
    text = json.dumps([region.region_id, name, parameters], sort_keys=True)
    return f"{name or level}-{hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]}"


def _days_with_inventory(region: Region, window: Window, lake: ScenarioStore) -> list[date]:
    """The days of the window that have an inventory. Raises RefusedError when none has."""
    days = window.days(region.time_zone)
    made = [day for day in days if lake.paths("emission_hourly", [day])]
    if not made:
        raise RefusedError(
            f"region {region.region_id} has no inventory from {window.from_utc.isoformat()} to {window.to_utc.isoformat()}",
            f"make it: emis day --region {region.region_id} --date {days[0]}",
        )
    return made


def _worker(
    day: date, region: Region, window: Window, cuts: Cuts, lake: ScenarioStore, plans: dict[date, DayPlan]
) -> Callable[[], Iterator[pa.Table]]:
    """The work of one day, to be done in a thread of its own; its plan, with the totals, is left in `plans`."""

    def pieces() -> Iterator[pa.Table]:
        plans[day] = _plan(day, region, window, cuts, lake)
        yield from cut_pieces(plans[day], lake.pieces("emission_hourly", day, list(EMISSIONS)))

    return pieces


def _plan(day: date, region: Region, window: Window, cuts: Cuts, lake: ScenarioStore) -> DayPlan:
    sources = lake.read("control_source", [day])
    if sources.num_rows == 0:
        raise RefusedError(
            f"{day}: the inventory has no control basis",
            f"make it: emis run control_basis --region {region.region_id} --from {day} --to {day + ONE_DAY}",
        )
    whole = day_window(day, region.time_zone)
    start_us = _microseconds(whole.from_utc)
    first, last = (
        _microseconds(end) - start_us
        for end in (max(window.from_utc, whole.from_utc), min(window.to_utc, whole.to_utc))
    )
    return plan_day(
        control_source=sources,
        road_emission_factor_hourly=lake.coded("road_emission_factor_hourly", day, list(FACTORS)),
        traffic_hourly=lake.coded("traffic_hourly", day, list(TRAFFIC)),
        cuts=cuts,
        scenario_id=lake.scenario_id,
        start_us=start_us,
        hour_count=whole.hours,
        hours=range(first // HOUR_US, last // HOUR_US),
    )


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * MICROSECONDS


def _known_share(lake: ScenarioStore, day: date) -> float:
    """How complete the day's inventory says it is; an inventory that does not say counts as whole."""
    known = lake.versions("emission_hourly", [day])
    return 1.0 if not known or known[-1].complete_share is None else known[-1].complete_share


def _totals(plans: dict[date, DayPlan]) -> dict[str, tuple[float, float]]:
    """Baseline and cut by pollutant, days added in order."""
    totals = [plans[day].totals for day in sorted(plans)]
    baseline, cut = (np.sum([getattr(one, name) for one in totals], axis=0) for name in ("baseline_g", "cut_g"))
    return {code: (float(b), float(c)) for code, b, c in zip(schema.codes()["pollutant"], baseline, cut, strict=True)}
