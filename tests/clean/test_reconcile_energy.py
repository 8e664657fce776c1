"""Energy of every line: by its meters, by parts of shared ones, or by what the power bureau's total leaves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.clean.reconcile_energy import reconcile_energy
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

START = datetime(2015, 12, 10, tzinfo=UTC)


def context(days=1, **options):
    region = Region("test", Path(), "test", "测试", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, options, {})
    return Context(region, Window(START, START + timedelta(days=days)), START + timedelta(days=9), "run")


def frame(table, rows):
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    return pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))


def power(**meters):
    """By meter: energies by hour from the start, or (energy, imputation)."""
    rows = []
    for meter, energies in meters.items():
        for hour, told in enumerate(energies):
            energy, code = told if isinstance(told, tuple) else (told, "none")
            at = START + timedelta(hours=hour)
            rows.append(
                {
                    "meter_id": meter,
                    "hour_utc": at,
                    "energy_kwh": float(energy),
                    "reading_count": 1,
                    "imputation_code": code,
                }
            )
    return frame("power_hourly", rows)


def meters(*rows):
    return frame(
        "meter",
        [
            {"meter_id": m, "production_line_id": line, "meter_role_code": role, "interval_min": 60.0}
            for m, line, role in rows
        ],
    )


def lines(**reference_kwh):
    """Lines of enterprises of the same name, by their normal energy."""
    base = {
        "sector_code": "industrial_process",
        "industry_code": "foundry",
        "activity_unit_code": "t",
        "base_load_share": 0.1,
    }
    return frame(
        "production_line",
        [
            {**base, "production_line_id": n, "enterprise_id": f"e{n}", "reference_energy_kwh": r}
            for n, r in reference_kwh.items()
        ],
    )


def enterprises(*names):
    home = {"industry_code": "foundry", "county_id": "130102", "longitude_deg": 114.0, "latitude_deg": 38.0}
    return frame("enterprise", [{**home, "enterprise_id": f"e{name}"} for name in names])


def totals(*energies):
    return frame(
        "district_energy_hourly",
        [
            {
                "district_id": "130102",
                "industry_code": "foundry",
                "hour_utc": START + timedelta(hours=hour),
                "district_energy_kwh": float(e),
                "reading_count": 1,
                "imputation_code": "none",
            }
            for hour, e in enumerate(energies)
        ],
    )


def shares(*rows):
    return frame(
        "meter_share", [{"meter_id": m, "production_line_id": line, "energy_share": part} for m, line, part in rows]
    )


def made(power_hourly, meter, production_line, total=None, share=None, **options):
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


def of(rows, line, hour=0):
    return next(
        (row for row in rows if row["production_line_id"] == line and row["hour_utc"] == START + timedelta(hours=hour)),
        None,
    )


def test_without_a_total_a_line_has_what_its_production_and_self_generation_meters_say_together():
    roles = meters(
        ("m1", "a", "production"), ("m2", "a", "self_generation"), ("m3", "a", "whole_site"), ("m4", "a", "abatement")
    )
    rows, accounts = made(power(m1=[70], m2=[30], m3=[900], m4=[8]), roles, lines(a=200.0))
    assert of(rows, "a")["energy_kwh"] == pytest.approx(100)
    assert of(rows, "a")["metered_energy_kwh"] == pytest.approx(100)
    assert of(rows, "a")["abatement_energy_kwh"] == pytest.approx(8)
    assert of(rows, "a")["energy_method_code"] == "metered"
    assert of(rows, "a")["energy_sd_kwh"] == pytest.approx((0.7**2 + 0.3**2) ** 0.5)
    assert accounts == []


def test_a_whole_site_meter_counts_where_there_is_no_other_less_what_the_site_draws_beside_the_line():
    rows, _ = made(power(m=[100, 10]), meters(("m", "a", "whole_site")), lines(a=200.0))
    assert [of(rows, "a", hour)["energy_kwh"] for hour in (0, 1)] == pytest.approx([100 - 0.08 * 200, 0])
    assert (of(rows, "a")["energy_method_code"], of(rows, "a")["metered_energy_kwh"]) == ("whole_site", 100)
    assert of(rows, "a")["energy_sd_kwh"] == pytest.approx((1**2 + (0.047 * 200) ** 2) ** 0.5)


def test_the_bureau_counts_whole_sites_so_their_offices_stand_with_the_unregistered():
    rows, accounts = made(power(m=[97]), meters(("m", "a", "whole_site")), lines(a=200.0), totals(100))
    assert of(rows, "a")["energy_kwh"] == pytest.approx(97 - 16, rel=1e-12)
    assert (accounts[0]["balance_code"], accounts[0]["unregistered_energy_kwh"]) == (
        "reconciled",
        pytest.approx(3 + 16),
    )


def test_an_imputed_abatement_reading_is_no_evidence():
    rows, _ = made(
        power(m=[100, 100], n=[5, (5, "profile")]),
        meters(("m", "a", "production"), ("n", "a", "abatement")),
        lines(a=200.0),
    )
    assert [of(rows, "a", hour)["abatement_energy_kwh"] for hour in (0, 1)] == [5, None]


def test_a_shared_meter_is_split_by_stated_parts_and_the_rest_by_normal_energy():
    told = shares(("m", "a", 0.5), ("m", "b", None), ("m", "c", None))
    rows, _ = made(power(m=[100]), meters(("m", "a", "production")), lines(a=1.0, b=30.0, c=20.0), share=told)
    assert [of(rows, line)["energy_kwh"] for line in "abc"] == pytest.approx([50, 30, 20])
    assert {of(rows, line)["energy_method_code"] for line in "abc"} == {"shared"}
    assert of(rows, "a")["flag_codes"] == ["shared_meter"]


def test_parts_of_a_shared_meter_that_do_not_sum_to_one_are_refused():
    with pytest.raises(InputError, match=r"meter m: the parts sum to 0\.8"):
        made(
            power(m=[100]),
            meters(("m", "a", "production")),
            lines(a=1.0, b=1.0),
            share=shares(("m", "a", 0.5), ("m", "b", 0.3)),
        )


def test_where_total_and_meters_agree_nothing_moves_and_the_unregistered_have_their_usual_share():
    rows, accounts = made(power(m=[97]), meters(("m", "a", "production")), lines(a=100.0), totals(100))
    assert of(rows, "a")["energy_kwh"] == pytest.approx(97, rel=1e-12)
    assert of(rows, "a")["flag_codes"] == ["reconciled"]
    assert accounts[0]["unregistered_energy_kwh"] == pytest.approx(3)
    assert (accounts[0]["balance_code"], accounts[0]["energy_discrepancy_kwh"]) == ("reconciled", 0)


def test_a_line_without_a_meter_gets_what_remains_and_the_sum_is_exact():
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    readings = power(ma=[100], mb=[100], mc=[100])
    rows, accounts = made(readings, roles, lines(a=200.0, b=200.0, c=200.0, d=100.0), totals(400))
    assert of(rows, "d")["energy_method_code"] == "allocated"
    assert 50 < of(rows, "d")["energy_kwh"] < 90
    assert sum(of(rows, line)["energy_kwh"] for line in "abcd") + accounts[0][
        "unregistered_energy_kwh"
    ] == pytest.approx(400, rel=1e-12)
    assert all(abs(of(rows, line)["energy_kwh"] - 100) < 1 for line in "abc")
    assert of(rows, "d")["energy_sd_kwh"] > 9 * of(rows, "a")["energy_sd_kwh"]


def test_without_a_total_a_line_without_a_meter_goes_at_the_pace_of_its_trade():
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    rows, _ = made(power(ma=[100], mb=[120], mc=[80]), roles, lines(a=200.0, b=200.0, c=200.0, d=60.0))
    assert (of(rows, "d")["energy_method_code"], of(rows, "d")["energy_kwh"]) == ("prior", pytest.approx(30))
    assert of(rows, "d")["energy_sd_kwh"] == pytest.approx(60 * (0.1**2 + 0.15**2) ** 0.5)


def test_a_wrong_normal_energy_of_one_line_does_not_carry_its_trade_away():
    """Lines a and b work at 0.6 of their normal energy; c, whose normal energy lacks its thousands, tells no more than the largest load, 1.2."""
    roles = meters(*((f"m{line}", line, "production") for line in "abc"))
    rows, _ = made(power(ma=[600], mb=[600], mc=[600]), roles, lines(a=1000.0, b=1000.0, c=1.0, d=1000.0))
    assert of(rows, "d")["energy_kwh"] == pytest.approx(1000 * (0.6 + 0.6 + 1.2) / 3)


def test_what_the_abatement_devices_draw_is_part_of_the_total_but_not_of_the_lines():
    roles = meters(("m", "a", "production"), ("n", "a", "abatement"))
    rows, accounts = made(power(m=[97], n=[20]), roles, lines(a=100.0), totals(120))
    assert of(rows, "a")["energy_kwh"] == pytest.approx(97, rel=1e-9)
    assert accounts[0]["abatement_energy_kwh"] == pytest.approx(20)
    assert accounts[0]["line_energy_kwh"] + accounts[0]["abatement_energy_kwh"] + accounts[0][
        "unregistered_energy_kwh"
    ] == pytest.approx(120, rel=1e-12)


def test_meters_that_say_more_than_the_total_allows_are_kept_and_flagged():
    rows, accounts = made(power(m=[200]), meters(("m", "a", "production")), lines(a=200.0, d=50.0), totals(150))
    assert of(rows, "a")["energy_kwh"] == 200
    assert of(rows, "a")["flag_codes"] == ["total_contradicts"]
    assert of(rows, "d")["energy_method_code"] == "prior"
    assert accounts[0]["balance_code"] == "exceeded"
    assert accounts[0]["energy_discrepancy_kwh"] == pytest.approx(150 - accounts[0]["line_energy_kwh"])


def test_a_total_far_above_what_lines_can_use_leaves_them_alone_and_the_rest_unregistered():
    rows, accounts = made(power(m=[100]), meters(("m", "a", "production")), lines(a=200.0), totals(1000))
    assert of(rows, "a")["energy_kwh"] == 100
    assert (accounts[0]["balance_code"], accounts[0]["unregistered_energy_kwh"]) == ("unexplained", pytest.approx(900))


def test_a_shared_meter_keeps_its_sum_when_its_lines_are_moved():
    rows, _ = made(
        power(m=[98]),
        meters(("m", "a", "production")),
        lines(a=60.0, b=40.0),
        totals(100),
        shares(("m", "a", None), ("m", "b", None)),
    )
    assert of(rows, "a")["energy_kwh"] / of(rows, "b")["energy_kwh"] == pytest.approx(1.5)
    assert of(rows, "a")["energy_kwh"] + of(rows, "b")["energy_kwh"] == pytest.approx(98, abs=0.3)


def test_a_silent_meter_gives_no_row_unless_a_total_covers_its_line():
    roles = meters(("m", "a", "production"), ("n", "b", "production"))
    assert of(made(power(m=[100]), roles, lines(a=200.0, b=100.0))[0], "b") is None
    row = of(made(power(m=[100]), roles, lines(a=200.0, b=100.0), totals(160))[0], "b")
    assert row["energy_method_code"] == "allocated"
    assert row["flag_codes"] == ["gap", "reconciled"]


def test_a_total_without_self_generation_is_raised_by_it_when_the_region_says_so():
    roles = meters(("m", "a", "production"), ("n", "a", "self_generation"))
    rows, accounts = made(
        power(m=[67], n=[30]), roles, lines(a=100.0), totals(70), district_energy_counts_self_generation=False
    )
    assert accounts[0]["district_energy_kwh"] == 100
    assert of(rows, "a")["energy_kwh"] == pytest.approx(97)


def test_standby_and_night_work_are_told():
    load = [100 if hour >= 22 or hour < 8 else 10 for hour in range(24)]
    rows, _ = made(power(m=load), meters(("m", "a", "production")), lines(a=100.0))
    assert of(rows, "a", 0)["flag_codes"] == ["night_tariff"]
    assert of(rows, "a", 12)["flag_codes"] == ["standby", "night_tariff"]


def test_working_energy_is_what_lies_above_the_base_load_and_its_error_grows_as_the_line_rests():
    shape = pa.table({"power_elasticity": [1.0]})
    told = (
        lines(a=100.0).drop_columns(["power_elasticity"]).append_column("power_elasticity", shape["power_elasticity"])
    )
    rows, _ = made(power(m=[100, 55, 10]), meters(("m", "a", "production")), told)
    assert [of(rows, "a", hour)["working_energy_kwh"] for hour in range(3)] == pytest.approx([100, 50, 0])
    assert of(rows, "a", 0)["working_energy_sd_kwh"] == pytest.approx(1 / 0.9)
    assert of(rows, "a", 1)["working_energy_sd_kwh"] == pytest.approx((0.55**2 + 1**2) ** 0.5 / 0.9)
    assert made(power(m=[100]), meters(("m", "a", "production")), lines(a=100.0))[0][0]["working_energy_kwh"] is None


def shaped(elasticity=1.0, **reference_kwh):
    told = lines(**reference_kwh).drop_columns(["power_elasticity"])
    return told.append_column("power_elasticity", pa.array([elasticity] * told.num_rows))


def test_a_line_that_seems_to_stand_may_work_as_much_as_the_error_of_its_base_load_allows():
    rows, _ = made(power(m=[10, 9]), meters(("m", "a", "production")), shaped(a=100.0))
    reach = [(0.1**2 + 2**2) ** 0.5, (0.09**2 + 2**2) ** 0.5]
    assert of(rows, "a", 0)["working_energy_sd_kwh"] == pytest.approx(reach[0] / 0.9)
    assert (of(rows, "a", 1)["working_energy_kwh"], of(rows, "a", 1)["working_energy_sd_kwh"]) == (
        0,
        pytest.approx((reach[1] - 1) / 0.9),
    )


def test_what_a_total_moves_an_unmetered_line_by_is_shared_between_its_pace_and_its_unknown_size():
    rows, _ = made(power(m=[0]), meters(("m", "a", "production")), shaped(a=100.0, d=100.0), totals(100))
    energy, after = of(rows, "d")["energy_kwh"], of(rows, "d")["energy_sd_kwh"] ** 2
    pace, size = (0.4 * 100) ** 2, (0.3 * 60) ** 2
    part = pace / (pace + size)
    assert energy > 90
    assert of(rows, "d")["working_energy_kwh"] == pytest.approx((60 + part * (energy - 60) - 10) / 0.9)
    base = 0.2 * 0.1 * (100 - of(rows, "d")["working_energy_kwh"])
    assert of(rows, "d")["working_energy_sd_kwh"] == pytest.approx(
        (pace * (1 - part * (1 - after / (pace + size))) + base**2) ** 0.5 / 0.9
    )


def test_without_a_total_only_the_pace_of_its_trade_is_unsure_of_an_unmetered_line():
    rows, _ = made(power(m=[0]), meters(("m", "a", "production")), shaped(a=100.0, d=100.0))
    row = of(rows, "d")
    assert (row["energy_kwh"], row["working_energy_kwh"]) == pytest.approx((60, 50 / 0.9))
    assert row["working_energy_sd_kwh"] == pytest.approx((40**2 + (2 * (1 - 0.5 / 0.9)) ** 2) ** 0.5 / 0.9)


def test_a_reference_table_that_lacks_a_parameter_is_refused_by_its_name():
    table = reference.read("energy_reconciliation")
    with pytest.raises(InputError, match="parameter metered_relative_sd is missing"):
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


def test_a_day_made_within_two_days_is_the_day_made_alone():
    tables = power(m=[100] * 48), meters(("m", "a", "production")), lines(a=200.0, d=50.0), totals(*[160] * 48)
    assert made(*tables, days=2)[0][:24] == made(*tables)[0][:24]
