"""The orders of the simulated alert: what the recalculation reads of them is what plants, areas and vehicles obey."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import read_measures, require_active_measures
from bigdata_emis.control.scenario.process_limits import read_process_limits
from bigdata_emis.demo.alert_orders import RAMP_DOWN_H, region_measures
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, REGION_ID, SIZES, TIME_ZONE, alert_hours
from bigdata_emis.demo.providers.region_files import write_registry
from bigdata_emis.demo.world import activity, areas, traffic_flow
from bigdata_emis.demo.world.areas import draw_areas, draw_index
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.demo.world.places import grid
from bigdata_emis.demo.world.roads import draw_links
from bigdata_emis.demo.world.tiers import assign_tiers
from bigdata_emis.region import Region

SEED = 3
RESPONSE_H = 6
LEVELS = (AlertLevel.YELLOW, AlertLevel.ORANGE, AlertLevel.RED)
TRAITS = ("industry_code", "grade_code", "sector_code")


def region(folder: Path) -> Region:
    return Region(REGION_ID, folder, "simulated", "模拟", TIME_ZONE, True, grid(12_000.0), {}, {}, {})


@pytest.fixture
def cuts(tmp_path: Path) -> MeasureCuts:
    """The measures of the region as a recalculation reads them from its folder."""
    write_registry(tmp_path, {"measure": region_measures()})
    measures = read_measures(tmp_path / "registry" / "measure.csv")
    for level in LEVELS:
        require_active_measures(measures, level)
    return MeasureCuts(measures, read_process_limits(region(tmp_path)))


@pytest.fixture
def without_alert(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same draws, but with no hour in the alert."""
    for module in (areas, traffic_flow):
        monkeypatch.setattr(module, "alert_hours", lambda: np.zeros_like(alert_hours()))
    monkeypatch.setattr(activity, "_alert_response", lambda random, lines: np.float32(1))
    return monkeypatch


def ordered(cuts: MeasureCuts, sources: pd.DataFrame, level: str = AlertLevel.RED, hours: int = 12) -> np.ndarray:
    """The share that is ordered of each source at the end of some hours at a level, (sources, pollutants)."""
    wanted = sources.reindex(columns=["source_id", *TRAITS, "road_class_code"]).astype(object)
    table = pa.Table.from_pandas(wanted.where(wanted.notna(), None), preserve_index=False)
    columns = [column.cast(pa.string()) for column in table.columns]
    table = pa.table(dict(zip(table.column_names, columns, strict=True)))
    found = cuts.source_cuts(table, [HourCondition(level, 12)] * hours)
    return np.asarray(found.shares[found.kind_of_source][:, :, -1])


@pytest.mark.usefixtures("without_alert")
def test_a_complying_line_keeps_what_its_measure_leaves(cuts, monkeypatch):
    industry = draw_industry(SEED, SIZES["tiny"])
    lines = assign_tiers(SEED, industry.truth, pd.DataFrame({"line_row": np.array([], dtype=int)}))
    share = ordered(cuts, lines.rename(columns={"production_line_id": "source_id"}))
    assert (share == share[:, :1]).all()
    usual = activity.draw_utilisation(SEED, lines)
    monkeypatch.undo()
    after = np.flatnonzero(alert_hours())[0] * QUARTERS_PER_HOUR + RESPONSE_H * QUARTERS_PER_HOUR
    shown = activity.draw_utilisation(SEED, lines)[:, after:]
    complies = lines["compliance"].eq("complies").to_numpy() & (usual[:, after:].max(axis=1) < 1)
    kept = usual[complies, after:] * (1 - share[complies, :1])
    assert complies.sum() > 100
    np.testing.assert_allclose(shown[complies], kept, rtol=0, atol=2e-6)
    assert len(set(share[:, 0].round(3))) > 4


@pytest.mark.usefixtures("without_alert")
def test_an_obeying_area_keeps_what_its_measure_leaves(cuts, monkeypatch):
    drawn = draw_areas(SEED, SIZES["tiny"])
    area = drawn.activity_area.rename(columns={"activity_area_id": "source_id"})
    share = ordered(cuts, area)[:, 0]
    is_minor = area["industry_code"].eq("minor_road").to_numpy()
    share[is_minor] = cuts.vehicle_share("LPV_mini_small", "IV", HourCondition(AlertLevel.RED, 12))
    usual = draw_index(SEED, drawn)
    monkeypatch.undo()
    shown, in_alert = draw_index(SEED, drawn), alert_hours()
    np.testing.assert_allclose(shown[:, ~in_alert], usual[:, ~in_alert])
    kept = usual[drawn.obeys][:, in_alert] * (1 - share[drawn.obeys, None])
    np.testing.assert_allclose(shown[drawn.obeys][:, in_alert], kept, rtol=1e-5)
    assert set(area["industry_code"][share > 0]) == {
        *("construction_site", "nonroad_machinery", "road_dust", "scattered_workshop", "minor_road")
    }


@pytest.mark.usefixtures("without_alert")
def test_links_lose_the_vehicles_that_are_banned_of_every_class(cuts, monkeypatch):
    """Speed rises where vehicles are banned, so the flow falls by somewhat less than the share that is banned."""
    links, day = draw_links(SEED, SIZES["tiny"]), 8
    usual = traffic_flow.draw_traffic(SEED, day, links).flow_veh_per_h.sum()
    monkeypatch.undo()
    shown = traffic_flow.draw_traffic(SEED, day, links).flow_veh_per_h.sum()
    banned = {
        cuts.vehicle_share(kind, stage, HourCondition(AlertLevel.RED, 12))
        for kind, stage in (("LPV_mini_small", "V"), ("HeavyT", "III"))
    }
    assert banned == {0.25}
    assert 0.18 < 1 - shown / usual < 0.25


def test_a_lower_level_never_orders_more(cuts):
    measures = region_measures()
    plants = measures.dropna(subset=["grade_code"]).drop_duplicates(["industry_code", "grade_code"])
    sources = plants.assign(source_id=plants["measure_id"], sector_code="industrial_process")
    yellow, orange, red = (ordered(cuts, sources, level)[:, 0] for level in LEVELS)
    assert (yellow <= orange).all()
    assert (orange <= red).all()
    assert 0 < yellow.sum() < orange.sum() < red.sum()


def test_a_process_that_cannot_stop_follows_within_the_hours_in_which_its_plant_responds(cuts):
    oven = pd.DataFrame([{"source_id": "o", "industry_code": "coking", "grade_code": "D", "sector_code": "x"}])
    assert ordered(cuts, oven, hours=1)[0, 0] == pytest.approx(0.1)
    assert ordered(cuts, oven, hours=int(RAMP_DOWN_H))[0, 0] == pytest.approx(0.6)
