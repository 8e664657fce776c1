"""The stage that writes the control basis of a day: what a recalculation needs besides the emissions.

Belongs here: the traits of sources that measures select by. Does not: measures (scenario/measure_cuts), the
recalculation (recalculate). See docs/decisions/0002-recalculation.md.
"""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from bigdata_emis.codes import Grade, Sector
from bigdata_emis.context import Context
from bigdata_emis.control.scenario.road_factors import compute_road_emission_factors
from bigdata_emis.window import day_window

UNGRADED = Grade.D
"""Grade of a line whose enterprise has none."""


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
    """The traits by which measures select sources, and road emission factors, by day."""
    sources = _sources(production_line, enterprise, activity_area, road_link)
    factors = compute_road_emission_factors(
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
    return {"control_source": _repeat_for_days(sources, starts), "road_emission_factor_hourly": factors}


def _sources(production_line: pa.Table, enterprise: pa.Table, activity_area: pa.Table, road_link: pa.Table) -> pa.Table:
    """The sources with their traits; a line has its own grade, else that of its enterprise, else D (not graded)."""
    of_enterprise = dict(
        zip(enterprise["enterprise_id"].to_pylist(), enterprise["grade_code"].to_pylist(), strict=True)
    )
    enterprises = production_line["enterprise_id"].to_pylist()
    grades = [
        own_grade or of_enterprise.get(enterprise_id) or UNGRADED
        for own_grade, enterprise_id in zip(production_line["grade_code"].to_pylist(), enterprises, strict=True)
    ]
    return pa.concat_tables(
        [
            _source_rows(
                production_line["production_line_id"],
                production_line["sector_code"],
                production_line["industry_code"],
                grades,
            ),
            _source_rows(
                activity_area["activity_area_id"], activity_area["sector_code"], activity_area["industry_code"]
            ),
            _source_rows(
                road_link["link_id"],
                pa.array([Sector.MOBILE] * road_link.num_rows, pa.string()),
                road_class=road_link["road_class_code"],
            ),
        ]
    )


def _source_rows(
    source: pa.ChunkedArray,
    sector: pa.ChunkedArray,
    industry: pa.ChunkedArray | None = None,
    grades: list[str] | None = None,
    road_class: pa.ChunkedArray | None = None,
) -> pa.Table:
    empty = pa.nulls(len(source), pa.string())
    return pa.table(
        {
            "source_id": source,
            "sector_code": sector,
            "industry_code": empty if industry is None else industry,
            "grade_code": empty if grades is None else pa.array(grades, pa.string()),
            "road_class_code": empty if road_class is None else road_class,
        }
    )


def _repeat_for_days(sources: pa.Table, starts: Sequence[datetime]) -> pa.Table:
    instant = pa.timestamp("us", tz="UTC")
    return pa.concat_tables(
        [sources.append_column("hour_utc", pa.repeat(pa.scalar(start, instant), sources.num_rows)) for start in starts]
    )
