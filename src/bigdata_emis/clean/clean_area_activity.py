"""Clean activity indices of areas into a complete series of hours, and counts into the hours that were counted.

Belongs here: what is particular to activity areas. Does not: the steps (readings.hourly_recipe).
"""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly_rows
from bigdata_emis.clean.readings.partitions import clean_partitions
from bigdata_emis.clean.readings.plausible_maximum import compute_count_limits, exceeds_count_limits
from bigdata_emis.clean.readings.rules import list_ids
from bigdata_emis.clean.readings.thresholds import read_cleaning_options
from bigdata_emis.context import Context
from bigdata_emis.reference.named_values import Parameters

FEED, AREA = "area_activity", "activity_area_id"


def clean_area_activity(
    area_activity_reading: DataFrame,
    activity_area: DataFrame,
    counted_area: DataFrame,
    input_limit: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """The hourly index or count of every area that has readings, and the quarantined readings.

    Short gaps of an index are interpolated, longer ones are taken from the profile of the area. An area of counted_area
    has counts: an hour without one has no value, and counts that are too large a part of the year are quarantined.
    """
    options = read_cleaning_options(context)
    counted = counted_area.toArrow()
    limits = compute_count_limits(counted, Parameters("input_limit", input_limit.toArrow()))
    registered = {AREA: list_ids(activity_area, AREA)}
    of_index = HourlyRecipe(
        feed=FEED,
        by=AREA,
        value="activity_index",
        registered=registered,
        outlier_options=options.for_steady_sources,
        longest_gap_h=options.interpolation_h,
        is_filled_from_profile=True,
    )
    of_count = HourlyRecipe(
        feed=FEED,
        by=AREA,
        value="counted_activity",
        registered=registered,
        is_above_capacity=partial(exceeds_count_limits, limits=limits),
    )
    clean_rows = partial(
        _clean_rows,
        counted_ids=counted[AREA].to_pylist(),
        of_index=of_index,
        of_count=of_count,
        grid=build_hour_grid(context),
    )
    return clean_partitions(area_activity_reading, clean_rows, feed=FEED, by=AREA)


def _clean_rows(
    rows: pa.Table, *, counted_ids: list[str], of_index: HourlyRecipe, of_count: HourlyRecipe, grid: HourGrid
) -> tuple[pa.Table, pa.Table]:
    """The hours and quarantined readings of areas, each by the recipe of its kind."""
    is_counted = pc.is_in(rows[AREA], pa.array(counted_ids, pa.string()))
    cleaned = [
        clean_hourly_rows(part, recipe=recipe, rules=recipe.compile_rules(), grid=grid)
        for part, recipe in ((rows.filter(pc.invert(is_counted)), of_index), (rows.filter(is_counted), of_count))
        if part.num_rows
    ]
    hours, quarantined = zip(*cleaned, strict=True)
    return (
        pa.concat_tables(hours, promote_options="default"),
        pa.concat_tables(quarantined, promote_options="default"),
    )
