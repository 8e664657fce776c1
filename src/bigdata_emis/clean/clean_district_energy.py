"""Clean the district totals of the power bureau into a series of hours.

Belongs here: what is particular to district totals. Does not: the steps (readings.hourly_recipe), or how lines are
reconciled with the totals (reconcile_energy).
"""

import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly
from bigdata_emis.clean.readings.thresholds import read_cleaning_options
from bigdata_emis.context import Context


def clean_district_energy(district_energy_reading: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """The hourly totals of every district and industry, and the quarantined readings.

    Gaps of a few hours are interpolated. Longer ones stay empty: lines are reconciled with totals that the bureau
    reported, never with a profile of them.
    """
    options = read_cleaning_options(context)
    recipe = HourlyRecipe(
        feed="district_energy",
        by="district_id",
        value="district_energy_kwh",
        registered={},
        outlier_options=options,
        longest_gap_h=options.interpolation_h,
    )
    return clean_hourly(district_energy_reading, recipe, context=context)
