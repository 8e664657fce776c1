"""Which pairs are compared by which method."""

from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.association.pairs import AssociationOptions, compare_period, select_kinds
from bigdata_emis.relate.association.series_matrix import NamedSeries, PeriodSeries
from tests.relate.association.noise import HOURS, autoregressive

NO_SERIES = NamedSeries((), np.empty((0, HOURS)))


def region(**options):
    return Region("city", Path(), "city", "市", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, options, {})


def period(indicators, targets, own=NO_SERIES):
    weather = np.empty((HOURS, 0))
    return PeriodSeries(named(*indicators), named(*targets), own, weather, NO_SERIES, weather)


def named(*names):
    return NamedSeries(names, np.array([autoregressive(number, 0.5) for number in range(len(names))]))


def methods_of(comparisons, indicator, target):
    return {
        comparison.result.method
        for comparison, _ in comparisons
        if indicator in comparison.indicators and target in comparison.targets
    }


def test_an_aggregated_indicator_is_compared_by_every_method_with_what_is_measured():
    comparisons = compare_period(period(["power:total"], ["air_quality:CO", "inventory:CO"]), AssociationOptions())
    every = {"pearson", "spearman", "prewhitened", "grey", "partial"}
    assert methods_of(comparisons, "power:total", "air_quality:CO") == every | {"mutual_information"}
    assert methods_of(comparisons, "power:total", "inventory:CO") == every


def test_the_energy_mix_has_no_mutual_information():
    comparisons = compare_period(period(["energy_share:cement"], ["air_quality:CO"]), AssociationOptions())
    assert "mutual_information" not in methods_of(comparisons, "energy_share:cement", "air_quality:CO")


def test_a_plant_is_compared_with_air_quality_and_its_own_monitor_by_cheap_methods_only():
    own = NamedSeries(("power_enterprise:E1",), np.array([autoregressive(8, 0.5)]), ("own_stack:NOx",))
    given = period(["power_enterprise:E1"], ["air_quality:CO", "stack:NOx"], own)
    comparisons = compare_period(given, AssociationOptions())
    cheap = {"pearson", "spearman", "prewhitened"}
    assert methods_of(comparisons, "power_enterprise:E1", "air_quality:CO") == cheap
    assert methods_of(comparisons, "power_enterprise:E1", "own_stack:NOx") == cheap
    assert methods_of(comparisons, "power_enterprise:E1", "stack:NOx") == set()


def test_q_values_of_a_method_are_never_below_its_p_values():
    comparisons = compare_period(period(["power:a", "traffic:flow"], ["air_quality:CO"]), AssociationOptions())
    for comparison, q_values in comparisons:
        tested = np.isfinite(comparison.result.p_value)
        assert (q_values[tested] >= comparison.result.p_value[tested]).all()


def test_series_are_selected_by_kind():
    assert select_kinds(named("power:a", "traffic:flow"), ("traffic",)).names == ("traffic:flow",)


def test_options_of_a_region_replace_the_defaults():
    options = AssociationOptions.from_region(region(deweather_trees=7, false_discovery="by"))
    assert (options.trees, options.false_discovery, options.draws) == (7, "by", AssociationOptions().draws)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("association_costly_kinds", ["power", "moon"]),
        ("deweather_trees", 0),
        ("deweather_draws", 2.5),
        ("false_discovery", "bonferroni"),
    ],
)
def test_an_invalid_option_is_refused_by_name(name, value):
    with pytest.raises(InputError, match=name):
        AssociationOptions.from_region(region(**{name: value}))
