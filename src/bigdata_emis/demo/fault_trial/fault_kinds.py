"""Faults of meters, monitors, counters and stations, put into true series at drawn places.

Belongs here: what each kind of fault does to the values, and where. Does not: the series (trial_series), scores
(fault_trial), or anything of the cleaning rules, from which this is drawn independently.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

MATERIAL_SHARE = 0.05
"""A value that a fault changes by less is no fault that anybody could see or would mind."""
MULTIPLIERS = (0.2, 0.25, 0.5, 2.0, 2.5, 4.0, 5.0)
"""Ratios of common current transformers (50/5 to 400/5) that are mixed up when one is replaced."""
ZONE_H = 8
"""A logger that sends UTC where Beijing time is meant, or the reverse."""


@dataclass
class FaultySeries:
    """Series of sources, `(sources, steps)`, of which the last `own_count` steps are judged.

    damaged: by kind, the values that it changed. A missing value is NaN. originals: values that another source copies;
    of two that are alike nobody can say which is the copy, so these are neither sound nor damaged. slight: values that
    a fault changed by less than is material: neither, too, and counted apart.
    """

    value: Floats
    steps_per_hour: int
    own_count: int
    damaged: dict[str, Flags] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    originals: Flags = field(init=False)
    slight: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.originals, self.slight = (np.zeros(self.value.shape, dtype=bool) for _ in range(2))

    @property
    def first_own(self) -> int:
        """The first step that is judged."""
        return int(self.value.shape[1]) - self.own_count


Fault = Callable[[np.random.Generator, FaultySeries, int, slice], Floats]
"""The values of a source in a span of steps as the fault leaves them."""


def plant(
    random: np.random.Generator,
    series: FaultySeries,
    kind: str,
    fault: Fault,
    *,
    candidates: Integers,
    count: int,
    hours: tuple[int, int],
    is_material: bool = True,
) -> None:
    """Put a fault into `count` sources that have none yet, each over a drawn number of hours."""
    free = np.array([source for source in candidates if source not in series.touched], dtype=np.int64)
    mask = series.damaged.setdefault(kind, np.zeros(series.value.shape, dtype=bool))
    for source in random.choice(free, size=min(count, len(free)), replace=False):
        length = min(int(random.integers(hours[0], hours[1] + 1)) * series.steps_per_hour, series.own_count)
        start = series.first_own + int(random.integers(0, series.own_count - length + 1))
        span = slice(start, start + length)
        before = series.value[source, span].copy()
        series.value[source, span] = after = fault(random, series, int(source), span)
        with np.errstate(invalid="ignore"):
            is_changed = np.isnan(after) | (np.abs(after - before) > MATERIAL_SHARE * np.abs(before))
            is_other = after != before
        mask[source, span] = (is_changed | (not is_material)) & ~np.isnan(before)
        series.slight[source, span] = is_other & ~mask[source, span] & ~np.isnan(before)
        series.touched.add(int(source))


def negative(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """Single readings with the wrong sign."""
    value = series.value[source, span].copy()
    chosen = random.random(len(value)) < 0.1
    value[chosen] *= -1
    return value


def stuck(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """One reading again and again."""
    given = series.value[source, span]
    return np.full(len(given), given[~np.isnan(given)][0])


def spike(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """Single readings of 4 to 50 times what is right, whatever the line does at the time."""
    value = series.value[source, span].copy()
    chosen = (random.random(len(value)) < 0.05) & (np.arange(len(value)) % 6 == 3)
    value[chosen] *= random.uniform(4, 50, int(chosen.sum()))
    return value


def register_jump(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """One interval holds the whole register of the meter, or takes it back, as when a meter is replaced."""
    value = series.value[source, span].copy()
    register = 10 ** random.uniform(2.5, 5) * max(float(np.nanmedian(value)), 0.1)
    value[len(value) // 2] += register if random.random() < 0.5 else -register
    return value


def multiplier_change(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """All readings times the ratio of two current transformers."""
    return np.asarray(series.value[source, span] * random.choice(MULTIPLIERS))


def tenth(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """All readings with the point one place to the left."""
    return np.asarray(series.value[source, span] / 10)


def clock_shift(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """The readings of eight hours before."""
    shift = ZONE_H * series.steps_per_hour
    return series.value[source, span.start - shift : span.stop - shift].copy()


def clock_set_ahead(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """The readings of eight hours before, without those that were sent before, as of a logger that was set ahead."""
    value = clock_shift(random, series, source, span)
    value[: ZONE_H * series.steps_per_hour] = np.nan
    return value


def twin(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """The readings of another meter."""
    others = [n for n in range(len(series.value)) if n != source and n not in series.touched]
    original = int(random.choice(others))
    series.touched.add(original)
    series.originals[original, span] = True
    return series.value[original, span].copy()


def silence(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """No reading."""
    return np.full(span.stop - span.start, np.nan)


def zero_drift(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """An offset that grows from nothing to as much as the usual value or twice that."""
    usual = float(np.nanmedian(series.value[source]))
    end = usual * random.uniform(1, 2)
    return np.asarray(series.value[source, span] + np.linspace(0, end, span.stop - span.start))


def zeros(random: np.random.Generator, series: FaultySeries, source: int, span: slice) -> Floats:
    """Zero, as of a loop that has failed."""
    return np.zeros(span.stop - span.start)


def fill(_: np.random.Generator, series: FaultySeries, source: int, span: slice, *, usual: Floats) -> Floats:
    """The usual value of the source, as a provider writes where it has measured nothing."""
    return np.full(span.stop - span.start, usual[source])


def above_whole(
    random: np.random.Generator, series: FaultySeries, source: int, span: slice, *, whole: Floats
) -> Floats:
    """More of a part than there is of the whole."""
    return np.asarray(whole[source, span] * random.uniform(1.1, 1.6))
