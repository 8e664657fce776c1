"""Energy of lines before district totals."""

import numpy as np
import pytest

from bigdata_emis.clean.line_energy.metered_energy import (
    MeterReadings,
    attribute_to_utilisation,
    estimate_line_energy,
    estimate_meter_variance,
)
from bigdata_emis.clean.line_energy.meters import assign_meters
from tests.clean.energy_frames import lines, meters, read_parameters, shares

PARAMETERS = read_parameters()
METERED = [("ma", "a", "production"), ("mb", "b", "production"), ("mc", "c", "production")]


def readings(*energies, rank=0):
    """One hour of each meter, NaN where it gave nothing."""
    energy = np.array(energies, dtype=np.float64)[:, None]
    return MeterReadings(energy, np.full(energy.shape, rank, dtype=np.int64))


def estimate(given, roles, *, is_covered=False, industry=None, split=None, **reference_kwh):
    assigned = assign_meters(meters(*roles), split if split is not None else shares(), lines(**reference_kwh))
    count = len(assigned.line_ids)
    return assigned, estimate_line_energy(
        given,
        assigned,
        reference_kwh=np.array([np.nan if v is None else v for v in reference_kwh.values()]),
        industry=np.array(industry or [0] * count),
        is_covered=np.full((count, 1), is_covered),
        parameters=PARAMETERS,
    )


def test_a_metered_line_has_the_sum_of_its_meters_with_their_variances():
    """1 % of 70 and of 30 kWh."""
    _, energy = estimate(readings(70, 30), [("m1", "a", "production"), ("m2", "a", "self_generation")], a=200.0)
    assert energy.energy_kwh.tolist() == [[100.0]]
    assert energy.meter_variance_kwh2[0, 0] == pytest.approx(0.7**2 + 0.3**2)
    assert energy.self_generation_kwh.tolist() == [[30.0]]


def test_an_imputed_hour_is_less_certain_by_its_rank():
    """Relative standard deviations of 1, 3, 10 and 30 %."""
    matrix = MeterReadings(np.full((1, 4), 100.0), np.array([[0, 1, 2, 3]]))
    assert np.sqrt(estimate_meter_variance(matrix, PARAMETERS))[0] == pytest.approx([1, 3, 10, 30])


def test_a_line_without_a_meter_has_the_mean_utilisation_of_its_industry():
    """Utilisations 0.5, 0.6 and 0.4 of 200 kWh, so 0.5 × 60 with a spread of 0.1 and 30 % of the reference energy."""
    _, energy = estimate(readings(100, 120, 80), METERED, a=200.0, b=200.0, c=200.0, d=60.0)
    assert energy.energy_kwh[3, 0] == pytest.approx(30)
    assert energy.meter_variance_kwh2[3, 0] == pytest.approx(60**2 * (0.1**2 + 0.15**2))
    assert energy.largest_kwh[:, 0].tolist() == [np.inf, np.inf, np.inf, 72.0]


def test_an_industry_with_too_few_metered_lines_falls_back_to_all_and_then_to_the_parameters():
    _, energy = estimate(readings(100, 120, 80), METERED, industry=[0, 0, 0, 1], a=200.0, b=200.0, c=200.0, d=60.0)
    assert energy.energy_kwh[3, 0] == pytest.approx(30)
    _, alone = estimate(readings(100), METERED[:1], a=200.0, d=100.0)
    assert alone.energy_kwh[1, 0] == pytest.approx(60)


def test_a_load_beyond_the_largest_counts_with_the_largest():
    """Utilisations 0.6, 0.6 and 1.2, because 600 of 1 kWh is a wrong registration."""
    _, energy = estimate(readings(600, 600, 600), METERED, a=1000.0, b=1000.0, c=1.0, d=1000.0)
    assert energy.energy_kwh[3, 0] == pytest.approx(800)


def test_a_line_without_reference_energy_and_meter_has_no_energy():
    _, energy = estimate(readings(100), METERED[:1], a=200.0, d=None)
    assert np.isnan(energy.energy_kwh[1, 0])


@pytest.mark.parametrize(("is_covered", "expected"), [(False, np.nan), (True, 60.0)])
def test_a_line_of_silent_meters_is_estimated_only_where_a_total_covers_it(is_covered, expected):
    _, energy = estimate(readings(np.nan), METERED[:1], is_covered=is_covered, a=100.0)
    assert energy.energy_kwh[0] == pytest.approx([expected], nan_ok=True)
    assert not energy.is_by_meter.any()


def test_a_partly_silent_line_has_what_its_other_meters_read_and_a_larger_error():
    _, energy = estimate(readings(100, np.nan), [("m1", "a", "production"), ("m2", "a", "production")], a=200.0)
    assert (energy.energy_kwh[0, 0], energy.is_partly_silent[0, 0]) == (100.0, True)
    assert energy.meter_variance_kwh2[0, 0] == pytest.approx(1**2 + 40**2)


def test_a_whole_site_meter_has_a_share_for_the_site_but_not_more_than_it_reads():
    _, energy = estimate(readings(100), [("m", "a", "whole_site")], a=200.0)
    assert (energy.site_kwh[0, 0], energy.site_variance_kwh2[0, 0]) == pytest.approx((16, (0.047 * 200) ** 2))
    _, small = estimate(readings(10), [("m", "a", "whole_site")], a=200.0)
    assert small.site_kwh[0, 0] == 10


def test_abatement_energy_is_given_only_where_all_meters_were_read():
    roles = [("m1", "a", "abatement"), ("m2", "a", "abatement")]
    assert estimate(readings(5, 3), roles, a=1.0)[1].abatement_kwh.tolist() == [[8.0]]
    assert np.isnan(estimate(readings(5, 3, rank=3), roles, a=1.0)[1].abatement_kwh).all()
    assert np.isnan(estimate(readings(5, np.nan), roles, a=1.0)[1].abatement_kwh).all()


def test_a_move_by_the_total_is_shared_between_utilisation_and_reference_energy():
    """Variances 40² of the utilisation and 18² of the reference energy, 0.3 × 60."""
    assigned, energy = estimate(readings(0), METERED[:1], a=100.0, d=100.0)
    after = np.array([[0.0], [90.0]])
    moved, variance = attribute_to_utilisation(
        energy, after, np.array([[0.0], [100.0]]), is_metered=assigned.is_metered, parameters=PARAMETERS
    )
    share = 40**2 / (40**2 + 18**2)
    assert moved[:, 0] == pytest.approx([0, 60 + share * 30])
    assert variance[1, 0] == pytest.approx(40**2 * (1 - share * (1 - 100 / (40**2 + 18**2))))
