"""The stage `publish`: the tables of a day are checked, and published only when nothing critical is found.

Belongs here: which checks there are, the refusal, and the order of publishing. Does not: facts and checks (gate/), the
content of the manifest (manifest.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import RefusedError, SchemaError
from bigdata_emis.publish.gate.checks import Check, Finding
from bigdata_emis.publish.gate.day_facts import sector_kg
from bigdata_emis.publish.gate.great_expectations_run import Outcome, docs_page, run_checks
from bigdata_emis.publish.gate.history_checks import feed_check, total_check, vanished_check
from bigdata_emis.publish.gate.mass_checks import PUBLISHED, Frames, mass_check, row_check
from bigdata_emis.publish.gate.outside_checks import outside_check
from bigdata_emis.publish.gate.pollutant_checks import fraction_check
from bigdata_emis.publish.gate.published_before import (
    earlier_manifests,
    feed_facts_of_day,
    published_sources,
    registered_sources,
)
from bigdata_emis.publish.gate.registry_checks import share_check
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.arrow import conform
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

SHOWN = 3
REMEDY = "what was published before stays; correct the rows at their source and run the day again"


def publish(
    emission_hourly: pa.Table,
    emission_gridded_hourly: pa.Table,
    emission_total_hourly: pa.Table,
    emission_total_daily: pa.Table,
    pollutant_part: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """Check and publish the days of the window: all tables or none, the manifest last, then the page of the checks.

    Each day has its own alarms and its own page.

    Raises RefusedError when the gate finds anything critical; what was published before stays.
    """
    frames = (emission_hourly, emission_gridded_hourly, emission_total_hourly, emission_total_daily)
    tables = dict(zip(PUBLISHED, frames, strict=True))
    days = context.window.days(context.region.time_zone)
    outcome = judge(_split_by_day(tables, days, context), pollutant_part, context)
    return pa.concat_tables([_publish_day(day, outcome.of_day(day), context) for day in days])


def judge(days: Mapping[date, Frames], pollutant_part: pa.Table, context: Context) -> Outcome:
    """The findings about the tables that are to be published, by name for each day, in the order of PUBLISHED.

    Several days are judged together, since each check costs more than the rows of a day, but no day compensates for
    another.

    Raises RefusedError when a table breaks its declaration or has no rows on a day, when cells or totals of a day do
    not hold what its sources emit, when a size fraction exceeds its total, when shares of the registry do not sum to
    1, when sources or sectors vanish from a day that is published again, or when a total or feed is in another unit
    than usual.
    """
    _check_declarations(days)
    outcome = run_checks([*_checks_of_window(days, pollutant_part, context), *_checks_of_days(days, context)])
    refuse(outcome.refusals)
    return outcome


def _split_by_day(tables: Frames, days: list[date], context: Context) -> dict[date, Frames]:
    """The rows of each local day, so that each is judged by itself."""
    if len(days) == 1:
        return {days[0]: tables}
    return {day: {name: _rows_of_day(frame, name, day, context) for name, frame in tables.items()} for day in days}


def _rows_of_day(frame: pa.Table, table_name: str, day: date, context: Context) -> pa.Table:
    window = day_window(day, context.region.time_zone)
    return select_between(frame, schema.table(table_name).time, window.from_utc, window.to_utc)


def _publish_day(day: date, outcome: Outcome, context: Context) -> pa.Table:
    """Publish one day with the alarms about it, and write the page of its checks."""
    of_day = replace(context, window=day_window(day, context.region.time_zone))
    rows = publish_days(PUBLISHED, of_day, alarms=[str(alarm) for alarm in outcome.alarms])
    write_checks_page(context.store, day, outcome)
    return rows


def write_checks_page(store: Store, day: date, outcome: Outcome) -> None:
    """Write the page of the checks of a day, at its stable path in a store."""
    mark = " (SIMULATED 模拟数据)" if store.is_simulated else ""
    title = f"{store.region_id} {day}: checks before publishing 发布前检查{mark}"
    store.write_document(checks_page_name(day), docs_page(outcome, title).encode(), tree="published")


def checks_page_name(day: date) -> str:
    """Where the page of the checks of a day lies below the published folder of the region."""
    return f"quality/{day}-checks.html"


def refuse(findings: list[Finding]) -> None:
    """Raise RefusedError when there are findings."""
    if findings:
        more = f" (and {len(findings) - SHOWN} more)" if len(findings) > SHOWN else ""
        raise RefusedError("; ".join(map(str, findings[:SHOWN])) + more, REMEDY)


def _check_declarations(days: Mapping[date, Frames]) -> None:
    """Every table of every day keeps its declaration: columns, types, keys, codes and bounds."""
    for frames in days.values():
        for name, frame in frames.items():
            try:
                conform(frame, schema.table(name))
            except SchemaError as problem:
                raise RefusedError(problem.what, REMEDY) from None


def _checks_of_window(days: Mapping[date, Frames], pollutant_part: pa.Table, context: Context) -> list[Check]:
    sources = pa.concat_tables([frames["emission_hourly"] for frames in days.values()])
    windows = list(days.values())
    return [
        row_check(windows),
        mass_check(windows),
        fraction_check(sources, Containment(pollutant_part)),
        share_check(context.region.region_id),
        outside_check(windows, database.read("grid_weight", context.region.region_id)),
    ]


def _checks_of_days(days: Mapping[date, Frames], context: Context) -> list[Check]:
    """What each day is compared with: its own version published before, and the days before it."""
    registered = registered_sources(context.region.region_id)
    checks = []
    for day, frames in days.items():
        sources = frames["emission_hourly"]
        before = published_sources(context.store, context.region.region_id, day)
        if before is not None:
            checks.append(replace(vanished_check(before, sources, registered), day=day))
        manifests = earlier_manifests(context.store, day)
        checks.append(replace(total_check(sector_kg(sources), manifests), day=day))
        checks.append(replace(feed_check(feed_facts_of_day(context, day), manifests), day=day))
    return checks
