"""Synthetic inventories of the timed recalculation."""

import pyarrow.compute as pc

from bench.recalculation import FIRST_DAY, REGION, RecalculationSize, write_region
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake


def test_every_source_has_every_pollutant_in_every_hour(home):
    write_region(home, RecalculationSize(plants=2, links=3, areas=1, days=1), seed=1)
    region = load_region(REGION)
    emission = open_lake(region).read("emission_hourly", [FIRST_DAY])
    assert emission.num_rows == ((2 + 1) * 7 + 3 * 5) * 24
    assert pc.all(pc.less(emission["emission_g_p05"], emission["emission_g"])).as_py()
