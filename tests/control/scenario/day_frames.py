"""One hour and one truck link, one plant: the smallest day that can be planned and cut."""

from datetime import UTC, datetime

import pyarrow as pa

from bigdata_emis.control.scenario.day_plan import plan_day
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure

START = datetime(2015, 12, 20, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
HOUR_US = 3_600_000_000
INSTANT = pa.timestamp("us", "UTC")
MEASURES = [
    Measure("plants", "red", industry_code="sinter", cut_share=0.25),
    Measure("trucks", "red", vehicle_class_code="HeavyT", cut_share=1.0),
]
SOURCES = pa.table(
    {
        "source_id": ["plant", "link"],
        "sector_code": ["industrial_process", "mobile"],
        "industry_code": ["sinter", None],
        "grade_code": ["C", None],
        "grade_source_code": ["enterprise", None],
        "county_id": ["north", None],
        "road_class_code": [None, "primary"],
        "fleet_place": [None, "region"],
    }
)


def sources(*rows):
    """Control basis of sources given as id, sector, industry, grade, road class."""
    names = ("source_id", "sector_code", "industry_code", "grade_code", "road_class_code")
    table = pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=names)
    graded = ["enterprise" if row[3] else None for row in rows]
    return table.append_column("grade_source_code", pa.array(graded, pa.string())).append_column(
        "county_id", pa.nulls(len(rows), pa.string())
    )


def instants(hours):
    return pa.array([START_US + hour * HOUR_US for hour in hours], INSTANT)


def factors(hours=range(24)):
    """Trucks emit 1 and 3 g/km, cars 3 and 1 g/km, at 20 and 40 km/h."""
    rows = [
        (hour, vehicle, speed, factor)
        for hour in hours
        for vehicle, speed, factor in (("HeavyT", 20, 1), ("HeavyT", 40, 3), ("CAR", 20, 3), ("CAR", 40, 1))
    ]
    return pa.table(
        {
            "road_class_code": ["primary"] * len(rows),
            "vehicle_class_code": [row[1] for row in rows],
            "emission_stage_code": ["IV"] * len(rows),
            "pollutant_code": ["NOx"] * len(rows),
            "speed_km_per_h": [float(row[2]) for row in rows],
            "hour_utc": instants(row[0] for row in rows),
            "emission_factor_g_per_km": [float(row[3]) for row in rows],
        }
    )


def traffic(hours=range(24), speed=30.0, link="link"):
    hours = list(hours)
    return pa.table(
        {"link_id": [link] * len(hours), "hour_utc": instants(hours), "speed_km_per_h": [speed] * len(hours)}
    )


def counted(*rows):
    """Counted machines given as source, stage, tonnes of NOx a year."""
    names = ("activity_area_id", "emission_stage_code", "annual_emission_t")
    given = [
        {**dict(zip(names, row, strict=True)), "pollutant_code": "NOx", "annual_source_code": "machines"}
        for row in rows
    ]
    kinds = {name: pa.float64() if name == "annual_emission_t" else pa.string() for name in names}
    kinds |= {"pollutant_code": pa.string(), "annual_source_code": pa.string()}
    return pa.Table.from_pylist(given, pa.schema(list(kinds.items())))


def planned(
    *,
    traffic_hourly=None,
    road_factors=None,
    hours=range(24),
    measures=MEASURES,
    sources=SOURCES,
    conditions=None,
    machines=(),
):
    return plan_day(
        control_source=sources,
        road_emission_factor_hourly=factors() if road_factors is None else road_factors,
        traffic_hourly=traffic() if traffic_hourly is None else traffic_hourly,
        counted_emission=counted(*machines),
        cuts=measures if isinstance(measures, MeasureCuts) else MeasureCuts(measures),
        conditions=[HourCondition("red", hour) for hour in hours] if conditions is None else conditions,
        scenario_id="s",
        start_us=START_US,
        hour_count=24,
        hours=hours,
    )


def emission(source, pollutant, grams_by_hour, *, method="modelled"):
    """Rows of the inventory as dictionary codes, as the lake gives them."""
    count = len(grams_by_hour)
    return pa.table(
        {
            "source_id": pa.array([source] * count).dictionary_encode(),
            "pollutant_code": pa.array([pollutant] * count).dictionary_encode(),
            "hour_utc": instants(grams_by_hour),
            "emission_g": pa.array(list(grams_by_hour.values()), pa.float64()),
            "method_code": pa.array([method] * count).dictionary_encode(),
        }
    )
