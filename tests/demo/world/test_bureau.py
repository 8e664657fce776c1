"""Simulated totals of the power bureau: what they count, and the wrong ones that are planted."""

import numpy as np
import pandas as pd

from bigdata_emis.demo.world.bureau import day_totals, miscounted_cells
from bigdata_emis.demo.world.power_meters import draw_meters
from tests.demo.builders import LINE, TREATED, size_of, two_lines, wired_meters


def test_the_bureau_counts_lines_devices_sites_and_a_few_percent_that_are_not_registered():
    enterprise = pd.DataFrame({"enterprise_id": ["E1"], "district_id": ["130102"], "industry_code": ["foundry"]})
    totals = day_totals(
        1,
        0,
        enterprise=enterprise,
        meters=wired_meters("whole_site"),
        lines=two_lines(),
        utilisation=np.ones((2, 960), dtype=np.float32),
        untreated=TREATED[:2],
    )
    lines, abatement, site = 400 + 800, 40, 0.06 * 400
    assert totals["hour_number"].tolist() == list(range(24))
    assert (totals["district_energy_kwh"] / (lines + abatement + site)).between(1.0, 1.08).all()


def test_a_planted_total_is_a_fifth_short_and_is_recorded_for_the_truth():
    lines = pd.DataFrame([{**LINE, "enterprise_id": f"E{i}", "production_line_id": f"L{i}"} for i in range(300)])
    enterprise = pd.DataFrame(
        {
            "enterprise_id": lines["enterprise_id"],
            "district_id": [f"{i:03d}" for i in range(300)],
            "industry_code": "foundry",
        }
    )
    totals = day_totals(
        1,
        0,
        enterprise=enterprise,
        meters=draw_meters(1, size_of(300), lines),
        lines=lines,
        utilisation=np.ones((300, 960), dtype=np.float32),
        untreated=np.zeros((300, 960), dtype=bool),
    )
    is_short = totals.groupby("district_id")["district_energy_kwh"].sum() < 0.9 * 24 * 400
    planted = miscounted_cells(1, 0, enterprise=enterprise, lines=lines)
    assert 0 < len(planted) < 12
    assert is_short[is_short].index.tolist() == planted["district_id"].tolist()
