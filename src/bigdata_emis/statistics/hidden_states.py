"""Hidden states of many series in time: the probability of each state in each hour, given all hours.

Belongs here: the forward-backward recursion on whole arrays. Does not: what the states mean (control/outcome).
"""

import numpy as np

from bigdata_emis.arrays import Floats

NORMAL_GRID = np.array([-2.0, -1.25, -0.6, 0.0, 0.6, 1.25, 2.0])
"""Values of a standard normal error that persists, as a grid of hidden states."""


def persistent_error_steps(persistence_share: float) -> Floats:
    """Probability of each value of NORMAL_GRID in the next hour, by value in this hour, (values, values).

    A first-order autoregressive error with unit variance on a grid; each row sums to 1.

    Source: Tauchen (1986), Economics Letters 20, 177, doi:10.1016/0165-1765(86)90168-0 (here with densities).
    """
    spread = np.sqrt(1 - persistence_share**2)
    distance = NORMAL_GRID[None, :] - persistence_share * NORMAL_GRID[:, None]
    density = np.exp(-0.5 * (distance / max(spread, 0.3)) ** 2)
    steps: Floats = density / density.sum(axis=1, keepdims=True)
    return steps


def normal_grid_weights() -> Floats:
    """Probability of each value of NORMAL_GRID at the start."""
    density = np.exp(-0.5 * NORMAL_GRID**2)
    weights: Floats = density / density.sum()
    return weights


def sticky_steps(prior: Floats, stay_share: float) -> Floats:
    """Probability of each state in the next hour: the same with `stay_share`, else drawn from the prior.

    prior: (series, states); the result is (series, states, states).
    """
    count = prior.shape[1]
    steps: Floats = stay_share * np.eye(count)[None] + (1 - stay_share) * prior[:, None, :]
    return steps


def state_probability(log_likelihood: Floats, prior: Floats, stay_share: float, error_steps: Floats) -> Floats:
    """Probability of each state in each hour, (series, hours, states), errors that persist averaged out.

    log_likelihood: (series, hours, states, errors), of the observation in each state at each value of the persistent
    error; 0 throughout in an hour without observation. prior: (series, states). error_steps: (errors, errors).

        forward   f(t) = L(t) × Σ f(t − 1) × step
        backward  b(t) = Σ step × L(t + 1) × b(t + 1)
        P(t) ∝ Σ over errors of f(t) × b(t)

    Source: Rabiner (1989), Proc. IEEE 77, 257, doi:10.1109/5.18626.
    """
    scaled = np.exp(log_likelihood - log_likelihood.max(axis=(2, 3), keepdims=True))
    steps = sticky_steps(prior, stay_share)
    series, hours, states, errors = scaled.shape
    forward = np.empty_like(scaled)
    carried = prior[:, :, None] * normal_grid_weights()[None, None, :]
    for hour in range(hours):
        if hour:
            carried = np.einsum("nse,nsr,ed->nrd", forward[:, hour - 1], steps, error_steps, optimize=True)
        forward[:, hour] = _normalised(carried * scaled[:, hour])
    probability = np.empty((series, hours, states))
    backward = np.ones((series, states, errors))
    for hour in reversed(range(hours)):
        joint = (forward[:, hour] * backward).sum(axis=2)
        probability[:, hour] = joint / joint.sum(axis=1, keepdims=True)
        ahead = scaled[:, hour] * backward
        backward = _normalised(np.einsum("nrd,nsr,ed->nse", ahead, steps, error_steps, optimize=True))
    return probability


def _normalised(values: Floats) -> Floats:
    total = values.sum(axis=(1, 2), keepdims=True)
    normalised: Floats = values / np.maximum(total, np.finfo(float).tiny)
    return normalised
