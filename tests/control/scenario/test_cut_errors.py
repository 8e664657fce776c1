"""Errors of cuts by source: what is shared, what is of one source, and how the latter fades."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.scenario.cut_errors import DayErrors, OwnErrors
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import InputError
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.statistics.propagation import standard_deviation, variance_over_hours
from tests.control.scenario.day_frames import emission, planned

PLANTS = Measure("plants", "red", industry_code="sinter", cut_share=0.25)
NOX = 1
WHOLE_DAY = dict.fromkeys(range(24), 8.0)


def correlations(class_share=0.5, persistence=0.9, method="modelled"):
    return ErrorCorrelations(
        pa.table(
            {
                "sector_code": pa.array([None], pa.string()),
                "method_code": [method],
                "class_variance_share": [class_share],
                "persistence_share": [persistence],
            }
        )
    )


def with_interval(piece, *, relative=0.5, method="modelled"):
    grams = piece["emission_g"].to_numpy()
    methods = pa.array([method] * piece.num_rows).dictionary_encode()
    return (
        piece.drop_columns(["method_code"])
        .append_column("emission_g_p05", pa.array(grams * (1 - relative)))
        .append_column("emission_g_p95", pa.array(grams * (1 + relative)))
        .append_column("method_code", methods)
    )


def errors_of(*pieces, shares=None, measures=(PLANTS,)):
    plan = planned(measures=list(measures)).with_errors(shares or correlations())
    for _ in cut_pieces(plan, pieces):
        pass
    assert isinstance(plan.errors, DayErrors)
    return plan.errors


def deviation(grams, relative=0.5):
    values = (np.array([grams * factor]) for factor in (1.0, 1 - relative, 1 + relative))
    return float(standard_deviation(*values)[0])


def test_the_error_of_a_cut_is_that_of_the_base_times_its_share() -> None:
    errors = errors_of(with_interval(emission("plant", "NOx", WHOLE_DAY)), shares=correlations(class_share=1.0))
    assert errors.shared_g[0].sum() == pytest.approx(0.25 * 24 * deviation(8.0))
    assert errors.own.variance.sum() == 0.0


def test_own_errors_of_a_day_fade_from_hour_to_hour() -> None:
    errors = errors_of(with_interval(emission("plant", "NOx", WHOLE_DAY)), shares=correlations(class_share=0.0))
    hourly = np.full((1, 24), 0.25 * deviation(8.0))
    assert errors.own.variance.sum() == pytest.approx(float(variance_over_hours(hourly, np.array([0.9]))[0]), rel=1e-6)
    assert errors.shared_g.sum() == 0.0


def test_a_day_with_a_gap_has_the_errors_of_its_hours() -> None:
    whole = errors_of(with_interval(emission("plant", "NOx", WHOLE_DAY)))
    gap = {hour: grams for hour, grams in WHOLE_DAY.items() if hour != 7}
    errors = errors_of(with_interval(emission("plant", "NOx", gap)))
    hourly = np.full((1, 24), 0.25 * deviation(8.0) * np.sqrt(0.5))
    hourly[0, 7] = 0.0
    assert errors.own.variance.sum() == pytest.approx(float(variance_over_hours(hourly, np.array([0.9]))[0]), rel=1e-6)
    assert errors.shared_g.sum() == pytest.approx(whole.shared_g.sum() * 23 / 24)


def test_days_that_follow_each_other_have_the_variance_of_all_their_hours() -> None:
    spread = np.random.default_rng(1).uniform(0, 2, (1, 3, 48))
    persistence = np.array([[0.0, 0.5, 0.95]])
    first, second = (OwnErrors.of_hours(part, persistence) for part in (spread[..., :20], spread[..., 20:]))
    together = first.followed_by(second)
    assert together.variance[0] == pytest.approx(variance_over_hours(spread[0], persistence[0]))
    assert together.followed_by(first.at(np.arange(3), 3)).variance[0] == pytest.approx(
        variance_over_hours(np.concatenate([spread, spread[..., :20]], axis=2)[0], persistence[0])
    )


def test_sources_that_nothing_cuts_have_no_error() -> None:
    errors = errors_of(with_interval(emission("plant", "NOx", WHOLE_DAY)), measures=[])
    assert errors.shared_g.sum() == errors.own.variance.sum() == 0.0


def test_a_method_without_correlation_is_refused() -> None:
    with pytest.raises(InputError, match="error_correlation has no row for method 'profile'"):
        errors_of(with_interval(emission("plant", "NOx", WHOLE_DAY), method="profile"))
