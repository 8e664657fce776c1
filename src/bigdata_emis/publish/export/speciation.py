"""Speciation: into which species of a mechanism the mass of a pollutant is divided, by kind of source.

Belongs here: the choice of a profile, amounts of species by gram of a pollutant, and the mix of a sector. Does not: the
profiles (reference), fields of a grid (gridded_species).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bigdata_emis import reference
from bigdata_emis.codes import Mechanism, Pollutant, ProfileBasis
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.publish.export.profiles.voc_compounds import compound_profiles

MOLES, GRAMS = "moles", "g"
KG_PER_G = 1e-3
UNDIVIDED_VOC = "VOC_INV"
"""The whole mass of VOCs, so that mass can be closed whatever is divided; the name that SMOKE gives to it."""
UNASSIGNED_VOC = "VOC_UNASSIGNED"
"""The part of that mass which is in no species of the mechanism: compounds that it does not map, or no profile."""
MASS_OF_VOC = (UNDIVIDED_VOC, UNASSIGNED_VOC)
SUM_TOLERANCE = 1e-4
"""How far the shares of a profile may be from 1 by rounding of their source; they are divided by their sum."""
CONTAINED = (Pollutant.BC, Pollutant.OC, Pollutant.PM)
"""Parts and wholes of particulate that is exported as PM2.5 and coarse: exported themselves they would count twice."""
AS_FINE = {Pollutant.PM_CONDENSABLE: Pollutant.PM2_5}
"""Condensable particulate has no profiles of its own and is divided like the PM2.5 of its source."""


class Kind(NamedTuple):
    """A pollutant of a kind of source; the industry is empty for road links."""

    pollutant: str
    sector: str
    industry: str


class Species(NamedTuple):
    """A species of a model, the unit of its amount, and its molar mass where mass follows from moles."""

    name: str
    unit: str
    molar_mass_g_per_mol: float | None = None


class Choice(NamedTuple):
    """The profile of a kind of source and how it was chosen."""

    profile: str
    basis: ProfileBasis


@dataclass(frozen=True)
class Profiles:
    """The profiles of one mechanism: amounts of species (mol or g) by gram of a pollutant, and who uses which."""

    mechanism: Mechanism
    amounts: Mapping[tuple[str, str], Mapping[Species, float]]
    assignment: Mapping[Kind, Choice]

    def choose(self, kind: Kind) -> Choice:
        """The profile of a kind of source; the more specific row has priority."""
        if kind.pollutant in CONTAINED:
            return Choice("", ProfileBasis.CONTAINED)
        pollutant = AS_FINE.get(Pollutant(kind.pollutant), Pollutant(kind.pollutant))
        steps = (Kind(pollutant, kind.sector, kind.industry), Kind(pollutant, kind.sector, ""), Kind(pollutant, "", ""))
        found = next((self.assignment[step] for step in steps if step in self.assignment), None)
        if found is None:
            return Choice("", ProfileBasis.NOT_SPECIATED)
        if kind.pollutant in AS_FINE and found.basis is ProfileBasis.OWN_PROFILE:
            return Choice(found.profile, ProfileBasis.SIMILAR_SOURCE)
        return found

    def species_of(self, kind: Kind) -> Mapping[Species, float]:
        """The amounts of species by gram of the pollutant of a kind of source.

        With the undivided mass of VOCs, and the part of it that is in no species.
        """
        pollutant = AS_FINE.get(Pollutant(kind.pollutant), Pollutant(kind.pollutant))
        divided = self.amounts.get((pollutant, self.choose(kind).profile), {})
        if pollutant == Pollutant.VOCS:
            return {**(divided or {Species(UNASSIGNED_VOC, GRAMS): 1.0}), Species(UNDIVIDED_VOC, GRAMS): 1.0}
        return divided


@dataclass
class SectorMix:
    """Amounts of species by gram of a pollutant for whole sectors: the mix of the sources of these hours, by mass."""

    by_sector: dict[tuple[str, str], dict[Species, float]] = field(default_factory=dict)

    def amounts(self, pollutant: str) -> dict[Species, dict[str, float]]:
        """For each species of a pollutant its amount by gram in each sector."""
        species: dict[Species, dict[str, float]] = defaultdict(dict)
        for (code, sector), shares in self.by_sector.items():
            if code == pollutant:
                for name, amount in shares.items():
                    species[name][sector] = amount
        return dict(species)


def load_profiles(mechanism: str, region_folder: Path | None = None) -> Profiles:
    """The profiles of a mechanism; a region may replace the reference tables.

    VOCs are divided by their compounds; a profile of VOCs in speciation_profile replaces the one of its name.

    Raises InputError when the mechanism is unknown or has no profile of VOCs with a source, or when the shares of a
    profile do not sum to 1.
    """
    known = [code.value for code in Mechanism if code is not Mechanism.ALL]
    if mechanism not in known:
        raise InputError(f"--mechanism {shorten(mechanism)}: expected {' or '.join(known)}", "correct --mechanism")
    rows = reference.read("speciation_profile", region_folder).to_pylist()
    amounts: dict[tuple[str, str], dict[Species, float]] = defaultdict(dict)
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        if row["mechanism_code"] in (mechanism, Mechanism.ALL):
            key = (row["pollutant_code"], row["profile_name"])
            species, amount = _amount(row)
            amounts[key][species] = amount
            shares[key] += row["species_mass_share"]
    _require_sums(shares)
    for key, total in shares.items():
        amounts[key] = {species: amount / total for species, amount in amounts[key].items()}
    amounts = {**_voc_amounts(mechanism, region_folder), **amounts}
    assignment = _assignment(region_folder, amounts)
    return Profiles(Mechanism(mechanism), dict(amounts), assignment)


def _voc_amounts(mechanism: str, region_folder: Path | None) -> dict[tuple[str, str], dict[Species, float]]:
    """The amounts of species by gram of VOCs in each profile of compounds, and the mass in no species."""
    moles, unassigned = compound_profiles(mechanism, region_folder)
    return {
        (Pollutant.VOCS, profile): {
            **{Species(name, MOLES): amount for name, amount in of_profile.items()},
            **({Species(UNASSIGNED_VOC, GRAMS): unassigned[profile]} if unassigned[profile] > 0 else {}),
        }
        for profile, of_profile in moles.items()
    }


def mix_of_sectors(profiles: Profiles, mass_g: Mapping[Kind, float]) -> SectorMix:
    """The amounts of species by gram of each pollutant and sector: the mean over its sources, weighted by mass.

    A sector without mass has the mix of its kinds, each counted once.
    """
    kinds: dict[tuple[str, str], list[Kind]] = defaultdict(list)
    for kind in mass_g:
        kinds[kind.pollutant, kind.sector].append(kind)
    mix = SectorMix()
    for key, members in kinds.items():
        total = sum(mass_g[kind] for kind in members)
        sums: dict[Species, float] = defaultdict(float)
        for kind in members:
            weight = mass_g[kind] / total if total > 0 else 1 / len(members)
            for species, amount in profiles.species_of(kind).items():
                sums[species] += weight * amount
        mix.by_sector[key] = dict(sums)
    return mix


def profile_log(profiles: Profiles, mass_g: Mapping[Kind, float]) -> list[dict[str, object]]:
    """One row for each pollutant and kind of source: its profile, how it was chosen, and the mass that it divides."""
    rows: list[dict[str, object]] = []
    for kind in sorted(mass_g):
        choice = profiles.choose(kind)
        rows.append(
            {
                "pollutant_code": kind.pollutant,
                "sector_code": kind.sector,
                "industry_code": kind.industry,
                "profile_name": choice.profile,
                "profile_basis_code": choice.basis.value,
                "emission_kg": mass_g[kind] * KG_PER_G,
            }
        )
    return rows


def _amount(row: Mapping[str, Any]) -> tuple[Species, float]:
    """A species with its amount by gram of the pollutant: moles of a gas that has a molar mass, else grams."""
    name, share, mass = str(row["species_name"]), float(row["species_mass_share"]), row["molar_mass_g_per_mol"]
    return (Species(name, GRAMS), share) if mass is None else (Species(name, MOLES, mass), share / mass)


def _require_sums(shares: Mapping[tuple[str, str], float]) -> None:
    for (pollutant, profile), total in shares.items():
        if abs(total - 1.0) > SUM_TOLERANCE:
            raise InputError(
                f"speciation_profile, {pollutant} {profile}: the shares sum to {total:g}, expected 1",
                "correct the shares",
            )


def _assignment(
    region_folder: Path | None, amounts: Mapping[tuple[str, str], Mapping[Species, float]]
) -> dict[Kind, Choice]:
    rows = reference.read("speciation_assignment", region_folder).to_pylist()
    chosen: dict[Kind, Choice] = {}
    for row in rows:
        kind = Kind(row["pollutant_code"], row["sector_code"] or "", row["industry_code"] or "")
        if (kind.pollutant, row["profile_name"]) not in amounts:
            raise InputError(
                f"speciation_assignment names profile {shorten(row['profile_name'])} of {kind.pollutant}, which"
                " speciation_profile does not have",
                "correct one of the two tables",
            )
        chosen[kind] = Choice(row["profile_name"], ProfileBasis(row["profile_basis_code"]))
    return chosen
