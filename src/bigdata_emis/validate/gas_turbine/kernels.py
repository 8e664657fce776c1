"""Candidate covariance functions for the gas turbine, with the reason of each number.

Research: judged here, not run by the day.
Belongs here: length scales and variance shares of the candidates. Does not: the Gaussian process
(online/gaussian_process), the choice between them (models).

All numbers are rounded from the marginal likelihood of 1,500 rows of NOx of 2011 and from walks within 2011. That
is one turbine, so another may need others (confidence 0.4). Shares are of the variance of the target, without a
unit.
"""

from typing import NamedTuple

from bigdata_emis.validate.online.gaussian_process import Kernel, KernelTerm


class InputLength(NamedTuple):
    """Length scale of each input, in standard deviations, in the order of the inputs."""

    load: float
    air_temperature: float
    air_pressure: float
    air_humidity: float
    load_change: float


LOAD_LENGTHS = (0.15, 0.3, 0.6)
"""Length scales of load in the sharp term: half, once and twice the usual one; the fit years choose."""
USUAL_LOAD_LENGTH = LOAD_LENGTHS[1]
SLOW_DECAY_H, FAST_DECAY_H = 10_000.0, 3_000.0
"""Hours after which the covariance is 1/e: over a year, longer than what is stored, or some four months."""
SHARP_SHARE, SMOOTH_SHARE = 0.3, 1.0
"""Variance of what is sharp in load, as where a burner changes its mode, and of the larger smooth response."""
SHARP_WEATHER = {"air_temperature": 2.0, "air_pressure": 20.0, "air_humidity": 6.0, "load_change": 2.0}
"""Length scales of the other inputs in the sharp term; it hardly depends on pressure."""
SMOOTH_LENGTH = InputLength(load=4.0, air_temperature=3.0, air_pressure=20.0, air_humidity=4.0, load_change=8.0)
"""So long that the response is nearly a plane with some curvature."""
LEVEL_SHARE, LEVEL_DECAY_H = 0.07, 200.0
"""A level shared by all loads that lasts about eight days: a drift that no input explains."""
TRANSIENT_SHARE, TRANSIENT_DECAY_H = 0.055, 5.0
"""What passes within hours. Truth a day old cannot predict it; the term keeps the others from following noise."""
TRANSIENT_LENGTH = InputLength(load=1.0, air_temperature=9.0, air_pressure=0.3, air_humidity=15.0, load_change=2.0)
NOISE_SHARE = 0.002
"""What no other hour explains: 4 to 5 % of a standard deviation."""


def candidate_kernels() -> tuple[Kernel, ...]:
    """Three length scales of load with slow decay, and the usual one with fast decay.

    Each is the sum of a response that is sharp in load, one that is smooth, a level of its own, and a transient.
    """
    return (*(_kernel(length, SLOW_DECAY_H) for length in LOAD_LENGTHS), _kernel(USUAL_LOAD_LENGTH, FAST_DECAY_H))


def _kernel(load_length: float, decay_h: float) -> Kernel:
    return Kernel(
        f"load_{load_length}_fade_{decay_h:.0f}_h",
        (
            KernelTerm(SHARP_SHARE, InputLength(load=load_length, **SHARP_WEATHER), decay_h),
            KernelTerm(SMOOTH_SHARE, SMOOTH_LENGTH, decay_h),
            KernelTerm(LEVEL_SHARE, None, LEVEL_DECAY_H),
            KernelTerm(TRANSIENT_SHARE, TRANSIENT_LENGTH, TRANSIENT_DECAY_H),
        ),
        noise_share=NOISE_SHARE,
    )
