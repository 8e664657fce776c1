"""Lines reconciled with a district total, and contradictions between meters and total."""

import numpy as np
import pytest

from bigdata_emis.clean.line_energy.district_balance import (
    BALANCE_CODES,
    DistrictTotals,
    balance_districts,
    select_rows,
)
from bigdata_emis.clean.line_energy.metered_energy import MeterReadings, estimate_line_energy
from bigdata_emis.clean.line_energy.meters import assign_meters
from tests.clean.energy_frames import lines, meters, read_parameters, shares

PARAMETERS = read_parameters()


def balance(total, energies, roles, *, split=None, total_of_line=None, **reference_kwh):
    """One hour of one total."""
    assigned = assign_meters(meters(*roles), split if split is not None else shares(), lines(**reference_kwh))
    energy = np.array(energies, dtype=np.float64)[:, None]
    readings = MeterReadings(energy, np.zeros(energy.shape, dtype=np.int64))
    count = len(assigned.line_ids)
    line_energy = estimate_line_energy(
        readings,
        assigned,
        reference_kwh=np.array(list(reference_kwh.values())),
        industry=np.zeros(count, dtype=np.int64),
        is_covered=np.full((count, 1), np.isfinite(total)),
        parameters=PARAMETERS,
    )
    number = np.array(total_of_line or [0] * count)
    district = DistrictTotals(np.array([[float(total)]]), np.array([[False]]), number)
    return balance_districts(line_energy, readings, assigned, district, parameters=PARAMETERS)


def code(result):
    return BALANCE_CODES[result.code[0, 0]]


def test_where_meters_and_the_usual_unregistered_share_make_up_the_total_nothing_moves():
    """97 kWh metered and 3 % unregistered of 100."""
    result = balance(100, [97], [("m", "a", "production")], a=100.0)
    assert result.energy_kwh[0, 0] == pytest.approx(97)
    assert (code(result), result.unregistered_kwh[0, 0]) == ("reconciled", pytest.approx(3))
    assert result.is_reconciled.all()


def test_what_remains_of_the_total_goes_to_the_line_without_a_meter_and_the_sum_is_exact():
    roles = [(f"m{line}", line, "production") for line in "abc"]
    result = balance(400, [100, 100, 100], roles, a=200.0, b=200.0, c=200.0, d=100.0)
    assert result.energy_kwh.sum() + result.unregistered_kwh[0, 0] == pytest.approx(400, rel=1e-12)
    assert result.energy_kwh[:3, 0] == pytest.approx([100] * 3, abs=1)
    assert 50 < result.energy_kwh[3, 0] < 90
    assert result.variance_kwh2[3, 0] > 81 * result.variance_kwh2[0, 0]


@pytest.mark.parametrize(
    ("total", "expected", "unregistered"), [(150, "exceeded", 0), (1000, "unexplained", 800)], ids=["less", "more"]
)
def test_a_total_that_contradicts_the_meters_leaves_them_as_they_read(total, expected, unregistered):
    result = balance(total, [200], [("m", "a", "production")], a=200.0)
    assert (code(result), result.energy_kwh[0, 0], result.unregistered_kwh[0, 0]) == (expected, 200, unregistered)
    assert result.is_contradicted.all()


def test_abatement_is_part_of_the_total_but_not_of_the_lines():
    result = balance(120, [97, 20], [("m", "a", "production"), ("n", "a", "abatement")], a=100.0)
    assert (result.energy_kwh[0, 0], result.abatement_kwh[0, 0]) == pytest.approx((97, 20))
    assert result.unregistered_kwh[0, 0] == pytest.approx(3)


def test_the_total_of_a_power_plant_is_its_output_so_abatement_is_not_subtracted():
    result = balance(100, [97, 20], [("m", "a", "generation"), ("n", "a", "abatement")], a=100.0)
    assert (code(result), result.abatement_kwh[0, 0]) == ("reconciled", 0)


def test_abatement_above_the_total_contradicts_it():
    result = balance(10, [0, 20], [("m", "a", "production"), ("n", "a", "abatement")], a=100.0)
    assert code(result) == "exceeded"


def test_a_shared_meter_keeps_its_sum_and_its_split():
    """By reference energy 60 to 40."""
    split = shares(("m", "a", None), ("m", "b", None))
    result = balance(100, [98], [("m", "a", "production")], split=split, a=60.0, b=40.0)
    assert result.energy_kwh[0, 0] / result.energy_kwh[1, 0] == pytest.approx(1.5)
    assert result.energy_kwh.sum() == pytest.approx(98, abs=0.3)


def test_the_site_of_a_whole_site_meter_is_counted_with_the_unregistered_users():
    """97 read, of which 8 % of 200 kWh for offices."""
    result = balance(100, [97], [("m", "a", "whole_site")], a=200.0)
    assert (result.energy_kwh[0, 0], result.unregistered_kwh[0, 0]) == pytest.approx((97 - 16, 3 + 16))


def test_a_total_without_lines_is_unregistered_and_a_line_without_a_total_is_left_alone():
    result = balance(100, [50], [("m", "a", "production")], total_of_line=[-1], a=100.0)
    assert (code(result), result.unregistered_kwh[0, 0]) == ("no_line", 100)
    assert (result.energy_kwh[0, 0], result.is_reconciled.any(), result.is_contradicted.any()) == (50, False, False)


def test_the_row_of_number_minus_one_has_the_fill_value():
    assert select_rows(np.array([[1.0], [2.0]]), np.array([1, -1, 0]), np.nan)[:, 0] == pytest.approx(
        [2.0, np.nan, 1.0], nan_ok=True
    )
