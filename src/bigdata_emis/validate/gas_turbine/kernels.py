"""The kernels that compete for a gas turbine: what makes two of its hours alike, with each number's unit and reason.

Belongs here: shapes and shares of kernels. Does not: the process that uses them (proxy/kernel_process), their choice (gas_turbine_models).

All numbers are rounded from the marginal likelihood of 1,500 rows of NOx of 2011 and from walks within 2011: one turbine, so another may ask for
others (confidence 0.4). What a term is meant to carry stands beside it. Shares are of the variance of the target, without a unit.
"""

from typing import NamedTuple

from bigdata_emis.validate.online.gaussian_process import Kernel, Term


class Reach(NamedTuple):
    """How far apart two hours may lie in each input and still be alike, in standard deviations of that input, in the order of the inputs."""

    load: float
    air_temperature: float
    air_pressure: float
    air_humidity: float
    load_change: float


LOAD_REACH = (0.15, 0.3, 0.6)
"""Standard deviations of load within which the sharp response is alike: half, once and twice the usual one compete, and the fit years choose."""
USUAL_LOAD_REACH = LOAD_REACH[1]
SLOW_DRIFT_H, FAST_DRIFT_H = 10_000.0, 3_000.0
"""Hours after which behaviour is alike by 1/e: over a year, longer than what is remembered; or some four months, in competition with it."""
SHARP_SHARE, SMOOTH_SHARE = 0.3, 1.0
"""What is sharp in load, as where a burner changes its mode; and what goes smoothly with load and weather, the greater part."""
SHARP_WEATHER = {"air_temperature": 2.0, "air_pressure": 20.0, "air_humidity": 6.0, "load_change": 2.0}
"""Standard deviations of the other inputs within which the sharp response is alike; pressure hardly matters to it."""
SMOOTH_REACH = Reach(load=4.0, air_temperature=3.0, air_pressure=20.0, air_humidity=4.0, load_change=8.0)
"""Standard deviations: so long that the response is nearly a plane with some bend."""
LEVEL_SHARE, LEVEL_FADE_H = 0.07, 200.0
"""A level alike for all loads that lasts about eight days: a drift that no input tells."""
PASSING_SHARE, PASSING_FADE_H = 0.055, 5.0
"""What passes within hours. No truth a day old tells it; it keeps the other terms from following noise."""
PASSING_REACH = Reach(load=1.0, air_temperature=9.0, air_pressure=0.3, air_humidity=15.0, load_change=2.0)
"""Standard deviations of the inputs within which what passes is alike."""
NOISE_SHARE = 0.002
"""What no neighbour tells at all: 4 to 5 % of a standard deviation."""


def kernels() -> tuple[Kernel, ...]:
    """The kernels that compete: how far a load tells of another, and how fast the turbine's behaviour drifts.

    Each is the sum of a response that is sharp in load, one that is smooth, a level of its own, and what passes within hours.
    """
    return (*(_kernel(reach, SLOW_DRIFT_H) for reach in LOAD_REACH), _kernel(USUAL_LOAD_REACH, FAST_DRIFT_H))


def _kernel(load_reach: float, drift_h: float) -> Kernel:
    return Kernel(
        f"load_{load_reach}_fade_{drift_h:.0f}_h",
        (
            Term(SHARP_SHARE, Reach(load=load_reach, **SHARP_WEATHER), drift_h),
            Term(SMOOTH_SHARE, SMOOTH_REACH, drift_h),
            Term(LEVEL_SHARE, None, LEVEL_FADE_H),
            Term(PASSING_SHARE, PASSING_REACH, PASSING_FADE_H),
        ),
        noise_share=NOISE_SHARE,
    )
