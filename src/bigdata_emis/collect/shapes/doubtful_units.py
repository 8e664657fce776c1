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
LOWEST_UG_PER_M3 = {
    Pollutant.CO: 60.0,
    Pollutant.PM2_5: 1.0,
    Pollutant.PM10: 1.0,
    Pollutant.NO2: 0.3,
    Pollutant.O3: 0.5,
    Pollutant.SO2: 0.1,
}
"""A median of a pass below it is no concentration of a city, and one in mg/m3 or ppm is: clean northern air holds some
80 ppb of carbon monoxide, 92 µg/m3, and the cleanest inhabited places 2 to 5 µg/m3 of PM2.5; own judgement. A forecast
in mg/m3 would call for no alert in the worst haze."""
LOWEST_FLOW_M3_PER_H, LEAST_STACK_MG_PER_M3 = 300.0, 5.0
"""A median flow below it, with a median concentration above the other, is of no stack that is monitored, but in m³/s or
in 10,000 m³/h: a boiler of 1 t/h of steam has some 1,500 m³/h; own judgement."""
SHARE = "1"
"""The unit of a share, which is often as large as its bound; other values are well below theirs."""
AMBIENT, FLOW, STACK = "concentration_ug_per_m3", "flow_m3_per_h", "concentration_mg_per_m3"


def check_units(rows: pa.Table, feed: Feed, where: str) -> None:
    """Refuse a pass of which most values of a field are out of its bounds, or lower than in any city or stack.

    Raises:
        UnusableAnswerError: with the unit that feeds.toml would have to declare.
    """
    for pollutant, lowest in LOWEST_UG_PER_M3.items():
        _check_lowest(rows, pollutant, lowest, feed, where)
    _check_flow(rows, feed, where)
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
        other = "" if pollutant == Pollutant.CO or pollutant.startswith("PM") else ' (or "ppm")'
        remedy = (
            f'write {key} = "mg/m3"{other} below [{feed.feed_id}.pollutant_units] in feeds.toml, or "ug/m3" if it is'
            " right"
        )
        raise UnusableAnswerError(what, remedy)


def _check_flow(rows: pa.Table, feed: Feed, where: str) -> None:
    """Refuse the flow of stacks without a declared unit that is lower than that of any stack with such a content."""
    if FLOW in {**feed.factors, **feed.units} or not {FLOW, STACK} <= set(rows.column_names):
        return
    flow, content = (np.asarray(pc.drop_null(rows[name]), dtype=np.float64) for name in (FLOW, STACK))
    flow, content = flow[flow > 0], content[content > 0]
    if min(len(flow), len(content)) < LEAST_VALUES or np.median(content) < LEAST_STACK_MG_PER_M3:
        return
    if np.median(flow) < LOWEST_FLOW_M3_PER_H:
        column = shorten(feed.provider_column(FLOW))
        what = f"{where}: the median of '{column}' is {np.median(flow):g} m3/h, less than a monitored stack has"
        remedy = (
            f'write {FLOW} = "m3/s" (or "万m3/h") below [{feed.feed_id}.units] in feeds.toml, or "m3/h" if it is right'
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
    bounds = f"outside {low:.12g} to {high:.12g}" if np.isfinite(low) else f"above {high:.12g}"
    what = f"{where}: {int(is_outside.sum())} of {len(values)} values of '{column}' are {bounds}"
    most = high if declared.unit == SHARE else high / 10
    unit = next(
        (u for u, c in UNITS.get(declared.unit, {}).items() if max(low, 0) < median * c.factor + c.offset <= most), ""
    )
    key = f'{declared.name} = "{unit}"' if unit else f'{declared.name} = "…"'
    raise UnusableAnswerError(
        what, f"if they are in another unit, write {key} below [{feed.feed_id}.units] in feeds.toml"
    )
