"""Gaussian process regression over inputs and time, extended as truth arrives.

Research: judged here, not run by the day.
Belongs here: covariance functions, learning, prediction with standard deviation. Does not: when truth is known
(walk_forward_experts), or which kernel is used (its callers).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from bigdata_emis.arrays import Floats

MIN_SD = 1e-9
"""Least standard deviation of an input, so that a constant one is not divided by zero."""


@dataclass(frozen=True)
class KernelTerm:
    """One term of a covariance function, decaying over inputs and over time.

        k(a, b) = variance_share · exp(−½ Σ_i ((a_i − b_i) / length_i)² − |t_a − t_b| / decay_h)

    `length` holds the length scales in standard deviations of the inputs; None: no decay over inputs. `decay_h`
    None: no decay over time.
    """

    variance_share: float
    length: tuple[float, ...] | None
    decay_h: float | None


@dataclass(frozen=True)
class Kernel:
    """A covariance function: the sum of its terms, and the share of the variance that is noise."""

    name: str
    terms: tuple[KernelTerm, ...]
    noise_share: float

    @property
    def variance_share(self) -> float:
        """Prior variance of one hour, as a multiple of the target's variance."""
        return self.noise_share + sum(term.variance_share for term in self.terms)

    def covariance(self, first: Floats, first_h: Floats, second: Floats, second_h: Floats) -> Floats:
        """Covariance without noise, (rows of first, rows of second); inputs are standardised."""
        total = np.zeros((len(first), len(second)))
        gap_h = np.abs(first_h[:, None] - second_h[None, :])
        for term in self.terms:
            exponent = (
                np.zeros_like(total)
                if term.length is None
                else _half_squared_distance(first / term.length, second / term.length)
            )
            if term.decay_h is not None:
                exponent += gap_h / term.decay_h
            total += term.variance_share * np.exp(-exponent)
        return total


class GaussianProcessExpert:
    """An expert: exact Gaussian process regression on the most recent hours.

    It stores between `least_rows` and `most_rows` hours. New hours extend the inverse Cholesky factor by blocks;
    when the store is full, the oldest hours are dropped and the covariance is factorised again. Inputs are
    standardised by the mean and standard deviation of all hours ever learned.

    Source: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, algorithm 2.1.
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
        """Add hours with their truth; hours with an unknown input are ignored."""
        is_complete = np.isfinite(inputs).all(axis=1)
        inputs, target = inputs[is_complete], target[is_complete]
        hour = hour_number[is_complete].astype(np.float64)
        if not len(target):
            return
        old_rows = len(self._target)
        self._inputs = np.vstack([self._inputs, inputs]) if old_rows else inputs
        self._target, self._hour = np.append(self._target, target), np.append(self._hour, hour)
        self._update_moments(np.column_stack([inputs, target]))
        if not old_rows or len(self._target) > self._most_rows:
            self._drop_oldest()
            self._factorise()
        else:
            self._extend(old_rows)

    def predict(self, inputs: Floats, hour_number: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each hour.

        NaN before anything was learned, and where an input is unknown.
        """
        mean, sd = np.full(len(inputs), np.nan), np.full(len(inputs), np.nan)
        is_complete = np.isfinite(inputs).all(axis=1)
        if not len(self._target) or not is_complete.any():
            return mean, sd
        count = len(self._target)
        cross = self._kernel.covariance(
            self._scaled,
            self._hour,
            self._standardise(inputs[is_complete]),
            hour_number[is_complete].astype(np.float64),
        )
        whitened = self._whitener[:count, :count] @ cross
        mean[is_complete] = self._centre + self._size * (whitened.T @ self._white)
        sd[is_complete] = self._size * np.sqrt(
            np.maximum(self._kernel.variance_share - (whitened**2).sum(axis=0), self._kernel.noise_share)
        )
        return mean, sd

    def _update_moments(self, rows: Floats) -> None:
        count, total, squares = self._moments
        self._moments = (count + len(rows), total + rows.sum(axis=0), squares + (rows**2).sum(axis=0))

    def _drop_oldest(self) -> None:
        recent = slice(-self._least_rows, None)
        self._inputs, self._target, self._hour = self._inputs[recent], self._target[recent], self._hour[recent]

    def _factorise(self) -> None:
        count, total, squares = self._moments
        mean = total / count
        sd = np.maximum(np.sqrt(np.maximum(squares / count - mean**2, 0.0)), MIN_SD)
        self._input_mean, self._input_sd = mean[:-1], sd[:-1]
        self._centre, self._size = float(self._target.mean()), float(sd[-1])
        self._scaled = self._standardise(self._inputs)
        inverse = _inverse_cholesky_factor(
            self._kernel.covariance(self._scaled, self._hour, self._scaled, self._hour), self._kernel.noise_share
        )
        rows = len(inverse)
        self._whitener[:rows, :rows] = inverse
        self._white = inverse @ ((self._target - self._centre) / self._size)

    def _extend(self, old_rows: int) -> None:
        """Adds rows to the inverse Cholesky factor W of the covariance.

        new rows = [−D⁻¹ Cᵀ W, D⁻¹],  C = W k(old, new),  D Dᵀ = k(new, new) − Cᵀ C
        """
        now = len(self._target)
        old, new_h = self._whitener[:old_rows, :old_rows], self._hour[old_rows:]
        new = self._standardise(self._inputs[old_rows:])
        shared = old @ self._kernel.covariance(self._scaled, self._hour[:old_rows], new, new_h)
        own = _inverse_cholesky_factor(
            self._kernel.covariance(new, new_h, new, new_h) - shared.T @ shared, self._kernel.noise_share
        )
        self._whitener[old_rows:now, :old_rows] = -own @ (shared.T @ old)
        self._whitener[:old_rows, old_rows:now] = 0.0
        self._whitener[old_rows:now, old_rows:now] = own
        fresh = (self._target[old_rows:] - self._centre) / self._size - shared.T @ self._white
        self._scaled, self._white = np.vstack([self._scaled, new]), np.append(self._white, own @ fresh)

    def _standardise(self, inputs: Floats) -> Floats:
        scaled: Floats = (inputs - self._input_mean) / self._input_sd
        return scaled


def _half_squared_distance(first: Floats, second: Floats) -> Floats:
    """Half the squared distance of every pair of rows, (rows of first, rows of second)."""
    squares = (first**2).sum(axis=1)[:, None] / 2 + (second**2).sum(axis=1)[None, :] / 2
    half: Floats = np.maximum(squares - first @ second.T, 0.0)
    return half


def _inverse_cholesky_factor(covariance: Floats, noise_share: float) -> Floats:
    """Inverse of the lower Cholesky factor of the covariance with noise added to its diagonal."""
    noisy = covariance + noise_share * np.eye(len(covariance))
    inverse: Floats = solve_triangular(
        cholesky(noisy, lower=True, check_finite=False), np.eye(len(noisy)), lower=True, check_finite=False
    )
    return inverse
