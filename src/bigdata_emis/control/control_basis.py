"""The control basis, made with each day's inventory: what a recalculation needs besides the emissions themselves.

Belongs here: the stage that publishes it. Does not: any measure (cuts.py) or the recalculation (recalculate.py).
See docs/decisions/0002-recalculation.md for why it exists.
"""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from bigdata_emis.context import Context
from bigdata_emis.control.scenario.road_factors import road_emission_factors
from bigdata_emis.window import day_window

ROAD_SECTOR = "mobile"
UNGRADED = "D"


def control_basis(
    production_line: pa.Table,
    enterprise: pa.Table,
    activity_area: pa.Table,
    road_link: pa.Table,
    fleet_mix: pa.Table,
    weather_hourly: pa.Table,
    road_base_emission_factor: pa.Table,
    road_speed_correction: pa.Table,
    road_temperature_correction: pa.Table,
    road_humidity_correction: pa.Table,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """For each day of the window: what measures select sources by, and the road emission factors by class and stage."""
    sources = _sources(production_line, enterprise, activity_area, road_link)
    factors = road_emission_factors(
        fleet_mix=fleet_mix,
        weather_hourly=weather_hourly,
        base=road_base_emission_factor,
        speed=road_speed_correction,
        temperature=road_temperature_correction,
        humidity=road_humidity_correction,
        hours=list(context.window.hour_starts_utc()),
        time_zone=context.region.time_zone,
    )
    days = context.window.days(context.region.time_zone)
    starts = [day_window(day, context.region.time_zone).from_utc for day in days]
    return {"control_source": _each_day(sources, starts), "road_emission_factor_hourly": factors}


def _sources(production_line: pa.Table, enterprise: pa.Table, activity_area: pa.Table, road_link: pa.Table) -> pa.Table:
    """Lines with their own grade, else their enterprise's, else D (not graded); areas and links have none."""
    works = dict(zip(enterprise["enterprise_id"].to_pylist(), enterprise["grade_code"].to_pylist(), strict=True))
    owners = production_line["enterprise_id"].to_pylist()
    grades = [
        own or works.get(owner) or UNGRADED
        for own, owner in zip(production_line["grade_code"].to_pylist(), owners, strict=True)
    ]
    return pa.concat_tables(
        [
            _frame(
                production_line["production_line_id"],
                production_line["sector_code"],
                production_line["industry_code"],
                grades,
            ),
            _frame(activity_area["activity_area_id"], activity_area["sector_code"], activity_area["industry_code"]),
            _frame(
                road_link["link_id"],
                pa.array([ROAD_SECTOR] * road_link.num_rows, pa.string()),
                road_class=road_link["road_class_code"],
            ),
        ]
    )


def _frame(
    source: pa.ChunkedArray,
    sector: pa.ChunkedArray,
    industry: pa.ChunkedArray | None = None,
    grades: list[str] | None = None,
    road_class: pa.ChunkedArray | None = None,
) -> pa.Table:
    nothing = pa.nulls(len(source), pa.string())
    return pa.table(
        {
            "source_id": source,
            "sector_code": sector,
            "industry_code": nothing if industry is None else industry,
            "grade_code": nothing if grades is None else pa.array(grades, pa.string()),
            "road_class_code": nothing if road_class is None else road_class,
        }
    )


def _each_day(sources: pa.Table, starts: Sequence[datetime]) -> pa.Table:
    kind = pa.timestamp("us", tz="UTC")
    days = [sources.append_column("hour_utc", pa.repeat(pa.scalar(start, kind), sources.num_rows)) for start in starts]
    return pa.concat_tables(days)
