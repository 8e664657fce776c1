"""The emission factor of every line and pollutant: of its monitor, of its own, or the reference value of its industry.

Belongs here: which factor counts, what its devices remove, and condensable particulate. Does not: activity, hours, an engine.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bigdata_emis.equations import industry
from bigdata_emis.errors import InputError
from bigdata_emis.reference.pollutant_hierarchy import Containment

CONDENSABLE = "PM_condensable"
TOTAL_PARTICULATE, INHALABLE = "PM", "PM10"
COMBUSTION = "stationary_combustion"
SPECIFIC, MONITOR, REFERENCE = "source_specific", "monitor", "reference"
FACTOR = pa.schema(
    [
        ("source_id", pa.string()),
        ("pollutant_code", pa.string()),
        ("emission_factor_g_per_unit", pa.float64()),
        ("removal_share", pa.float64()),
        ("factor_relative_sd_share", pa.float64()),
        ("factor_source_code", pa.string()),
    ]
)

Row = dict[str, Any]


@dataclass(frozen=True)
class FactorTables:
    """The registry and reference tables that factors are chosen from."""

    production_line: pa.Table
    emission_factor: pa.Table
    derived_factor: pa.Table
    abatement_device: pa.Table
    industrial_emission_factor: pa.Table
    control_efficiency: pa.Table
    particle_size_share: pa.Table
    condensable_pm: pa.Table
    uncertainty_rating: pa.Table
    pollutant_part: pa.Table


def line_factors(tables: FactorTables, *, year: int) -> pa.Table:
    """One row a line and pollutant: the factor before removal, and what is removed while abatement runs.

    The factor derived from the line's monitor goes first, then the line's own, then the reference value of its industry and activity
    unit, of the latest year that is not later. Reference and derived factors are behind the devices, and so is a line's own without a
    removal: they are divided by what the devices of the line let through, so that with abatement on they are what they were. Total
    particulate has no reference factor here, since PM10 and PM2.5 are its parts. A pollutant that is part of, or contains, one that is
    known from a better source keeps its ratio to it as its own source tells it, so that a part stays within its whole.

    Condensable particulate goes by the concentration and gas volume of the industry, else, in combustion, by its share beside the
    filterable (total, or where only PM10 is known that) of the line. No device removes it: it condenses behind the stack.

    Raises InputError when a line has a device that control_efficiency does not know.
    """
    chosen, removed = _Chosen(tables, year), _Removal(tables)
    rows: list[Row] = []
    for line in tables.production_line.to_pylist():
        factors = chosen.of(line)
        told = [
            _row(line, factor, removed.share(line["production_line_id"], factor))
            for factor in factors
            if not _is_reference_total(factor)
        ]
        rows += _within_wholes(told, chosen.containment)
        beside = chosen.condensable(line, factors)
        rows += [_row(line, beside, 0.0)] if beside else []
    return pa.Table.from_pylist(rows, FACTOR)


def _within_wholes(rows: list[Row], containment: Containment) -> list[Row]:
    """The factors of a line with no part above its whole, before the devices and behind them: of the two the reference yields."""
    by_pollutant = {row["pollutant_code"]: row for row in rows}
    pairs = containment.every_pair(set(by_pollutant))
    for part, whole in reversed(pairs):
        if by_pollutant[whole]["factor_source_code"] == REFERENCE != by_pollutant[part]["factor_source_code"]:
            by_pollutant[whole] = _bounded(by_pollutant[whole], by_pollutant[part], max)
    for part, whole in pairs:
        if by_pollutant[part]["factor_source_code"] == REFERENCE:
            by_pollutant[part] = _bounded(by_pollutant[part], by_pollutant[whole], min)
    return [by_pollutant[row["pollutant_code"]] for row in rows]


def _bounded(row: Row, other: Row, bound: Callable[[float, float], float]) -> Row:
    """The row with its factor before and behind the devices bounded by those of the other."""
    before = bound(row["emission_factor_g_per_unit"], other["emission_factor_g_per_unit"])
    behind = min(bound(_behind(row), _behind(other)), before)
    if (before, behind) == (row["emission_factor_g_per_unit"], _behind(row)):
        return row
    return {**row, "emission_factor_g_per_unit": before, "removal_share": 1 - behind / before if before else 0.0}


def _is_reference_total(factor: Row) -> bool:
    return bool(factor["pollutant_code"] == TOTAL_PARTICULATE and factor["factor_source_code"] == REFERENCE)


def _row(line: Row, factor: Row, removal_share: float) -> Row:
    """The factor before removal. One with a removal of its own is that already, every other one lies behind the devices.

    Behind devices that are said to remove everything nothing could be measured: nothing is known of the factor before them.
    """
    before = factor["emission_factor_g_per_unit"]
    if not factor["removal_share"]:
        removal_share = removal_share if removal_share < 1 else 0.0
        before = industry.uncontrolled_factor_g_per_unit(before, device_removal_share=removal_share)
    return {
        "source_id": line["production_line_id"],
        "pollutant_code": factor["pollutant_code"],
        "emission_factor_g_per_unit": before,
        "removal_share": removal_share,
        "factor_relative_sd_share": factor["relative_sd_share"],
        "factor_source_code": factor["factor_source_code"],
    }


class _Chosen:
    """The factor of each pollutant of a line."""

    def __init__(self, tables: FactorTables, year: int) -> None:
        self.rated = {row["rating_code"]: row["relative_sd_share"] for row in tables.uncertainty_rating.to_pylist()}
        self.specific = _by_line(tables.emission_factor, "production_line_id", SPECIFIC)
        self.derived = _by_line(tables.derived_factor, "source_id", MONITOR)
        self.reference = self._reference(tables.industrial_emission_factor, year)
        condensable = tables.condensable_pm.to_pylist()
        self.gas = {
            (row["industry_code"], row["activity_unit_code"]): row for row in condensable if row["industry_code"]
        }
        self.shares = sorted(
            (row for row in condensable if not row["industry_code"]), key=lambda row: row["reference_year"]
        )
        self.year = year
        self.containment = Containment(tables.pollutant_part)

    def of(self, line: Row) -> list[Row]:
        """One factor a pollutant, in order of pollutant."""
        name = line["production_line_id"]
        specific, derived = self.specific.get(name, {}), self.derived.get(name, {})
        by_rank = (self.reference.get((line["industry_code"], line["activity_unit_code"]), {}), specific, derived)
        found = {
            p: self._beside_better(p, by_rank) for p in {pollutant for factors in by_rank for pollutant in factors}
        }
        # The removal that a line's own row states holds for the factor of its monitor too, which lies behind it.
        stated = {p: specific[p]["removal_share"] for p in found if p in specific}
        return [{**found[p], "stated_removal_share": stated.get(p, 0.0)} for p in sorted(found)]

    def _beside_better(self, pollutant: str, by_rank: tuple[dict[str, Row], ...]) -> Row:
        """The factor from the best source; where a whole or a part of the pollutant has a better one, moved by the ratio of that one."""
        rank = max(n for n, factors in enumerate(by_rank) if pollutant in factors)
        own = by_rank[rank]
        better = [
            (n, code)
            for code in self.containment.related(pollutant)
            for n, factors in enumerate(by_rank)
            if n > rank and code in factors
        ]
        for n, code in sorted(better, key=lambda one: -one[0]):
            if code in own and _behind(own[code]):
                ratio = _behind(by_rank[n][code]) / _behind(own[code])
                return {
                    **own[pollutant],
                    "emission_factor_g_per_unit": own[pollutant]["emission_factor_g_per_unit"] * ratio,
                }
        return own[pollutant]

    def condensable(self, line: Row, factors: list[Row]) -> Row | None:
        """The factor of condensable particulate by the reference, where the line has none of its own."""
        known = {factor["pollutant_code"]: factor for factor in factors}
        gas = self.gas.get((line["industry_code"], line["activity_unit_code"]))
        filterable = known.get(TOTAL_PARTICULATE) or known.get(INHALABLE)
        if CONDENSABLE in known:
            return None
        if gas:
            factor = industry.condensable_factor_g_per_unit(gas["concentration_mg_per_m3"], gas["gas_m3_per_unit"])
            return self._condensable_row(factor, gas["rating_code"])
        if line["sector_code"] == COMBUSTION and filterable and self.shares:
            behind = filterable["emission_factor_g_per_unit"] * (1 - filterable["removal_share"])
            share = _interpolated(self.shares, self.year)
            return self._condensable_row(
                industry.condensable_emission_g(behind, condensable_share=share), self.shares[0]["rating_code"]
            )
        return None

    def _condensable_row(self, factor: float, rating_code: str) -> Row:
        return {
            "pollutant_code": CONDENSABLE,
            "emission_factor_g_per_unit": factor,
            "removal_share": 0.0,
            "relative_sd_share": self.rated[rating_code],
            "factor_source_code": REFERENCE,
        }

    def _reference(self, table: pa.Table, year: int) -> Mapping[tuple[str, str], dict[str, Row]]:
        """By industry and unit: for each pollutant the row of the latest year that is not later, else the earliest after it."""

        def preference(row: Row) -> tuple[bool, int, float, str]:
            given = row["reference_year"]
            return given <= year, given if given <= year else -given, row["confidence"], row["process"]

        best: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for row in sorted(table.to_pylist(), key=preference):
            best[row["industry_code"], row["activity_unit_code"]][row["pollutant_code"]] = {
                **row,
                "removal_share": 0.0,
                "relative_sd_share": self.rated[row["rating_code"]],
                "factor_source_code": REFERENCE,
            }
        return best


def _behind(factor: Row) -> float:
    """The factor behind the devices."""
    return float(factor["emission_factor_g_per_unit"] * (1 - factor["removal_share"]))


class _Removal:
    """What the devices of a line remove of a pollutant while they run."""

    def __init__(self, tables: FactorTables) -> None:
        self.sizes: dict[str, dict[str, float]] = defaultdict(dict)
        for row in tables.particle_size_share.to_pylist():
            self.sizes[row["pollutant_code"]][row["particle_size_code"]] = row["size_share"]
        self.of_device = {
            (r["device_name"], r["pollutant_code"], r["particle_size_code"]): r["removal_share"]
            for r in tables.control_efficiency.to_pylist()
        }
        self.devices: dict[str, list[str]] = defaultdict(list)
        known = {device for device, _, _ in self.of_device}
        for row in tables.abatement_device.to_pylist():
            if row["device_name"] not in known:
                what = f"table abatement_device, line {row['production_line_id']}: device '{row['device_name']}' is unknown"
                raise InputError(what, f"known: {', '.join(sorted(known))}")
            self.devices[row["production_line_id"]].append(row["device_name"])

    def share(self, line_id: str, factor: Row) -> float:
        """The removal that the registry states, else that of the line's devices one behind another."""
        stated = factor["removal_share"] or factor["stated_removal_share"]
        if stated:
            return float(stated)
        sizes = self.sizes.get(factor["pollutant_code"])
        if not sizes:
            return 1 - self._passed(line_id, factor["pollutant_code"], None)
        passed = sum(share * self._passed(line_id, TOTAL_PARTICULATE, size) for size, share in sizes.items())
        return float(1 - passed / sum(sizes.values()))

    def _passed(self, line_id: str, pollutant: str, size: str | None) -> float:
        passed = 1.0
        for device in self.devices.get(line_id, ()):
            passed *= 1 - self.of_device.get((device, pollutant, size), 0.0)
        return passed


def _by_line(table: pa.Table, name: str, source_code: str) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in table.to_pylist():
        found[row[name]][row["pollutant_code"]] = {"removal_share": 0.0, **row, "factor_source_code": source_code}
    return found


def _interpolated(shares: list[Row], year: int) -> float:
    """The condensable share of a year on the straight line between the years given; the outer ones hold beyond."""
    if year <= shares[0]["reference_year"]:
        return float(shares[0]["condensable_share"])
    for before, after in zip(shares, shares[1:], strict=False):
        first, last = before["reference_year"], after["reference_year"]
        if year <= last:
            part = (year - first) / (last - first)
            return float(
                before["condensable_share"] + part * (after["condensable_share"] - before["condensable_share"])
            )
    return float(shares[-1]["condensable_share"])
