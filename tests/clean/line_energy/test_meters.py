"""Which meters count for which line."""

import pytest

from bigdata_emis.clean.line_energy.meters import assign_meters
from bigdata_emis.errors import InputError
from tests.clean.energy_frames import lines, meters, shares


def weights(matrix):
    return matrix.toarray().tolist()


def test_production_and_generation_add_up_and_abatement_does_not_count():
    roles = meters(("m1", "a", "production"), ("m2", "a", "generation"), ("m3", "a", "abatement"))
    assigned = assign_meters(roles, shares(), lines(a=1.0))
    assert weights(assigned.energy_weights) == [[1, 1, 0]]
    assert weights(assigned.abatement_weights) == [[0, 0, 1]]
    assert assigned.is_generator.tolist() == [True]


def test_a_whole_site_meter_counts_only_for_a_line_without_a_meter_of_its_own():
    roles = meters(("m1", "a", "production"), ("m2", "a", "whole_site"), ("m3", "b", "whole_site"))
    assigned = assign_meters(roles, shares(), lines(a=1.0, b=1.0))
    assert weights(assigned.energy_weights) == [[1, 0, 0], [0, 0, 1]]
    assert assigned.is_whole_site.tolist() == [False, True]


def test_self_generation_counts_for_metered_lines_only():
    roles = meters(("m1", "a", "production"), ("m2", "a", "self_generation"), ("m3", "b", "self_generation"))
    assigned = assign_meters(roles, shares(), lines(a=1.0, b=1.0))
    assert weights(assigned.energy_weights) == [[1, 1, 0], [0, 0, 0]]
    assert weights(assigned.self_generation_weights) == [[0, 1, 0], [0, 0, 0]]
    assert assigned.is_metered.tolist() == [True, False]


def test_a_shared_meter_is_split_as_stated_and_the_rest_by_reference_energy():
    split = shares(("m", "a", 0.5), ("m", "b", None), ("m", "c", None))
    assigned = assign_meters(meters(("m", "a", "production")), split, lines(a=1.0, b=30.0, c=20.0))
    assert weights(assigned.energy_weights) == [[0.5], [pytest.approx(0.3)], [pytest.approx(0.2)]]
    assert assigned.is_shared.tolist() == [True] * 3


def test_open_shares_are_equal_where_a_line_has_no_reference_energy():
    split = shares(("m", "a", None), ("m", "b", None))
    assigned = assign_meters(meters(("m", "a", "production")), split, lines(a=100.0, b=None))
    assert weights(assigned.energy_weights) == [[0.5], [0.5]]


def test_lines_connected_by_shared_meters_are_one_group():
    roles = meters(("m", "a", "production"), ("n", "b", "production"), ("o", "d", "production"))
    split = shares(("m", "a", 0.5), ("m", "b", 0.5), ("n", "b", 0.5), ("n", "c", 0.5))
    group = assign_meters(roles, split, lines(a=1.0, b=1.0, c=1.0, d=1.0)).meter_group.tolist()
    assert group[0] == group[1] == group[2] != group[3]


@pytest.mark.parametrize(("first", "second", "total"), [(0.5, 0.3, "0.8"), (0.8, 0.4, "1.2")])
def test_shares_that_do_not_sum_to_one_are_refused(first, second, total):
    split = shares(("m", "a", first), ("m", "b", second))
    with pytest.raises(InputError, match=rf"meter m: the parts sum to {total}, expected 1; make them sum to 1"):
        assign_meters(meters(("m", "a", "production")), split, lines(a=1.0, b=1.0))
