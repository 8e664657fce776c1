"""Clean measured activity of production lines: the truth on which models are trained, so nothing in it is imputed.

Belongs here: what is particular to measured activity. Does not: the steps (readings.hourly_recipe), or models of
activity (relate, inventory).
"""

from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly
from bigdata_emis.clean.readings.plausible_maximum import compute_maximum_activity, exceeds_maximum_activity
from bigdata_emis.clean.readings.rules import list_ids
from bigdata_emis.clean.readings.thresholds import read_cleaning_options
from bigdata_emis.context import Context


def clean_measured_activity(
    measured_activity_reading: DataFrame, production_line: DataFrame, *, context: Context
) -> dict[str, pa.Table]:
    """The hours with a measured activity, and the quarantined readings.

    A reading far above the capacity of its line is quarantined. Where two units report under one identifier, one
    reading an hour is used.
    """
    options = read_cleaning_options(context)
    maximum = compute_maximum_activity(production_line.toArrow(), factor=options.capacity_factor)
    recipe = HourlyRecipe(
        feed="measured_activity",
        by="production_line_id",
        value="activity",
        registered={"production_line_id": list_ids(production_line, "production_line_id")},
        also_filled=("activity_unit_code",),
        copied=("activity_unit_code", "record_number", "flag_codes"),
        is_above_capacity=partial(exceeds_maximum_activity, maximum=maximum),
    )
    return clean_hourly(measured_activity_reading, recipe, context=context)
