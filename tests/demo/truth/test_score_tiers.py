"""The comparison by industry and tier, and of energy with the power bureau's totals, on numbers that can be added up on paper."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.demo.truth.score_bureau import planted_and_found
from bigdata_emis.demo.truth.score_tiers import by_tier, district_scores
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

HOUR = datetime(2015, 12, 20, tzinfo=UTC)


def hours(source, tier, truth, estimate, width, pollutant="NOx"):
    told = np.array(estimate, dtype=float)
    return pd.DataFrame(
        {
            "source_id": source,
            "industry_code": "foundry",
            "tier": tier,
            "pollutant_code": pollutant,
            "truth_emission_g": np.array(truth, dtype=float),
            "emission_g": told,
            "emission_g_p05": told - width,
            "emission_g_p95": told + width,
        }
    )


def test_each_tier_is_judged_by_itself_and_pollutants_by_their_median():
    found = by_tier(
        pd.concat(
            [
                hours("a", "meter", [10, 20, 30, 40], [11, 22, 33, 44], 2.5),
                hours("a", "meter", [1, 2, 3, 4], [1.3, 2.6, 3.9, 5.2], 0.1, "SO2"),
                hours("b", "none", [10, 30], [20, np.nan], 5),
            ]
        )
    )["foundry"]
    assert found["meter"]["pollutants"]["NOx"]["nmb"] == pytest.approx(0.1)
    assert found["meter"]["pollutants"]["NOx"]["r2"] == pytest.approx(1 - 30 / 500)
    assert (found["meter"]["nmb"], found["meter"]["mae_share"]) == pytest.approx((0.2, 0.2))
    assert (found["meter"]["coverage_90"], found["meter"]["lines"], found["meter"]["n"]) == (0.25, 1, 8)
    assert found["none"]["pollutants"]["NOx"]["nmb"] == pytest.approx(-0.5)
    assert (found["none"]["coverage_90"], found["none"]["pollutants"]["NOx"]["missing"]) == (0.0, 1)


def test_all_industries_together_have_a_row_of_their_own():
    found = by_tier(hours("a", "meter", [10, 20], [10, 20], 1))
    assert found["all"]["meter"] == found["foundry"]["meter"]


def test_energy_of_lines_is_added_up_anew_and_contradicted_totals_are_counted_apart(tmp_path):
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
    works = pa.table(
        {
            "enterprise_id": ["e", "f"],
            "district_id": [None, "X"],
            "county_id": ["1", "2"],
            "industry_code": ["foundry"] * 2,
        }
    )
    found = district_scores(store, lines, works)
    assert found["largest_relative_difference"] == pytest.approx(0.01)
    assert (found["cell_hours"], found["contradicted_share"], found["largest_contradiction"]) == (
        2,
        0.5,
        pytest.approx(15 / 40),
    )


def test_without_totals_there_is_nothing_to_compare(tmp_path):
    store = Store(str(tmp_path), "jjj", "Asia/Shanghai")
    assert district_scores(store, pa.table({}), pa.table({})) == {"largest_relative_difference": None, "cell_hours": 0}


def test_planted_contradictions_are_counted_by_those_that_were_found_and_the_rest_as_false_alarms():
    hours = pd.date_range("2015-12-19T16:00Z", periods=2, freq="h")
    balance = pd.DataFrame(
        [
            {"district_id": cell, "industry_code": "foundry", "hour_utc": hour, "balance_code": code}
            for cell, codes in (
                ("1", ("exceeded", "reconciled")),
                ("2", ("reconciled", "reconciled")),
                ("3", ("reconciled", "unexplained")),
            )
            for hour, code in zip(hours, codes, strict=True)
        ]
    )
    planted = pd.DataFrame({"day": "2015-12-20", "district_id": ["1", "2"], "industry_code": "foundry"})
    found = planted_and_found(balance, planted)
    assert found == {"planted_cell_days": 2, "planted_found_share": 0.5, "contradicted_elsewhere_share": 0.5}
    assert planted_and_found(balance, planted.head(0))["planted_found_share"] is None


def _write(store, table, rows):
    declared = arrow_schema(schema.table(table))
    frame = pa.Table.from_pylist(
        [{name: row.get(name) for name in declared.names} for row in rows],
        pa.schema([(f.name, f.type) for f in declared]),
    )
    store.write(table, conform(frame, schema.table(table)), [date(2015, 12, 20)], known_utc=HOUR, run_id="x")
