"""The annual emission of each area and pollutant: counted, scaled with what was counted, or of the register.

Belongs here: how registered totals agree with counted ones. Does not: what was counted (areas/counted_units), the hours
of the year (emit_area), the chains of pollutants (reference/pollutant_hierarchy).
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import AnnualSource
from bigdata_emis.inventory.areas.counted_units import CountedEmission
from bigdata_emis.reference.pollutant_hierarchy import Containment

ANNUAL = pa.schema(
    [
        ("activity_area_id", pa.string()),
        ("pollutant_code", pa.string()),
        ("annual_emission_t", pa.float64()),
        ("relative_sd_share", pa.float64()),
        ("annual_source_code", pa.string()),
    ]
)
ROUNDING_SHARE = 1e-9
"""A sum over stages may exceed its limit by this much without being limited."""
Row = Mapping[str, Any]
_Key = tuple[str, str]
"""Area and pollutant."""
_Groups = Mapping[_Key, Sequence[CountedEmission]]
"""What was counted of each area and pollutant, by stage."""


def annual_totals(area_emission_annual: pa.Table, counted: Sequence[CountedEmission]) -> pa.Table:
    """The annual emission of each area and pollutant: what was counted or follows it, else the total of the register.

    counted: with the totals that follow it (totals_that_follow).
    """
    by_key: dict[_Key, dict[str, Any]] = {
        key: {**row, "annual_source_code": str(AnnualSource.REGISTERED_TOTAL)}
        for key, row in _by_key(area_emission_annual).items()
    }
    for key, stages in _by_area_and_pollutant(counted).items():
        by_key[key] = {
            "activity_area_id": key[0],
            "pollutant_code": key[1],
            "annual_emission_t": _sum_t(stages),
            "relative_sd_share": stages[0].relative_sd_share,
            "annual_source_code": stages[0].annual_source_code,
        }
    return pa.Table.from_pylist([by_key[key] for key in sorted(by_key)], ANNUAL)


def totals_that_follow(
    area_emission_annual: pa.Table, counted: Sequence[CountedEmission], containment: Containment
) -> list[CountedEmission]:
    """The registered totals that follow a counted pollutant, by its stages, in the order of areas and pollutants.

        total = registered total ÷ registered total of the counted pollutant × counted total

    The counted pollutant is the smallest one that contains it, else the largest one in it, of those with a registered
    total ('scaled_with_count'). A total without one is as registered, and not in the result. Where either would exceed
    a counted pollutant that contains it, or be less than one in it, it has the value of that ('limited_by_count'): more
    black carbon than PM2.5 cannot be. Confidence is that of the count, the error the larger of both.
    """
    register, groups = _by_key(area_emission_annual), _by_area_and_pollutant(counted)
    following = [
        one for key in register if key not in groups for one in _following(register[key], register, groups, containment)
    ]
    return sorted(following, key=attrgetter("activity_area_id", "pollutant_code", "emission_stage_code"))


def _following(
    total: Row, register: Mapping[_Key, Row], groups: _Groups, containment: Containment
) -> Iterator[CountedEmission]:
    """One registered total by the stages of the counted pollutant that it follows; none where it stays as it is."""
    area_id, pollutant = total["activity_area_id"], total["pollutant_code"]
    related = [code for code in containment.related(pollutant) if (area_id, code) in groups]
    registered = (code for code in related if register.get((area_id, code), {}).get("annual_emission_t"))
    followed, source, mass_t = next(registered, None), AnnualSource.SCALED_WITH_COUNT, total["annual_emission_t"]
    if followed is not None:
        mass_t *= _sum_t(groups[area_id, followed]) / register[area_id, followed]["annual_emission_t"]
    wholes = containment.wholes(pollutant)
    for code in related:
        counted_t = _sum_t(groups[area_id, code])
        limited_t = min(mass_t, counted_t) if code in wholes else max(mass_t, counted_t)
        if not math.isclose(limited_t, mass_t, rel_tol=ROUNDING_SHARE):
            followed, source, mass_t = code, AnnualSource.LIMITED_BY_COUNT, limited_t
    if followed is None:
        return
    whole_t = _sum_t(groups[area_id, followed])
    for one in groups[area_id, followed]:
        yield replace(
            one,
            pollutant_code=pollutant,
            annual_source_code=str(source),
            annual_emission_t=one.annual_emission_t / whole_t * mass_t if whole_t else 0.0,
            relative_sd_share=max(one.relative_sd_share, total["relative_sd_share"]),
        )


def _sum_t(stages: Sequence[CountedEmission]) -> float:
    return sum(one.annual_emission_t for one in stages)


def _by_key(area_emission_annual: pa.Table) -> dict[_Key, dict[str, Any]]:
    rows = area_emission_annual.select(ANNUAL.names[:-1]).to_pylist()
    return {(row["activity_area_id"], row["pollutant_code"]): row for row in rows}


def _by_area_and_pollutant(counted: Sequence[CountedEmission]) -> dict[_Key, list[CountedEmission]]:
    groups: dict[_Key, list[CountedEmission]] = defaultdict(list)
    for one in counted:
        groups[one.activity_area_id, one.pollutant_code].append(one)
    return groups
