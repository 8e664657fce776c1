"""What monitored lines say of the factors of their class: the ratio of an industry and pollutant, for lines without.

Belongs here: pooling of ratios, and whether a class is better with its ratio than without. Does not: the factors
themselves (emission_factor), monitors (derive_factors).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.partial_pooling import NORMAL_REACH, Pool, fit_pool, predict_left_out
from bigdata_emis.arrays import Floats, Texts

LEAST_ENTERPRISES = 3
"""With fewer, leaving one out leaves a class that one plant decides."""
MAX_LOG_VARIANCE = 1.0
"""Variance of a logarithm beyond which the mean over the median is no more than a guess; e^½ is a factor of 1.65."""
MAX_RELATIVE_SD_SHARE = 5.0
LEAST_STATED_SD_SHARE = 0.05
"""A factor said to be surer than the best rating has that of the best: plants differ."""
Row = dict[str, Any]


@dataclass(frozen=True)
class MonitoredFactor:
    """The factor of a line by its monitor, over what the line would be given without it."""

    enterprise_id: str
    industry_code: str
    pollutant_code: str
    ratio: float
    relative_sd_share: float
    """Standard deviation of the ratio of this line itself: that of a day over the root of its days."""
    stated_sd_share: float
    """Relative standard deviation that the unmonitored factor claims."""

    @property
    def stated_log_sd(self) -> float:
        """Standard deviation of the logarithm that the unmonitored factor claims."""
        return float(np.sqrt(np.log1p(max(self.stated_sd_share, LEAST_STATED_SD_SHARE) ** 2)))


def pool_class_factors(factors: Iterable[MonitoredFactor], known_utc: datetime) -> list[Row]:
    """One row for each industry and pollutant with monitors of at least LEAST_ENTERPRISES enterprises.

        ln r_i ÷ s_i = m_c + b_i + e_i,  b_i ~ N(0, T_c),  m_c ~ N(M, W) over the industries of a pollutant

    r is the measured over the unmonitored factor, s the spread of ln r that the latter claims: industries with rough
    factors differ more. By partial pooling M counts the more, the fewer the lines. The ratio of the class is the mean,
    exp(s m + s² (var m + T) / 2), since emissions are summed; its spread is that of an unseen line. A class is used
    where its lines, each predicted from other enterprises, err less with the ratio than without (`log_error` against
    `log_error_without`: mean absolute logarithms).
    """
    by_pollutant: dict[str, list[MonitoredFactor]] = {}
    for factor in sorted(factors, key=lambda f: (f.pollutant_code, f.industry_code, f.enterprise_id, f.ratio)):
        by_pollutant.setdefault(factor.pollutant_code, []).append(factor)
    return [row for own in by_pollutant.values() for row in _pollutant_rows(own, known_utc)]


def _pollutant_rows(factors: list[MonitoredFactor], known_utc: datetime) -> list[Row]:
    unit = np.array([factor.stated_log_sd for factor in factors])
    log_ratio = np.log([factor.ratio for factor in factors])
    value, variance = log_ratio / unit, np.square([factor.relative_sd_share for factor in factors]) / unit**2
    industry = np.array([factor.industry_code for factor in factors])
    enterprise = np.array([factor.enterprise_id for factor in factors])
    left_out, _spread = predict_left_out(value, variance, industry, enterprise)
    pool = fit_pool(value, variance, industry, enterprise)
    rows = []
    for name in np.unique(industry).tolist():
        at = (industry == name) & np.isfinite(left_out)
        if len(np.unique(enterprise[at])) < LEAST_ENTERPRISES:
            continue
        left = (log_ratio - left_out * unit)[at]
        errors = _mean_absolute(left, enterprise[at]), _mean_absolute(log_ratio[at], enterprise[at])
        rows.append(
            {
                "industry_code": name,
                "pollutant_code": factors[0].pollutant_code,
                **_ratio_fields(pool, name, float(np.median(unit[at]))),
                "sample_count": int(at.sum()),
                "log_error": errors[0],
                "log_error_without": errors[1],
                "is_used": errors[0] < errors[1],
                "known_utc": known_utc,
            }
        )
    return rows


def _mean_absolute(error: Floats, enterprise: Texts) -> float:
    """Mean over enterprises of the mean absolute error of their lines: a large site has one vote."""
    return float(np.mean([np.abs(error[enterprise == name]).mean() for name in np.unique(enterprise)]))


def _ratio_fields(pool: Pool, name: str, unit: float) -> Row:
    """Expected ratio of an unseen line of a class, with the 90 % interval and the relative spread of such lines."""
    scaled_mean, scaled_spread = pool.class_for(name).predict_unseen()
    mean, spread = unit * scaled_mean, unit**2 * scaled_spread
    reach = NORMAL_REACH * pool.calibration * float(np.sqrt(spread))
    log_variance = min(spread * pool.calibration**2, MAX_LOG_VARIANCE)
    return {
        "factor_ratio": float(np.exp(mean + min(spread, MAX_LOG_VARIANCE) / 2)),
        "factor_ratio_p05": float(np.exp(mean - reach)),
        "factor_ratio_p95": float(np.exp(mean + reach)),
        "relative_sd_share": min(float(np.sqrt(np.expm1(log_variance))), MAX_RELATIVE_SD_SHARE),
    }
