"""Thresholds of cleaning, and what a region may set."""

import pytest

from bigdata_emis.clean.readings.thresholds import CleaningOptions, read_cleaning_options
from bigdata_emis.errors import InputError
from tests.clean.reading_frames import context


def test_a_region_without_options_has_the_defaults():
    assert read_cleaning_options(context()) == CleaningOptions()


def test_what_a_region_sets_replaces_the_default_in_its_kind():
    options = read_cleaning_options(context(interpolation_h=4, capacity_factor=3))
    assert (options.interpolation_h, options.capacity_factor) == (4, 3.0)
    assert isinstance(options.capacity_factor, float)


def test_steady_sources_and_stacks_have_their_own_levels():
    options = CleaningOptions()
    assert options.for_steady_sources.outlier_level_share == 0.9
    assert (options.for_stacks.outlier_level_share, options.for_stacks.outlier_level_factor) == (0.9, 3.0)
    assert (options.outlier_level_share, options.outlier_level_factor) == (0.99, 1.5)


def test_a_region_cannot_lower_the_anonymity_threshold():
    with pytest.raises(InputError, match="anonymity_count = 3"):
        read_cleaning_options(context(anonymity_count=3))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("ten", '"ten"'), (-1, "-1"), (float("nan"), "NaN"), (float("inf"), "Infinity"), (True, "true")],
)
def test_an_option_that_is_no_finite_number_from_zero_on_is_refused(value, shown):
    message = (
        f"region.toml, options.outlier_neighbours = {shown}: expected a finite number from 0 on; write for instance"
    )
    with pytest.raises(InputError, match=message):
        read_cleaning_options(context(outlier_neighbours=value))
