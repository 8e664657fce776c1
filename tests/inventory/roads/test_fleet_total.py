"""Emission of links by the whole fleet: 17.5 g/km at 30 km/h, 20 g/km at 10 km/h."""

from datetime import timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.roads.fleet_total import total_emission_of_links
from bigdata_emis.schema.arrow import conform
from tests.inventory.roads.guide_frames import DIESEL_IV
from tests.inventory.roads.test_road_factors import HOUR, INSTANT, OLDER, computed

FACTORS = computed(((DIESEL_IV, 0.25), (OLDER, 0.75)))


def links_of(rows, hour=HOUR):
    names = ("link_id", "length_km", "speed_km_per_h", "flow_veh_per_h")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return pa.table(
        {
            **columns,
            "hour_utc": pa.array([hour] * len(rows), INSTANT),
            "road_class_code": ["primary"] * len(rows),
            "imputation_code": ["none"] * len(rows),
            "flow_method_code": ["measured"] * len(rows),
        }
    )


def totals(spark, rows, partitions=1):
    frame = spark.createDataFrame(links_of(rows)).repartition(partitions)
    table = total_emission_of_links(frame, FACTORS).toArrow()
    return conform(table, schema.table("emission_road_hourly")).to_pylist()


@pytest.mark.parametrize(
    ("speed", "grams"), [(30.0, 17500.0), (10.0, 20000.0), (20.0, 18750.0), (3.0, 20000.0), (120.0, 17500.0)]
)
def test_the_emission_is_flow_times_length_times_the_factor_at_the_speed(spark, speed, grams):
    (row,) = totals(spark, [("l", 2.0, speed, 500.0)])
    assert row["emission_g"] == pytest.approx(grams)
    assert (row["link_id"], row["pollutant_code"], row["hour_utc"]) == ("l", "NOx", HOUR)


def test_partitions_change_no_bit_of_the_result(spark):
    rows = [(f"l{n}", 0.1 + n / 7, 3.3 * n, 1000.0 / (n + 1)) for n in range(40)]
    assert totals(spark, rows, 1) == totals(spark, rows, 5)


def test_an_hour_without_factors_stops_the_stage(spark):
    frame = spark.createDataFrame(links_of([("l", 2.0, 30.0, 500.0)], HOUR + timedelta(hours=1)))
    with pytest.raises(Exception, match="no factors"):
        total_emission_of_links(frame, FACTORS).toArrow()
