"""The running hour sees nothing of what comes after it."""

from dataclasses import fields

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import line_series, without_later

ENERGY_KWH = np.array([0, 0, 50, 80, 100, 90, 0, 0, 60, 100], dtype=float)


def series(count):
    return line_series(np.arange(count), np.arange(count), ENERGY_KWH[:count])


def test_each_hour_is_seen_as_when_it_was_the_last_one():
    masked = without_later(series(10))
    for hour in range(10):
        last = series(hour + 1)
        for name in (f.name for f in fields(masked) if f.name != "covariates"):
            assert np.array_equal(getattr(masked, name)[hour], getattr(last, name)[-1]), (hour, name)
