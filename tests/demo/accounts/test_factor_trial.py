"""Trial of class factors: scores computed on paper, and that accounts help where nothing is monitored."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from bigdata_emis.demo.accounts.factor_trial import (
    draw_accounted_region,
    estimate_variants,
    summarise_trial,
    try_factors,
)
from bigdata_emis.demo.accounts.known_factors import ACCOUNTS, MONITORS, REGISTERED
from bigdata_emis.errors import InputError

KNOWN = datetime(2015, 12, 22, tzinfo=UTC)


def test_bias_is_of_the_total_and_coverage_of_the_factors():
    """100 g/t against 50 and 300 against 250, at 2 and 1 t: 500 g against 350, 43 % too high; one of two is inside."""
    frame = pd.DataFrame(
        {
            "tier": "meter",
            "sector_code": "industrial_process",
            "pollutant_code": "SO2",
            "variant": REGISTERED,
            "seed": 1,
            "activity": [2.0, 1.0],
            "true_factor": [50.0, 250.0],
            "factor": [100.0, 300.0],
            "p05": [60.0, 200.0],
            "p95": [160.0, 400.0],
        }
    )
    opposite = frame.assign(seed=2, factor=[50.0, 250.0 - 70.0])
    scored = summarise_trial(pd.concat([frame, opposite]))
    assert scored["bias"]["meter"]["SO2"][REGISTERED] == pytest.approx((150 / 350 + 70 / 350) / 2)
    assert scored["coverage"]["industrial_process"]["meter"][REGISTERED] == 0.5
    assert scored["lines"]["industrial_process"]["meter"][REGISTERED] == 4


def test_every_variant_estimates_every_true_factor_and_only_accounts_reach_solvents():
    region = draw_accounted_region(21, "small")
    variants = estimate_variants(region, known_utc=KNOWN)
    assert list(variants) == [REGISTERED, MONITORS, ACCOUNTS]
    assert {len(frame) for frame in variants.values()} == {len(region.truth)}
    solvents = {
        name: frame.loc[frame["pollutant_code"] == "VOCs", "factor"].tolist() for name, frame in variants.items()
    }
    assert solvents[REGISTERED] == solvents[MONITORS] != solvents[ACCOUNTS]


def test_accounts_halve_the_bias_of_lines_without_monitor():
    document = try_factors(seeds=(31, 32), size="small", known_utc=KNOWN)
    bias = document["bias"]["meter"]
    assert sum(bias[p][ACCOUNTS] for p in ("SO2", "NOx", "PM10")) < 0.5 * sum(
        bias[p][REGISTERED] for p in ("SO2", "NOx", "PM10")
    )
    assert document["seeds"] == [31, 32]


def test_an_unknown_size_is_refused():
    with pytest.raises(InputError, match="size 'huge' of the demonstration is unknown"):
        try_factors(seeds=(1,), size="huge", known_utc=KNOWN)
