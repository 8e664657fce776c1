"""Data tiers of enterprises, and their district of the power bureau."""

import pandas as pd

from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.truth.industry_truth import draw_stacks
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.demo.world.power_meters import draw_meters
from bigdata_emis.demo.world.tiers import assign_districts, assign_tiers


def test_small_plants_may_be_unwatched_but_no_real_one_and_none_with_a_monitor():
    lines = draw_industry(2, find_size("small")).truth
    stacks = draw_stacks(2, lines)
    tiered = assign_tiers(2, lines, stacks)
    size = tiered.groupby("tier")["reference_energy_kwh"].agg(["size", "sum"])
    is_unwatched = tiered["tier"].eq("none")
    assert 0.05 < size.loc["none", "size"] / len(tiered) < 0.25
    assert size.loc["none", "sum"] < 0.05 * size["sum"].sum()
    assert not tiered.loc[is_unwatched, "is_real"].any()
    assert tiered["tier"].iloc[stacks["line_row"]].eq("monitor").all()
    assert tiered.groupby("enterprise_id")["tier"].agg(lambda tier: tier.eq("none").nunique()).eq(1).all()
    meters = draw_meters(2, find_size("small"), tiered).frame
    assert not set(meters["production_line_id"]) & set(tiered.loc[is_unwatched, "production_line_id"])


def test_the_registered_reference_energy_is_wrong_only_for_unwatched_lines():
    lines = draw_industry(2, find_size("small")).truth
    tiered = assign_tiers(2, lines, draw_stacks(2, lines))
    is_changed = tiered["reference_energy_kwh"] != lines["reference_energy_kwh"]
    assert is_changed.equals(tiered["tier"].eq("none").rename("reference_energy_kwh"))


def test_an_industry_with_few_enterprises_in_a_county_is_counted_with_its_city():
    enterprise = pd.DataFrame(
        {"enterprise_id": list("abcd"), "industry_code": "foundry", "county_id": ["1", "1", "1", "2"], "city_name": "X"}
    )
    assert assign_districts(enterprise)["district_id"].tolist() == ["1", "1", "1", "X"]
