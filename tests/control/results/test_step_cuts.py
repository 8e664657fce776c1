"""A list of measures that grows step by step is cut as by a pass over the whole inventory, to the last bit."""

from datetime import timedelta
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.control.recalculate import recalculate
from bigdata_emis.control.results.scenario_replay import ScenarioReplay, open_replay
from bigdata_emis.control.results.step_cuts import StepCuts
from bigdata_emis.control.results.waterfall import join_steps
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store
from tests.control.optimise.published_region import DAY, KNOWN, WINDOW, frame, region_of, tables
from tests.control.published_days import publish_days
from tests.control.results.recalculated_town import put_in_force, recalculate_town, row_of

MEASURES = """measure_id,alert_level_code,industry_code,vehicle_class_code,stage_threshold_code,production_line_id,\
pollutant_code,affected_share,cut_share,from_local_hour,to_local_hour,ramp_down_h
a-night,orange,foundry,,,,,1,0.3,22,6,
b-truck,orange,,HeavyT,,,,1,0.37,,,
c-slow,orange,cement_grinding,,,,,1,0.71,,,5
d-line,orange,,,,mill-1,PM10,1,0.13,,,
e-old,orange,,HeavyT,III,,,1,0.91,7,19,
e-old,red,,HeavyT,III,,,1,1,,,
f-power,red,coal_power,,,,,1,0.29,,,
f-power,orange,coal_power,,,,,1,0.17,,,
g-cars,orange,,LPV_mini_small,,,,0.5,0.5,,,
h-exempt,orange,,HeavyT,V,,,1,0,,,
"""
FIRST_GAP_H, GAP_EVERY_H = 3, 7


def write_region(folder: Path) -> tuple[Region, Store]:
    """The small region with amounts that differ from hour to hour, a source with gaps and a road without a link."""
    random = np.random.default_rng(7)
    region, store = region_of(folder), Store(str(folder / "lake"), "test", "Asia/Shanghai")
    rows = tables()
    first = rows["emission_hourly"][0]["hour_utc"]
    lanes = {"source_id": "lanes-1", "sector_code": "mobile", "industry_code": "minor_road"}
    rows["control_source"].append({"hour_utc": first, **lanes})
    link = [row for row in rows["emission_hourly"] if row["source_id"] == "link-1"]
    rows["emission_hourly"] += [{**row, "source_id": "lanes-1"} for row in link]
    for row in rows["emission_hourly"]:
        row["emission_g"] = float(random.lognormal(8, 2))
    for row in rows["traffic_hourly"]:
        row["speed_km_per_h"] = float(random.uniform(10, 70))
    gaps = [row["hour_utc"] for row in link][FIRST_GAP_H::GAP_EVERY_H]
    rows["emission_hourly"] = [
        row for row in rows["emission_hourly"] if row["source_id"] != "foundry-1" or row["hour_utc"] not in gaps
    ]
    for row in rows["control_source"]:
        row["grade_source_code"] = "enterprise" if "grade_code" in row else None
    for name, of_table in rows.items():
        store.write(name, frame(name, of_table), [DAY], known_utc=KNOWN, run_id="test")
    publish_days(store, [DAY])
    (folder / "town.csv").write_text(MEASURES, "utf-8")
    return region, store


def replay_of(folder: Path, *, with_scenario_in_force: bool) -> ScenarioReplay:
    region, store = write_region(folder)
    if with_scenario_in_force:
        put_in_force(store, recalculate_town(region, store, "first"))
    result = recalculate_town(region, store, "second")
    return open_replay(region, row_of(result), result.parameters, store)


@pytest.mark.parametrize("with_scenario_in_force", [False, True])
@pytest.mark.parametrize("is_backwards", [False, True])
def test_every_step_is_a_pass_over_the_whole_inventory(
    tmp_path: Path, *, with_scenario_in_force: bool, is_backwards: bool
) -> None:
    replay = replay_of(tmp_path, with_scenario_in_force=with_scenario_in_force)
    steps = [step.measures for step in join_steps(replay.event.cuts.measures, "orange")]
    steps = steps[::-1] if is_backwards else steps
    cuts = StepCuts(replay)
    for step, measures in zip(steps, accumulate(steps, lambda before, step: [*before, *step]), strict=True):
        (stepped,), (whole,) = cuts.add_step(step), replay.plans(measures)
        assert stepped.segments.tolist() == whole.segments.tolist()
        assert stepped.totals.cut_g.tobytes() == whole.totals.cut_g.tobytes()
    assert whole.totals.cut_g.any(axis=(1, 2)).sum() == len({"foundry", "link", "mill", "power", "lanes"})


def test_steps_of_an_event_whose_level_changes_are_passes_over_the_inventory(tmp_path: Path) -> None:
    region, store = write_region(tmp_path)
    result = recalculate(
        region=region,
        level="orange",
        window=WINDOW,
        measures_file=tmp_path / "town.csv",
        name="changed",
        known_utc=KNOWN,
        store=store,
        run_id="test",
        changes=[LevelOrder(WINDOW.from_utc + timedelta(hours=9), "red", None)],
    )
    replay = open_replay(region, row_of(result), result.parameters, store)
    measures, cuts = list[Measure](), StepCuts(replay)
    for step in join_steps(replay.event.cuts.measures, result.level):
        measures += step.measures
        (stepped,), (whole,) = cuts.add_step(step.measures), replay.plans(measures)
        assert stepped.segments.tolist() == whole.segments.tolist()
        assert stepped.totals.cut_g.tobytes() == whole.totals.cut_g.tobytes()
    replay.require_ledger([stepped])
    assert len(stepped.segments) > 1


def test_a_step_that_no_source_has_changes_nothing(tmp_path: Path) -> None:
    replay = replay_of(tmp_path, with_scenario_in_force=False)
    cuts = StepCuts(replay)
    (before,) = cuts.add_step(replay.event.cuts.measures)
    (after,) = cuts.add_step([])
    assert after.totals.cut_g.tobytes() == before.totals.cut_g.tobytes()
    assert after.totals.cut_g.sum() > 0
