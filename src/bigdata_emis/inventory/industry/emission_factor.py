"""The emission factor of every line and pollutant: by its monitor, its class, its own row, or the reference.

Belongs here: which factor applies, what its devices remove, and condensable particulate. Does not: activity, hours, an
engine.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import FactorSource, Pollutant, Sector
from bigdata_emis.equations import industry
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.industry.line_class import LineClasses
from bigdata_emis.reference.pollutant_hierarchy import Containment

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
    class_factor: pa.Table


def select_line_factors(tables: FactorTables, *, year: int) -> pa.Table:
    """The factor before removal and the removed share of every line and pollutant.

    In this order: the factor derived from the line's monitor; the line's own factor, else the reference factor of its
    industry and activity unit, of the latest year that is not later, either times the ratio of the line's class
    (class_factor: what monitors, audits and totals show), where that was found better. Reference and derived factors
    apply behind the devices, and so does a line's own factor without a removal: they are divided by what the devices of
    the line let through, so that with abatement on they keep their value. Total particulate has no reference factor,
    because PM10 and PM2.5 are its fractions. When a related size fraction or total has a factor from a better source,
    a factor keeps its ratio to it as its own source gives it, so that a fraction stays within its total.

    Condensable particulate is concentration × gas volume of the industry; for combustion without such a row it is a
    share of the filterable particulate of the line (total, else PM10). No device removes it: it condenses behind the
    stack.

    Raises:
        InputError: a line has a device that control_efficiency does not list.
    """
    selection, removal = _FactorSelection(tables, year), _DeviceRemoval(tables)
    rows: list[Row] = []
    for line in tables.production_line.to_pylist():
        factors = selection.select(line)
        filterable = [
            _factor_row(line, factor, removal.removed_share(line["production_line_id"], factor))
            for factor in factors
            if not _is_reference_total(factor)
        ]
        rows += _limit_to_totals(filterable, selection.containment)
        condensable = selection.condensable_factor(line, factors)
        if condensable:
            rows.append(_factor_row(line, condensable, 0.0))
    return pa.Table.from_pylist(rows, FACTOR)


def _limit_to_totals(rows: list[Row], containment: Containment) -> list[Row]:
    """The factors of a line with no size fraction above its total; a reference factor gives way."""
    by_pollutant = {row["pollutant_code"]: row for row in rows}
    pairs = containment.every_pair(set(by_pollutant))
    for fraction, total in reversed(pairs):
        sources = (by_pollutant[total]["factor_source_code"], by_pollutant[fraction]["factor_source_code"])
        if sources[0] == FactorSource.REFERENCE != sources[1]:
            by_pollutant[total] = _bound_factor(by_pollutant[total], by_pollutant[fraction], max)
    for fraction, total in pairs:
        if by_pollutant[fraction]["factor_source_code"] == FactorSource.REFERENCE:
            by_pollutant[fraction] = _bound_factor(by_pollutant[fraction], by_pollutant[total], min)
    return [by_pollutant[row["pollutant_code"]] for row in rows]


def _bound_factor(row: Row, limit: Row, bound: Callable[[float, float], float]) -> Row:
    """The row with its factor before and behind the devices bounded (min or max) by those of another row."""
    before = bound(row["emission_factor_g_per_unit"], limit["emission_factor_g_per_unit"])
    behind = min(bound(_factor_behind_devices(row), _factor_behind_devices(limit)), before)
    if (before, behind) == (row["emission_factor_g_per_unit"], _factor_behind_devices(row)):
        return row
    return {**row, "emission_factor_g_per_unit": before, "removal_share": 1 - behind / before if before else 0.0}


def _is_reference_total(factor: Row) -> bool:
    return bool(factor["pollutant_code"] == Pollutant.PM and factor["factor_source_code"] == FactorSource.REFERENCE)


def _factor_row(line: Row, factor: Row, removal_share: float) -> Row:
    """The factor before removal: a factor with its own removal is one already, every other one is behind the devices.

    A factor behind devices that remove everything by their rated efficiency says nothing of the factor before them: it
    is used without removal.
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


class _FactorSelection:
    """Selects the factor of each pollutant of a line."""

    def __init__(self, tables: FactorTables, year: int) -> None:
        self.relative_sd_by_rating = {
            row["rating_code"]: row["relative_sd_share"] for row in tables.uncertainty_rating.to_pylist()
        }
        self.specific = _factors_by_line(tables.emission_factor, "production_line_id", FactorSource.SOURCE_SPECIFIC)
        self.derived = _factors_by_line(tables.derived_factor, "source_id", FactorSource.MONITOR)
        self.reference = self._reference_factors(tables.industrial_emission_factor, year)
        self.class_ratio = {
            (row["class_code"], row["pollutant_code"]): row for row in tables.class_factor.to_pylist() if row["is_used"]
        }
        self.classes = LineClasses(tables.production_line.to_pylist(), tables.abatement_device.to_pylist(), year)
        condensable = tables.condensable_pm.to_pylist()
        self.condensable_gas = {
            (row["industry_code"], row["activity_unit_code"]): row for row in condensable if row["industry_code"]
        }
        self.condensable_shares = sorted(
            (row for row in condensable if not row["industry_code"]), key=lambda row: row["reference_year"]
        )
        self.year = year
        self.containment = Containment(tables.pollutant_part)

    def select(self, line: Row) -> list[Row]:
        """One factor for each pollutant of a line, in order of pollutant."""
        line_id = line["production_line_id"]
        specific, derived = self.specific.get(line_id, {}), self.derived.get(line_id, {})
        reference = self.reference.get((line["industry_code"], line["activity_unit_code"]), {})
        by_rank = (reference, specific, self._class_factors(line, {**reference, **specific}), derived)
        pollutants = {pollutant for factors in by_rank for pollutant in factors}
        # A removal in the line's own row also applies to the factor of its monitor, which is behind the devices.
        removal = {p: specific[p]["removal_share"] for p in pollutants if p in specific}
        return [
            {**self._best_factor(p, by_rank), "stated_removal_share": removal.get(p, 0.0)} for p in sorted(pollutants)
        ]

    def _class_factors(self, line: Row, without: dict[str, Row]) -> dict[str, Row]:
        """The factors of a line times the ratio of its class, for the pollutants whose class has one in use."""
        codes = self.classes.codes(line)
        ratios = {
            p: next(self.class_ratio[code, p] for code in codes if (code, p) in self.class_ratio)
            for p, factor in without.items()
            if any((code, p) in self.class_ratio for code in codes) and not _is_reference_total(factor)
        }
        return {
            p: {
                **without[p],
                "emission_factor_g_per_unit": without[p]["emission_factor_g_per_unit"] * ratio["factor_ratio"],
                "relative_sd_share": ratio["relative_sd_share"],
                "factor_source_code": FactorSource.LEARNT,
            }
            for p, ratio in ratios.items()
        }

    def _best_factor(self, pollutant: str, by_rank: tuple[dict[str, Row], ...]) -> Row:
        """The factor from the best source, scaled when a related pollutant has one from a better source."""
        rank = max(n for n, factors in enumerate(by_rank) if pollutant in factors)
        own = by_rank[rank]
        better = [
            (n, code)
            for code in self.containment.related(pollutant)
            for n, factors in enumerate(by_rank)
            if n > rank and code in factors
        ]
        for n, code in sorted(better, key=lambda ranked: -ranked[0]):
            if code in own and _factor_behind_devices(own[code]):
                ratio = _factor_behind_devices(by_rank[n][code]) / _factor_behind_devices(own[code])
                factor = own[pollutant]["emission_factor_g_per_unit"] * ratio
                return {**own[pollutant], "emission_factor_g_per_unit": factor}
        return own[pollutant]

    def condensable_factor(self, line: Row, factors: list[Row]) -> Row | None:
        """The reference factor of condensable particulate, if the line has no factor for it."""
        by_pollutant = {factor["pollutant_code"]: factor for factor in factors}
        gas = self.condensable_gas.get((line["industry_code"], line["activity_unit_code"]))
        filterable = by_pollutant.get(Pollutant.PM) or by_pollutant.get(Pollutant.PM10)
        if Pollutant.PM_CONDENSABLE in by_pollutant:
            return None
        if gas:
            factor = industry.condensable_factor_g_per_unit(gas["concentration_mg_per_m3"], gas["gas_m3_per_unit"])
            return self._condensable_row(factor, gas["rating_code"])
        if line["sector_code"] == Sector.STATIONARY_COMBUSTION and filterable and self.condensable_shares:
            behind = filterable["emission_factor_g_per_unit"] * (1 - filterable["removal_share"])
            share = _interpolate_condensable_share(self.condensable_shares, self.year)
            factor = industry.condensable_emission_g(behind, condensable_share=share)
            return self._condensable_row(factor, self.condensable_shares[0]["rating_code"])
        return None

    def _condensable_row(self, factor: float, rating_code: str) -> Row:
        return {
            "pollutant_code": Pollutant.PM_CONDENSABLE,
            "emission_factor_g_per_unit": factor,
            "removal_share": 0.0,
            "relative_sd_share": self.relative_sd_by_rating[rating_code],
            "factor_source_code": FactorSource.REFERENCE,
        }

    def _reference_factors(self, table: pa.Table, year: int) -> Mapping[tuple[str, str], dict[str, Row]]:
        """By industry and unit, for each pollutant: the latest year that is not later, else the earliest after it."""

        def preference(row: Row) -> tuple[bool, int, float, str]:
            row_year = row["reference_year"]
            return row_year <= year, row_year if row_year <= year else -row_year, row["confidence"], row["process"]

        best: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for row in sorted(table.to_pylist(), key=preference):
            best[row["industry_code"], row["activity_unit_code"]][row["pollutant_code"]] = {
                **row,
                "removal_share": 0.0,
                "relative_sd_share": self.relative_sd_by_rating[row["rating_code"]],
                "factor_source_code": FactorSource.REFERENCE,
            }
        return best


class _DeviceRemoval:
    """What the devices of a line remove of a pollutant while they run."""

    def __init__(self, tables: FactorTables) -> None:
        self.size_shares: dict[str, dict[str, float]] = defaultdict(dict)
        for row in tables.particle_size_share.to_pylist():
            self.size_shares[row["pollutant_code"]][row["particle_size_code"]] = row["size_share"]
        self.removal_shares = {
            (row["device_name"], row["pollutant_code"], row["particle_size_code"]): row["removal_share"]
            for row in tables.control_efficiency.to_pylist()
        }
        self.devices: dict[str, list[str]] = defaultdict(list)
        listed = {device for device, _, _ in self.removal_shares}
        for row in tables.abatement_device.to_pylist():
            if row["device_name"] not in listed:
                raise InputError(
                    f"table abatement_device, line {row['production_line_id']}, device_name '{row['device_name']}': "
                    "expected a device of reference table control_efficiency",
                    f"use one of {', '.join(sorted(listed))}",
                )
            self.devices[row["production_line_id"]].append(row["device_name"])

    def removed_share(self, line_id: str, factor: Row) -> float:
        """The removal that the registry states, else that of the line's devices in series."""
        stated = factor["removal_share"] or factor["stated_removal_share"]
        if stated:
            return float(stated)
        size_shares = self.size_shares.get(factor["pollutant_code"])
        if not size_shares:
            return 1 - self._passed_share(line_id, factor["pollutant_code"], None)
        passed = sum(share * self._passed_share(line_id, Pollutant.PM, size) for size, share in size_shares.items())
        return float(1 - passed / sum(size_shares.values()))

    def _passed_share(self, line_id: str, pollutant: str, particle_size: str | None) -> float:
        passed = 1.0
        for device in self.devices.get(line_id, ()):
            passed *= 1 - self.removal_shares.get((device, pollutant, particle_size), 0.0)
        return passed


def _factor_behind_devices(factor: Row) -> float:
    return float(factor["emission_factor_g_per_unit"] * (1 - factor["removal_share"]))


def _factors_by_line(table: pa.Table, id_column: str, source_code: FactorSource) -> dict[str, dict[str, Row]]:
    factors: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in table.to_pylist():
        labelled = {"removal_share": 0.0, **row, "factor_source_code": source_code}
        factors[row[id_column]][row["pollutant_code"]] = labelled
    return factors


def _interpolate_condensable_share(shares: list[Row], year: int) -> float:
    """The condensable share of a year, linear between the years of the reference and constant outside them."""
    if year <= shares[0]["reference_year"]:
        return float(shares[0]["condensable_share"])
    for earlier, later in itertools.pairwise(shares):
        first, last = earlier["reference_year"], later["reference_year"]
        if year <= last:
            weight = (year - first) / (last - first)
            step = later["condensable_share"] - earlier["condensable_share"]
            return float(earlier["condensable_share"] + weight * step)
    return float(shares[-1]["condensable_share"])
