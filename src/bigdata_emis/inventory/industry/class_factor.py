"""What monitors, audits and district totals say of the factors of a class, for lines without monitor.

Belongs here: pooling of ratios over industry, process, control, age and size, and whether a class is better with its
ratio. Does not: the evidence (factor_evidence), the factors themselves (emission_factor), monitors (derive_factors).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.inventory.industry.factor_evidence import AUDIT, DISTRICT, MONITOR, FactorEvidence, UnmonitoredFactor
from bigdata_emis.inventory.industry.line_class import LINE_MARK, class_code, level_codes
from bigdata_emis.statistics.conformal import conformal_rank
from bigdata_emis.statistics.nested_effects import NestedEffects, condition_effects, fit_nested_effects

LEVEL_VARIANCE = np.array([0.05, 0.35, 0.1, 0.1, 0.05, 0.05])
OWN_VARIANCE = 0.3
"""Prior parts of the stated variance: pollutant, industry, process, control, age, size; the line itself (own judgement:
in the uncertainty of a factor from literature the mean of the industry counts most). Data change them by level."""
CONTEST_COUNT = 3.0
"""Weight, in pieces of evidence, of the other industries in the contest of an industry."""
CALIBRATION_COUNT = 20.0
"""Weight, in pieces of evidence, of a normal distribution in the reach of the interval."""
FOLDS = 20
LEVEL_SHARE = 0.9
MAX_LOG_VARIANCE = 1.0
"""Variance of a logarithm beyond which the mean over the median is no more than a guess; e^½ is a factor of 1.65."""
MAX_RELATIVE_SD_SHARE = 5.0
Row = dict[str, Any]


def pool_class_factors(
    evidence: Iterable[FactorEvidence], factors: Iterable[UnmonitoredFactor], known_utc: datetime
) -> list[Row]:
    """A row for each class of an industry with evidence, and for each audited line, by pollutant.

        y = (ln r + s² / 2) ÷ s = M + u_industry + u_process + u_control + u_age + u_size + b + e

    r is the measured over the unmonitored factor, s the spread of ln r that the latter claims, so that y is 0 ± 1 where
    it is right; a district total is the mean of y over its lines by their share of the emission. Classes are nested;
    what one level does not know comes from the level above. The ratio is the mean, exp(s y − s² / 2 + s² var y / 2),
    since emissions are summed; its spread is that of a line of the class without monitor, calibrated by evidence left
    out. A row is used where evidence of its industry, each piece predicted from that of other enterprises, errs less
    with the ratio than without (`log_error` against `log_error_without`: mean absolute logarithms); the others of the
    pollutant count like CONTEST_COUNT pieces.
    """
    by_pollutant: dict[str, list[FactorEvidence]] = defaultdict(list)
    for piece in sorted(evidence, key=lambda e: (e.pollutant_code, e.block, e.kind, e.ratio)):
        by_pollutant[piece.pollutant_code].append(piece)
    lines: dict[str, list[UnmonitoredFactor]] = defaultdict(list)
    for factor in sorted(factors, key=lambda f: (f.pollutant_code, f.line_id)):
        lines[factor.pollutant_code].append(factor)
    return [
        {**row, "pollutant_code": pollutant, "known_utc": known_utc}
        for pollutant, pieces in by_pollutant.items()
        for row in _Pollutant(pieces).rows(lines[pollutant])
    ]


@dataclass(frozen=True)
class _Contest:
    """Mean absolute logarithms of the evidence of an industry with the ratio and without, shrunk to all industries."""

    error: float
    error_without: float


class _Pollutant:
    """The evidence of one pollutant, the effects that fit it, and how well they predict what is left out."""

    def __init__(self, pieces: Sequence[FactorEvidence]) -> None:
        self.pieces = pieces
        members = [member for piece in pieces for member in piece.members]
        self.number: dict[tuple[int, str], int] = {(0, ""): 0}
        for member in members:
            for place in level_codes(member.traits).items():
                self.number.setdefault(place, len(self.number))
        self.level = np.array([level for level, _ in self.number], np.int64)
        self.unit = np.array([piece.stated_log_sd for piece in pieces])
        self.own_share = np.array([piece.own_share for piece in pieces])
        self.own_prior = OWN_VARIANCE + float(np.mean([_unknown_variance(member.traits) for member in members]))
        self.value = np.array([piece.score(self.own_prior) for piece in pieces])
        self.variance = np.square([piece.relative_sd_share for piece in pieces]) / self.unit**2
        self.design = np.stack([self._row_of(piece) for piece in pieces])
        self.counts = Counter(
            (code, piece.kind)
            for piece in pieces
            for code in {code for m in piece.members for code in (m.traits[0], class_code(m.traits))}
        )
        self.effects = fit_nested_effects(
            self.value,
            self.variance,
            self.design,
            own_share=self.own_share,
            level=self.level,
            prior_variance=LEVEL_VARIANCE,
            prior_own_variance=self.own_prior,
        )
        self.calibration, self.left_out = self._leave_out()

    def rows(self, factors: Sequence[UnmonitoredFactor]) -> list[Row]:
        """The rows of every class of the industries with evidence, then those of audited lines."""
        evidenced = {member.traits[0] for piece in self.pieces for member in piece.members}
        contests = {industry: self._contest(industry) for industry in sorted(evidenced)}
        by_class: dict[str, list[UnmonitoredFactor]] = defaultdict(list)
        for factor in factors:
            if factor.traits[0] in evidenced:
                by_class[class_code(factor.traits)].append(factor)
                by_class[factor.traits[0]].append(factor)
        rows = [self._class_row(code, members, contests) for code, members in sorted(by_class.items())]
        own = [self._line_row(at, factors, contests) for at, piece in enumerate(self.pieces) if piece.kind == AUDIT]
        return rows + [row for row in own if row]

    def _row_of(self, piece: FactorEvidence) -> Floats:
        row = np.zeros(len(self.number))
        for member in piece.members:
            row += member.emission_share * self._design_of(member.traits)
        return row

    def _design_of(self, traits: tuple[str, ...]) -> Floats:
        """Ones in the classes that contain a line; a class without evidence is no column and adds its variance."""
        row = np.zeros(len(self.number))
        row[0] = 1.0
        row[[self.number[place] for place in level_codes(traits).items() if place in self.number]] = 1.0
        return row

    def _missing_variance(self, traits: tuple[str, ...]) -> float:
        """Variance of the levels of a line in which its class has no evidence."""
        missing = [level for level, code in level_codes(traits).items() if (level, code) not in self.number]
        return float(self.effects.level_variance[missing].sum())

    def _without(self, held: Flags) -> NestedEffects:
        rest = ~held
        return condition_effects(
            self.value[rest],
            self.variance[rest],
            self.design[rest],
            own_share=self.own_share[rest],
            level=self.level,
            level_variance=self.effects.level_variance,
            own_variance=self.effects.own_variance,
        )

    def _leave_out(self) -> tuple[float, Floats]:
        """Calibration of the reach, and the logarithm of the ratio predicted for each piece from other enterprises."""
        names, block = np.unique([piece.block for piece in self.pieces], return_inverse=True)
        fold = block % min(FOLDS, len(names))
        scores, left_out = np.zeros(len(self.pieces)), np.zeros(len(self.pieces))
        if len(names) == 1:
            return 1.0, left_out
        for number in range(fold.max() + 1):
            held = fold == number
            effects = self._without(held)
            middle, spread = effects.predict_classes(self.design[held])
            total = spread + self.own_share[held] * effects.own_variance
            scores[held] = (self.value[held] - middle) / np.sqrt(total + self.variance[held])
            left_out[held] = _log_mean(self.unit[held], middle, total)
        return _calibrate(scores), left_out

    def _contest(self, industry: str) -> _Contest:
        log_ratio = np.log([piece.ratio for piece in self.pieces])
        errors = np.abs(np.stack([log_ratio - self.left_out, log_ratio]))
        share = np.array([sum(m.traits[0] == industry for m in p.members) / len(p.members) for p in self.pieces])
        pooled = (errors @ share + CONTEST_COUNT * errors.mean(axis=1)) / (share.sum() + CONTEST_COUNT)
        return _Contest(*pooled.tolist())

    def _class_row(self, code: str, members: list[UnmonitoredFactor], contests: dict[str, _Contest]) -> Row:
        """A class; a bare industry is for lines that the register did not have."""
        industry = members[0].traits[0]
        traits = members[0].traits if code != industry else (industry,)
        middle, spread = self.effects.predict_unseen(self._design_of(traits)[None, :])
        return {
            **self._fields(code, members, middle[0], spread[0] + self._missing_variance(traits)),
            **self._counts(code),
            **_judged(contests[industry]),
        }

    def _line_row(self, at: int, factors: Sequence[UnmonitoredFactor], contests: dict[str, _Contest]) -> Row | None:
        """An audited line: its own audit and its class."""
        line_id = self.pieces[at].line_id
        own = [factor for factor in factors if factor.line_id == line_id]
        if not own:
            return None
        value, variance = self.value[at : at + 1], self.variance[at : at + 1]
        middle, spread = self.effects.predict_observed(self.design[at : at + 1], value, variance)
        return {
            **self._fields(f"{LINE_MARK}{line_id}", own, middle[0], spread[0]),
            **self._counts(class_code(own[0].traits)),
            **_judged(contests[own[0].traits[0]]),
        }

    def _fields(self, code: str, members: list[UnmonitoredFactor], middle: float, spread: float) -> Row:
        """Expected ratio and factor of a line without monitor, with the 90 % interval and the relative spread."""
        unit = float(np.median([member.stated_log_sd for member in members]))
        log_median = unit * middle - unit**2 / 2
        variance = unit**2 * spread * self.calibration**2
        reach = NINETY_FIFTH * float(np.sqrt(variance))
        log_variance = min(variance, MAX_LOG_VARIANCE)
        units = [member.activity_unit_code for member in members]
        activity_unit = max(sorted(set(units)), key=units.count)
        typical = float(np.median([m.factor_g_per_unit for m in members if m.activity_unit_code == activity_unit]))
        ratios = {
            "factor_ratio": float(np.exp(log_median + min(unit**2 * spread, MAX_LOG_VARIANCE) / 2)),
            "factor_ratio_p05": float(np.exp(log_median - reach)),
            "factor_ratio_p95": float(np.exp(log_median + reach)),
        }
        return {
            "class_code": code,
            "industry_code": members[0].traits[0],
            "activity_unit_code": activity_unit,
            **ratios,
            **{f"class_{name}".replace("ratio", "g_per_unit"): typical * ratio for name, ratio in ratios.items()},
            "relative_sd_share": min(float(np.sqrt(np.expm1(log_variance))), MAX_RELATIVE_SD_SHARE),
        }

    def _counts(self, code: str) -> Row:
        """Pieces of evidence with a line of the class, by kind."""
        names = {"sample_count": MONITOR, "audit_count": AUDIT, "district_count": DISTRICT}
        return {name: self.counts[code, kind] for name, kind in names.items()}


def _judged(contest: _Contest) -> Row:
    return {
        "log_error": contest.error,
        "log_error_without": contest.error_without,
        "is_used": contest.error < contest.error_without,
    }


def _unknown_variance(traits: tuple[str, ...]) -> float:
    """Prior variance of the levels of which the register says nothing: it is that of the line."""
    known = level_codes(traits)
    return float(sum(LEVEL_VARIANCE[level] for level in range(1, len(LEVEL_VARIANCE)) if level not in known))


def _log_mean(unit: Floats, middle: Floats, spread: Floats) -> Floats:
    """Logarithm of the expected ratio."""
    return unit * middle - unit**2 / 2 + np.minimum(unit**2 * spread, MAX_LOG_VARIANCE) / 2


def _calibrate(scores: Floats) -> float:
    """Reach of left-out scores over that of a normal distribution, shrunk to 1 by CALIBRATION_COUNT."""
    ordered = np.sort(np.abs(scores))
    rank = min(conformal_rank(len(ordered), LEVEL_SHARE), len(ordered))
    observed = float(ordered[rank - 1]) / NINETY_FIFTH
    return (len(ordered) * observed + CALIBRATION_COUNT) / (len(ordered) + CALIBRATION_COUNT)
