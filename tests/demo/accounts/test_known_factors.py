"""Factors as a simulated city knows them: from the register, from monitors, and from accounts, too."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.codes import FactorSource
from bigdata_emis.demo.accounts.factor_trial import draw_accounted_region
from bigdata_emis.demo.accounts.known_factors import (
    ACCOUNTS,
    HOUR_SD,
    MONITOR_SD,
    MONITORS,
    REGISTERED,
    choose_known_factors,
    draw_factor_evidence,
)

KNOWN = datetime(2015, 12, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def evidence():
    return draw_accounted_region(21, "small").evidence


def test_a_monitor_states_the_true_factor_within_its_error(evidence):
    truth = evidence.register.true_factors.set_index(["production_line_id", "pollutant_code"])["net_factor_g_per_unit"]
    ratio = [
        row["emission_factor_g_per_unit"] / truth[row["source_id"], row["pollutant_code"]] for row in evidence.derived
    ]
    assert all(1 - 5 * MONITOR_SD < r < 1 + 7 * MONITOR_SD for r in ratio)
    assert {row["relative_sd_share"] for row in evidence.derived} == {HOUR_SD}


def test_only_what_the_variant_admits_is_used(evidence):
    sources = {
        variant: set(choose_known_factors(evidence, variant, KNOWN)["factor_source_code"].to_pylist())
        for variant in (REGISTERED, MONITORS, ACCOUNTS)
    }
    assert FactorSource.LEARNT not in sources[REGISTERED]
    assert FactorSource.MONITOR in sources[REGISTERED]
    assert FactorSource.LEARNT in sources[ACCOUNTS]


def test_the_same_seed_gives_the_same_evidence(evidence):
    register = evidence.register
    activity = register.truth["capacity_per_h"].to_numpy()
    drawn = [draw_factor_evidence(21, register, register.truth, activity) for _ in range(2)]
    assert drawn[0].audits == drawn[1].audits
    assert drawn[0].totals == drawn[1].totals
