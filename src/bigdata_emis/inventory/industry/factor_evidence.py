"""Evidence on factors: monitors, audited months with their activity, and totals of a district and industry.

Belongs here: what each piece measures, over what the registered factors would give. Does not: pooling (class_factor),
monitor hours (derive_factors).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bigdata_emis.inventory.industry.emission_factor import FactorTables, select_line_factors
from bigdata_emis.inventory.industry.line_class import LineClasses
from bigdata_emis.schema.mass_units import G_PER_T
from bigdata_emis.window import HOURS_PER_DAY

MONITOR, AUDIT, DISTRICT = "monitor", "audit", "district"
LEAST_STATED_SD_SHARE = 0.05
"""A factor said to be surer than the best rating has that of the best: plants differ."""
LEAST_OPEN_SHARE = 0.2
"""A district total in which monitored lines have more than the rest of this says too little of the others."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class UnmonitoredFactor:
    """The factor, behind its devices, that a line would be given without monitor and without classes."""

    line_id: str
    enterprise_id: str
    traits: tuple[str, ...]
    pollutant_code: str
    activity_unit_code: str
    factor_g_per_unit: float
    stated_sd_share: float
    capacity_per_h: float

    @property
    def stated_log_sd(self) -> float:
        """Standard deviation of the logarithm that the factor claims."""
        return float(np.sqrt(np.log1p(max(self.stated_sd_share, LEAST_STATED_SD_SHARE) ** 2)))


@dataclass(frozen=True)
class ClassMember:
    """A line that a piece of evidence is about, and its share of the emission; the shares sum to 1."""

    traits: tuple[str, ...]
    emission_share: float


@dataclass(frozen=True)
class FactorEvidence:
    """A measured over an unmonitored factor: of a line, or of the lines of a district and industry together."""

    kind: str
    block: str
    """What is left out together: an enterprise, or one total."""
    line_id: str
    members: tuple[ClassMember, ...]
    pollutant_code: str
    ratio: float
    relative_sd_share: float
    stated_log_sd: float

    @property
    def own_share(self) -> float:
        """Share of the variance between lines that remains in the mean, Σ w²."""
        return sum(member.emission_share**2 for member in self.members)

    def score(self, own_variance: float) -> float:
        """The ratio in units of the stated spread, 0 where the unmonitored factor is right.

            y = (ln r + s² / 2) ÷ s − s T (1 − Σ w²) / 2

        The last part: a total shows the mean of its lines, which is above their median by their spread T.
        """
        unit = self.stated_log_sd
        return (float(np.log(self.ratio)) + unit**2 / 2) / unit - unit * own_variance * (1 - self.own_share) / 2


def unmonitored_factors(tables: FactorTables, year: int) -> list[UnmonitoredFactor]:
    """The factor that every line would be given without monitor and classes, where it is above zero.

    The tables have neither derived factors nor factors of classes.
    """
    lines = {row["production_line_id"]: row for row in tables.production_line.to_pylist()}
    classes = LineClasses(lines.values(), tables.abatement_device.to_pylist(), year)
    return [
        UnmonitoredFactor(
            row["source_id"],
            lines[row["source_id"]]["enterprise_id"],
            classes.traits(lines[row["source_id"]]),
            row["pollutant_code"],
            lines[row["source_id"]]["activity_unit_code"],
            behind_g,
            row["factor_relative_sd_share"],
            lines[row["source_id"]]["capacity_per_h"] or 0.0,
        )
        for row in select_line_factors(tables, year=year).to_pylist()
        if (behind_g := row["emission_factor_g_per_unit"] * (1 - row["removal_share"])) > 0
    ]


def gather_evidence(
    derived: Iterable[Row],
    audits: Iterable[Row],
    totals: Iterable[Row],
    enterprises: Iterable[Row],
    factors: Sequence[UnmonitoredFactor],
    *,
    year: int,
) -> list[FactorEvidence]:
    """Factors by monitors, audited months of other lines, and totals of districts, each over the registered factors."""
    by_key = {(factor.line_id, factor.pollutant_code): factor for factor in factors}
    monitored = {(row["source_id"], row["pollutant_code"]): row for row in derived}
    pieces, ratios = [], {}
    for key, row in monitored.items():
        if key in by_key:
            ratios[key] = row["emission_factor_g_per_unit"] / by_key[key].factor_g_per_unit
            spread = row["relative_sd_share"] / float(np.sqrt(max(row["sample_count"] / HOURS_PER_DAY, 1.0)))
            pieces.append(line_evidence(MONITOR, by_key[key], ratios[key], spread))
    others = [row for row in audits if (row["production_line_id"], row["pollutant_code"]) not in monitored]
    pieces += audited_evidence(others, factors)
    return pieces + district_evidence(totals, enterprises, factors, ratios, year)


def line_evidence(kind: str, factor: UnmonitoredFactor, ratio: float, relative_sd_share: float) -> FactorEvidence:
    """Evidence of one line."""
    return FactorEvidence(
        kind,
        factor.enterprise_id,
        factor.line_id,
        (ClassMember(factor.traits, 1.0),),
        factor.pollutant_code,
        ratio,
        relative_sd_share,
        factor.stated_log_sd,
    )


def audited_evidence(audits: Iterable[Row], factors: Sequence[UnmonitoredFactor]) -> list[FactorEvidence]:
    """Audited months that state their activity, each line and pollutant as one piece; a month without it says nothing.

        r = Σ E ÷ (Σ A × EF),  relative sd: of the months, weighted by their emission

    Errors of the months of a line are taken as shared, so a second month does not make it surer.
    """
    by_key = {(factor.line_id, factor.pollutant_code): factor for factor in factors}
    months: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in audits:
        if row.get("audited_activity") and row["audited_emission_g"] > 0:
            months[row["production_line_id"], row["pollutant_code"]].append(row)
    pieces = []
    for key, rows in sorted(months.items()):
        factor = by_key.get(key)
        if factor:
            emission_g = sum(row["audited_emission_g"] for row in rows)
            unmonitored_g = sum(row["audited_activity"] for row in rows) * factor.factor_g_per_unit
            spread = sum(row["audited_emission_g"] * row["relative_sd_share"] for row in rows) / emission_g
            pieces.append(line_evidence(AUDIT, factor, emission_g / unmonitored_g, spread))
    return pieces


def district_evidence(
    totals: Iterable[Row],
    enterprises: Iterable[Row],
    factors: Sequence[UnmonitoredFactor],
    monitored_ratio: Mapping[tuple[str, str], float],
    year: int,
) -> list[FactorEvidence]:
    """Totals of a district and industry for the lines without monitor, in the latest year that is not later.

        r = (E ÷ (A × Σ c EF ÷ Σ c) − Σ_monitored w r) ÷ Σ_others w,  w = c EF ÷ Σ c EF

    c is the capacity. A total of which monitored lines have nearly everything is left out, and so is one without lines.
    """
    places = _places(enterprises)
    latest: dict[tuple[str, str, str], Row] = {}
    for row in sorted(totals, key=lambda row: int(row["reference_year"])):
        if row["reference_year"] <= year:
            latest[row["district_id"], row["industry_code"], row["pollutant_code"]] = row
    by_class: dict[tuple[str, str], list[UnmonitoredFactor]] = defaultdict(list)
    for factor in factors:
        by_class[factor.traits[0], factor.pollutant_code].append(factor)
    pieces = []
    for (district, industry, pollutant), row in sorted(latest.items()):
        inside = [
            factor
            for factor in by_class[industry, pollutant]
            if district in places.get(factor.enterprise_id, ())
            and factor.activity_unit_code == row["activity_unit_code"]
            and factor.capacity_per_h > 0
        ]
        piece = _residual_evidence(row, inside, monitored_ratio)
        pieces += [piece] if piece else []
    return pieces


def _places(enterprises: Iterable[Row]) -> dict[str, set[str]]:
    """Names of the districts in which an enterprise lies: that of the power bureau, its county, its city."""
    return {
        row["enterprise_id"]: {row[name] for name in ("district_id", "county_id", "city_name") if row.get(name)}
        for row in enterprises
    }


def _residual_evidence(
    row: Row, inside: Sequence[UnmonitoredFactor], monitored_ratio: Mapping[tuple[str, str], float]
) -> FactorEvidence | None:
    expected = np.array([factor.capacity_per_h * factor.factor_g_per_unit for factor in inside])
    if not row["annual_activity"] or not expected.sum():
        return None
    share, capacity = expected / expected.sum(), sum(factor.capacity_per_h for factor in inside)
    whole = row["annual_emission_t"] * G_PER_T / (row["annual_activity"] * expected.sum() / capacity)
    known = np.array([monitored_ratio.get((f.line_id, f.pollutant_code), np.nan) for f in inside])
    is_open = np.isnan(known)
    open_share = float(share[is_open].sum())
    rest = whole - float(share[~is_open] @ known[~is_open])
    if open_share < LEAST_OPEN_SHARE or rest <= 0:
        return None
    others = [factor for factor, free in zip(inside, is_open, strict=True) if free]
    weights = (share[is_open] / open_share).tolist()
    return FactorEvidence(
        DISTRICT,
        f"{row['district_id']} {row['industry_code']}",
        "",
        tuple(ClassMember(factor.traits, weight) for factor, weight in zip(others, weights, strict=True)),
        row["pollutant_code"],
        rest / open_share,
        row["relative_sd_share"] * whole / rest,
        float(np.dot(weights, [factor.stated_log_sd for factor in others])),
    )
