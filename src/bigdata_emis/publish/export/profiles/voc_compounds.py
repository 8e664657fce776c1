"""Moles of the species of a mechanism in a gram of VOCs, from the compounds that VOCs of a kind of source consist of.

Belongs here: compounds by profile and their species. Does not: the choice of a profile (speciation).
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from bigdata_emis import reference
from bigdata_emis.errors import InputError, shorten

SpeciesPerMole = Mapping[str, list[tuple[str, float]]]
"""For each compound the species of a mechanism and their moles by mole of the compound."""


def compound_profiles(
    mechanism: str, region_folder: Path | None = None
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Moles of each species by gram of VOCs in every profile, and the share of mass that is in no species.

        n = Σ share ÷ molar mass × moles of the species by mole of the compound

    The shares of a profile are divided by their sum. The mass of a compound without molar mass or without a row of the
    mechanism is in no species. A region may replace the tables.

    Raises:
        InputError: a profile or a row of the mechanism names a compound that voc_compound does not have.
    """
    molar_mass = _molar_masses(region_folder)
    species = _species_of_compounds(mechanism, molar_mass, region_folder)
    shares = _mass_shares(molar_mass, region_folder)
    moles: dict[str, dict[str, float]] = {}
    unassigned: dict[str, float] = {}
    for profile, by_compound in shares.items():
        total, sums, left = sum(by_compound.values()), defaultdict[str, float](float), 0.0
        for compound, share in by_compound.items():
            mass = molar_mass[compound]
            if mass is None or compound not in species:
                left += share
                continue
            for name, moles_per_mole in species[compound]:
                sums[name] += share / total / mass * moles_per_mole
        moles[profile], unassigned[profile] = dict(sums), left / total
    return moles, unassigned


def _molar_masses(region_folder: Path | None) -> dict[str, float | None]:
    rows = reference.read("voc_compound", region_folder).to_pylist()
    return {row["compound_name"]: row["molar_mass_g_per_mol"] for row in rows}


def _species_of_compounds(
    mechanism: str, molar_mass: Mapping[str, float | None], region_folder: Path | None
) -> SpeciesPerMole:
    species: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in reference.read("voc_compound_species", region_folder).to_pylist():
        if row["mechanism_code"] == mechanism:
            _require_known("voc_compound_species", row["compound_name"], molar_mass)
            species[row["compound_name"]].append((row["species_name"], row["species_mol_per_mol"]))
    return dict(species)


def _mass_shares(molar_mass: Mapping[str, float | None], region_folder: Path | None) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for row in reference.read("voc_profile", region_folder).to_pylist():
        _require_known("voc_profile", row["compound_name"], molar_mass)
        shares[row["profile_name"]][row["compound_name"]] = row["species_mass_share"]
    return {profile: by_compound for profile, by_compound in shares.items() if sum(by_compound.values()) > 0}


def _require_known(table: str, compound: str, molar_mass: Mapping[str, float | None]) -> None:
    if compound not in molar_mass:
        raise InputError(
            f"{table} names compound {shorten(compound)}, which voc_compound does not have",
            "correct the name, or add the compound to voc_compound",
        )
