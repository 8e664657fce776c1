"""A projected day reads like a published one, and a recalculation over it says so."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.inventory_versions import AHEAD
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
from bigdata_emis.control.recalculate import RecalculationResult, recalculate
from bigdata_emis.control.results.scenario_replay import cut_by_pollutant, open_replay
from bigdata_emis.control.results.step_cuts import StepCuts
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.statistics.recent_days import RECENCY_SHARE_OF_LEAD
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window
from tests.control.projection.recent_town import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, projected_lake, town, write_day
from tests.control.published_days import publish_days
from tests.control.test_recalculate import KNOWN, ZONE, region, traffic

OLDER = np.exp(-1 / RECENCY_SHARE_OF_LEAD)


def recalculated(store: Store, folder: Path, first: date, last: date) -> RecalculationResult:
    return recalculate(
        region=region(folder),
        level="orange",
        window=Window(day_window(first, ZONE).from_utc, day_window(last, ZONE).to_utc),
        measures_file=folder / "measures.csv",
        name=None,
        known_utc=KNOWN,
        store=store,
        run_id="test",
        choose_versions=published_or_projected_versions,
    )


def cuts_on(store: Store, result: RecalculationResult, day: date) -> dict[str, float]:
    rows = store.read("control_hourly", [day]).to_pylist()
    mine = [row for row in rows if row["scenario_id"] == result.scenario_id and row["pollutant_code"] == "NOx"]
    return {row["source_id"]: row["cut_emission_g"] for row in mine}


def test_steady_days_are_projected_as_they_were_roads_included(tmp_path: Path) -> None:
    """The same speeds, hour by hour, give links the shares that they have on a published day."""
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    result = recalculated(store, tmp_path, TUESDAY, WEDNESDAY)
    cuts = cuts_of_days(store, result)
    shift = timedelta(days=1)
    assert len(cuts[TUESDAY]) == len(cuts[WEDNESDAY]) > 0
    assert cuts[WEDNESDAY] == pytest.approx({(s, p, hour + shift): g for (s, p, hour), g in cuts[TUESDAY].items()})


def cuts_of_days(store: Store, result: RecalculationResult) -> dict[date, dict]:  # type: ignore[type-arg]
    rows = store.read("control_hourly", [TUESDAY, WEDNESDAY]).to_pylist()
    start = day_window(WEDNESDAY, ZONE).from_utc
    by_day: dict[date, dict] = {TUESDAY: {}, WEDNESDAY: {}}  # type: ignore[type-arg]
    for r in rows:
        if r["scenario_id"] == result.scenario_id:
            day = WEDNESDAY if r["hour_utc"] >= start else TUESDAY
            by_day[day][r["source_id"], r["pollutant_code"], r["hour_utc"]] = r["cut_emission_g"]
    return by_day


def test_rows_of_a_projected_day_state_their_base_and_those_of_a_published_day_do_not(tmp_path: Path) -> None:
    """Both recent days are alike: the projected base of an hour is the emission of the same hour on Tuesday."""
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    result = recalculated(store, tmp_path, TUESDAY, WEDNESDAY)
    start, shift = day_window(WEDNESDAY, ZONE).from_utc, timedelta(days=1)
    emitted = {
        (row["source_id"], row["pollutant_code"], row["hour_utc"] + shift): row["emission_g"]
        for row in store.read("emission_hourly", [TUESDAY]).to_pylist()
    }
    rows = [
        r
        for r in store.read("control_hourly", [TUESDAY, WEDNESDAY]).to_pylist()
        if r["scenario_id"] == result.scenario_id
    ]
    assert {row["baseline_emission_g"] for row in rows if row["hour_utc"] < start} == {None}
    stated = {
        (r["source_id"], r["pollutant_code"], r["hour_utc"]): r["baseline_emission_g"]
        for r in rows
        if r["hour_utc"] >= start
    }
    assert stated
    assert stated == pytest.approx({key: emitted[key] for key in stated})


@pytest.mark.parametrize("first", [TUESDAY, WEDNESDAY])
def test_a_scenario_with_projected_days_is_computed_again_from_the_versions_that_it_names(
    tmp_path: Path, first: date
) -> None:
    """Also when Wednesday was published since: the replay rests on the recent days, as the scenario does."""
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 2.0})
    result = recalculated(store, tmp_path, first, THURSDAY)
    write_day(store, WEDNESDAY, tmp_path, factor=9.0)
    publish_days(store, [MONDAY, TUESDAY, WEDNESDAY])
    about = {"scenario_id": result.scenario_id, "alert_level_code": "orange"}
    window = {"from_utc": result.window.from_utc, "to_utc": result.window.to_utc}
    replay = open_replay(region(tmp_path), {**about, **window}, result.parameters, store)
    replay.require_ledger(replay.plans(replay.event.cuts.measures))
    assert [day for day in replay.days if replay.lake.is_projected(day)] == [
        date.fromisoformat(day) for day in result.parameters["projected"]
    ]
    steps = StepCuts(replay)
    assert cut_by_pollutant(steps.add_step(replay.event.cuts.measures)) == cut_by_pollutant(
        replay.plans(replay.event.cuts.measures)
    )


def test_the_newer_day_weighs_more(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 3.0})
    result = recalculated(store, tmp_path, WEDNESDAY, WEDNESDAY)
    expected = 100.0 * (1.0 * OLDER + 3.0) / (OLDER + 1)
    assert cuts_on(store, result, WEDNESDAY)["kiln"] == pytest.approx(0.25 * expected)
    assert result.document()["ledger"][0]["base_source"] == "projected"


def test_a_mixed_window_says_which_hours_are_projected(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 2.0})
    document = recalculated(store, tmp_path, TUESDAY, THURSDAY).document()
    assert (document["hours_present"], document["hours_expected"], document["is_partial"]) == (24, 72, False)
    assert document["projection"] is not None
    assert document["projection"]["hours"] == 48
    assert document["projection"]["from_utc"] == day_window(WEDNESDAY, ZONE).from_utc.isoformat()
    assert document["projection"]["recent_days"] == [str(MONDAY), str(TUESDAY)]
    assert document["days_without_inventory"] == []
    assert {row["base_source"] for row in document["ledger"]} == {"projected_in_part"}
    assert document["parameters"]["projected"] == [str(WEDNESDAY), str(THURSDAY)]


def test_the_ledger_has_an_interval_around_the_base(tmp_path: Path) -> None:
    """The third day was 120 % of a projection of 100 %: so much more it may be again, and no less."""
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0, WEDNESDAY: 1.2})
    rows = {r["pollutant"]: r for r in recalculated(store, tmp_path, THURSDAY, THURSDAY).document()["ledger"]}
    row = rows["NOx"]
    assert row["baseline_p05_kg"] == pytest.approx(row["baseline_kg"])
    assert row["baseline_p95_kg"] == pytest.approx(row["baseline_kg"] + 0.2 * 24 * 320.2 / 1000)


def test_without_projection_the_ledger_has_no_interval(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    document = recalculated(store, tmp_path, MONDAY, TUESDAY).document()
    assert document["projection"] is None
    assert {row["baseline_p95_kg"] for row in document["ledger"]} == {None}


def test_the_same_inputs_give_the_same_scenario_and_the_same_bytes(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.7})
    first = recalculated(store, tmp_path, TUESDAY, THURSDAY)
    before = [Path(path).read_bytes() for path in first.files]
    again = recalculated(store, tmp_path, TUESDAY, THURSDAY)
    assert again.scenario_id == first.scenario_id
    assert [Path(path).read_bytes() for path in again.files] == before


@pytest.mark.parametrize("table", ["control_ledger", "control_hourly", "control_measure"])
def test_a_scenario_with_damaged_records_is_written_again_by_its_recalculation(tmp_path: Path, table: str) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    lake = ScenarioStore(store, recalculated(store, tmp_path, MONDAY, TUESDAY).document()["scenario"])
    (before,) = lake.versions(table, [MONDAY])
    for record in (tmp_path / "lake" / "history").rglob(f"{table}/**/*.json"):
        record.write_bytes(record.read_bytes()[:40])
    with pytest.raises(ChangedFileError, match=f"{table}.*is damaged; .*`emis recalc`"):
        lake.versions(table, [MONDAY])
    recalculated(store, tmp_path, MONDAY, TUESDAY)
    assert [(one.version, one.sha256) for one in lake.versions(table, [MONDAY])] == [(before.version, before.sha256)]


def test_a_recent_day_that_is_published_again_gives_another_scenario(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    first = recalculated(store, tmp_path, WEDNESDAY, WEDNESDAY)
    store.write("traffic_hourly", traffic(MONDAY).slice(1), [MONDAY], known_utc=KNOWN, run_id="again")
    publish_days(store, [MONDAY])
    assert recalculated(store, tmp_path, WEDNESDAY, WEDNESDAY).scenario_id != first.scenario_id


def test_a_link_hour_without_speed_on_the_newest_day_has_that_of_the_day_before(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    store.write("traffic_hourly", traffic(TUESDAY).slice(1), [TUESDAY], known_utc=KNOWN, run_id="again")
    publish_days(store, [TUESDAY])
    rows = projected_lake(store, [WEDNESDAY]).coded("traffic_hourly", WEDNESDAY, ["link_id", "hour_utc"])
    assert rows.num_rows == 48


def test_a_window_that_cannot_be_projected_is_refused_as_before(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0})
    later = MONDAY + timedelta(days=30)
    with pytest.raises(InputError, match="has no published inventory"):
        recalculated(store, tmp_path, later, later)
    assert store.days("control_hourly") == []


def test_a_projected_inventory_has_the_columns_and_the_order_of_a_published_one(tmp_path: Path) -> None:
    lake = projected_lake(town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0}), [WEDNESDAY])
    assert isinstance(lake, ProjectedLake)
    columns = ["source_id", "pollutant_code", "hour_utc", "emission_g"]
    whole = pa.concat_tables(lake.pieces("emission_hourly", WEDNESDAY, columns)).to_pylist()
    assert [r["source_id"] for r in whole] == sorted(r["source_id"] for r in whole)
    kiln = [r["emission_g"] for r in whole if (r["source_id"], r["pollutant_code"]) == ("kiln", "NOx")]
    assert kiln == pytest.approx([100.0] * 24)


def test_road_factors_of_a_projected_day_are_those_of_the_similar_day_at_its_hours(tmp_path: Path) -> None:
    store = town(tmp_path, {MONDAY: 1.0, TUESDAY: 1.0})
    declared = schema.table("road_emission_factor_hourly")
    projected = projected_lake(store, [WEDNESDAY]).coded(declared.name, WEDNESDAY, declared.names)
    known = store.read(declared.name, [TUESDAY])
    assert projected["emission_factor_g_per_km"].to_pylist() == known["emission_factor_g_per_km"].to_pylist()
    assert set(projected["hour_utc"].to_pylist()) == set(day_window(WEDNESDAY, ZONE).hour_starts_utc())
    assert conform(projected.cast(known.schema), declared).num_rows == known.num_rows


TRUCKS = ("HeavyT", "BUS")


def restricted_town(folder: Path, *, today: float, ahead: float | None) -> Store:
    """Two published days on which this share of the trucks and buses may not drive, and another one on Wednesday."""
    store = town(folder, {MONDAY: 1.0, TUESDAY: 1.0})
    declared = schema.table("road_emission_factor_hourly")
    for day in (MONDAY, TUESDAY):
        rows = store.read(declared.name, [day]).to_pylist()
        for row in rows:
            share = today if row["vehicle_class_code"] in TRUCKS else 0.0
            left = row["unrestricted_emission_factor_g_per_km"] * (1 - share)
            row |= {"restricted_share": share, "emission_factor_g_per_km": left}
        tables = {declared.name: rows}
        if ahead is not None:
            tables[AHEAD] = _ahead_of(rows, day, ahead)
        for name, listed in tables.items():
            table = schema.table(name)
            given = pa.Table.from_pylist(listed, arrow_schema(table))
            store.write(name, conform(given, table), [day], known_utc=KNOWN, run_id="test")
    publish_days(store, [MONDAY, TUESDAY])
    return store


def _ahead_of(rows: list[dict], day: date, share: float) -> list[dict]:  # type: ignore[type-arg]
    keys = ("road_class_code", "fleet_place", "vehicle_class_code", "fuel_code", "emission_stage_code")
    vehicles = {tuple(row[name] for name in keys) for row in rows if row["vehicle_class_code"] in TRUCKS}
    return [
        dict(zip(keys, vehicle, strict=True))
        | {"hour_utc": day_window(day, ZONE).from_utc, "restricted_hour_utc": hour}
        | {"restricted_share": share, "kept_share": 1 - 0.3 * share}
        for vehicle in sorted(vehicles)
        for hour in day_window(WEDNESDAY, ZONE).hour_starts_utc()
        if share > 0
    ]


def trucks_of_nox(store: Store) -> list[float]:
    """The share of trucks and buses in the NOx of the fleet by hour, without restrictions, at 30 km/h."""
    rows = store.read("road_emission_factor_hourly", [TUESDAY]).to_pylist()
    sums: dict[datetime, list[float]] = {}
    for row in rows:
        if row["pollutant_code"] == "NOx" and row["speed_km_per_h"] == 30.0:
            of_hour = sums.setdefault(row["hour_utc"], [0.0, 0.0])
            of_hour[0] += row["unrestricted_emission_factor_g_per_km"] * (row["vehicle_class_code"] in TRUCKS)
            of_hour[1] += row["unrestricted_emission_factor_g_per_km"]
    return [trucks / whole for _, (trucks, whole) in sorted(sums.items())]


def projected_nox(store: Store, source: str) -> list[float]:
    columns = ["source_id", "pollutant_code", "hour_utc", "emission_g"]
    lake = projected_lake(store, [WEDNESDAY])
    rows = pa.concat_tables(lake.pieces("emission_hourly", WEDNESDAY, columns)).to_pylist()
    return [r["emission_g"] for r in rows if (r["source_id"], r["pollutant_code"]) == (source, "NOx")]


@pytest.mark.parametrize(("today", "ahead"), [(0.0, 0.5), (0.5, 0.0), (0.5, 1.0), (1.0, 0.0)])
def test_a_projected_link_has_the_restrictions_of_its_own_day(tmp_path: Path, today: float, ahead: float) -> None:
    """A link with 10.1 g of which the share t of trucks drove in part: 10.1 × (1 − ahead × t) ÷ (1 − today × t)."""
    store = restricted_town(tmp_path, today=today, ahead=ahead)
    wanted = [10.1 * (1 - ahead * t) / (1 - today * t) for t in trucks_of_nox(store)]
    assert projected_nox(store, "link-1") == pytest.approx(wanted)
    assert projected_nox(store, "kiln") == pytest.approx([100.0] * 24)


@pytest.mark.parametrize("ahead", [0.5, None])
def test_without_another_restriction_a_projected_link_emits_as_before(tmp_path: Path, ahead: float | None) -> None:
    """Also where the day did not state what is ahead, as days of earlier versions."""
    store = restricted_town(tmp_path, today=0.5, ahead=ahead)
    assert projected_nox(store, "link-1") == pytest.approx([10.1] * 24)


@pytest.mark.parametrize(("today", "ahead"), [(0.0, 1.0), (1.0, 0.0)])
def test_an_alert_on_a_projected_day_cuts_what_its_restrictions_leave(
    tmp_path: Path, today: float, ahead: float
) -> None:
    """The order bans all trucks up to stage IV: nothing is left of them, or all, and buses are not in the order."""
    store = restricted_town(tmp_path, today=today, ahead=ahead)
    cuts = cuts_on(store, recalculated(store, tmp_path, WEDNESDAY, WEDNESDAY), WEDNESDAY)
    assert ("link-1" in cuts) is (ahead == 0.0)
    assert cuts["kiln"] == pytest.approx(25.0)


def test_the_base_of_the_region_is_sure_of_a_restriction_that_begins(tmp_path: Path) -> None:
    """Two equal days: the interval has no width, though the restrictions of the next day are others."""
    lake = projected_lake(restricted_town(tmp_path, today=0.0, ahead=0.5), [WEDNESDAY])
    series = lake.regional_series()
    nox = lake.projected.pollutants.index("NOx")
    links = [2 * 10.1 * (1 - 0.5 * t) for t in trucks_of_nox(restricted_town(tmp_path / "b", today=0.0, ahead=0.5))]
    assert series.expected[nox, 0].tolist() == pytest.approx([300.0 + grams for grams in links])
    assert series.p95[nox, 0].tolist() == pytest.approx(series.expected[nox, 0].tolist())
