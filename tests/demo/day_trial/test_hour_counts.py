"""Counts of source-hours inside, below and above their interval, on numbers that can be added up on paper."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.demo.day_trial.hour_counts import count_hours, measure, read_hour_counts, source_classes
from bigdata_emis.demo.truth.score_tiers import score_by_tier
from bigdata_emis.demo.truth.truth import FOLDER, TruthFiles
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

DAY = date(2015, 12, 20)


def hours(truth, estimate, *, width, tier="meter", sector="solvent_use", industry="furniture", pollutant="VOCs"):
    estimated = np.array(estimate, dtype=float)
    return pd.DataFrame(
        {
            "source_id": "a",
            "sector_code": sector,
            "tier": tier,
            "industry_code": industry,
            "pollutant_code": pollutant,
            "truth_emission_g": np.array(truth, dtype=float),
            "emission_g": estimated,
            "emission_g_p05": estimated - width,
            "emission_g_p95": estimated + width,
        }
    )


def test_hours_are_counted_below_above_and_as_missing():
    (row,) = count_hours(hours([10, 20, 30, 40], [10, 26, 24, np.nan], width=5)).to_dict("records")
    assert (row["n"], row["published"], row["below"], row["above"]) == (4, 3, 1, 1)
    assert (row["truth_g"], row["estimate_g"]) == (100, 60)


def test_groups_are_by_sector_tier_industry_and_pollutant():
    counts = count_hours(pd.concat([hours([1], [1], width=1), hours([1], [1], width=1, tier="none")]))
    assert sorted(counts["tier"]) == ["meter", "none"]


def test_coverage_is_that_of_all_hours_and_bias_the_mean_of_single_seeds():
    first = count_hours(hours([10, 10, 10, 10], [12, 12, 12, 12], width=3)).assign(seed=1)
    second = count_hours(hours([10, 10], [8, 8], width=1)).assign(seed=2)
    measured = measure(pd.concat([first, second]))
    assert measured["coverage_90"] == pytest.approx(4 / 6)
    assert (measured["lowest"], measured["highest"]) == (0, 1)
    assert (measured["below_share"], measured["above_share"]) == pytest.approx((0, 2 / 6))
    assert measured["mean_abs_nmb"] == pytest.approx(0.2)
    assert (measured["n"], measured["missing"]) == (6, 0)


def test_a_bias_is_measured_seed_by_seed_over_all_classes_of_it():
    over, under = hours([10], [14], width=1), hours([10], [6], width=1, industry="foundry")
    assert measure(count_hours(pd.concat([over, under])).assign(seed=1))["mean_abs_nmb"] == 0


def test_grams_of_different_pollutants_are_never_added():
    """Biases of 1 %, 20 % and 50 %: the median, and not that of the pollutant with the most grams."""
    masses = (("CO2", 1e6, 1.01e6), ("SO2", 10, 12), ("NOx", 10, 5))
    rows = [hours([truth], [estimate], width=1, pollutant=name) for name, truth, estimate in masses]
    assert measure(count_hours(pd.concat(rows)).assign(seed=1))["mean_abs_nmb"] == pytest.approx(0.2)


def test_nothing_published_has_no_coverage_and_no_truth_has_no_bias():
    assert measure(count_hours(hours([10], [np.nan], width=1)).assign(seed=1))["coverage_90"] is None
    assert measure(count_hours(hours([0], [0], width=1)).assign(seed=1))["mean_abs_nmb"] is None


def test_the_shares_are_those_of_the_score_of_one_demonstration():
    rows = hours([10, 20, 30, 40], [11, 22, 38, np.nan], width=2.5)
    score, measured = score_by_tier(rows)["furniture"]["meter"], measure(count_hours(rows).assign(seed=1))
    assert measured["coverage_90"] == pytest.approx(score["coverage_90"])
    assert measured["mean_abs_nmb"] == pytest.approx(abs(score["pollutants"]["VOCs"]["nmb"]))
    assert measured["missing"] == score["pollutants"]["VOCs"]["missing"]


def test_lines_areas_and_links_have_their_class():
    lines = pa.table({"production_line_id": ["L1"], "tier": ["none"], "industry_code": ["foundry"]})
    areas = pa.table({"activity_area_id": ["A1"], "industry_code": ["catering"]})
    assert source_classes(lines, areas).to_dict("records") == [
        {"source_id": "L1", "tier": "none", "industry_code": "foundry"},
        {"source_id": "A1", "tier": "area", "industry_code": "catering"},
    ]


def test_the_inventory_of_a_day_is_counted_beside_its_truth(tmp_path):
    truth, store = TruthFiles(tmp_path / FOLDER), Store(str(tmp_path / "lake"), "jjj", "Asia/Shanghai")
    truth.write_frame("line", pd.DataFrame({"production_line_id": ["L1"], "tier": "none", "industry_code": "foundry"}))
    keys = pd.DataFrame({"source_id": ["L1", "R1"], "sector_code": "mobile", "pollutant_code": "NOx"})
    truth.write_emission(DAY, [(keys, np.full((2, 24), 5.0, dtype=np.float32))])
    _publish(store, [_estimate("L1", hour, 5.0) for hour in range(24)] + [_estimate("R1", 0, 9.0)])
    areas = pa.table({"activity_area_id": pa.array([], pa.string()), "industry_code": pa.array([], pa.string())})
    counts = read_hour_counts(tmp_path, store, [DAY], areas).set_index("tier")
    assert counts.loc["none", ["n", "published", "below", "truth_g"]].tolist() == [24, 24, 0, 120]
    assert counts.loc["link", ["n", "published", "below", "estimate_g"]].tolist() == [24, 1, 1, 9]


def _estimate(source: str, hour: int, grams: float) -> dict[str, object]:
    return {
        "source_id": source,
        "sector_code": "mobile",
        "pollutant_code": "NOx",
        "hour_utc": datetime(2015, 12, 19 if hour >= 16 else 20, hour, tzinfo=UTC),
        "emission_g": grams,
        "emission_g_p05": grams - 1,
        "emission_g_p95": grams + 1,
        "emission_typical_g": grams,
        "method_code": "modelled",
        "emission_before_audit_g": None,
    }


def _publish(store: Store, rows: list[dict[str, object]]) -> None:
    declared = schema.table("emission_hourly")
    frame = conform(pa.Table.from_pylist(rows, arrow_schema(declared)), declared)
    store.write("emission_hourly", frame, [DAY], known_utc=datetime(2015, 12, 21, tzinfo=UTC), run_id="run")
