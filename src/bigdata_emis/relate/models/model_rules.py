"""The rules by which models are judged, promoted and watched: defaults with their reason, each of which a region may set in `[options]`.

Belongs here: named settings. Does not: the tests that use them (proxy.evidence) or the decisions (contest, watch).
"""

import math
from dataclasses import dataclass, fields
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region


@dataclass(frozen=True)
class ModelRules:
    """Settings of one region; all are our own judgement, with the reason beside them.

    contest_days: a challenger is judged on at least so many days of truth that neither model has seen; with fewer the sign test
    cannot reach contest_chance. contest_longest_days: without a win by then it gives way to a newer one.
    contest_margin_share: it must err less by this share, as a richer form must in training.
    contest_chance: probability by which so many won days may be luck.
    backtest_origins: times from which the chosen form is fitted anew and judged on what follows.
    training_batch_lines: lines trained at a time; 250 lines of a year are about 2 million rows, some hundred MB.
    watch_days: days of truth from which the watch judges. watch_capital: it speaks of drift when betting against the promise
    multiplies the stake by so much; luck does so in 1 of 200 windows.
    watch_miss_share, watch_least_miss_share: the interval promises to miss no more and no less (88 to 92 % inside). watch_error_share: days may err more than
    the 90th percentile of cross-validation's days as often as this; a tenth by definition, and a half more because a season differs.
    watch_gain_share: a correction or a simpler rung is taken when it errs less by this share on days that did not make it; less is noise.
    watch_correction_limit: a monthly correction beyond this factor is not a correction but another plant.
    watch_interval_limit: the same for the interval.
    """

    contest_days: int = 7
    contest_longest_days: int = 28
    contest_margin_share: float = 0.01
    contest_chance: float = 0.1
    backtest_origins: int = 2
    training_batch_lines: int = 250
    watch_days: int = 5
    watch_capital: float = 200.0
    watch_miss_share: float = 0.12
    watch_least_miss_share: float = 0.08
    watch_error_share: float = 0.15
    watch_gain_share: float = 0.05
    watch_correction_limit: float = 2.0
    watch_interval_limit: float = 5.0


def model_rules(region: Region) -> ModelRules:
    """The region's settings over the defaults. Raises InputError when one is not a number above zero."""
    given: dict[str, Any] = {}
    for field in fields(ModelRules):
        value = region.options.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise InputError(f"region {region.region_id}: option {field.name} is '{value}'", "give a number above 0")
        given[field.name] = int(value) if isinstance(field.default, int) else float(value)
    return ModelRules(**given)
