"""A recalculation in a region of two plants, an area and two links, with numbers that can be computed on paper."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import bigdata_emis.control.recalculate as recalculate_module
from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.control.control_basis import control_basis
from bigdata_emis.control.days import unit_processes
from bigdata_emis.control.inventory_versions import INPUTS, newest_versions, published_versions
from bigdata_emis.control.recalculate import ChooseVersions, RecalculationResult, recalculate
from bigdata_emis.control.results.accounting_table import accounting_workbook
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario_days import OUTCOME
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.inventory.emit_traffic import emit_traffic
from bigdata_emis.inventory.roads.guide_tables import GuideTables
from bigdata_emis.inventory.roads.road_factors import compute_road_factors
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import TYPES, conform
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window
from tests.control.published_days import publish_days
from tests.inventory.fleets.fleet_frames import fleets_of, no_own_fleets, on_engine
from tests.inventory.roads.guide_frames import shipped_guide

ZONE = "Asia/Shanghai"
DAY, NEXT = date(2015, 12, 20), date(2015, 12, 21)
KNOWN = datetime(2015, 12, 22, tzinfo=UTC)
START = day_window(DAY, ZONE).from_utc
SPEEDS = {"link-1": 30.0, "link-2": 47.3}
FLEET = (
    ("HeavyT", "diesel", "III", 0.1),
    ("HeavyT", "diesel", "V", 0.1),
    ("LPV_mini_small", "gasoline", "IV", 0.7),
    ("BUS", "diesel", "IV", 0.1),
)
WINDOW = Window(START, START + timedelta(hours=48))
COLUMNS = (
    "measure_id,alert_level_code,sector_code,industry_code,vehicle_class_code,stage_threshold_code,"
    "affected_share,cut_share"
)
MEASURES = f"""{COLUMNS}
kiln,orange,,cement_clinker,,,1,0.25
glass,yellow,,ceramics,,,0.5,0.5
truck,orange,mobile,,HeavyT,IV,1,1
bus,red,mobile,,BUS,,1,0.5
"""
OWN_FLEETS = ("local_fleet", "traffic_restriction")


def region(folder: Path) -> Region:
    grid = Grid("EPSG:32650", 3000.0, 0.0, 0.0, 1, 1)
    return Region("test", folder, "Test", "测试", ZONE, True, grid, {}, {}, {})


def registry() -> dict[str, pa.Table]:
    def frame(name: str, rows: list[dict[str, Any]]) -> pa.Table:
        declared = schema.table(name)
        return pa.table({f.name: pa.array([r.get(f.name) for r in rows], TYPES[f.kind]) for f in declared.fields})

    lines = [("kiln", "cement_clinker"), ("glass", "ceramics")]
    return {
        "production_line": frame(
            "production_line",
            [
                {
                    "production_line_id": n,
                    "enterprise_id": "plant",
                    "sector_code": "industrial_process",
                    "industry_code": i,
                }
                for n, i in lines
            ],
        ),
        "enterprise": frame("enterprise", [{"enterprise_id": "plant", "grade_code": "B"}]),
        "activity_area": frame(
            "activity_area", [{"activity_area_id": "farm", "sector_code": "agriculture", "industry_code": "livestock"}]
        ),
        "road_link": frame(
            "road_link",
            [
                {
                    "link_id": link,
                    "road_class_code": "primary",
                    "length_km": 2.0,
                    "free_speed_km_per_h": 80.0,
                    "jam_density_veh_per_km": 120.0,
                }
                for link in SPEEDS
            ],
        ),
        "fleet_mix": frame(
            "fleet_mix",
            [
                {
                    "road_class_code": "primary",
                    "local_hour": hour,
                    "vehicle_class_code": v,
                    "fuel_code": f,
                    "emission_stage_code": s,
                    "fleet_share": share,
                }
                for hour in range(24)
                for v, f, s, share in FLEET
            ],
        ),
    }


def weather(window: Window) -> pa.Table:
    rows = [
        {"station_id": "a", "hour_utc": h, "air_temperature_degc": -4.0 + n, "relative_humidity_share": 0.4}
        for n, h in enumerate(window.hour_starts_utc())
    ]
    return pa.Table.from_pylist(rows)


def basis(day: date, folder: Path) -> dict[str, pa.Table]:
    window, tables = day_window(day, ZONE), registry()
    sources = control_basis(
        *(tables[n] for n in ("production_line", "enterprise", "activity_area", "road_link")),
        *no_own_fleets(),
        context=Context(region(folder), window, KNOWN, "test", store=None),
    )
    factors = compute_road_factors(
        fleets_of(tables["fleet_mix"], hours=list(window.hour_starts_utc())),
        weather(window),
        shipped_guide(),
        time_zone=ZONE,
        options={},
    ).rows()
    frames = {"control_source": sources, "road_emission_factor_hourly": factors}
    return {name: conform(frame, schema.table(name)) for name, frame in frames.items()}


def traffic(day: date) -> pa.Table:
    rows = [
        {
            "link_id": link,
            "hour_utc": hour,
            "speed_km_per_h": speed + n,
            "flow_veh_per_h": 100.0,
            "flow_method_code": "measured",
            "imputation_code": "none",
            "reading_count": 1,
            "flag_codes": [],
        }
        for link, speed in SPEEDS.items()
        for n, hour in enumerate(day_window(day, ZONE).hour_starts_utc())
    ]
    return conform(pa.Table.from_pylist(rows), schema.table("traffic_hourly"))


def emissions(day: date) -> pa.Table:
    """100 g of NOx an hour from each plant and the area, 7 g of CO2 from the kiln, 10.1 g of NOx from each link."""
    amounts = {
        ("kiln", "NOx"): 100.0,
        ("glass", "NOx"): 100.0,
        ("farm", "NOx"): 100.0,
        ("kiln", "CO2"): 7.0,
        ("link-1", "NOx"): 10.1,
        ("link-2", "NOx"): 10.1,
    }
    rows = [
        {
            "source_id": source,
            "sector_code": "other",
            "pollutant_code": pollutant,
            "hour_utc": hour,
            "emission_g": amount,
            "emission_g_p05": amount,
            "emission_g_p95": amount,
            "method_code": "modelled",
            "emission_typical_g": amount,
            "emission_before_audit_g": None,
        }
        for (source, pollutant), amount in amounts.items()
        for hour in day_window(day, ZONE).hour_starts_utc()
    ]
    return conform(pa.Table.from_pylist(rows), schema.table("emission_hourly"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return write_two_days(tmp_path)


def write_two_days(tmp_path: Path) -> Store:
    tmp_path.mkdir(exist_ok=True)
    lake = Store(str(tmp_path / "lake"), "test", ZONE)
    for day in (DAY, NEXT):
        for name, frame in {
            **basis(day, tmp_path),
            "traffic_hourly": traffic(day),
            "emission_hourly": emissions(day),
        }.items():
            lake.write(name, frame, [day], known_utc=KNOWN, run_id="test")
    publish_days(lake, (DAY, NEXT))
    (tmp_path / "measures.csv").write_text(MEASURES, "utf-8")
    return lake


def publish_again(store: Store, table: str, frame: pa.Table, day: date) -> None:
    """A new version of a table, with which the day is published again."""
    store.write(table, frame, [day], known_utc=KNOWN + timedelta(hours=1), run_id="restated")
    publish_days(store, [day])


def run(
    store: Store,
    tmp_path: Path,
    *,
    level: str = "orange",
    window: Window = WINDOW,
    name: str | None = None,
    choose_versions: ChooseVersions = published_versions,
    with_accounting: bool = False,
    changes: Sequence[LevelOrder] = (),
) -> RecalculationResult:
    return recalculate(
        region=region(tmp_path),
        level=level,
        window=window,
        measures_file=tmp_path / "measures.csv",
        name=name,
        known_utc=KNOWN,
        store=store,
        run_id="test",
        choose_versions=choose_versions,
        with_accounting=with_accounting,
        changes=changes,
    )


def cuts_of(store: Store, result: RecalculationResult) -> dict[tuple[str, str, datetime], float]:
    rows = store.read("control_hourly", [DAY, NEXT]).to_pylist()
    return {
        (r["source_id"], r["pollutant_code"], r["hour_utc"]): r["cut_emission_g"]
        for r in rows
        if r["scenario_id"] == result.scenario_id
    }


def test_plants_are_cut_by_their_share_and_the_uncontrolled_have_no_row(store: Store, tmp_path: Path) -> None:
    cuts = cuts_of(store, run(store, tmp_path))
    assert {cuts["kiln", "NOx", h] for h in WINDOW.hour_starts_utc()} == {25.0}
    assert {cuts["glass", "NOx", h] for h in WINDOW.hour_starts_utc()} == {25.0}
    assert cuts["kiln", "CO2", START] == 1.75
    assert not [key for key in cuts if key[0] == "farm"]


def test_a_banned_class_cuts_its_share_of_the_composite_factor_at_the_speed(store: Store, tmp_path: Path) -> None:
    base = {
        (r["vehicle_class_code"], r["fuel_code"], r["emission_stage_code"]): r["base_emission_factor_g_per_km"]
        for r in reference.read("road_base_emission_factor").to_pylist()
        if r["pollutant_code"] == "NOx"
    }
    temperature = {
        (r["vehicle_class_code"], r["fuel_code"]): r["temperature_correction"]
        for r in reference.read("road_temperature_correction").to_pylist()
        if r["pollutant_code"] == "NOx" and r["lower_temperature_degc"] < -4
    }
    humidity = {
        r["fuel_code"]: r["humidity_correction"]
        for r in reference.read("road_humidity_correction").to_pylist()
        if r["pollutant_code"] == "NOx" and r["lower_temperature_degc"] < -4 and r["lower_humidity_share"] == 0
    }
    # At 30 km/h the speed correction is 1; the first hour is at -4 C and 40 % humidity, diesel had 50 ppm of sulphur.
    sulphur = {("diesel", "III"): 0.93, ("diesel", "IV"): 0.84, ("diesel", "V"): 0.84, ("gasoline", "IV"): 1.0}
    factors = {
        (v, s): share * base[v, f, s] * temperature[v, f] * humidity[f] * sulphur[f, s] for v, f, s, share in FLEET
    }
    expected = 10.1 * factors["HeavyT", "III"] / sum(factors.values())
    assert cuts_of(store, run(store, tmp_path))["link-1", "NOx", START] == pytest.approx(expected, rel=1e-12)


def test_the_ledger_has_the_whole_region_and_compares_with_the_target(store: Store, tmp_path: Path) -> None:
    result = run(store, tmp_path)
    cuts = cuts_of(store, result)
    rows = {row["pollutant"]: row for row in result.document()["ledger"]}
    assert rows["NOx"]["baseline_kg"] == pytest.approx(48 * 320.2 / 1000)
    assert rows["NOx"]["cut_kg"] == pytest.approx(sum(v for k, v in cuts.items() if k[1] == "NOx") / 1000)
    assert rows["NOx"]["target_share"] == 0.2
    assert rows["NOx"]["met"] is (rows["NOx"]["cut_share"] >= 0.2)
    assert rows["CO2"]["cut_share"] == 0.25
    assert rows["CO2"]["target_share"] is None
    assert rows["CO2"]["met"] is None


def test_a_certain_inventory_gives_certain_cuts_by_part_that_add_up_to_the_ledger(store: Store, tmp_path: Path) -> None:
    """The inventory of this region has intervals without width."""
    result = run(store, tmp_path)
    ledger = {row["pollutant"]: row for row in result.document()["ledger"]}
    assert (ledger["NOx"]["cut_p05_kg"], ledger["NOx"]["cut_p95_kg"]) == pytest.approx((ledger["NOx"]["cut_kg"],) * 2)
    rows = [row for row in store.read("control_cut", [DAY]).to_pylist() if row["pollutant_code"] == "NOx"]
    for part in ("total", "sector", "county", "measure"):
        cut_g = sum(row["cut_emission_g"] for row in rows if row["cut_part_code"] == part)
        assert cut_g / 1000 == pytest.approx(ledger["NOx"]["cut_kg"])
    assert {row["cut_part_name"] for row in rows if row["cut_part_code"] == "measure"} == {"kiln", "glass", "truck"}
    assert any(path.startswith(str(tmp_path)) and "control_cut" in path for path in result.files)


def test_nothing_is_cut_outside_the_window(store: Store, tmp_path: Path) -> None:
    window = Window(START + timedelta(hours=23), START + timedelta(hours=26))
    result = run(store, tmp_path, window=window)
    assert {hour for _, _, hour in cuts_of(store, result)} == set(window.hour_starts_utc())
    assert result.document()["ledger"][0]["baseline_kg"] == pytest.approx(3 * 320.2 / 1000)


def test_every_row_at_a_higher_level_is_cut_at_least_as_much(store: Store, tmp_path: Path) -> None:
    yellow, orange, red = (cuts_of(store, run(store, tmp_path, level=level)) for level in ("yellow", "orange", "red"))
    assert all(orange[key] >= cut for key, cut in yellow.items())
    assert all(red[key] >= cut for key, cut in orange.items())
    assert red["link-2", "NOx", START] > orange["link-2", "NOx", START]
    limits = {
        (r["source_id"], r["pollutant_code"], r["hour_utc"]): r["emission_g"]
        for d in (DAY, NEXT)
        for r in emissions(d).to_pylist()
    }
    assert all(0 < cut <= limits[key] for key, cut in red.items())


def test_the_published_cut_equals_a_full_rebuild_from_the_inputs_to_the_last_bit(store: Store, tmp_path: Path) -> None:
    """Row by row with plain floats, on a basis computed again from registry, weather and reference."""
    plants = {"kiln": 1 * 0.25, "glass": 0.5 * 0.5, "farm": 0.0}
    rebuilt = {}
    for day in (DAY, NEXT):
        knots = _knots(basis(day, tmp_path)["road_emission_factor_hourly"])
        speeds = {(r["link_id"], r["hour_utc"]): r["speed_km_per_h"] for r in traffic(day).to_pylist()}
        for row in emissions(day).to_pylist():
            source, pollutant, hour = row["source_id"], row["pollutant_code"], row["hour_utc"]
            share = plants[source] if source in plants else _share(knots[pollutant, hour], speeds[source, hour])
            if share > 0:
                rebuilt[source, pollutant, hour] = row["emission_g"] * share
    assert cuts_of(store, run(store, tmp_path)) == rebuilt


def _knots(factors: pa.Table) -> dict[tuple[str, datetime], dict[float, list[float]]]:
    """Whole and banned factor at each knot, summed in order of key; China III heavy trucks are banned in full."""
    sums: dict[tuple[str, datetime], dict[float, list[float]]] = {}
    for row in factors.to_pylist():
        pair = sums.setdefault((row["pollutant_code"], row["hour_utc"]), {}).setdefault(
            row["speed_km_per_h"], [0.0, 0.0]
        )
        is_banned = (row["vehicle_class_code"], row["emission_stage_code"]) == ("HeavyT", "III")
        pair[0] += row["emission_factor_g_per_km"]
        pair[1] += row["emission_factor_g_per_km"] * (1.0 if is_banned else 0.0)
    return sums


def _share(at: dict[float, list[float]], speed: float) -> float:
    knots = sorted(at)
    below = max((i for i, knot in enumerate(knots[:-1]) if knot <= speed), default=0)
    low, high = knots[below], knots[below + 1]
    part = min(max((speed - low) / (high - low), 0.0), 1.0)
    whole, banned = (at[low][i] * (1.0 - part) + at[high][i] * part for i in (0, 1))
    return banned / whole


def test_the_cut_of_a_link_is_the_emission_that_the_traffic_stage_gives_the_banned_vehicles(
    store: Store, tmp_path: Path, spark: Any
) -> None:
    tables = {**registry(), "traffic_hourly": traffic(DAY), "weather_hourly": weather(day_window(DAY, ZONE))}
    tables |= dict(zip(OWN_FLEETS, no_own_fleets(), strict=True), calendar_period=reference.read("calendar_period"))
    names = ("traffic_hourly", "road_link", "fleet_mix", *OWN_FLEETS, "calendar_period", "weather_hourly")
    by_vehicle = (
        emit_traffic(
            *(on_engine(spark, tables[n]) for n in names),
            *(spark.createDataFrame(reference.read(field.name)) for field in fields(GuideTables)),
            on_engine(spark, tables["activity_area"]),
            context=Context(region(tmp_path), day_window(DAY, ZONE), KNOWN, "test", store=None),
        )["emission_link_hourly"]
        .toArrow()
        .to_pylist()
    )
    whole, banned = (_summed(by_vehicle, only) for only in (None, ("HeavyT", "III")))
    rows = [
        {
            "source_id": s,
            "sector_code": "mobile",
            "pollutant_code": p,
            "hour_utc": h,
            "emission_g": g,
            "emission_g_p05": g,
            "emission_g_p95": g,
            "method_code": "modelled",
            "emission_typical_g": g,
            "emission_before_audit_g": None,
        }
        for (s, p, h), g in whole.items()
    ]
    inventory = conform(pa.Table.from_pylist(rows), schema.table("emission_hourly"))
    publish_again(store, "emission_hourly", inventory, DAY)
    cuts = cuts_of(store, run(store, tmp_path, window=day_window(DAY, ZONE)))
    assert len(cuts) == 2 * 24 * 7
    assert cuts == pytest.approx(banned, rel=1e-12)


def _summed(rows: list[dict[str, Any]], only: tuple[str, str] | None) -> dict[tuple[str, str, datetime], float]:
    sums: dict[tuple[str, str, datetime], float] = {}
    for row in rows:
        if only in (None, (row["vehicle_class_code"], row["emission_stage_code"])):
            key = (row["link_id"], row["pollutant_code"], row["hour_utc"])
            sums[key] = sums.get(key, 0.0) + row["emission_g"]
    return sums


def test_a_rerun_gives_the_same_scenario_and_the_same_bytes(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path)
    before = {path: Path(path).read_bytes() for path in first.files}
    again = run(store, tmp_path)
    assert again.scenario_id == first.scenario_id
    assert {path: Path(path).read_bytes() for path in again.files} == before
    assert [v.version for v in again.versions] == [v.version for v in first.versions]


def test_several_processes_write_the_same_bytes_as_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = {path: Path(path).read_bytes() for path in run(store, tmp_path).files}
    monkeypatch.setattr(recalculate_module, "LARGE_ROWS", 0)
    monkeypatch.setattr(unit_processes, "QUIET_THREADS", {thread.name for thread in threading.enumerate()})
    for path in alone:
        Path(path).unlink()
    shutil.rmtree(tmp_path / "lake" / "history" / "test" / "control_hourly")
    assert {path: Path(path).read_bytes() for path in run(store, tmp_path).files} == alone


def test_a_later_lift_computes_only_the_day_whose_hours_change(store: Store, tmp_path: Path) -> None:
    short = run(store, tmp_path, window=Window(START, START + timedelta(hours=40)))
    longer = run(store, tmp_path)
    fresh = run(write_two_days(tmp_path / "fresh"), tmp_path / "fresh")
    assert [*longer.reused] == [DAY]
    assert longer.reused[DAY].scenario_id == short.scenario_id
    assert [Path(path).read_bytes() for path in longer.files] == [Path(path).read_bytes() for path in fresh.files]


def test_a_restated_day_is_computed_alone(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path)
    fresh = write_two_days(tmp_path / "fresh")
    for lake in (store, fresh):
        publish_again(lake, "emission_hourly", emissions(NEXT).slice(1), NEXT)
    restated, alone = run(store, tmp_path), run(fresh, tmp_path / "fresh")
    assert [*restated.reused] == [DAY]
    assert [Path(path).read_bytes() for path in restated.files] == [Path(path).read_bytes() for path in alone.files]


def test_a_second_scenario_leaves_the_first_in_place(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, name="first")
    before = cuts_of(store, first)
    second = run(store, tmp_path, level="red", name="second")
    assert cuts_of(store, first) == before
    assert set(store.read("control_ledger", [DAY])["scenario_id"].to_pylist()) == {
        first.scenario_id,
        second.scenario_id,
    }


def test_a_restated_inventory_gives_another_scenario(store: Store, tmp_path: Path) -> None:
    before = run(store, tmp_path).scenario_id
    frame = emissions(NEXT)
    doubled = frame.set_column(4, frame.schema.field(4), pa.array([2 * g for g in frame["emission_g"].to_pylist()]))
    publish_again(store, "emission_hourly", doubled, NEXT)
    assert run(store, tmp_path).scenario_id != before


def test_a_day_that_is_rewritten_meanwhile_does_not_change_a_running_recalculation(
    store: Store, tmp_path: Path
) -> None:
    class RenewedAtOnce(Store):
        """The same lake; once the last input is listed, another process doubles the emission of a day."""

        def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
            versions = store.versions(table_name, days)
            if table_name == INPUTS[-1]:
                rows = emissions(DAY)
                doubled = rows.set_column(
                    rows.schema.get_field_index("emission_g"),
                    rows.schema.field("emission_g"),
                    pc.multiply(rows["emission_g"], 2),
                )
                store.write("emission_hourly", doubled, [DAY], known_utc=KNOWN + timedelta(hours=1), run_id="later")
            return versions

    first = run(store, tmp_path, choose_versions=newest_versions)
    lake = RenewedAtOnce(str(tmp_path / "lake"), "test", ZONE)
    again = run(lake, tmp_path, choose_versions=newest_versions)
    assert (again.scenario_id, again.ledger) == (first.scenario_id, first.ledger)
    assert run(store, tmp_path, choose_versions=newest_versions).scenario_id != first.scenario_id


def test_missing_hours_do_not_change_the_cut_of_other_hours(store: Store, tmp_path: Path) -> None:
    """Complete hours are cut as a strip, incomplete ones row by row: equal to the last bit."""
    window = Window(START + timedelta(hours=25), START + timedelta(hours=40))
    whole = cuts_of(store, run(store, tmp_path, window=window))
    frame = emissions(NEXT)
    left = frame.filter(pa.array([number % 7 != 3 for number in range(frame.num_rows)]))
    publish_again(store, "emission_hourly", left, NEXT)
    present = {(r["source_id"], r["pollutant_code"], r["hour_utc"]) for r in left.to_pylist()}
    assert 0 < len(whole.keys() - present) < len(whole)
    assert cuts_of(store, run(store, tmp_path, window=window)) == {
        key: cut for key, cut in whole.items() if key in present
    }


def test_a_window_covered_in_part_is_published_as_partial(store: Store, tmp_path: Path) -> None:
    document = run(store, tmp_path, window=Window(START + timedelta(hours=24), START + timedelta(hours=72))).document()
    assert document["complete_share"] == 0.5
    assert document["is_partial"] is True


def test_a_refused_inventory_changes_nothing_until_it_is_published(store: Store, tmp_path: Path) -> None:
    published = run(store, tmp_path)
    store.write("emission_hourly", emissions(DAY).slice(24), [DAY], known_utc=KNOWN + timedelta(hours=1), run_id="bad")
    basis_later = basis(DAY, tmp_path)["control_source"].slice(1)
    store.write("control_source", basis_later, [DAY], known_utc=KNOWN + timedelta(hours=1), run_id="bad")
    again = run(store, tmp_path)
    assert (again.scenario_id, again.ledger) == (published.scenario_id, published.ledger)
    assert again.document()["replaced_days"] == ["2015-12-20"]


def test_a_draft_inventory_is_used_when_asked_for_and_says_so(store: Store, tmp_path: Path) -> None:
    published = run(store, tmp_path)
    store.write("emission_hourly", emissions(DAY).slice(24), [DAY], known_utc=KNOWN + timedelta(hours=1), run_id="bad")
    draft = run(store, tmp_path, choose_versions=newest_versions)
    assert draft.scenario_id != published.scenario_id
    assert (draft.document()["is_draft_inventory"], draft.parameters["inventory"]) == (True, "draft")
    assert published.document()["is_draft_inventory"] is False


def test_the_same_versions_as_a_draft_are_another_scenario(store: Store, tmp_path: Path) -> None:
    assert run(store, tmp_path).scenario_id != run(store, tmp_path, choose_versions=newest_versions).scenario_id


def test_a_day_that_nobody_published_is_left_out_and_named(store: Store, tmp_path: Path) -> None:
    store.files.delete(store.layout.document_file(f"manifest/day={NEXT}.json", tree="published"))
    document = run(store, tmp_path, window=Window(START, START + timedelta(hours=72))).document()
    assert (document["hours_present"], document["hours_expected"], document["is_partial"]) == (24, 72, True)
    assert document["unpublished_days"] == ["2015-12-21"]
    assert document["days_without_inventory"] == ["2015-12-22"]


def test_a_window_of_which_no_day_is_published_is_refused_by_naming_its_days(store: Store, tmp_path: Path) -> None:
    store.files.delete(store.layout.document_file(f"manifest/day={NEXT}.json", tree="published"))
    with pytest.raises(RefusedError, match="2015-12-21 was computed and is not published; .* --draft-inventory"):
        run(store, tmp_path, window=day_window(NEXT, ZONE))
    assert store.days("control_hourly") == []


def test_a_window_without_inventory_is_refused_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    later = Window(START + timedelta(days=9), START + timedelta(days=10))
    with pytest.raises(InputError, match="emis day --region test --date 2015-12-29"):
        run(store, tmp_path, window=later)
    assert store.days("control_hourly") == []


def test_a_level_without_an_applicable_measure_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no measure of the list applies at level blue"):
        run(store, tmp_path, level="blue")
    assert store.days("control_hourly") == []


def test_a_source_without_a_control_basis_is_refused_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    frame = emissions(NEXT)
    renamed = frame.set_column(
        0, frame.schema.field(0), pa.array(["new" if s == "farm" else s for s in frame["source_id"].to_pylist()])
    )
    publish_again(store, "emission_hourly", conform(renamed, schema.table("emission_hourly")), NEXT)
    with pytest.raises(RefusedError, match="source new has emission but is not in the control basis"):
        run(store, tmp_path)
    assert store.days("control_hourly") == []


def test_a_link_hour_with_emission_but_without_traffic_is_refused(store: Store, tmp_path: Path) -> None:
    publish_again(store, "traffic_hourly", traffic(NEXT).slice(1), NEXT)
    with pytest.raises(RefusedError, match="1 link hours have emission but no traffic"):
        run(store, tmp_path)


def test_a_region_without_roads_has_a_basis_and_its_plants_are_cut(tmp_path: Path) -> None:
    tables = {
        name: frame if name in ("production_line", "enterprise") else frame.slice(0, 0)
        for name, frame in registry().items()
    }
    sources = control_basis(
        *(tables[n] for n in ("production_line", "enterprise", "activity_area", "road_link")),
        *no_own_fleets(),
        context=Context(region(tmp_path), day_window(DAY, ZONE), KNOWN, "test", store=None),
    )
    plants = emissions(DAY).filter(pc.is_in(emissions(DAY)["source_id"], pa.array(["kiln", "glass"])))
    lake = Store(str(tmp_path / "lake"), "test", ZONE)
    for name, frame in {
        "control_source": conform(sources, schema.table("control_source")),
        "emission_hourly": plants,
    }.items():
        lake.write(name, frame, [DAY], known_utc=KNOWN, run_id="test")
    publish_days(lake, [DAY])
    (tmp_path / "measures.csv").write_text(MEASURES, "utf-8")
    cuts = cuts_of(lake, run(lake, tmp_path, window=day_window(DAY, ZONE)))
    assert sum(cuts.values()) == 24 * (25.0 + 25.0 + 1.75)


@pytest.mark.parametrize("name", ["../up", "", "a b"], ids=["path", "empty", "space"])
def test_a_name_that_is_no_file_name_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be a file name"):
        run(store, tmp_path, name=name)


def test_the_published_file_is_plain_parquet_with_units(store: Store, tmp_path: Path) -> None:
    result = run(store, tmp_path)
    path = next(p for p in result.files if "control_hourly" in p)
    assert path.endswith(f"/control_hourly/day=2015-12-20/{result.scenario_id}.parquet")
    assert pq.read_schema(path).field("cut_emission_g").metadata[b"unit"] == b"gram"


def test_no_engine_is_imported() -> None:
    program = (
        "import sys, bigdata_emis.control.recalculate; "
        "sys.exit(any(m.split('.')[0] in ('pyspark', 'pysail') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_measure_of_an_unknown_line_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "measures.csv").write_text(
        "measure_id,alert_level_code,production_line_id,affected_share,cut_share\nx,orange,nowhere,1,1\n", "utf-8"
    )
    with pytest.raises(InputError, match="measure x, column production_line_id: 'nowhere' is unknown in region"):
        run(store, tmp_path)
    assert store.paths("control_hourly", [DAY]) == []


def test_files_of_a_killed_recalculation_are_removed_by_the_next(store: Store, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = [
        f"{gethostname()}-{ended.pid}-x",
        f"{gethostname()}-{os.getpid()}-x",
        f"another-host-{ended.pid}-x",
        "of-no-process",
    ]
    folders = [tmp_path / "lake" / f".scenario-{name}" for name in names]
    for folder in folders:
        folder.mkdir()
    run(store, tmp_path)
    assert [folder.exists() for folder in folders] == [False, True, True, True]


def put_in_force(store: Store, result: RecalculationResult) -> None:
    hours = {"from_utc": WINDOW.from_utc.isoformat(), "to_utc": WINDOW.to_utc.isoformat()}
    documents = {
        "scenario/in_force.json": [{"scenario_id": result.scenario_id, **hours}],
        f"scenario/{result.scenario_id}.json": {"level": result.level, **hours},
    }
    for name, content in documents.items():
        store.write_document(name, json.dumps(content).encode(), tree="published")


def test_percentages_are_of_the_emission_without_the_measures_in_force(store: Store, tmp_path: Path) -> None:
    """The kiln emits 100 g under a cut of a quarter: 133.3 g without it, of which a quarter would be cut."""
    first = run(store, tmp_path)
    put_in_force(store, first)
    second = run(store, tmp_path)
    assert second.scenario_id != first.scenario_id
    assert second.parameters["in_force"] == [first.scenario_id]
    assert cuts_of(store, second)["kiln", "NOx", START] == pytest.approx(100 / 0.75 * 0.25)
    before, after = ({row["pollutant"]: row for row in one.document()["ledger"]} for one in (first, second))
    assert (before["NOx"]["base_source"], after["NOx"]["base_source"]) == ("inventory", "reconstructed")
    assert after["CO2"]["baseline_kg"] == pytest.approx(before["CO2"]["baseline_kg"] / 0.75)
    assert after["CO2"]["cut_share"] == pytest.approx(0.25)
    assert after["NOx"]["cut_share"] >= after["NOx"]["target_share"]
    assert (before["NOx"]["met"], after["NOx"]["met"], after["CO2"]["met"]) == (False, None, None)


def test_the_base_of_an_order_that_was_not_obeyed_is_its_outcome(store: Store, tmp_path: Path) -> None:
    """The kiln emits 100 g of NOx as without the order. What is not judged is still reconstructed."""
    first = run(store, tmp_path)
    put_in_force(store, first)
    grams = ("counterfactual_emission_g", "counterfactual_emission_g_p05", "counterfactual_emission_g_p95")
    rows = [
        {"source_id": "kiln", "pollutant_code": "NOx", "hour_utc": hour, **dict.fromkeys(grams, 100.0)}
        for hour in WINDOW.hour_starts_utc()
    ]
    estimated = {"activity_relative_sd_share": 0.0, "counterfactual_method_code": "day_type"}
    frame = conform(pa.Table.from_pylist([{**row, **estimated} for row in rows]), schema.table(OUTCOME))
    outcome = ScenarioStore(store, first.scenario_id)
    (version, _) = outcome.write(OUTCOME, frame, [DAY, NEXT], known_utc=KNOWN, run_id="outcome")
    second = run(store, tmp_path)
    cuts = cuts_of(store, second)
    assert cuts["kiln", "NOx", START] == pytest.approx(25.0)
    assert cuts["kiln", "CO2", START] == pytest.approx(cuts_of(store, first)["kiln", "CO2", START] / 0.75)
    assert {row["base_source"] for row in second.document()["ledger"]} == {"counterfactual_in_part"}
    assert second.parameters["outcomes"][first.scenario_id][str(DAY)] == version.version
    assert run(store, tmp_path).scenario_id == second.scenario_id

    Path(version.path).write_bytes(b"damaged")
    with pytest.raises(ChangedFileError):
        run(store, tmp_path)


def test_a_scenario_in_force_of_unknown_measures_is_named_and_the_base_is_coded(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path)
    put_in_force(store, first)
    store.files.delete(next(version.path for version in first.versions if version.table == "control_measure"))
    shutil.rmtree(tmp_path / "lake" / "history" / "test" / "control_measure")
    second = run(store, tmp_path)
    assert second.parameters["in_force_without_measures"] == [first.scenario_id]
    rows = second.document()["ledger"]
    assert {row["base_source"] for row in rows} == {"measures_unknown"}
    assert [row["cut_kg"] for row in rows] == [row["cut_kg"] for row in first.document()["ledger"]]


def test_a_control_basis_of_an_earlier_version_of_the_program_is_refused_in_one_line(
    store: Store, tmp_path: Path
) -> None:
    version = store.versions("control_source", [NEXT])[-1]
    older = pq.read_table(version.path).drop_columns(["grade_source_code"])
    path = tmp_path / "older.parquet"
    pq.write_table(older, path)
    later = KNOWN + timedelta(hours=1)
    store.add_version("control_source", NEXT, path, older.num_rows, known_utc=later, run_id="t", complete_share=None)
    publish_days(store, [NEXT])
    with pytest.raises(RefusedError) as refusal:
        run(store, tmp_path)
    assert "2015-12-21: the control basis has no grade_source_code" in str(refusal.value)
    assert "run emis run control_basis --region test --from 2015-12-21 --to 2015-12-22" in str(refusal.value)
    assert store.days("control_hourly") == []


def test_the_accounting_table_has_every_level_and_equals_the_ledger_of_each(store: Store, tmp_path: Path) -> None:
    levels = ("yellow", "orange", "red")
    ledgers = {
        level: {row["pollutant"]: row for row in run(store, tmp_path, level=level).document()["ledger"]}
        for level in levels
    }
    before = set(store.read("control_ledger", [DAY])["scenario_id"].to_pylist())
    table = run(store, tmp_path, with_accounting=True).document()["accounting"]
    assert set(store.read("control_ledger", [DAY])["scenario_id"].to_pylist()) == before
    whole = [cell for cell in table["cells"] if cell["row"] == "whole_society" and cell["cut_share"] is not None]
    assert {cell["level"] for cell in whole} == set(levels)
    for cell in whole:
        row = ledgers[cell["level"]][cell["pollutant"]]
        assert cell["cut_t"] * 1000 == pytest.approx(row["cut_kg"])
        assert cell["cut_share"] == pytest.approx(row["cut_share"])


def test_the_accounting_rows_of_a_changed_event_are_those_of_its_parquet_file(store: Store, tmp_path: Path) -> None:
    """The workbook and the account of the orders, read by no reader of ours, have the same cut of each pollutant."""
    changes = [LevelOrder(START + timedelta(hours=30), "orange")]
    result = run(store, tmp_path, level="yellow", changes=changes, with_accounting=True)
    (path,) = [name for name in result.files if "control_account" in name]
    cut_g: dict[str, float] = {}
    for row in pq.read_table(path, partitioning=None).to_pylist():
        cut_g[row["pollutant_code"]] = cut_g.get(row["pollutant_code"], 0.0) + row["cut_emission_g"]
    document = result.document()
    ordered = [cell for cell in document["accounting"]["ordered"] if cell["row"] == "whole_society"]
    assert {cell["pollutant"]: cell["cut_t"] * 1e6 for cell in ordered} == pytest.approx(
        {cell["pollutant"]: cut_g.get(cell["pollutant"], 0.0) for cell in ordered}
    )
    cuts = cuts_of(store, result)
    assert cut_g["NOx"] == pytest.approx(sum(grams for (_, pollutant, _), grams in cuts.items() if pollutant == "NOx"))
    sheet = openpyxl.load_workbook(
        io.BytesIO(accounting_workbook(document["accounting"], document, time_zone="UTC"))
    ).worksheets[0]
    assert sheet.cell(15, 6).value == pytest.approx(cut_g["NOx"] / 1e6)


def test_a_level_that_changes_switches_the_cut_and_the_ledger_at_its_hour(store: Store, tmp_path: Path) -> None:
    """Yellow for 30 h, then orange for 18 h: the glass works is cut by 25 g all along, the kiln from the change on."""
    at = START + timedelta(hours=30)
    result = run(store, tmp_path, level="yellow", changes=[LevelOrder(at, "orange")])
    cuts = cuts_of(store, result)
    hours = list(WINDOW.hour_starts_utc())
    assert {cuts["glass", "NOx", h] for h in hours} == {25.0}
    assert [cuts.get(("kiln", "NOx", h), 0.0) for h in hours] == [0.0] * 30 + [25.0] * 18

    assert [(one["level"], one["from_utc"], one["to_utc"]) for one in result.orders] == [
        ("yellow", START.isoformat(), at.isoformat()),
        ("orange", at.isoformat(), WINDOW.to_utc.isoformat()),
    ]
    of_order = [{row["pollutant"]: row for row in one["ledger"]} for one in result.orders]
    assert of_order[0]["NOx"]["cut_kg"] == pytest.approx(30 * 25 / 1e3)
    for number, is_in in enumerate((lambda h: h < at, lambda h: h >= at)):
        listed = sum(cut for (_, pollutant, hour), cut in cuts.items() if pollutant == "NOx" and is_in(hour))
        assert of_order[number]["NOx"]["cut_kg"] == pytest.approx(listed / 1e3)
    assert [rows["NOx"]["target_share"] for rows in of_order] == [0.1, 0.2]
    whole = {row["pollutant_code"]: row for row in result.ledger.to_pylist()}
    for name, column in (("cut_kg", "cut_emission_g"), ("baseline_kg", "baseline_emission_g")):
        assert sum(rows["NOx"][name] for rows in of_order) == pytest.approx(whole["NOx"][column] / 1e3)
    assert (result.level, whole["NOx"]["alert_level_code"], whole["NOx"]["is_met"]) == ("orange", "orange", None)


def test_a_change_of_level_that_is_lifted_equals_each_level_in_its_hours(store: Store, tmp_path: Path) -> None:
    at = START + timedelta(hours=20)
    changed = cuts_of(store, run(store, tmp_path, changes=[LevelOrder(at, "yellow")]))
    orange = cuts_of(store, run(store, tmp_path, level="orange"))
    yellow = cuts_of(store, run(store, tmp_path, level="yellow"))
    expected = {key: cut for key, cut in orange.items() if key[2] < at}
    assert changed == expected | {key: cut for key, cut in yellow.items() if key[2] >= at}


def test_a_scenario_without_changes_has_no_orders(store: Store, tmp_path: Path) -> None:
    result = run(store, tmp_path)
    assert (result.orders, "orders" in result.parameters) == ([], False)
    assert store.read("control_order", [DAY]).num_rows == 0
