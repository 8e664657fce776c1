"""What is said of each line and hour of an alert: obeyed, not obeyed, or not judged and why.

Belongs here: how the evidence of all kinds becomes one code, one probability and its reasons. Does not: the evidence
(order_obedience, hour_evidence, meter_doubts).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Texts
from bigdata_emis.codes import Compliance, Evidence
from bigdata_emis.control.outcome.hour_evidence import AbatementEvidence
from bigdata_emis.control.outcome.load_indicators import LoadIndicator
from bigdata_emis.control.outcome.meter_doubts import REASONS, MeterDoubts
from bigdata_emis.control.outcome.order_obedience import LoadSeries, Obedience


@dataclass(frozen=True)
class LoadVerdict:
    """What one indicator says: its series, probabilities without the hours of grace, and hours that count.

    is_too_variable: neither hours nor days show the order; is_unclear: neither obeyed nor a breach is likely;
    runs_while_shut: of lines shut before, (lines, hours). is_by_day: judged by whole days; has_profile: (lines,).
    """

    series: LoadSeries
    obedience: Obedience
    is_breach: Flags
    is_too_variable: Flags
    is_unclear: Flags
    runs_while_shut: Flags
    is_by_day: Flags
    has_profile: Flags


@dataclass(frozen=True)
class LineJudgement:
    """What is said of each line and hour of the window, (lines, hours).

    order: ordered share of the cut. doubts: hours in which the meters of a line cannot be believed. contradicts: the
    stack shows load that the meter does not.
    """

    order: Floats
    load: LoadVerdict
    abatement: AbatementEvidence
    contradicts: Flags
    is_grace: Flags
    indicator: LoadIndicator
    doubts: MeterDoubts
    stack_probability_share: float
    unseen_share: float

    @property
    def is_breach(self) -> Flags:
        """Hours that count as not obeyed; never one in which the meters of the line cannot be believed."""
        seen = self.load.is_breach | self.abatement.is_off | self.abatement.is_low | self.contradicts
        breach: Flags = seen & ~self.doubts.is_doubtful
        return breach

    @property
    def is_unknown(self) -> Flags:
        """Hours with an order whose load cannot be judged: those with a reason."""
        unknown = np.zeros(self.order.shape, dtype=bool)
        for _, flag in self.reasons():
            unknown |= flag
        return unknown

    @property
    def probability(self) -> Floats:
        """Probability of not obeying by any evidence; NaN where nothing can be said."""
        load = np.where(self.is_unknown, 0.0, np.nan_to_num(self.load.obedience.breach_probability))
        unseen = np.where(self.order > 0, self.unseen_share, 0.0)
        stack = np.where(self.contradicts, self.stack_probability_share, 0.0)
        joint = 1 - (1 - np.maximum(load, unseen)) * (1 - self.abatement.probability) * (1 - stack)
        return np.where(self.is_unknown & ~self.is_breach, np.nan, joint)

    def codes(self) -> Texts:
        """The compliance code of each line and hour, (lines, hours)."""
        return np.select(
            [self.is_breach, self.is_unknown, self.order <= 0],
            [Compliance.BREACHED.value, Compliance.UNKNOWN.value, Compliance.NO_ORDER.value],
            Compliance.OBEYED.value,
        )

    def reasons(self) -> list[tuple[Evidence, Flags]]:
        """Why hours with an order are not judged by the load, most important first; together they are all of them."""
        has_order = self.order > 0
        is_missing = ~np.isfinite(self.load.series.observed)
        of_line = np.array(self.indicator.reason, dtype=object)
        has_profile = self.load.has_profile[:, None]
        found: list[tuple[Evidence, Flags]] = [(reason, self.doubts.has_reason(reason)) for reason in REASONS]
        found += [(Evidence(code), of_line[:, None] == code) for code in sorted({c for c in of_line if c})]
        found += [
            (Evidence.FEW_NORMAL_DAYS, ~has_profile & (of_line == "")[:, None]),
            (Evidence.STACK_OFFLINE, self.indicator.is_flow[:, None] & is_missing & has_profile),
            (Evidence.METER_OFFLINE, ~self.indicator.is_flow[:, None] & is_missing & has_profile),
            (Evidence.TOO_VARIABLE, self.load.is_too_variable & has_profile),
            (Evidence.UNCLEAR, self.load.is_unclear & has_profile),
            (Evidence.ABATEMENT_CONTRADICTS, self.abatement.contradicts & ~self.is_breach),
        ]
        explained = ~has_order
        reasons = []
        for reason, flag in found:
            reasons.append((reason, np.broadcast_to(flag, explained.shape) & ~explained))
            explained = explained | reasons[-1][1]
        return reasons

    def evidence(self) -> list[list[str]]:
        """The evidence codes of each line and hour, in order of line."""
        has_order = self.order > 0
        flags: list[tuple[Evidence, Flags]] = [
            (Evidence.ABOVE_ALLOWED_ENERGY, self.load.is_breach & ~self.doubts.is_doubtful),
            (Evidence.RUNS_WHILE_SHUT, self.load.runs_while_shut & self.load.is_breach & ~self.doubts.is_doubtful),
            (Evidence.BY_DAY, self.load.is_by_day[:, None] & has_order & ~self.load.is_too_variable),
            (Evidence.BY_STACK_FLOW, self.indicator.is_flow[:, None] & has_order),
            (Evidence.ABATEMENT_OFF, self.abatement.is_off),
            (Evidence.ABATEMENT_LOW, self.abatement.is_low),
            (Evidence.ABATEMENT_LATE, self.abatement.is_late),
            (Evidence.ABATEMENT_EARLY_OFF, self.abatement.is_early_off),
            (Evidence.ABATEMENT_IDLE, self.abatement.is_idle),
            (Evidence.STACK_CONTRADICTS, self.contradicts),
            (Evidence.GRACE, self.is_grace),
            *self.reasons(),
        ]
        codes: list[list[str]] = [[] for _ in range(self.order.size)]
        for code, flag in flags:
            for position in np.flatnonzero(np.broadcast_to(flag, self.order.shape)):
                codes[position].append(str(code))
        return codes
