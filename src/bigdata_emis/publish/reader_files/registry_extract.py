"""The extract of the registry that is published: where each source is, what it is, and the stacks it emits from.

Belongs here: which columns leave the house. Does not: reading the registry (published_files), its rules (collect).
Left out: capacity, base load, elasticity and reference energy of lines, meters, emission factors, measures.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from bigdata_emis import schema
from bigdata_emis.schema.arrow import conform

REGISTRY_TABLES = ("enterprise", "production_line", "stack", "road_link", "activity_area")
PREFIX = "published_"
OF_ENTERPRISE = ("name_en", "name_zh", "city_name", "county_id", "district_id", "longitude_deg", "latitude_deg")
COORDINATES = ("longitude_deg", "latitude_deg")


def registry_extract(registry: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The published form of each of REGISTRY_TABLES, by its name in the registry.

    A line has the coordinates of its enterprise; so has a stack without its own. Links and areas have those of their
    centroid besides their geometry.
    """
    lines = _lines(registry["enterprise"], registry["production_line"])
    frames = {
        "enterprise": registry["enterprise"],
        "production_line": lines,
        "stack": _stacks(registry["stack"], lines),
        "road_link": _with_centroid(registry["road_link"]),
        "activity_area": _with_centroid(registry["activity_area"]),
    }
    return {name: _published(name, frame) for name, frame in frames.items()}


def _published(name: str, frame: pa.Table) -> pa.Table:
    declared = schema.table(f"{PREFIX}{name}")
    return conform(frame.select(declared.names), declared)


def _lines(enterprise: pa.Table, production_line: pa.Table) -> pa.Table:
    """Each line with what is known of its enterprise; many lines to one enterprise."""
    place = enterprise.select(["enterprise_id", *OF_ENTERPRISE])
    return production_line.join(place, "enterprise_id", join_type="inner", use_threads=False)


def _stacks(stack: pa.Table, lines: pa.Table) -> pa.Table:
    """Each stack with its own coordinates, else those of the enterprise of its line; many stacks to one line."""
    place = lines.select(["production_line_id", "enterprise_id", *COORDINATES])
    joined = stack.join(
        place, "production_line_id", join_type="inner", right_suffix="_of_enterprise", use_threads=False
    )
    has_own = pc.and_(*(pc.is_valid(joined[name]) for name in COORDINATES))
    for name in COORDINATES:
        chosen = pc.if_else(has_own, joined[name], joined[f"{name}_of_enterprise"])
        joined = joined.set_column(joined.column_names.index(name), name, chosen)
    return joined.append_column("has_own_location", has_own)


def _with_centroid(sources: pa.Table) -> pa.Table:
    """Sources with a geometry, and the coordinates of its centroid."""
    geometries = shapely.from_wkt(np.array(sources["geometry_wkt"].to_pylist(), dtype=object))
    centroid = shapely.centroid(geometries)
    return sources.append_column("longitude_deg", pa.array(shapely.get_x(centroid), pa.float64())).append_column(
        "latitude_deg", pa.array(shapely.get_y(centroid), pa.float64())
    )
