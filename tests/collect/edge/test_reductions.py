"""Collecting feeds that name vehicles: what lies on the disk, and how late or corrected rows are counted."""

from pathlib import Path

import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.edge.reductions import reduction_of
from bigdata_emis.collect.feed_check import check_feed
from tests.collect.feed_builders import DAY, context, drop, page, power_feed, raw_names, region

PLATE = "京A12345"
HEAD = "plant,at,way,plate,class,fuel,stage\n"
GATE = {
    "format": "csv",
    "drop": "drop/{day}.csv",
    "columns": {
        "plant": "enterprise_id",
        "at": "passed_utc",
        "way": "gate_direction_code",
        "plate": "vehicle_id",
        "class": "vehicle_class_code",
        "fuel": "fuel_code",
        "stage": "emission_stage_code",
    },
    "absent_fields": ["gate_id"],
    "codes": {"gate_direction_code": {"进厂": "in", "出厂": "out"}, "emission_stage_code": {"国四": "IV", "国五": "V"}},
}
TRUCK = {"format": "csv", "drop": "drop/{day}.csv"}
POSITIONS = "vehicle_id,position_utc,longitude_deg,latitude_deg,speed_km_per_h\n"
LINK = "link_id,road_class_code,length_km,free_speed_km_per_h,jam_density_veh_per_km,geometry_wkt\n"
ROAD = 'R1,trunk,1.7,80,60,"LINESTRING (116.00 40.00, 116.02 40.00)"\n'


def passage(minute: int, stage: str = "国四", plate: str = PLATE) -> str:
    return f"E1,2015-12-20T08:{minute:02d}:00+08:00,进厂,{plate},HeavyT,diesel,{stage}\n"


def collect_gates(place):
    rows = collect_feed("gate", "gate_reading", context=place).to_pylist()
    return [(row["emission_stage_code"], row["entry_count"], row["flag_codes"]) for row in rows]


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_gate_records_are_stored_as_counts_and_no_plate_reaches_the_disk(home):
    drop(home, HEAD + passage(1) + passage(30) + passage(31, "国五", "京B99999") + passage(40, "国八", "京C1"))
    place = context(home, gate=GATE)
    assert collect_gates(place) == [("", 1, []), ("IV", 2, []), ("V", 1, [])]
    assert [name.partition(".")[2] for name in raw_names(home, "gate")] == ["rows.parquet"]
    assert PLATE.encode() not in bytes_below(home / "lake")
    assert collect_gates(place) == [("", 1, []), ("IV", 2, []), ("V", 1, [])]


def test_a_corrected_day_replaces_what_was_counted_of_a_plant_and_hour(home):
    drop(home, HEAD + passage(1) + passage(30))
    collect_gates(context(home, gate=GATE))
    drop(home, HEAD + passage(1) + passage(30, "国五"))
    assert collect_gates(context(home, known_h=1, gate=GATE)) == [("IV", 1, []), ("V", 1, [])]


def test_passages_on_several_pages_are_one_count(home, provider):
    names = GATE["columns"]
    rows = [dict(zip(names, passage(minute).strip().split(","), strict=True)) for minute in (1, 2, 30)]
    provider.responses += [page(1, 2, rows[:2], "gate"), page(2, 2, rows[2:], "gate")]
    by_http = {key: value for key, value in GATE.items() if key != "drop"} | {
        "format": "json", "address": "{EMIS_FEEDS_ADDRESS}/gate", "auth_secret": "A_TOKEN", "attempts": 1, "wait_s": 0,
    }  # fmt: skip
    assert collect_gates(context(home, gate=by_http)) == [("IV", 2, [])]
    assert len(raw_names(home, "gate")) == 1


def test_passages_of_hours_to_come_are_marked(home):
    drop(home, HEAD + passage(1))
    assert collect_gates(context(home, known_h=-40, gate=GATE)) == [("IV", 1, ["future"])]


def test_positions_are_stored_as_trucks_of_links(home):
    (home / "registry").mkdir()
    (home / "registry" / "road_link.csv").write_text(LINK + ROAD)
    lines = [f"{truck},2015-12-20T08:0{truck}:00+08:00,116.01,40.0,{speed}\n" for truck, speed in enumerate("5678")]
    drop(home, POSITIONS + "".join(lines) + "9,2015-12-20T08:00:00+08:00,116.01,40.0,400\n")
    rows = collect_feed("truck", "truck_reading", context=context(home, truck=TRUCK)).to_pylist()
    assert [(row["link_id"], row["edge_fault_code"], row["truck_count"]) for row in rows] == [
        ("", "bad_speed", 1),
        ("R1", "none", 4),
    ]


def test_feed_check_shows_counts_and_no_plate(tmp_path):
    drop(tmp_path, HEAD + passage(1) + passage(30, "国八"))
    document = check_feed(region(tmp_path, gate=GATE), "gate", "gate_reading", day=DAY)
    assert document["refused"] == ""
    assert document["reduced_rows"] == 2
    assert document["first_rows"][1]["entry_count"] == 1
    assert document["unknown"]["emission_stage_code"]["first"] == ["国八"]
    assert PLATE not in str(document)


def test_feed_check_says_how_many_positions_are_not_counted_and_shows_links(home):
    """Four trucks on the road at its speed, one beside it and two at 400 km/h."""
    (home / "registry").mkdir()
    (home / "registry" / "road_link.csv").write_text(LINK + ROAD)
    on_road = "".join(f"{truck},2015-12-20T08:00:00+08:00,116.01,40.0,50\n" for truck in "1234")
    beside = "5,2015-12-20T07:00:00+08:00,116.01,41.0,50\n"
    fast = "".join(f"{truck},2015-12-20T07:00:00+08:00,116.01,40.0,400\n" for truck in "67")
    drop(home, POSITIONS + on_road + beside + fast)
    document = check_feed(region(home, truck=TRUCK), "truck", "truck_reading", day=DAY)
    assert document["uncounted"] == {"bad_speed": 2, "off_road": 1}
    assert [(row["link_id"], row["truck_count"]) for row in document["first_rows"]] == [("R1", 4)]


def test_feeds_without_vehicles_are_stored_as_they_came():
    assert reduction_of(power_feed(), region(Path("region"))) is None


@pytest.mark.parametrize(("table", "whole"), [("gate_record", True), ("signalling_reading", False)])
def test_what_counts_vehicles_needs_all_pages_of_a_pass(table, whole):
    feed = power_feed().model_copy(update={"table_name": table})
    reduction = reduction_of(feed, region(Path("region")))
    assert reduction is not None
    assert reduction.is_of_pass is whole
