"""Energy of every line: by its meters, by shares of meters, or by what the district total leaves."""

from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis import reference, schema
from bigdata_emis.clean.reconcile_energy import reconcile_energy
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window
from tests.clean.energy_frames import START, enterprises, lines, meters, power, shares, totals
from tests.clean.reading_frames import NO_LAKE


def context(days=1, **options):
    grid = Grid("EPSG:32650", 3000, 0, 0, 1, 1)
    region = Region("test", Path("test"), "test", "测试", "UTC", True, grid, {}, options, {})
    window = Window(START, START + timedelta(days=days))
    return Context(region, window, START + timedelta(days=9), "run", NO_LAKE, lookback_days=7)


def run(power_hourly, meter, production_line, total=None, share=None, **options):
    """The rows of lines and the accounts of totals."""
    names = [name[1:] for name in production_line["enterprise_id"].to_pylist()]
    result = reconcile_energy(
        power_hourly,
        meter,
        share if share is not None else shares(),
        production_line,
        enterprises(*names),
        total if total is not None else totals(),
        reference.read("energy_reconciliation"),
        context=context(**options),
    )
    conformed = {name: conform(table, schema.table(name)).to_pylist() for name, table in result.items()}
    return conformed["line_energy_hourly"], conformed["energy_balance_hourly"]


def row_of(rows, line, hour=0):
    start = START + timedelta(hours=hour)
    return next((row for row in rows if row["production_line_id"] == line and row["hour_utc"] == start), None)


def test_without_a_total_a_line_has_the_sum_of_its_production_and_self_generation_meters():
    roles = meters(
        ("m1", "a", "production"), ("m2", "a", "self_generation"), ("m3", "a", "whole_site"), ("m4", "a", "abatement")
    )
    rows, accounts = run(power(m1=[70], m2=[30], m3=[900], m4=[8]), roles, lines(a=200.0))
    assert row_of(rows, "a")["energy_kwh"] == pytest.approx(100)
    assert row_of(rows, "a")["metered_energy_kwh"] == pytest.approx(100)
    assert row_of(rows, "a")["abatement_energy_kwh"] == pytest.approx(8)
    assert row_of(rows, "a")["energy_method_code"] == "metered"
    assert row_of(rows, "a")["energy_sd_kwh"] == pytest.approx((0.7**2 + 0.3**2) ** 0.5)
    assert accounts == []


def test_a_whole_site_meter_counts_where_there_is_no_other_less_what_the_site_draws_besides_the_line():
    rows, _ = run(power(m=[100, 10]), meters(("m", "a", "whole_site")), lines(a=200.0))
    assert [row_of(rows, "a", hour)["energy_kwh"] for hour in (0, 1)] == pytest.approx([100 - 0.08 * 200, 0])
    assert (row_of(rows, "a")["energy_method_code"], row_of(rows, "a")["metered_energy_kwh"]) == ("whole_site", 100)
    assert row_of(rows, "a")["energy_sd_kwh"] == pytest.approx((1**2 + (0.047 * 200) ** 2) ** 0.5)


def test_the_bureau_counts_whole_sites_so_their_offices_are_counted_with_the_unregistered_users():
    rows, accounts = run(power(m=[97]), meters(("m", "a", "whole_site")), lines(a=200.0), totals(100))
    assert row_of(rows, "a")["energy_kwh"] == pytest.approx(97 - 16, rel=1e-12)
    assert (accounts[0]["balance_code"], accounts[0]["unregistered_energy_kwh"]) == (
        "reconciled",
        pytest.approx(3 + 16),
    )


def test_an_imputed_abatement_reading_is_no_evidence():
    rows, _ = run(
        power(m=[100, 100], n=[5, (5, "profile")]),
        meters(("m", "a", "production"), ("n", "a", "abatement")),
        lines(a=200.0),
    )
    assert [row_of(rows, "a", hour)["abatement_energy_kwh"] for hour in (0, 1)] == [5, None]


def test_a_shared_meter_is_split_by_stated_shares_and_the_rest_by_reference_energy():
    split = shares(("m", "a", 0.5), ("m", "b", None), ("m", "c", None))
    rows, _ = run(power(m=[100]), meters(("m", "a", "production")), lines(a=1.0, b=30.0, c=20.0), share=split)
    assert [row_of(rows, line)["energy_kwh"] for line in "abc"] == pytest.approx([50, 30, 20])
    assert {row_of(rows, line)["energy_method_code"] for line in "abc"} == {"shared"}
    assert row_of(rows, "a")["flag_codes"] == ["shared_meter"]


def test_shares_of_a_meter_that_do_not_sum_to_one_are_refused():
    with pytest.raises(InputError, match=r"meter m: the parts sum to 0\.8"):
        run(
            power(m=[100]),
            meters(("m", "a", "production")),
            lines(a=1.0, b=1.0),
            share=shares(("m", "a", 0.5), ("m", "b", 0.3)),
        )


def test_where_total_and_meters_agree_nothing_moves_and_the_unregistered_have_their_usual_share():
    rows, accounts = run(power(m=[97]), meters(("m", "a", "production")), lines(a=100.0), totals(100))
    assert row_of(rows, "a")["energy_kwh"] == pytest.approx(97, rel=1e-12)
    assert row_of(rows, "a")["flag_codes"] == ["reconciled"]
    assert accounts[0]["unregistered_energy_kwh"] == pytest.approx(3)
    assert (accounts[0]["balance_code"], accounts[0]["energy_discrepancy_kwh"]) == ("reconciled", 0)


def test_a_line_without_a_meter_gets_what_remains_and_the_sum_is_exact():
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    readings = power(ma=[100], mb=[100], mc=[100])
    rows, accounts = run(readings, roles, lines(a=200.0, b=200.0, c=200.0, d=100.0), totals(400))
    assert row_of(rows, "d")["energy_method_code"] == "allocated"
    assert 50 < row_of(rows, "d")["energy_kwh"] < 90
    assert sum(row_of(rows, line)["energy_kwh"] for line in "abcd") + accounts[0][
        "unregistered_energy_kwh"
    ] == pytest.approx(400, rel=1e-12)
    assert all(abs(row_of(rows, line)["energy_kwh"] - 100) < 1 for line in "abc")
    assert row_of(rows, "d")["energy_sd_kwh"] > 9 * row_of(rows, "a")["energy_sd_kwh"]


def test_without_a_total_a_line_without_a_meter_has_the_utilisation_of_its_industry():
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    rows, _ = run(power(ma=[100], mb=[120], mc=[80]), roles, lines(a=200.0, b=200.0, c=200.0, d=60.0))
    assert (row_of(rows, "d")["energy_method_code"], row_of(rows, "d")["energy_kwh"]) == ("prior", pytest.approx(30))
    assert row_of(rows, "d")["energy_sd_kwh"] == pytest.approx(60 * (0.1**2 + 0.15**2) ** 0.5)


def test_a_wrong_reference_energy_of_one_line_does_not_distort_its_industry():
    """Lines a and b work at 0.6 of their reference energy; c, registered in MWh, counts with the largest load, 1.2."""
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    rows, _ = run(power(ma=[600], mb=[600], mc=[600]), roles, lines(a=1000.0, b=1000.0, c=1.0, d=1000.0))
    assert row_of(rows, "d")["energy_kwh"] == pytest.approx(1000 * (0.6 + 0.6 + 1.2) / 3)


def test_what_the_abatement_devices_draw_is_part_of_the_total_but_not_of_the_lines():
    roles = meters(("m", "a", "production"), ("n", "a", "abatement"))
    rows, accounts = run(power(m=[97], n=[20]), roles, lines(a=100.0), totals(120))
    assert row_of(rows, "a")["energy_kwh"] == pytest.approx(97, rel=1e-9)
    assert accounts[0]["abatement_energy_kwh"] == pytest.approx(20)
    assert accounts[0]["line_energy_kwh"] + accounts[0]["abatement_energy_kwh"] + accounts[0][
        "unregistered_energy_kwh"
    ] == pytest.approx(120, rel=1e-12)


def test_meters_that_read_more_than_the_total_allows_count_as_they_read_and_are_flagged():
    rows, accounts = run(power(m=[200]), meters(("m", "a", "production")), lines(a=200.0, d=50.0), totals(150))
    assert row_of(rows, "a")["energy_kwh"] == 200
    assert row_of(rows, "a")["flag_codes"] == ["total_contradicts"]
    assert row_of(rows, "d")["energy_method_code"] == "prior"
    assert accounts[0]["balance_code"] == "exceeded"
    assert accounts[0]["energy_discrepancy_kwh"] == pytest.approx(150 - accounts[0]["line_energy_kwh"])


def test_a_total_far_above_what_lines_can_use_leaves_them_alone_and_the_rest_unregistered():
    rows, accounts = run(power(m=[100]), meters(("m", "a", "production")), lines(a=200.0), totals(1000))
    assert row_of(rows, "a")["energy_kwh"] == 100
    assert (accounts[0]["balance_code"], accounts[0]["unregistered_energy_kwh"]) == ("unexplained", pytest.approx(900))


def test_a_shared_meter_keeps_its_sum_when_its_lines_are_moved():
    rows, _ = run(
        power(m=[98]),
        meters(("m", "a", "production")),
        lines(a=60.0, b=40.0),
        totals(100),
        shares(("m", "a", None), ("m", "b", None)),
    )
    assert row_of(rows, "a")["energy_kwh"] / row_of(rows, "b")["energy_kwh"] == pytest.approx(1.5)
    assert row_of(rows, "a")["energy_kwh"] + row_of(rows, "b")["energy_kwh"] == pytest.approx(98, abs=0.3)


def test_a_silent_meter_gives_no_row_unless_a_total_covers_its_line():
    roles = meters(("m", "a", "production"), ("n", "b", "production"))
    assert row_of(run(power(m=[100]), roles, lines(a=200.0, b=100.0))[0], "b") is None
    row = row_of(run(power(m=[100]), roles, lines(a=200.0, b=100.0), totals(160))[0], "b")
    assert row["energy_method_code"] == "allocated"
    assert row["flag_codes"] == ["gap", "reconciled"]


def test_a_total_without_self_generation_is_raised_by_it_when_the_region_says_so():
    roles = meters(("m", "a", "production"), ("n", "a", "self_generation"))
    rows, accounts = run(
        power(m=[67], n=[30]), roles, lines(a=100.0), totals(70), district_energy_counts_self_generation=False
    )
    assert accounts[0]["district_energy_kwh"] == 100
    assert row_of(rows, "a")["energy_kwh"] == pytest.approx(97)


def test_standby_and_night_work_are_flagged():
    load = [100 if hour >= 22 or hour < 8 else 10 for hour in range(24)]
    rows, _ = run(power(m=load), meters(("m", "a", "production")), lines(a=100.0))
    assert row_of(rows, "a", 0)["flag_codes"] == ["night_tariff"]
    assert row_of(rows, "a", 12)["flag_codes"] == ["standby", "night_tariff"]


def test_working_energy_is_what_lies_above_the_base_load_and_its_error_grows_as_the_line_rests():
    rows, _ = run(power(m=[100, 55, 10]), meters(("m", "a", "production")), lines(elasticity=1.0, a=100.0))
    assert [row_of(rows, "a", hour)["working_energy_kwh"] for hour in range(3)] == pytest.approx([100, 50, 0])
    assert row_of(rows, "a", 0)["working_energy_sd_kwh"] == pytest.approx(1 / 0.9)
    assert row_of(rows, "a", 1)["working_energy_sd_kwh"] == pytest.approx((0.55**2 + 1**2) ** 0.5 / 0.9)
    assert run(power(m=[100]), meters(("m", "a", "production")), lines(a=100.0))[0][0]["working_energy_kwh"] is None


def test_a_line_that_seems_to_stop_may_work_as_much_as_the_error_of_its_base_load_allows():
    rows, _ = run(power(m=[10, 9]), meters(("m", "a", "production")), lines(elasticity=1.0, a=100.0))
    reach = [(0.1**2 + 2**2) ** 0.5, (0.09**2 + 2**2) ** 0.5]
    assert row_of(rows, "a", 0)["working_energy_sd_kwh"] == pytest.approx(reach[0] / 0.9)
    assert (row_of(rows, "a", 1)["working_energy_kwh"], row_of(rows, "a", 1)["working_energy_sd_kwh"]) == (
        0,
        pytest.approx((reach[1] - 1) / 0.9),
    )


def test_what_a_total_moves_an_unmetered_line_by_is_shared_between_its_utilisation_and_its_uncertain_size():
    rows, _ = run(power(m=[0]), meters(("m", "a", "production")), lines(elasticity=1.0, a=100.0, d=100.0), totals(100))
    energy, after = row_of(rows, "d")["energy_kwh"], row_of(rows, "d")["energy_sd_kwh"] ** 2
    utilisation, size = (0.4 * 100) ** 2, (0.3 * 60) ** 2
    share = utilisation / (utilisation + size)
    assert energy > 90
    assert row_of(rows, "d")["working_energy_kwh"] == pytest.approx((60 + share * (energy - 60) - 10) / 0.9)
    base = 0.2 * 0.1 * (100 - row_of(rows, "d")["working_energy_kwh"])
    assert row_of(rows, "d")["working_energy_sd_kwh"] == pytest.approx(
        (utilisation * (1 - share * (1 - after / (utilisation + size))) + base**2) ** 0.5 / 0.9
    )


def test_without_a_total_only_the_utilisation_of_an_unmetered_line_is_uncertain():
    rows, _ = run(power(m=[0]), meters(("m", "a", "production")), lines(elasticity=1.0, a=100.0, d=100.0))
    row = row_of(rows, "d")
    assert (row["energy_kwh"], row["working_energy_kwh"]) == pytest.approx((60, 50 / 0.9))
    assert row["working_energy_sd_kwh"] == pytest.approx((40**2 + (2 * (1 - 0.5 / 0.9)) ** 2) ** 0.5 / 0.9)


def test_a_reference_table_that_lacks_a_parameter_is_refused_by_its_name():
    table = reference.read("energy_reconciliation")
    with pytest.raises(InputError, match="energy_reconciliation has no row metered_relative_sd"):
        reconcile_energy(
            power(m=[1]),
            meters(("m", "a", "production")),
            shares(),
            lines(a=1.0),
            enterprises("a"),
            totals(),
            table.slice(1),
            context=context(),
        )


def test_a_day_computed_within_two_days_equals_the_day_computed_alone():
    tables = power(m=[100] * 48), meters(("m", "a", "production")), lines(a=200.0, d=50.0), totals(*[160] * 48)
    assert run(*tables, days=2)[0][:24] == run(*tables)[0][:24]
