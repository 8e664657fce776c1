"""An edited scenario is that of a fresh home to the last bit, and computes only the pieces that the edit touches."""

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.control.days.reused_pieces import touched_sources
from bigdata_emis.control.recalculate import RecalculationResult
from bigdata_emis.control.scenario.day_plan import ABSENT
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage import parquet
from bigdata_emis.storage.lake import Store
from tests.control.optimise.published_region import DAY, KNOWN
from tests.control.published_days import publish_days
from tests.control.results.recalculated_town import put_in_force, recalculate_town
from tests.control.results.test_step_cuts import MEASURES, write_region
from tests.control.scenario.day_frames import planned

HOURS = 24
CHANGED_SHARE = 0.4


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 40 rows: sources, and days of a source, begin in one and end in the next."""
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 40)


def write_uncertain_region(folder: Path) -> tuple[Region, Store]:
    """The region with an interval from a half to twice the emission, so that cuts have intervals, too."""
    region, store = write_region(folder)
    rows = store.read("emission_hourly", [DAY])
    for name, factor in (("emission_g_p05", 0.5), ("emission_g_p95", 2.0)):
        rows = rows.set_column(rows.schema.get_field_index(name), name, pc.multiply(rows["emission_g"], factor))
    rows = conform(rows, schema.table("emission_hourly"))
    store.write("emission_hourly", rows, [DAY], known_utc=KNOWN, run_id="uncertain")
    publish_days(store, [DAY])
    return region, store


def files_of(result: RecalculationResult, folder: Path) -> dict[str, bytes]:
    return {str(Path(path).relative_to(folder)): Path(path).read_bytes() for path in result.files}


def recalculated(region: Region, store: Store, measures: str, name: str) -> RecalculationResult:
    (region.folder / "town.csv").write_text(measures, "utf-8")
    return recalculate_town(region, store, name)


def edited_and_fresh(folder: Path, before: str, after: str) -> RecalculationResult:
    """The edited scenario, once it is known to equal that of a fresh home; `before` was computed first."""
    edited_home, fresh_home = folder / "edited", folder / "fresh"
    for home in (edited_home, fresh_home):
        home.mkdir()
    region, store = write_uncertain_region(edited_home)
    first = recalculated(region, store, before, "first")
    assert first.reused == {}
    edited = recalculated(region, store, after, "edited")
    fresh = recalculated(*write_uncertain_region(fresh_home), after, "edited")
    assert fresh.reused == {}
    assert files_of(edited, edited_home) == files_of(fresh, fresh_home)
    assert edited.ledger.equals(fresh.ledger)
    return edited


def reused_share(result: RecalculationResult) -> float:
    reused = result.reused.get(DAY)
    return reused.reused_pieces / reused.pieces if reused else 0.0


def test_the_same_measures_under_another_name_compute_nothing(tmp_path: Path) -> None:
    edited = edited_and_fresh(tmp_path, MEASURES, MEASURES)
    assert reused_share(edited) == 1.0
    assert edited.reused[DAY].scenario_id.startswith("first-")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cement_grinding,,,,,1,0.71", "cement_grinding,,,,,1,0.72"),
        ("mill-1,PM10,1,0.13", "mill-1,PM10,1,0.12"),
        ("b-truck,orange,,HeavyT,,,,1,0.37", "b-truck,orange,,HeavyT,,,,1,0.38"),
        ("f-power,orange,coal_power,,,,,1,0.17", "f-power,orange,coal_power,,,,,0.5,0.17"),
        ("e-old,orange,,HeavyT,III,,,1,0.91,7,19,\n", ""),
    ],
)
def test_an_edited_measure_computes_the_pieces_with_its_sources(tmp_path: Path, old: str, new: str) -> None:
    assert old in MEASURES
    edited_and_fresh(tmp_path, MEASURES, MEASURES.replace(old, new))


def test_an_edit_of_one_plant_leaves_the_pieces_of_other_sources(tmp_path: Path) -> None:
    edited = edited_and_fresh(tmp_path, MEASURES, MEASURES.replace("mill-1,PM10,1,0.13", "mill-1,PM10,1,0.12"))
    assert 0.5 < reused_share(edited) < 1.0


def test_a_measure_of_a_level_that_is_not_called_computes_nothing(tmp_path: Path) -> None:
    edited = edited_and_fresh(tmp_path, MEASURES, MEASURES.replace("coal_power,,,,,1,0.29", "coal_power,,,,,1,0.3"))
    assert reused_share(edited) == 1.0


def test_a_first_ban_of_vehicles_computes_the_links(tmp_path: Path) -> None:
    header, *rows = MEASURES.splitlines(keepends=True)
    without_bans = "".join([header, *(row for row in rows if "HeavyT" not in row and "LPV" not in row)])
    edited_and_fresh(tmp_path, without_bans, MEASURES)


@pytest.mark.parametrize("seed", range(6))
def test_any_list_after_any_other_equals_a_fresh_home(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    header, *rows = MEASURES.splitlines()

    def change(row: str) -> str:
        cells = row.split(",")
        if cells[0] != "h-exempt" and random.random() < CHANGED_SHARE:
            cells[8] = f"{random.uniform(0.1, 1):.3f}"
        return ",".join(cells)

    before, after = ("\n".join([header, *map(change, rows), ""]) for _ in range(2))
    edited_and_fresh(tmp_path, before, after)


def test_links_are_touched_by_another_ban_and_plants_by_another_share() -> None:
    plan = planned()
    kind, shares, banned = plan.cuts.kind_of_source, plan.cuts.shares, plan.roads.banned
    is_link = plan.link_rows != ABSENT
    assert not touched_sources(plan, kind, shares, banned).any()
    assert touched_sources(plan, kind, shares, banned * 0.5).tolist() == is_link.tolist()
    other = shares.copy()
    other[kind[~is_link]] *= 0.5
    assert touched_sources(plan, kind, other, banned).tolist() == (~is_link).tolist()


def test_of_several_stored_scenarios_the_closest_is_used(tmp_path: Path) -> None:
    region, store = write_uncertain_region(tmp_path)
    slower = MEASURES.replace("1,0.71", "1,0.5")
    near = recalculated(region, store, MEASURES, "near")
    recalculated(region, store, slower.replace("HeavyT,,,,1,0.37", "HeavyT,,,,1,0.1"), "far")
    assert recalculated(region, store, MEASURES, "again").reused[DAY].scenario_id == near.scenario_id


@pytest.mark.parametrize("is_damaged", ["record", "rows"])
def test_what_is_damaged_is_computed_again(tmp_path: Path, is_damaged: str) -> None:
    region, store = write_uncertain_region(tmp_path)
    first = recalculated(region, store, MEASURES, "first")
    if is_damaged == "record":
        (path,) = (tmp_path / "lake" / "cut" / "test").rglob("*.cut")
    else:
        (path,) = (tmp_path / "lake" / "history" / "test" / "control_hourly").rglob("*.parquet")
        path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    again = recalculated(region, store, MEASURES, "second")
    assert again.reused == {}
    assert again.ledger["cut_emission_g"].equals(first.ledger["cut_emission_g"])


def test_a_day_under_a_scenario_in_force_is_reused_only_while_that_is_the_same(tmp_path: Path) -> None:
    edited, results = MEASURES.replace("mill-1,PM10,1,0.13", "mill-1,PM10,1,0.12"), {}
    for name, lists in (("edited", [MEASURES, edited]), ("fresh", [edited])):
        home = tmp_path / name
        home.mkdir()
        region, store = write_uncertain_region(home)
        put_in_force(store, recalculated(region, store, MEASURES, "held"))
        under = [recalculated(region, store, measures, f"list-{measures == edited}") for measures in lists]
        assert under[0].reused == {}
        results[name] = (under[-1], files_of(under[-1], home))
    assert 0.0 < reused_share(results["edited"][0]) < 1.0
    assert results["edited"][1] == results["fresh"][1]
    assert results["fresh"][0].ledger["base_source_code"][0].as_py().startswith("reconstructed")
