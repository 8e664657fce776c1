"""The cleaning of a feed that sends one value for each source and hour: one recipe, of which feeds declare the data.

Belongs here: the steps of such a feed in their order. Does not: feeds whose hours are computed from several readings or
columns (their own stages).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.arrays import Flags
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, fill_gaps
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_partitions, join_flag_lists
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.codes import Flag
from bigdata_emis.context import Context


@dataclass(frozen=True)
class HourlyRecipe:
    """How the readings of a feed become its hours.

    feed: reads `<feed>_reading`, writes `<feed>_hourly` and `<feed>_quarantine`. by: the identifier whose readings are
    cleaned together. value: the field that is cleaned. registered: identifiers of the registry by field; a reading of
    another one is quarantined.
    row_rules: rules of single readings besides those of the fields, such as the validity of their source.
    also_filled: fields that must be there besides the value. copied: fields that an hour takes from its reading.
    outlier_options: by which outliers are found; without them none is sought.
    longest_gap_h: gaps up to it are interpolated. is_filled_from_profile: longer ones are taken from the profile.
    mark_doubtful: quarantines readings by rules of the feed, and gives by flag those that are used and marked.
    is_above_capacity: the readings above what their source can do.
    """

    feed: str
    by: str
    value: str
    registered: Mapping[str, Sequence[str]]
    row_rules: tuple[ReadingRule, ...] = ()
    also_filled: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    outlier_options: CleaningOptions | None = None
    longest_gap_h: int = 0
    is_filled_from_profile: bool = False
    is_above_capacity: Callable[[JudgedReadings], Flags] | None = None
    mark_doubtful: Callable[[JudgedReadings], Mapping[Flag, Flags]] | None = None

    def compile_rules(self) -> tuple[ReadingRule, ...]:
        """The row rules of the readings."""
        filled = (self.value, *self.also_filled)
        return compile_rules(f"{self.feed}_reading", registered=self.registered, filled=filled) + self.row_rules


def clean_hourly(readings: DataFrame, recipe: HourlyRecipe, *, context: Context) -> dict[str, pa.Table]:
    """The hourly rows and the quarantined readings of a feed by its recipe."""
    grid = build_hour_grid(context)
    clean_rows = partial(clean_hourly_rows, recipe=recipe, rules=recipe.compile_rules(), grid=grid)
    return clean_partitions(readings, clean_rows, feed=recipe.feed, by=recipe.by)


def clean_hourly_rows(
    rows: pa.Table, *, recipe: HourlyRecipe, rules: tuple[ReadingRule, ...], grid: HourGrid
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined readings of sources, from all of their readings."""
    judged = judge_readings(rows, rules, reading_table=f"{recipe.feed}_reading", grid=grid)
    if recipe.is_above_capacity:
        judged.reasons.add(Flag.ABOVE_CAPACITY, recipe.is_above_capacity(judged))
    judged.mark_superseded()
    if recipe.outlier_options:
        mark_outliers(judged, recipe.value, recipe.outlier_options)
    marks = recipe.mark_doubtful(judged) if recipe.mark_doubtful else {}
    return _hourly_rows(judged, recipe, marks), judged.quarantined_rows(f"{recipe.feed}_quarantine")


def _hourly_rows(judged: JudgedReadings, recipe: HourlyRecipe, marks: Mapping[Flag, Flags]) -> pa.Table:
    value, rank = fill_gaps(
        judged.value_by_hour(recipe.value),
        judged.grid,
        longest_h=recipe.longest_gap_h,
        from_profile=recipe.is_filled_from_profile,
    )
    matrices: dict[str, Any] = {
        recipe.value: value,
        "imputation_code": np.array(IMPUTATION_CODES)[rank],
        "reading_count": judged.count_by_hour().astype(np.int64),
        "row": judged.row_by_hour(),
    }
    hours = judged.hourly_rows(matrices, ~np.isnan(value))
    row, hours = hours["row"], hours.drop_columns(["row"])
    for name in recipe.copied:
        hours = hours.append_column(name, judged.rows[name].take(row))
    if "flag_codes" in recipe.copied:
        return hours
    has_gap = np.asarray(hours["reading_count"]) == 0
    flags = {Flag.GAP: has_gap} | {flag: ~has_gap & is_marked[row] for flag, is_marked in marks.items()}
    return hours.append_column("flag_codes", join_flag_lists(flags))
