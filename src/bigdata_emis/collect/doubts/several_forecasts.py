"""Several values for one hour of one forecast: of cities, providers or members that look the same.

Belongs here: whether an answer contradicts itself. Does not: forecasts of several issues (forecast_issues).
"""

import logging

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.feed_config import FORECAST_TABLE, Feed

log = logging.getLogger(__name__)

VALUE = "concentration_ug_per_m3"
WHO = "city_name, provider_name or member_id"


def warn_of_several(rows: pa.Table, feed: Feed, where: str) -> None:
    """Log a forecast of which an hour has several values for one issue and pollutant: only the last one counts.

    So a provider may correct itself within a file; cities or members without a column of ours look the same, and which
    of them counts depends on their order.
    """
    if feed.table_name != FORECAST_TABLE or not rows.num_rows:
        return
    key = [name for name in schema.table(FORECAST_TABLE).key if name in rows.column_names]
    plain = pa.table({**{name: rows[name] for name in key}, VALUE: rows[VALUE]})
    counted = plain.group_by(key, use_threads=False).aggregate([(VALUE, "count_distinct")])
    count = int(pc.sum(pc.greater(counted[f"{VALUE}_count_distinct"], 1)).as_py() or 0)
    if count:
        log.warning(
            "%s: %d of %d hours of an issue and pollutant have several values, of which the last counts; if they are of"
            " several cities, providers or members, map the column that says so to %s below [%s.columns]",
            *(where, count, counted.num_rows, WHO, feed.feed_id),
        )
