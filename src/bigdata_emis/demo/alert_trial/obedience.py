"""Hidden response of simulated lines to the orders of an alert: who obeys, who does not, how and when.

Belongs here: the draw of behaviours and what they make of load, abatement and meters. Does not: orders, readings.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares

OBEYS, IGNORES, PARTLY, LATE, EARLY, NIGHT, ABATEMENT, BYPASS, OFFLINE = (
    "obeys",
    "ignores",
    "partly",
    "late_start",
    "early_restart",
    "night_running",
    "abatement_off",
    "meter_bypassed",
    "meter_offline",
)
BEHAVIOURS = {
    OBEYS: 0.66,
    IGNORES: 0.06,
    PARTLY: 0.06,
    LATE: 0.05,
    EARLY: 0.05,
    NIGHT: 0.05,
    ABATEMENT: 0.03,
    BYPASS: 0.01,
    OFFLINE: 0.03,
}
"""Shares of the lines with an order; own choice."""
RESPONSE_H = (0.0, 5.0)
MORE_THAN_ASKED_SHARE = 0.05
PARTLY_SHARE = (0.2, 0.6)
LATE_H = (10, 40)
EARLY_H = (8, 30)
NIGHT_FROM_H, NIGHT_H = (21, 23), (6, 9)
ABATEMENT_OFF_H = (6, 30)
UNTREATED_SHARE = 0.03  # of normal lines whose abatement fails for some hours, alert or not
CLEAR_EXCESS_SHARE = 0.1
"""A quarter of an hour is a breach when the true load is above the allowed load by more than this share."""
RUNNING_SHARE, USUAL_QUANTILE = 0.15, 0.9


@dataclass(frozen=True)
class Response:
    """What the lines did: factor on the undisturbed load, abatement off, meter silent or bypassed, (lines, quarters).

    behaviour: of each line. in_alert: (quarters,).
    """

    behaviour: np.ndarray
    remaining: Shares
    is_untreated: Flags
    is_silent: Flags
    is_bypassed: Flags
    in_alert: Flags


def draw_response(random: np.random.Generator, order_share: np.ndarray, in_alert: Flags) -> Response:
    """Draw the response of lines to their orders; a line without an order may still switch its abatement off."""
    count, quarters = len(order_share), len(in_alert)
    names, shares = list(BEHAVIOURS), list(BEHAVIOURS.values())
    behaviour = random.choice(names, size=count, p=shares)
    behaviour = np.where((order_share > 0) | (behaviour == ABATEMENT), behaviour, OBEYS)
    executed = np.repeat(in_alert[None].astype(np.float32), count, axis=0)
    is_untreated, is_silent, is_bypassed = (np.zeros((count, quarters), dtype=bool) for _ in range(3))
    start, end = int(np.argmax(in_alert)), int(quarters - np.argmax(in_alert[::-1]))
    for row in range(count):
        executed[row] *= _executed(random, str(behaviour[row]), start, end, quarters)
        if behaviour[row] == ABATEMENT:
            _mark_spans(random, is_untreated[row], start, end, ABATEMENT_OFF_H)
        if behaviour[row] == OFFLINE:
            first = start + int(random.integers(0, 12)) * QUARTERS_PER_HOUR
            is_silent[row, first:end] = True
        if behaviour[row] == BYPASS:
            is_bypassed[row, start + 6 * QUARTERS_PER_HOUR : end] = True
    remaining = 1 - np.minimum(order_share[:, None] * executed, 1)
    return Response(behaviour, remaining.astype(np.float32), is_untreated, is_silent, is_bypassed, in_alert)


def true_breach(load: Shares, undisturbed: Shares, order_share: np.ndarray, response: Response, grace_h: int) -> Flags:
    """The quarters in which a line truly does not obey, (lines, quarters); its grace after the start is none."""
    allowed = undisturbed * (1 - order_share[:, None] * response.in_alert[None])
    usual = np.quantile(undisturbed, USUAL_QUANTILE, axis=1, keepdims=True)
    runs = undisturbed > RUNNING_SHARE * usual
    above = (load > allowed * (1 + CLEAR_EXCESS_SHARE) + 0.02 * undisturbed) & runs & (order_share[:, None] > 0)
    first = int(np.argmax(response.in_alert))
    above[:, : first + grace_h * QUARTERS_PER_HOUR] = False
    untreated = response.is_untreated & (load > RUNNING_SHARE * usual)
    breach: Flags = (above | untreated) & response.in_alert[None]
    return breach


def _executed(random: np.random.Generator, behaviour: str, start: int, end: int, quarters: int) -> Shares:
    """Executed share of the ordered cut by quarter hour."""
    executed = np.ones(quarters, dtype=np.float32) * np.float32(1 + random.uniform(0, MORE_THAN_ASKED_SHARE))
    response = int(random.uniform(*RESPONSE_H) * QUARTERS_PER_HOUR)
    if behaviour in (IGNORES, BYPASS):
        executed[:] = 0
    if behaviour == OFFLINE and random.random() < 0.5:
        executed[:] = 0
    if behaviour == PARTLY:
        executed[:] = random.uniform(*PARTLY_SHARE)
    if behaviour == LATE:
        response = int(random.integers(*LATE_H)) * QUARTERS_PER_HOUR
    if behaviour == EARLY:
        executed[end - int(random.integers(*EARLY_H)) * QUARTERS_PER_HOUR :] = 0
    if behaviour == NIGHT:
        for day in range(quarters // QUARTERS_PER_DAY):
            first = day * QUARTERS_PER_DAY + int(random.integers(*NIGHT_FROM_H)) * QUARTERS_PER_HOUR
            executed[first : first + int(random.integers(*NIGHT_H)) * QUARTERS_PER_HOUR] = 0
    executed[start : start + response] = 0
    return executed


def _mark_spans(random: np.random.Generator, flags: Flags, start: int, end: int, hours: tuple[int, int]) -> None:
    for _ in range(int(random.integers(1, 4))):
        first = int(random.integers(start, end))
        flags[first : min(end, first + int(random.integers(*hours)) * QUARTERS_PER_HOUR)] = True
