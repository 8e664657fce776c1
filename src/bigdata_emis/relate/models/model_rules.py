"""Rules for training, comparing and watching models: defaults that a region may set.

Belongs here: named settings with the reason for each default.
Does not: the statistical tests (activity_model/sequential_tests), or the decisions (challenger_test, drift_verdict).
"""

import math
from dataclasses import dataclass, fields
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region


@dataclass(frozen=True)
class ModelRules:
    """Settings of one region; all defaults are the project's own judgement.

    contest_days: minimum days of truth, unknown to both models, for a challenger test; with fewer the sign test cannot
    reach contest_chance.
    contest_longest_days: without a win by then the challenger is retired and a newer one is fitted.
    contest_margin_share: share by which the challenger's error must be smaller, as for a richer form in training.
    contest_chance: p value that the won days may have at most.
    backtest_origins: times from which the chosen form is fitted again and scored on the hours that follow.
    training_batch_lines: lines trained at a time; 250 lines of a year are about 2 million rows, some hundred MB.
    watch_days: minimum days of truth for a verdict.
    watch_window_days: days before the end of the truth that count; with more, a change of the plant is seen later.
    watch_capital: capital of a bet against the promise at which a model has drifted; chance reaches it in 1 of 200
    windows.
    watch_miss_share, watch_least_miss_share: the share of hours outside the interval lies between them (88 to 92 %
    inside).
    watch_error_share: share of days that may exceed the 90th percentile of daily errors in cross-validation; a tenth by
    definition, and a half more because seasons differ.
    watch_gain_share: share by which a correction or a simpler form must reduce the error on days that it was not
    derived from; less is noise.
    watch_correction_limit: largest factor of a monthly correction; beyond it the plant has changed.
    watch_interval_limit: the same for the width of the interval.
    """

    contest_days: int = 7
    contest_longest_days: int = 28
    contest_margin_share: float = 0.01
    contest_chance: float = 0.1
    backtest_origins: int = 2
    training_batch_lines: int = 250
    watch_days: int = 5
    watch_window_days: int = 28
    watch_capital: float = 200.0
    watch_miss_share: float = 0.12
    watch_least_miss_share: float = 0.08
    watch_error_share: float = 0.15
    watch_gain_share: float = 0.05
    watch_correction_limit: float = 2.0
    watch_interval_limit: float = 5.0


def read_model_rules(region: Region) -> ModelRules:
    """The defaults, replaced by the region's options.

    Raises:
        InputError: an option that is not a number above 0.
    """
    given: dict[str, Any] = {}
    for field in fields(ModelRules):
        value = region.options.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            what = f"region {region.region_id}, [options] of region.toml: {field.name} is '{value}'"
            raise InputError(f"{what}, expected a number above 0", f"set {field.name} in region.toml")
        given[field.name] = int(value) if isinstance(field.default, int) else float(value)
    return ModelRules(**given)
