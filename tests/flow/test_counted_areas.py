"""Positions of a ship become berth hours, fuel and emission of a published day, with the doubt about the factor."""

import json

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow

AREA = {
    "activity_area_id": "quay",
    "sector_code": "mobile",
    "industry_code": "port",
    "name_zh": "码头",
    "geometry_wkt": "POLYGON ((116.4 39.9, 116.5 39.9, 116.5 40, 116.4 40, 116.4 39.9))",
}
COUNTED = {
    "activity_area_id": "quay",
    "activity_unit_code": "berth_h",
    "annual_activity": 8760.0,
    "auxiliary_fuel_kg_per_h": 500.0,
    "boiler_fuel_kg_per_h": 100.0,
    "shore_power_share": 0.4,
    "source": "chosen for this test",
}
FEED = """
[area_activity]
format = "csv"
drop = "drop/area/{day}.csv"
"""


def read_published(town, table):
    folder = town.home / "lake" / "published" / "town" / table / "day=2015-12-20"
    rows = pq.read_table(folder / f"{table}.parquet", partitioning=None)
    return rows.filter(pc.equal(rows["pollutant_code"], "NOx"))


@pytest.fixture
def port(town):
    """The town with a quay, and a ship that reports there from 02:00 to 04:00 every half hour."""
    town.registry(activity_area=[AREA], counted_area=[COUNTED])
    (town.folder / "feeds.toml").write_text((town.folder / "feeds.toml").read_text("utf-8") + FEED, "utf-8")
    drop = town.folder / "drop" / "area"
    drop.mkdir(parents=True)
    reports = [f"ship,2015-12-20T0{2 + n // 2}:{30 * (n % 2):02d}Z,116.45,39.95" for n in range(5)]
    positions = town.home / "ais.csv"
    positions.write_text("\n".join(["ship_id,time_utc,longitude_deg,latitude_deg", *reports]) + "\n", "utf-8")
    given = ("--unit", "berth_h", "--positions", str(positions), "--date", "2015-12-20")
    counted = town.call("feed", "count", "--region", "town", *given, "--out", str(drop / "2015-12-20.csv"), "--json")
    assert (counted.status, json.loads(counted.out)["counted_activity"]) == (0, 2.0)
    return town


def test_a_ship_at_berth_emits_its_fuel_in_its_hours_and_the_day_doubts_the_factor(port):
    """Two berth hours × (500 × 0.6 + 100) kg × 47.6 g/kg of NOx; the line of the town emits some too."""
    assert port.day().status == 0
    emission = read_published(port, "emission_hourly")
    quay = emission.filter(pc.equal(emission["source_id"], "quay")).sort_by("hour_utc")
    grams = 400 * 47.6
    assert quay["emission_g"].to_pylist() == pytest.approx([0.0, 0.0, grams, grams] + [0.0] * 20)
    assert set(quay["method_code"].to_pylist()) == {"counted"}
    cells = read_published(port, "emission_gridded_hourly")
    cells = cells.filter(pc.equal(cells["sector_code"], "mobile"))
    assert pc.sum(cells["emission_g"]).as_py() == pytest.approx(2 * grams, rel=1e-9)
    assert len(pc.unique(cells["cell_id"])) > 1
    path = port.home / "lake" / "published" / "town" / "manifest" / "day=2015-12-20.json"
    unverified = json.loads(path.read_text("utf-8"))["unverified_factors"]
    assert unverified["mass_share"]["NOx"] == pytest.approx(2 * grams / pc.sum(emission["emission_g"]).as_py())
    assert unverified["least_confidence"] == 0.65
    assert "SO2" not in unverified["mass_share"]
