"""Series with a known autocorrelation, for tests of association."""

import numpy as np

HOURS = 240


def autoregressive(seed, persistence, hours=HOURS):
    """A series of order one: each hour is `persistence` times the hour before, plus normal noise."""
    noise = np.random.default_rng(seed).standard_normal(hours)
    series = np.zeros(hours)
    for hour in range(1, hours):
        series[hour] = persistence * series[hour - 1] + noise[hour]
    return series
