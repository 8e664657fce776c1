"""Synthetic inventories of the timed recalculation."""

import pyarrow.compute as pc

from bench.recalculation import FIRST_DAY, REGION, RecalculationSize, write_listed_measures, write_region
from bigdata_emis.control.scenario.measures import read_measures
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake


def test_every_source_has_every_pollutant_in_every_hour(home):
    write_region(home, RecalculationSize(plants=2, links=3, areas=1, days=1), seed=1)
    region = load_region(REGION)
    emission = open_lake(region).read("emission_hourly", [FIRST_DAY])
    assert emission.num_rows == ((2 + 1) * 7 + 3 * 5) * 24
    assert pc.all(pc.less(emission["emission_g_p05"], emission["emission_g"])).as_py()


def test_the_list_of_the_benchmark_names_every_plant_at_three_levels(home):
    home.mkdir(parents=True, exist_ok=True)
    measures = read_measures(write_listed_measures(home, plants=2))
    assert [(m.production_line_id, m.alert_level_code, m.cut_share) for m in measures[2:4]] == [
        ("plant-000000-1", "red", 0.5),
        ("plant-000001-1", "yellow", 0.2),
    ]
    assert len(measures) == 2 * 3
