"""Score by industry and tier, and of energy against bureau totals, on numbers that can be added up on paper."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.demo.truth.score_tiers import score_by_tier, score_district_totals
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

HOUR = datetime(2015, 12, 20, tzinfo=UTC)


def hours(source, tier, truth, estimate, width, pollutant="NOx"):
    estimated = np.array(estimate, dtype=float)
    return pd.DataFrame(
        {
            "source_id": source,
            "industry_code": "foundry",
            "tier": tier,
            "pollutant_code": pollutant,
            "truth_emission_g": np.array(truth, dtype=float),
            "emission_g": estimated,
            "emission_g_p05": estimated - width,
            "emission_g_p95": estimated + width,
        }
    )


def test_each_tier_has_its_own_score_and_the_median_over_pollutants():
    score = score_by_tier(
        pd.concat(
            [
                hours("a", "meter", [10, 20, 30, 40], [11, 22, 33, 44], 2.5),
                hours("a", "meter", [1, 2, 3, 4], [1.3, 2.6, 3.9, 5.2], 0.1, "SO2"),
                hours("b", "none", [10, 30], [20, np.nan], 5),
            ]
        )
    )["foundry"]
    assert score["meter"]["pollutants"]["NOx"]["nmb"] == pytest.approx(0.1)
    assert score["meter"]["pollutants"]["NOx"]["r2"] == pytest.approx(1 - 30 / 500)
    assert (score["meter"]["nmb"], score["meter"]["mae_share"]) == pytest.approx((0.2, 0.2))
    assert (score["meter"]["coverage_90"], score["meter"]["lines"], score["meter"]["n"]) == (0.25, 1, 8)
    assert score["none"]["pollutants"]["NOx"]["nmb"] == pytest.approx(-0.5)
    assert (score["none"]["coverage_90"], score["none"]["pollutants"]["NOx"]["missing"]) == (0.0, 1)


def test_all_industries_together_have_a_row_of_their_own():
    score = score_by_tier(hours("a", "meter", [10, 20], [10, 20], 1))
    assert score["all"]["meter"] == score["foundry"]["meter"]


def test_energy_of_lines_is_summed_and_contradicted_totals_are_counted_separately(tmp_path):
    store = Store(str(tmp_path), "jjj", "Asia/Shanghai")
    line = {"hour_utc": HOUR, "energy_sd_kwh": 1.0, "energy_method_code": "metered", "flag_codes": []}
    _write(
        store,
        "line_energy_hourly",
        [
            {**line, "production_line_id": name, "energy_kwh": kwh}
            for name, kwh in (("a", 60.0), ("b", 30.0), ("c", 50.0))
        ],
    )
    cell = {"hour_utc": HOUR, "metered_energy_kwh": 0.0, "abatement_energy_kwh": 5.0, "energy_discrepancy_kwh": 0.0}
    _write(
        store,
        "energy_balance_hourly",
        [
            {
                **cell,
                "district_id": "1",
                "industry_code": "foundry",
                "district_energy_kwh": 100.0,
                "line_energy_kwh": 90.0,
                "unregistered_energy_kwh": 4.0,
                "balance_code": "reconciled",
            },
            {
                **cell,
                "district_id": "X",
                "industry_code": "foundry",
                "district_energy_kwh": 40.0,
                "line_energy_kwh": 50.0,
                "unregistered_energy_kwh": 0.0,
                "balance_code": "exceeded",
            },
        ],
    )
    lines = pa.table({"production_line_id": ["a", "b", "c"], "enterprise_id": ["e", "e", "f"]})
    enterprises = pa.table(
        {
            "enterprise_id": ["e", "f"],
            "district_id": [None, "X"],
            "county_id": ["1", "2"],
            "industry_code": ["foundry"] * 2,
        }
    )
    score = score_district_totals(store, lines, enterprises)
    assert score["largest_relative_difference"] == pytest.approx(0.01)
    assert (score["cell_hours"], score["contradicted_share"], score["largest_contradiction"]) == (
        2,
        0.5,
        pytest.approx(15 / 40),
    )


def test_without_totals_there_is_nothing_to_compare(tmp_path):
    store = Store(str(tmp_path), "jjj", "Asia/Shanghai")
    assert score_district_totals(store, pa.table({}), pa.table({})) == {
        "largest_relative_difference": None,
        "cell_hours": 0,
    }


def _write(store, table, rows):
    declared = arrow_schema(schema.table(table))
    frame = pa.Table.from_pylist(
        [{name: row.get(name) for name in declared.names} for row in rows],
        pa.schema([(f.name, f.type) for f in declared]),
    )
    store.write(table, conform(frame, schema.table(table)), [date(2015, 12, 20)], known_utc=HOUR, run_id="x")
