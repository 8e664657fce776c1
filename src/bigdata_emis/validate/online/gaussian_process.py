"""A Gaussian process over inputs and time that grows as truth arrives and forgets what is old.

Belongs here: kernels, learning, expectation with its spread. Does not: when truth is known, or which kernel is used (expert_walk, its callers).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from bigdata_emis.arrays import Floats

LEAST_SPREAD = 1e-9
"""An input that never changed is not divided by zero."""


@dataclass(frozen=True)
class Term:
    """One part of what makes two hours alike: a share of the target's variance that fades over inputs and over hours.

    k(a, b) = variance_share × exp(−½ Σ ((a_i − b_i) / reach_i)² − |hours between| / fade_h). `reach` is in standard
    deviations of each input; None means alike whatever the inputs, a `fade_h` of None that nothing fades.
    """

    variance_share: float
    reach: tuple[float, ...] | None
    fade_h: float | None


@dataclass(frozen=True)
class Kernel:
    """Terms that add up, and the share of the variance that no neighbour tells."""

    name: str
    terms: tuple[Term, ...]
    noise_share: float

    @property
    def variance_share(self) -> float:
        """The variance of one hour about which nothing is known."""
        return self.noise_share + sum(term.variance_share for term in self.terms)

    def between(self, first: Floats, first_h: Floats, second: Floats, second_h: Floats) -> Floats:
        """The covariance of every row of the first with every row of the second, without noise."""
        total = np.zeros((len(first), len(second)))
        gap_h = np.abs(first_h[:, None] - second_h[None, :])
        for term in self.terms:
            exponent = (
                np.zeros_like(total) if term.reach is None else _half_distance(first / term.reach, second / term.reach)
            )
            if term.fade_h is not None:
                exponent += gap_h / term.fade_h
            total += term.variance_share * np.exp(-exponent)
        return total


class KernelProcess:
    """An expert for `expert_walk`: the expected target of an hour given all that is remembered, exactly.

    It remembers between `least_rows` and `most_rows` hours. New ones are added to the factorised covariance; when the
    memory is full the oldest leave and it is factorised anew. Inputs are scaled by all that was ever seen.

    Source: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, algorithm 2.1; growth by blocks of the inverse factor.
    """

    def __init__(self, kernel: Kernel, *, least_rows: int = 2000, most_rows: int = 2700) -> None:
        self.name = kernel.name
        self._kernel = kernel
        self._least_rows, self._most_rows = least_rows, most_rows
        self._inputs, self._target, self._hour = np.empty((0, 0)), np.empty(0), np.empty(0)
        self._moments: tuple[int, Floats, Floats] = (0, np.zeros(1), np.zeros(1))
        self._whitener = np.zeros((most_rows, most_rows))
        self._scaled, self._white = np.empty((0, 0)), np.empty(0)

    def learn(self, inputs: Floats, target: Floats, hour_number: Floats) -> None:
        """Add hours with their truth; hours with an input that is not known teach nothing here."""
        whole = np.isfinite(inputs).all(axis=1)
        inputs, target, hour = inputs[whole], target[whole], hour_number[whole].astype(np.float64)
        if not len(target):
            return
        had = len(self._target)
        self._inputs = np.vstack([self._inputs, inputs]) if had else inputs
        self._target, self._hour = np.append(self._target, target), np.append(self._hour, hour)
        self._tally(np.column_stack([inputs, target]))
        if not had or len(self._target) > self._most_rows:
            self._forget()
            self._factorise()
        else:
            self._grow(had)

    def expect(self, inputs: Floats, hour_number: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the target in each hour; NaN before anything was learned and where an input is not known."""
        mean, spread = np.full(len(inputs), np.nan), np.full(len(inputs), np.nan)
        asked = np.isfinite(inputs).all(axis=1)
        if not len(self._target) or not asked.any():
            return mean, spread
        count = len(self._target)
        near = self._kernel.between(
            self._scaled, self._hour, self._scale(inputs[asked]), hour_number[asked].astype(np.float64)
        )
        told = self._whitener[:count, :count] @ near
        mean[asked] = self._centre + self._size * (told.T @ self._white)
        spread[asked] = self._size * np.sqrt(
            np.maximum(self._kernel.variance_share - (told**2).sum(axis=0), self._kernel.noise_share)
        )
        return mean, spread

    def _tally(self, rows: Floats) -> None:
        count, total, squares = self._moments
        self._moments = (count + len(rows), total + rows.sum(axis=0), squares + (rows**2).sum(axis=0))

    def _forget(self) -> None:
        kept = slice(-self._least_rows, None)
        self._inputs, self._target, self._hour = self._inputs[kept], self._target[kept], self._hour[kept]

    def _factorise(self) -> None:
        count, total, squares = self._moments
        mean = total / count
        spread = np.maximum(np.sqrt(np.maximum(squares / count - mean**2, 0.0)), LEAST_SPREAD)
        self._input_mean, self._input_spread = mean[:-1], spread[:-1]
        self._centre, self._size = float(self._target.mean()), float(spread[-1])
        self._scaled = self._scale(self._inputs)
        inverse = _inverse_factor(
            self._kernel.between(self._scaled, self._hour, self._scaled, self._hour), self._kernel.noise_share
        )
        rows = len(inverse)
        self._whitener[:rows, :rows] = inverse
        self._white = inverse @ ((self._target - self._centre) / self._size)

    def _grow(self, had: int) -> None:
        """The inverse of the factor gains rows: [−D⁻¹ Cᵀ W, D⁻¹] with C = W k(old, new) and D Dᵀ = k(new, new) − Cᵀ C."""
        now = len(self._target)
        old, new_h = self._whitener[:had, :had], self._hour[had:]
        new = self._scale(self._inputs[had:])
        shared = old @ self._kernel.between(self._scaled, self._hour[:had], new, new_h)
        own = _inverse_factor(
            self._kernel.between(new, new_h, new, new_h) - shared.T @ shared, self._kernel.noise_share
        )
        self._whitener[had:now, :had] = -own @ (shared.T @ old)
        self._whitener[:had, had:now] = 0.0
        self._whitener[had:now, had:now] = own
        fresh = (self._target[had:] - self._centre) / self._size - shared.T @ self._white
        self._scaled, self._white = np.vstack([self._scaled, new]), np.append(self._white, own @ fresh)

    def _scale(self, inputs: Floats) -> Floats:
        scaled: Floats = (inputs - self._input_mean) / self._input_spread
        return scaled


def _half_distance(first: Floats, second: Floats) -> Floats:
    """Half the squared distance of every pair of rows."""
    squares = (first**2).sum(axis=1)[:, None] / 2 + (second**2).sum(axis=1)[None, :] / 2
    half: Floats = np.maximum(squares - first @ second.T, 0.0)
    return half


def _inverse_factor(covariance: Floats, noise_share: float) -> Floats:
    """The inverse of the lower Cholesky factor of the covariance with noise."""
    noisy = covariance + noise_share * np.eye(len(covariance))
    inverse: Floats = solve_triangular(
        cholesky(noisy, lower=True, check_finite=False), np.eye(len(noisy)), lower=True, check_finite=False
    )
    return inverse
