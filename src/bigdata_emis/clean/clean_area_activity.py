"""Clean activity indices of areas into a complete series of hours.

Belongs here: what is particular to activity areas. Does not: the steps (readings.hourly_recipe).
"""

import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly
from bigdata_emis.clean.readings.rules import list_ids
from bigdata_emis.clean.readings.thresholds import read_cleaning_options
from bigdata_emis.context import Context


def clean_area_activity(
    area_activity_reading: DataFrame, activity_area: DataFrame, *, context: Context
) -> dict[str, pa.Table]:
    """The hourly index of every area that has readings, and the quarantined readings.

    Short gaps are interpolated, longer ones are taken from the profile of the area.
    """
    options = read_cleaning_options(context)
    recipe = HourlyRecipe(
        feed="area_activity",
        by="activity_area_id",
        value="activity_index",
        registered={"activity_area_id": list_ids(activity_area, "activity_area_id")},
        outlier_options=options.for_steady_sources,
        longest_gap_h=options.interpolation_h,
        is_filled_from_profile=True,
    )
    return clean_hourly(area_activity_reading, recipe, context=context)
