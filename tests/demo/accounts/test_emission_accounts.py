"""Simulated accounts: which lines are audited, which cities report, and how far from the truth."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.accounts.emission_accounts import draw_audited_months, draw_city_totals


def lines_of(count, *, tier="meter", industry="foundry", per_enterprise=1):
    number = np.arange(count)
    return pd.DataFrame(
        {
            "production_line_id": [f"L{n}" for n in number],
            "enterprise_id": [f"E{n // per_enterprise}" for n in number],
            "industry_code": industry,
            "tier": tier,
            "is_idle": False,
        }
    )


def factors_of(lines, *, pollutant="SO2", factor=50.0):
    return pd.DataFrame(
        {
            "production_line_id": lines["production_line_id"],
            "pollutant_code": pollutant,
            "net_factor_g_per_unit": factor,
        }
    )


def test_a_tenth_of_the_enterprises_without_monitor_is_audited_with_an_error_of_fifteen_percent():
    """Every line emits 50 g/t; the audited factor is 50 on average with a spread of 7.5."""
    lines = lines_of(4000)
    rows = draw_audited_months(1, lines=lines, true_factors=factors_of(lines), usual_activity_per_h=np.full(4000, 2.0))
    factor = rows["audited_emission_g"] / rows["audited_activity"]
    assert len(rows) == pytest.approx(400, rel=0.2)
    assert factor.mean() == pytest.approx(50, rel=0.03)
    assert factor.std() == pytest.approx(7.5, rel=0.15)
    assert rows["audited_activity"].mean() == pytest.approx(1440, rel=0.03)


def test_lines_with_monitor_idle_lines_and_unstated_pollutants_are_not_audited():
    monitored, idle = lines_of(200, tier="monitor"), lines_of(200).assign(is_idle=True)
    usual = np.full(200, 2.0)
    for lines in (monitored, idle):
        assert draw_audited_months(1, lines=lines, true_factors=factors_of(lines), usual_activity_per_h=usual).empty
    lines = lines_of(200)
    carbon = factors_of(lines, pollutant="CO2")
    assert draw_audited_months(1, lines=lines, true_factors=carbon, usual_activity_per_h=usual).empty


def test_a_city_reports_an_industry_of_three_enterprises_and_not_of_two():
    """Three lines of 2 t/h at 50 g/t: 52,560 t and 2.628 t a year, with errors of 5 and 20 %."""
    lines = lines_of(5)
    enterprise = pd.DataFrame({"enterprise_id": lines["enterprise_id"], "city_name": ["X", "X", "X", "Y", "Y"]})
    totals = draw_city_totals(
        7, enterprise=enterprise, lines=lines, true_factors=factors_of(lines), usual_activity_per_h=np.full(5, 2.0)
    )
    (row,) = totals.to_dict("records")
    assert (row["district_id"], row["industry_code"], row["pollutant_code"]) == ("X", "foundry", "SO2")
    assert row["annual_activity"] == pytest.approx(52_560, rel=0.2)
    assert row["annual_emission_t"] == pytest.approx(2.628, rel=0.7)
    assert row["annual_emission_t"] != pytest.approx(2.628, rel=1e-3)


def test_totals_of_many_cities_are_right_on_average():
    lines = lines_of(1800)
    enterprise = pd.DataFrame({"enterprise_id": lines["enterprise_id"], "city_name": np.arange(1800) // 3})
    given = {"lines": lines, "true_factors": factors_of(lines), "usual_activity_per_h": np.full(1800, 2.0)}
    ratio = draw_city_totals(7, enterprise=enterprise, **given)["annual_emission_t"] / 2.628
    assert len(ratio) == 600
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert ratio.std() == pytest.approx(0.2, abs=0.03)
