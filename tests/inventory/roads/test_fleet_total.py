"""Emission of links by the whole fleet: 17.5 g/km at 30 km/h, 20 g/km at 10 km/h."""

from datetime import timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.roads import fleet_total
from bigdata_emis.inventory.roads.fleet_total import FLEET_LABEL, total_emission_of_links
from bigdata_emis.schema.arrow import conform
from tests.inventory.roads.guide_frames import DIESEL_IV, guide_of
from tests.inventory.roads.test_road_factors import HOUR, INSTANT, OLDER, computed

TECHNOLOGY = {"fuel_code": "diesel", "emission_stage_code": "IV"}
SLOW = [{"centre_speed_km_per_h": 10.0, "speed_correction": 2.0, "pollutant_code": "NOx"} | TECHNOLOGY]
GRAMS_PER_KM = {"CO": 3.0, "NOx": 10.0, "PM10": 0.5}
FACTORS = computed(((DIESEL_IV, 0.25), (OLDER, 0.75)))


def links_of(rows):
    return pa.table(
        {
            "link_id": [row[0] for row in rows],
            FLEET_LABEL: ["primary region"] * len(rows),
            "length_km": [row[1] for row in rows],
        }
    )


def traffic_of(rows, hour=HOUR):
    columns = {
        name: [row[i] for row in rows] for i, name in ((0, "link_id"), (2, "speed_km_per_h"), (3, "flow_veh_per_h"))
    }
    return pa.table(
        {
            **columns,
            "hour_utc": pa.array([hour] * len(rows), INSTANT),
            "imputation_code": ["none"] * len(rows),
            "flow_method_code": ["measured"] * len(rows),
        }
    )


def totals(spark, rows, partitions=1):
    frame = spark.createDataFrame(traffic_of(rows)).repartition(partitions)
    table = total_emission_of_links(frame, links_of(rows), FACTORS).toArrow()
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
    rows = [("l", 2.0, 30.0, 500.0)]
    frame = spark.createDataFrame(traffic_of(rows, HOUR + timedelta(hours=1)))
    with pytest.raises(Exception, match="no factors"):
        total_emission_of_links(frame, links_of(rows), FACTORS).toArrow()


def sorted_traffic(links, hours):
    """Rows in the order of link and hour; the flow of link n in hour h is 100 n + h."""
    rows = [(f"l{n:02d}", 1.0, 30.0, 100.0 * n + h) for n in range(links) for h in range(hours)]
    starts = [HOUR + timedelta(hours=h) for _ in range(links) for h in range(hours)]
    return rows, traffic_of(rows).set_column(3, "hour_utc", pa.array(starts, INSTANT))


@pytest.mark.parametrize("rows_at_once", [1, 7, 100])
def test_sorted_traffic_gives_rows_in_the_order_of_their_key(monkeypatch, rows_at_once):
    """Batches of 5 rows end within the 3 hours of a link; the rows of one link nevertheless stay together."""
    monkeypatch.setattr(fleet_total, "ROWS_AT_ONCE", rows_at_once)
    bases = [{**DIESEL_IV, "pollutant_code": p, "base_emission_factor_g_per_km": g} for p, g in GRAMS_PER_KM.items()]
    hours = tuple(HOUR + timedelta(hours=h) for h in range(3))
    factors = computed(
        ((DIESEL_IV, 1.0),), hours=hours, guide=guide_of(road_base_emission_factor=bases, road_speed_correction=SLOW)
    )
    rows, traffic = sorted_traffic(links=6, hours=3)
    emit = fleet_total._batch_function(links_of(rows[::3]), factors, fleet_total._Kinds.of_pollutants(factors))
    result = pa.Table.from_batches(list(emit(traffic.select(fleet_total.READS).to_batches(max_chunksize=5))))
    keys = list(zip(*(result[name].to_pylist() for name in ("link_id", "pollutant_code", "hour_utc")), strict=True))
    assert len(keys) == 18 * 3
    assert keys == sorted(set(keys))
    grams = dict(zip(keys, result["emission_g"].to_pylist(), strict=True))
    for pollutant, of_one_km in GRAMS_PER_KM.items():
        assert grams["l05", pollutant, HOUR + timedelta(hours=2)] == pytest.approx(502.0 * of_one_km)


def test_an_unregistered_link_stops_the_stage(spark):
    frame = spark.createDataFrame(traffic_of([("other", 2.0, 30.0, 500.0)]))
    with pytest.raises(Exception, match="other"):
        total_emission_of_links(frame, links_of([("l", 2.0, 30.0, 500.0)]), FACTORS).toArrow()
