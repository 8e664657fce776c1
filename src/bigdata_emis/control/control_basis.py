"""The stage that writes the control basis of a day: what a recalculation needs besides the emissions.

Belongs here: the traits of sources that measures select by. Does not: measures (scenario/measure_cuts), the
recalculation (recalculate). See docs/decisions/0002-recalculation.md.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import Grade, GradeSource, Industry, Sector
from bigdata_emis.context import Context
from bigdata_emis.reference.fleet_places import fleet_places
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import day_window

UNGRADED = Grade.D
"""Grade of a line whose enterprise has none."""
TRAITS = (
    "sector_code",
    "industry_code",
    "grade_code",
    "grade_source_code",
    "county_id",
    "road_class_code",
    "fleet_place",
)


def control_basis(
    production_line: pa.Table,
    enterprise: pa.Table,
    activity_area: pa.Table,
    road_link: pa.Table,
    local_fleet: pa.Table,
    traffic_restriction: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """The traits by which measures select sources, by day; the place whose fleet a link has, or a road without one.

    Road factors are those of the inventory (emit_traffic).
    """
    of_links, of_areas = (
        [place.code for place in fleet_places(table, local_fleet, traffic_restriction)]
        for table in (road_link, activity_area)
    )
    is_road = [industry == Industry.MINOR_ROAD for industry in activity_area["industry_code"].to_pylist()]
    of_roads = [place if is_one else None for place, is_one in zip(of_areas, is_road, strict=True)]
    road_link = road_link.append_column("fleet_place", pa.array(of_links, pa.string()))
    activity_area = activity_area.append_column("fleet_place", pa.array(of_roads, pa.string()))
    sources = _sources(production_line, enterprise, activity_area, road_link)
    days = context.window.days(context.region.time_zone)
    return _repeat_for_days(sources, [day_window(day, context.region.time_zone).from_utc for day in days])


def _sources(production_line: pa.Table, enterprise: pa.Table, activity_area: pa.Table, road_link: pa.Table) -> pa.Table:
    """The sources with their traits; a line has its own grade, else that of its enterprise, else D (not graded)."""
    grade_of, county_of = (
        dict(zip(enterprise["enterprise_id"].to_pylist(), enterprise[name].to_pylist(), strict=True))
        for name in ("grade_code", "county_id")
    )
    enterprises = production_line["enterprise_id"].to_pylist()
    graded = [
        _grade(own, grade_of.get(enterprise_id))
        for own, enterprise_id in zip(production_line["grade_code"].to_pylist(), enterprises, strict=True)
    ]
    columns = {
        "grade_code": [grade for grade, _ in graded],
        "grade_source_code": [source for _, source in graded],
        "county_id": [county_of.get(enterprise_id) for enterprise_id in enterprises],
    }
    lines = {name: production_line[name] for name in ("sector_code", "industry_code")}
    areas = {name: activity_area[name] for name in ("sector_code", "industry_code", "county_id", "fleet_place")}
    links = {
        "sector_code": [Sector.MOBILE] * road_link.num_rows,
        "road_class_code": road_link["road_class_code"],
        "fleet_place": road_link["fleet_place"],
    }
    return pa.concat_tables(
        [
            _source_rows(production_line["production_line_id"], {**lines, **columns}),
            _source_rows(activity_area["activity_area_id"], areas),
            _source_rows(road_link["link_id"], links),
        ]
    )


def _grade(own: str | None, of_enterprise: str | None) -> tuple[str, GradeSource]:
    """The grade of a line and where it is from."""
    if own:
        return own, GradeSource.LINE
    return (of_enterprise, GradeSource.ENTERPRISE) if of_enterprise else (UNGRADED, GradeSource.UNGRADED_AS_D)


def _source_rows(source: pa.ChunkedArray, traits: Mapping[str, pa.ChunkedArray | list[Any]]) -> pa.Table:
    columns = {name: _text(traits[name]) if name in traits else pa.nulls(len(source), pa.string()) for name in TRAITS}
    return pa.table({"source_id": source, **columns})


def _text(values: pa.ChunkedArray | list[Any]) -> pa.ChunkedArray | pa.Array:
    return pa.array(values, pa.string()) if isinstance(values, list) else values


def _repeat_for_days(sources: pa.Table, starts: Sequence[datetime]) -> pa.Table:
    return pa.concat_tables(
        [sources.append_column("hour_utc", pa.repeat(pa.scalar(start, INSTANT), sources.num_rows)) for start in starts]
    )
