"""Passes whose values are those of another unit: refused with the likely one, rather than taken a thousandfold wrong.

Belongs here: doubts about the unit of a whole column. Does not: single values (clean).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Pollutant
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.units import UNITS
from bigdata_emis.errors import shorten

LEAST_VALUES = 6
"""Values from which on a column says something about its unit."""
LOWEST_CO_UG_PER_M3 = 60.0
"""A median of carbon monoxide below it is no concentration of a city: clean northern air holds some 80 ppb, 92 µg/m3;
own judgement."""
LOWEST_PM25_UG_PER_M3 = 1.0
"""A median of forecast PM2.5 below it is no forecast of a city: the cleanest inhabited places hold some 2 to 5 µg/m3;
own judgement. A forecast in mg/m3 would call for no alert in the worst haze."""
AMBIENT, FORECAST = "concentration_ug_per_m3", "air_quality_forecast"


def check_units(rows: pa.Table, feed: Feed, where: str) -> None:
    """Refuse a pass of which most values of a field are out of its bounds, or carbon monoxide is in mg/m3.

    Raises:
        UnusableAnswerError: with the unit that feeds.toml would have to declare.
    """
    _check_lowest(rows, Pollutant.CO, LOWEST_CO_UG_PER_M3, feed, where)
    if feed.table_name == FORECAST:
        _check_lowest(rows, Pollutant.PM2_5, LOWEST_PM25_UG_PER_M3, feed, where)
    for name in feed.received_fields:
        declared = schema.field(name)
        if declared.kind == "number":
            _check_bounds(np.asarray(pc.drop_null(rows[name]), dtype=np.float64), declared, feed, where)


def _check_lowest(rows: pa.Table, pollutant: Pollutant, lowest: float, feed: Feed, where: str) -> None:
    """Refuse a pollutant without a declared unit whose median is less than clean air holds."""
    is_declared = pollutant in feed.pollutant_units or AMBIENT in {**feed.factors, **feed.units} or feed.unit_column
    if is_declared or AMBIENT not in rows.column_names:
        return
    is_of_pollutant = pc.fill_null(pc.equal(rows["pollutant_code"], pollutant), False)
    values = np.asarray(pc.drop_null(rows[AMBIENT].filter(is_of_pollutant)), dtype=np.float64)
    positive = values[values > 0]
    if len(positive) >= LEAST_VALUES and np.median(positive) < lowest:
        what = f"{where}: the median of {pollutant} is {np.median(positive):g} µg/m3, less than clean air holds"
        key = pollutant if pollutant.isalnum() else f'"{pollutant}"'
        remedy = (
            f'write {key} = "mg/m3" below [{feed.feed_id}.pollutant_units] in feeds.toml, or "ug/m3" if it is right'
        )
        raise UnusableAnswerError(what, remedy)


def _check_bounds(values: Floats, declared: Any, feed: Feed, where: str) -> None:
    low = declared.minimum if declared.minimum else -np.inf
    high = np.inf if declared.maximum is None else declared.maximum
    is_outside = (values > high) | (values < low)
    if len(values) < LEAST_VALUES or 2 * is_outside.sum() <= len(values):
        return
    median = float(np.median(values[is_outside]))
    column = shorten(feed.provider_column(declared.name))
    what = f"{where}: {int(is_outside.sum())} of {len(values)} values of '{column}' are out of {low:g} to {high:g}"
    unit = next(
        (u for u, c in UNITS.get(declared.unit, {}).items() if max(low, 0) < median * c.factor + c.offset <= high / 10),
        "",
    )
    key = f'{declared.name} = "{unit}"' if unit else f'{declared.name} = "…"'
    raise UnusableAnswerError(
        what, f"if they are in another unit, write {key} below [{feed.feed_id}.units] in feeds.toml"
    )
